"""Builds the image of the real guest from Debian's packages, and boots it once."""

from __future__ import annotations

import os
import secrets
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from lab.guests.real.agent import GuestAgent
from lab.guests.real.errors import RealGuestError
from lab.guests.real.hardware import Hardware
from lab.guests.real.host import run_tool
from lab.guests.real.image import RECIPE, SUITE, Image
from lab.guests.real.machine import Machine

MIB = 1 << 20
DISK_BYTES = 2048 * MIB
FIRST_BOOT_SECONDS = 600
# Partition number, first MiB, MiB, type, name: the layout of Azure's Debian images (root first, though it lies last).
PARTITIONS = (
    (14, 1, 3, "ef02", "BIOS boot"),
    (15, 4, 124, "ef00", "EFI"),
    (1, 128, 2048 - 128 - 1, "8304", "root"),
)


def build(cache: Path, finished: Path) -> None:
    """Make the image in a folder beside `finished`, and rename it when it is whole. Raises `RealGuestError`.

    The caller holds the lock on `cache`'s builds.
    """
    for left in cache.glob("building-*"):  # of a build that was killed: ours is the only one, by the lock
        shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix="building-", dir=cache))
    folder.chmod(0o755)  # mmdebstrap's hooks may run as another user
    log = cache / "build.log"
    log.unlink(missing_ok=True)
    try:
        _install(folder, log)
        _assemble(folder, log)
        _provision(folder)
        for leftover in ("root.tar", "user-data", "qemu.log"):
            (folder / leftover).unlink(missing_ok=True)
        folder.rename(finished)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _install(folder: Path, log: Path) -> None:
    """Install the packages into root.tar, with the provisioning data of this build."""
    run_tool(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "azureuser", "-f", str(folder / "id_ed25519")], log)
    password = secrets.token_urlsafe(24)  # nobody needs it: what matters is that the account has a hash
    hashed = run_tool(["openssl", "passwd", "-6", "-stdin"], log, send=password.encode()).decode().strip()
    key = (folder / "id_ed25519.pub").read_text().strip()
    data = (RECIPE / "user-data.in").read_text().replace("@PASSWORD@", hashed).replace("@KEY@", key)
    (folder / "user-data").write_text(data)
    customize = shlex.join(["sh", str(RECIPE / "customize.sh")])
    given = shlex.join([str(RECIPE), str(folder)])
    packages = ",".join((RECIPE / "packages.txt").read_text().split())
    run_tool(
        [
            *("mmdebstrap", "--variant=minbase", "--architectures=amd64", f"--include={packages}"),
            "--aptopt=APT::Install-Recommends false",
            *_host_apt_options(),
            *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("man", "doc", "locale")),
            f'--customize-hook={customize} "$1" {given}',
            *(SUITE, str(folder / "root.tar"), *_host_mirrors()),
        ],
        log,
    )


def _host_mirrors() -> list[str]:
    """Return the sources.list lines by which this host itself reaches bookworm; none means mmdebstrap's default."""
    form = "$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)"
    command = ["apt-get", "indextargets", "--format", form, "Created-By: Packages"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed arguments
    suites: dict[tuple[str, str], list[str]] = {}
    for line in listed.stdout.splitlines():
        # Sample: Debian|http://deb.debian.org/debian/|bookworm-updates|main
        origin, address, release, component = line.split("|")
        if origin == "Debian" and release in (SUITE, f"{SUITE}-updates", f"{SUITE}-security"):
            suites.setdefault((address, release), []).append(component)
    if not any(release == SUITE for _, release in suites):
        return []
    return [f"deb {address} {release} {' '.join(parts)}" for (address, release), parts in suites.items()]


def _host_apt_options() -> list[str]:
    """Return what this host's apt needs to reach its mirror: a proxy, or an archive that stands still."""
    command = ["apt-config", "dump"]
    dumped = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed arguments
    wanted = ("Acquire::http::Proxy", "Acquire::https::Proxy", "Acquire::Check-Valid-Until", "Acquire::Check-Date")
    # Sample: Acquire::Check-Valid-Until "false";
    return [f"--aptopt={line}" for line in dumped.stdout.splitlines() if line.split(" ")[0] in wanted]


def _assemble(folder: Path, log: Path) -> None:
    """Make disk.raw from root.tar: a GPT disk with an ext4 root, an EFI and a BIOS boot partition; no mounts."""
    disk = folder / "disk.raw"
    with disk.open("wb") as file:
        file.truncate(DISK_BYTES)
    layout = ["sgdisk", "--clear"]
    for number, first, size, kind, name in PARTITIONS:
        layout += [f"--new={number}:{first}M:+{size}M", f"--typecode={number}:{kind}", f"--change-name={number}:{name}"]
    run_tool([*layout, str(disk)], log)
    by_name = {name: (first * MIB, size * MIB) for _, first, size, _, name in PARTITIONS}
    start, size = by_name["EFI"]
    fat = folder / "efi.img"
    with fat.open("wb") as file:
        file.truncate(size)
    run_tool(["mkfs.fat", "-n", "EFI", str(fat)], log)
    run_tool(["dd", f"if={fat}", f"of={disk}", "bs=1M", f"seek={start // MIB}", "conv=notrunc,sparse"], log)
    fat.unlink()
    start, size = by_name["root"]
    # Owners and device files need root, or fakeroot's memory of them: so unpacking and mke2fs are one command.
    script = """
        set -e
        mkdir "$1/root"
        tar -xpf "$1/root.tar" -C "$1/root"
        cp "$1"/root/boot/vmlinuz-* "$1/vmlinuz"
        cp "$1"/root/boot/initrd.img-* "$1/initrd.img"
        mke2fs -q -t ext4 -L root -d "$1/root" -E "offset=$2" "$1/disk.raw" "$3k"
        rm -rf "$1/root"
    """
    command = ["sh", "-c", script, "assemble", str(folder), str(start), str(size // 1024)]
    run_tool(command if os.geteuid() == 0 else ["fakeroot", "--", *command], log)


def _provision(folder: Path) -> None:
    """Boot the disk once, as Azure does: cloud-init and waagent provision it. Then give it a past, and freeze it.

    Booting costs a minute of processor time under emulation. Every machine made of the image goes on from this boot.
    """
    image = Image(folder)
    hardware = Hardware(disk=image.disk, kernel=image.kernel, initrd=image.initrd, serial=image.serial)
    machine = Machine(hardware, folder / "qemu.log")
    machine.start()
    try:
        agent = GuestAgent(machine.agent_socket)
        if not agent.ready(FIRST_BOOT_SECONDS):
            raise RealGuestError(
                f"the new image did not boot: no agent after {FIRST_BOOT_SECONDS} s. {_tail(image.serial)}"
            )
        done = agent.run((RECIPE / "provision.sh").read_text(), FIRST_BOOT_SECONDS)
        if done.exit_code != 0:
            said = (done.stdout + done.stderr)[-800:].decode(errors="replace")
            raise RealGuestError(f"provisioning the new image failed with exit code {done.exit_code}: {said}")
        machine.save(image.state)
    finally:
        machine.kill()


def _tail(serial: Path) -> str:
    said = serial.read_bytes()[-1200:].decode(errors="replace") if serial.exists() else ""
    return f"The end of its serial log:\n{said}" if said else "Its serial log is empty."
