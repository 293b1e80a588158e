"""The machine that the real guest runs on: QEMU's arguments. The image's saved state depends on each of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

QEMU = "qemu-system-x86_64"
MACHINE_UUID = "8d3f0c52-4c1e-4b57-9a26-5f6f5a1c0e01"
"""SMBIOS uuid of every real guest, as Azure shows a VM its vmId; `real.yaml` has the same. waagent compares it with the
one that it noted when it was provisioned, and systemd makes the first machine-id of it."""
MEMORY_MB = 1024
BOOT_ARGUMENTS = "root=LABEL=root ro net.ifnames=0 console=tty0 console=ttyS0,115200 mitigations=off"
# As a second-generation VM of Azure shows itself. systemd reads "Hyper-V" as virtualization `microsoft`, on which
# Debian's walinuxagent.service insists (ConditionVirtualization); the processor must not say "TCG" for that to count.
FIRMWARE = "type=1,manufacturer=Microsoft Corporation,product=Virtual Machine,version=Hyper-V UEFI Release v4.1"
PROCESSOR = "qemu64,tcg-cpuid=off"


@dataclass(frozen=True, slots=True)
class Hardware:
    """What one machine is made of."""

    disk: Path
    """Raw image; the machine writes to it."""
    kernel: Path
    initrd: Path
    serial: Path
    """File that gets what the first serial port sends, behind what it has."""
    memory_mb: int = MEMORY_MB


def qemu_command(hardware: Hardware, *, monitor: int, agent: int, resuming: bool) -> list[str]:
    """Return the command that runs the machine.

    `monitor` and `agent` are descriptors of sockets that QEMU inherits: no path to guess, to collide or to leave
    behind. With `resuming` it waits for a saved state instead of booting.
    """
    # no-flush: the disk is a throw-away copy; what QEMU wrote is in the host's page cache, so readers see it.
    disk = {
        "driver": "raw",
        "node-name": "os",
        "discard": "unmap",
        "file": {"driver": "file", "filename": str(hardware.disk)},
        "cache": {"no-flush": True},
    }
    return [
        *(QEMU, "-nodefaults", "-no-user-config", "-display", "none", "-name", "sealproof-real-guest"),
        # Never KVM: nested or half-supported /dev/kvm lets guests hang, and speed here must not depend on the host.
        *("-machine", "pc", "-accel", "tcg,thread=multi", "-cpu", PROCESSOR, "-smp", "2"),
        *("-m", str(hardware.memory_mb)),
        *("-uuid", MACHINE_UUID, "-smbios", FIRMWARE),
        *("-kernel", str(hardware.kernel), "-initrd", str(hardware.initrd), "-append", BOOT_ARGUMENTS),
        *("-blockdev", json.dumps(disk), "-device", "virtio-blk-pci,drive=os"),
        *("-chardev", f"file,id=serial,append=on,path={_escaped(hardware.serial)}", "-serial", "chardev:serial"),
        *("-chardev", f"socket,id=monitor,fd={monitor}", "-mon", "chardev=monitor,mode=control"),
        *("-device", "virtio-serial-pci", "-chardev", f"socket,id=agent,fd={agent}"),
        *("-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"),
        # restrict: the guest reaches nothing; only sshd can be reached, from this host.
        *("-netdev", "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:0-:22"),
        *("-device", "virtio-net-pci,netdev=net,romfile=", "-device", "virtio-rng-pci"),
        *(("-incoming", "defer", "-S") if resuming else ()),
    ]


def _escaped(path: Path) -> str:
    """Return `path` for an option string of QEMU, where a comma separates and a doubled one is a comma."""
    return str(path).replace(",", ",,")
