"""The kernel's command line, and the loader that starts on firmware without boot entries."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest
from checks.parts import problems_of

_LINE = "/proc/cmdline"
_GENERIC = "https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic"
_NUMBERED = ("/dev/sd", "/dev/vd", "/dev/xvd", "/dev/hd", "/dev/nvme", "/dev/loop", "/dev/mapper/loop")


def _has_efi(guest: LinuxGuest) -> bool:
    return not guest.boot.efi_fallback.absent


@check(
    "LNX-BOOT-001",
    "the kernel writes to the serial console, now and after the next boot",
    phase="pre",
    platform="linux",
    severity="warning",
    why="When a machine made from the image does not boot, its serial log is the only thing that says why.",
    fix="Add console=tty1 console=ttyS0 (ttyAMA0 on arm64) to GRUB_CMDLINE_LINUX in /etc/default/grub, and run "
    "update-grub or grub2-mkconfig.",
    source=_GENERIC,
    grade="D",
)
def check_boot_console(guest: LinuxGuest) -> list[Problem]:
    return problems_of(lambda: _console_now(guest), lambda: _console_next(guest))


@check(
    "LNX-BOOT-002",
    "the kernel's command line has what Azure's certification looks for",
    phase="pre",
    platform="linux",
    severity="info",
    why="The Marketplace's test of images warns without earlyprintk=ttyS0 and rootdelay=300; net.ifnames=0 keeps the "
    "interface named eth0.",
    fix="Add the words to GRUB_CMDLINE_LINUX in /etc/default/grub, and run update-grub or grub2-mkconfig.",
    source=_GENERIC,
    grade="D",
)
def check_boot_arguments_present(guest: LinuxGuest) -> list[Problem]:
    return [
        problem(observed="no such word", expected=word, where=_LINE) for word in guest.boot.boot_missing.value_or(())
    ]


@check(
    "LNX-BOOT-003",
    "the kernel's command line hides no boot messages and reserves no crash memory",
    phase="pre",
    platform="linux",
    severity="info",
    why="A graphical or quiet boot tells the serial log nothing, and crashkernel=auto takes memory that a small "
    "machine needs.",
    fix="Remove the words from /etc/default/grub, and run update-grub or grub2-mkconfig.",
    source=_GENERIC,
    grade="D",
)
def check_boot_arguments_absent(guest: LinuxGuest) -> list[Problem]:
    return [problem(observed=word, expected="no such word", where=_LINE) for word in guest.boot.boot_extra.value_or(())]


@check(
    "LNX-BOOT-004",
    "the kernel finds its root file system by name, not by device number",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="The kernel numbers disks in the order in which it finds them, and a loop device exists only where the image "
    "was built. A machine made from the image does not find its root file system.",
    fix="root=UUID=... in the boot loader's configuration: update-grub or grub2-mkconfig writes it; after a build on a "
    "loop device make the initramfs again, too.",
    source="https://github.com/dracutdevs/dracut/issues/942",
    grade="I",
)
def check_boot_root_named(guest: LinuxGuest) -> list[Problem]:
    # absent: systemd's own rule finds the root partition by its type
    root = guest.boot.root_argument.value_or("")
    if not root.startswith(_NUMBERED):
        return []
    return [problem(observed=f"root={root}", expected="root=UUID=, PARTUUID= or LABEL=", where=_LINE)]


@check(
    "LNX-BOOT-005",
    "the EFI system partition has the loader that new firmware starts",
    phase="pre",
    platform="linux",
    severity="blocker",
    applies=_has_efi,
    why="The firmware of a new machine has no boot entries yet. It starts the one loader whose path it knows, and "
    "without that file it does not boot.",
    fix="Copy the distribution's shim and grub to \\EFI\\BOOT\\BOOTX64.EFI (BOOTAA64.EFI on arm64): grub-install "
    "--removable, or the shim package.",
    source="https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu",
    grade="D",
)
def check_boot_efi_fallback(guest: LinuxGuest) -> list[Problem]:
    if guest.boot.efi_fallback.value:
        return []
    return [problem(observed="no such file", expected="EFI/BOOT/BOOTX64.EFI", where="the EFI system partition")]


def _console_now(guest: LinuxGuest) -> list[Problem]:
    if guest.boot.serial_console.value_or(False):
        return []
    return [problem(observed="no serial console", expected="console=ttyS0, or ttyAMA0 on arm64", where=_LINE)]


def _console_next(guest: LinuxGuest) -> list[Problem]:
    # absent: no configuration of a boot loader was found where we look, so what runs is all that is known
    if guest.boot.serial_console_configured.value_or(True):
        return []
    expected = "console=ttyS0, or ttyAMA0 on arm64"
    return [problem(observed="no serial console", expected=expected, where="the boot loader's configuration")]
