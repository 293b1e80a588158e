"""The cached disk image of the real guest: built once from Debian's packages, then copied for each machine."""

from __future__ import annotations

import hashlib
import os
import platform
import secrets
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.guests.real.agent import GuestAgent
from lab.guests.real.cache import locked
from lab.guests.real.errors import MissingTools, RealGuestError
from lab.guests.real.machine import QEMU, Machine

HERE = Path(__file__).resolve().parent
RECIPE = HERE / "recipe"
SUITE = "bookworm"
MIB = 1 << 20
DISK_BYTES = 2048 * MIB
FIRST_BOOT_SECONDS = 600
# Partition number, first MiB, MiB, type, name: the layout of Azure's Debian images (root first, though it lies last).
PARTITIONS = (
    (14, 1, 3, "ef02", "BIOS boot"),
    (15, 4, 124, "ef00", "EFI"),
    (1, 128, 2048 - 128 - 1, "8304", "root"),
)
TOOLS = {
    QEMU: "qemu-system-x86",
    "mmdebstrap": "mmdebstrap",
    "sgdisk": "gdisk",
    "mke2fs": "e2fsprogs",
    "mkfs.fat": "dosfstools",
    "fakeroot": "fakeroot",
    "openssl": "openssl",
    "ssh-keygen": "openssh-client",
    "tar": "tar",
}
"""Each program that building or running takes, and Debian's package that has it."""


@dataclass(frozen=True, slots=True)
class Image:
    """A finished image: read-only, shared by all machines."""

    folder: Path

    @property
    def disk(self) -> Path:
        """The raw disk."""
        return self.folder / "disk.raw"

    @property
    def kernel(self) -> Path:
        """The kernel of the root file system, which QEMU boots directly."""
        return self.folder / "vmlinuz"

    @property
    def initrd(self) -> Path:
        """The kernel's first file system."""
        return self.folder / "initrd.img"

    @property
    def state(self) -> Path:
        """Memory and devices of the machine as it was when it had booted: a new machine goes on from there."""
        return self.folder / "state"

    @property
    def serial(self) -> Path:
        """The serial log of that boot."""
        return self.folder / "serial.log"

    @property
    def ssh_key(self) -> Path:
        """Private key that opens azureuser's account. Made for this image, on this host."""
        return self.folder / "id_ed25519"


def recipe_digest() -> str:
    """Return a digest of all that decides how the image comes out, except Debian's archive of the day.

    QEMU's version is in it, since one version need not read the saved state of another.
    """
    digest = hashlib.sha256(subprocess.check_output([QEMU, "--version"]))  # noqa: S603 - fixed arguments
    for part in sorted([Path(__file__), HERE / "machine.py", *RECIPE.iterdir()]):
        digest.update(part.name.encode() + b"\0" + hashlib.sha256(part.read_bytes()).digest())
    return digest.hexdigest()[:16]


def debian_bookworm(cache: Path) -> Image:
    """Return the image, building it when the cache has none of this recipe (about three minutes).

    Raises `MissingTools`, or `RealGuestError` when a step of the build fails.
    """
    require_tools()
    image = Image(cache / f"debian-{SUITE}-{recipe_digest()}")
    if not image.folder.exists():
        with locked(cache / "build.lock"):
            if not image.folder.exists():
                _build(cache, image.folder)
    return image


def require_tools() -> None:
    """Raise `MissingTools` unless this host can build and run real guests."""
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        raise MissingTools(
            f"a real guest needs a Linux host on x86_64 and this is {platform.system()} on {platform.machine()}."
            " Use a simulated scenario, such as --lab=demo."
        )
    lacking = sorted({package for tool, package in TOOLS.items() if _which(tool) is None})
    if lacking:
        raise MissingTools(
            "this host lacks programs that the real guest is built and run with. Run `make real`, or install them:\n"
            f"    sudo apt-get install {' '.join(lacking)}"
        )


def _which(tool: str) -> str | None:
    return shutil.which(tool, path=os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin")


def _build(cache: Path, finished: Path) -> None:
    """Build in a folder beside `finished`, and rename it when it is whole."""
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
    _tool(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "azureuser", "-f", str(folder / "id_ed25519")], log)
    password = secrets.token_urlsafe(24)  # nobody needs it: what matters is that the account has a hash
    hashed = _tool(["openssl", "passwd", "-6", "-stdin"], log, send=password.encode()).decode().strip()
    key = (folder / "id_ed25519.pub").read_text().strip()
    data = (RECIPE / "user-data.in").read_text().replace("@PASSWORD@", hashed).replace("@KEY@", key)
    (folder / "user-data").write_text(data)
    customize = shlex.join(["sh", str(RECIPE / "customize.sh")])
    given = shlex.join([str(RECIPE), str(folder)])
    packages = ",".join((RECIPE / "packages.txt").read_text().split())
    _tool(
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
    _tool([*layout, str(disk)], log)
    by_name = {name: (first * MIB, size * MIB) for _, first, size, _, name in PARTITIONS}
    start, size = by_name["EFI"]
    fat = folder / "efi.img"
    with fat.open("wb") as file:
        file.truncate(size)
    _tool(["mkfs.fat", "-n", "EFI", str(fat)], log)
    _tool(["dd", f"if={fat}", f"of={disk}", "bs=1M", f"seek={start // MIB}", "conv=notrunc,sparse"], log)
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
    _tool(command if os.geteuid() == 0 else ["fakeroot", "--", *command], log)


def _provision(folder: Path) -> None:
    """Boot the disk once, as Azure does: cloud-init and waagent provision it. Then give it a past, and freeze it.

    Booting costs a minute of processor time under emulation. Every machine made of the image goes on from this boot.
    """
    image = Image(folder)
    machine = Machine(disk=image.disk, kernel=image.kernel, initrd=image.initrd, folder=folder)
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


def _tool(command: Sequence[str], log: Path, send: bytes = b"") -> bytes:
    """Run a program; return its standard output. Raises `RealGuestError` with its last words."""
    program = _which(command[0]) or command[0]
    environment = {**os.environ, "LC_ALL": "C", "PATH": os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"}
    done = subprocess.run([program, *command[1:]], input=send, capture_output=True, env=environment, check=False)  # noqa: S603 - our own argument lists
    with log.open("ab") as file:
        file.write(done.stderr)
    if done.returncode != 0:
        words = done.stderr[-800:].decode(errors="replace").strip()
        raise RealGuestError(
            f"building the real guest's image failed in {command[0]} (exit code {done.returncode}): {words}\n"
            f"All messages are in {log}. If packages could not be fetched, see whether `apt-get update` works here."
        )
    return done.stdout


def _tail(serial: Path) -> str:
    said = serial.read_bytes()[-1200:].decode(errors="replace") if serial.exists() else ""
    return f"The end of its serial log:\n{said}" if said else "Its serial log is empty."
