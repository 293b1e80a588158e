"""Rules that are known and that no check judges, with the reason: shown at the end of docs/checks.md. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One rule that somebody might expect here."""

    platform: Literal["linux", "windows"]
    rule: str
    """The rule as a fact that would hold, in words, without a full stop."""
    reason: str
    """Why no check judges it: a sentence."""


LEFT_OUT: tuple[LeftOut, ...] = (
    LeftOut(
        "windows",
        "Streaming Media Services are not installed",
        "It was a download for Windows Server 2008, and Microsoft names no feature to look for.",
    ),
    LeftOut(
        "windows",
        "the verdicts of Windows Server 2008 and UDDI Services, which are of that version alone",
        "Windows PowerShell 5.1, which asks the guest, does not exist for it, and neither does Azure's guest agent.",
    ),
    LeftOut(
        "windows",
        "BitLocker is there to be asked",
        "Without its WMI class nothing can have been encrypted by it, so that every volume is fully decrypted holds, "
        "and nobody has anything to do. Evidence keeps the fact as absent.",
    ),
    LeftOut(
        "windows",
        "no BitLocker key is bound to the VM's virtual TPM",
        "A volume that is fully decrypted has no such key, and every volume must be.",
    ),
    LeftOut(
        "windows",
        "no file on another volume than the system's is encrypted by EFS",
        "Sysprep replaces the keys of the Windows that it seals; a data disk may be large and slow to read, and the "
        "documented loss is told of the system volume.",
    ),
    LeftOut(
        "windows",
        "a Network Policy Server that a waiver excuses has no RADIUS clients and no remote RADIUS groups",
        "Microsoft's table does not support the role and another page of Microsoft tells how to prepare it; the role "
        "fails, and what to look at before a waiver stands with it.",
    ),
    LeftOut(
        "windows",
        "generation, architecture, disk controller and security type are those of the image definition",
        "The image definition is chosen after the VM was generalized, and Sealproof does not know it. That a security "
        "type narrows the choice is told.",
    ),
    LeftOut(
        "windows",
        "a snapshot of the Trusted Launch VM can be deployed",
        "It shows only when a VM is made of the snapshot.",
    ),
    LeftOut(
        "linux",
        "no profile of NetworkManager names its interface",
        "On Azure the first interface is called eth0 on every machine, so a profile for it fits the clones too.",
    ),
    LeftOut(
        "linux",
        "the database of rpm finds no damaged package",
        "rpm -Va reads every file of the system and takes minutes; dpkg alone keeps a record of half-installed ones.",
    ),
    LeftOut(
        "linux",
        "the package sources can be reached",
        "Trying takes minutes where they can't be, and clones stand in another network; private addresses are told.",
    ),
    LeftOut(
        "linux",
        "no time server of the building site is configured",
        "Whether a server is one of those can't be seen; a clock that is not synchronised is told.",
    ),
    LeftOut(
        "linux",
        "no snap is being changed",
        "Asking snapd starts it, and its changes go on at the next boot where they stopped.",
    ),
    LeftOut(
        "linux",
        "no volume is sealed to the VM's virtual TPM",
        "Such a volume carries a LUKS signature, and the check of LUKS refuses it.",
    ),
    LeftOut(
        "linux",
        "the default policy of the firewall lets the platform's addresses through",
        "While it does not, the agent is not Ready, and the check of the agent refuses the VM.",
    ),
    LeftOut(
        "windows",
        "Sysprep was run on this installation fewer than 1001 times",
        "The limit differs between editions of Microsoft's page (8, 3, 1001), and nothing in Windows counts "
        "the runs; the rearms that are left are judged instead.",
    ),
    LeftOut(
        "windows",
        "the edition has a volume licence",
        "It decides how the machines are activated, not whether Sysprep works, and many images take their "
        "licence from Azure instead.",
    ),
    LeftOut(
        "windows",
        "the source image is not hardened",
        "A hardened image (CIS) may close a channel, which shows by itself when the guest is asked.",
    ),
    LeftOut(
        "windows",
        "the platform's address 168.63.129.16 can be reached from the guest",
        "The guest agent speaks to it, and an agent that is Ready on the platform shows that it does; a "
        "connection of ours could hang.",
    ),
    LeftOut(
        "windows",
        "the instance metadata service can be reached from the guest",
        "No source makes it a condition of Sysprep.",
    ),
    LeftOut(
        "windows",
        "the service iphlpsvc is stopped",
        "One builder stops it before Sysprep, while Azure's guide for Windows disks wants it to start automatically.",
    ),
    LeftOut(
        "windows",
        "the Distributed Transaction Coordinator is registered",
        "Reinstalling it is a folk remedy that no document of Microsoft explains, and we know of no failure "
        "that its absence caused.",
    ),
    LeftOut(
        "windows",
        "the default profile is not copied from another",
        "It is asked for in an answer file only, and no answer file may be left.",
    ),
    LeftOut(
        "windows",
        "the recovery environment is registered",
        "No source makes it a condition of Sysprep, and Azure's guide switches recovery off at boot.",
    ),
    LeftOut(
        "windows",
        "Windows Update's client id is unset",
        "Every Windows that asked for updates has one, and Sysprep's own provider renews it; recalled, not verified.",
    ),
    LeftOut(
        "linux",
        "The OS disk is a whole number of MiB and at most 1,023 GB",
        "It is a rule for a VHD that is exported to the Marketplace. Managed disks are whole GiB, and Sealproof "
        "exports nothing.",
    ),
    LeftOut(
        "linux",
        "NVMe drivers and their timeout are there where an image definition claims NVMe",
        "Which definition an image will belong to is not known before it is made. Where the VM itself boots from NVMe, "
        "LNX-NVME-001 judges.",
    ),
    LeftOut(
        "windows",
        "sfc /scannow and chkdsk find nothing wrong (profile vhd-upload)",
        "Both take minutes and more, and a check may not keep a guest busy that long: run them before.",
    ),
    LeftOut(
        "windows",
        "the WMI repository is consistent (profile vhd-upload)",
        "winmgmt /verifyrepository says it in the system's language only, and its exit codes are not documented.",
    ),
    LeftOut(
        "windows",
        "administrators may sign in over the network and Remote Desktop (profile vhd-upload)",
        "User rights are read by exporting the security policy into a file, and a probe writes nothing.",
    ),
    LeftOut(
        "windows",
        "the VHD is of fixed size and a whole number of MiB (profile vhd-upload)",
        "Sealproof judges a VM in Azure, whose disk has that form; the file that is uploaded is made elsewhere.",
    ),
    LeftOut(
        "windows",
        "the page file lies on the temporary disk (profile vhd-upload)",
        "Microsoft's list recommends it for machines made from the image; the image itself may have no such disk.",
    ),
    LeftOut(
        "windows",
        "a local administrator's password is known (profile vhd-upload)",
        "Nobody can see that from outside, and a probe asks for no password.",
    ),
    LeftOut(
        "windows",
        "integration components are current (profile vhd-upload)",
        "They are part of Windows since Server 2016, and what is older has no guest agent any more.",
    ),
    LeftOut(
        "windows",
        "the sealed disk has another machine SID, computer name and MachineGuid than the source VM",
        "Sysprep's specialize pass makes the new ones at the first start of each machine, so a disk that was sealed "
        "well may have the old ones. Evidence keeps SID and name, and a fingerprint of MachineGuid.",
    ),
    LeftOut(
        "windows",
        "the machine's key store is empty on the stopped disk",
        "Windows keeps keys of its own there, and only a key's content says whose it is. Evidence keeps their number; "
        "certificates are judged.",
    ),
    LeftOut(
        "windows",
        "no BitLocker metadata is left on the stopped disk",
        "A volume that is encrypted at all can't be read, and is named so; what a decrypted one keeps is nowhere told.",
    ),
    LeftOut(
        "windows",
        "the temporary disk is empty",
        "It is never a part of the image.",
    ),
    LeftOut(
        "windows",
        "no event of the source VM is in an event log that was cleared",
        "Windows writes events until it is off, so that a sealed disk has some; larger logs are told.",
    ),
    LeftOut(
        "windows",
        "no profile keeps secrets of browsers, mail programs and other applications",
        "There are too many to name. That a profile is left is told, and so is that it may hold them.",
    ),
    LeftOut(
        "linux",
        "no file outside of homes belongs to the removed account",
        "It takes the inode of every file of the disk. Crontabs, mail, sudo's rules and homes are looked at by name.",
    ),
    LeftOut(
        "linux",
        "the last start of the VM came before its deprovisioning",
        "Newer distributions keep no wtmp, and `logs` empties it. An agent that starts again fills its folder, which "
        "LNX-WAAGENT-001 finds.",
    ),
    LeftOut(
        "linux",
        "no file of the stopped disk holds a secret by its pattern, such as AccountKey= or client_secret",
        "It takes the content of every file, and what looks like a secret mostly is none. Files that hold credentials "
        "by their name are looked for in homes.",
    ),
    LeftOut(
        "linux",
        "the configuration of agent, cloud-init and sshd on the stopped disk is still that of the running guest",
        "It was judged in the running guest by its effective values, and no step changes it.",
    ),
    LeftOut(
        "linux",
        "kernel, initramfs and boot loader on the stopped disk are whole",
        "They are judged in the running guest, and no step changes them.",
    ),
    LeftOut(
        "linux",
        "files that a removal rewrote keep their SELinux label",
        "The reader reads no extended attributes. What is removed or emptied in the running system keeps its label.",
    ),
    LeftOut(
        "linux",
        "the random seed is not the source machine's",
        "A clean shutdown writes it again, so every image has one; systemd mixes each machine's own id into it.",
    ),
    LeftOut(
        "linux",
        "no package cache is left",
        "It costs space and tells nothing of the machine.",
    ),
    LeftOut(
        "linux",
        "no file in waagent's folder is immutable or a mount",
        "What could not be deleted is still there, and LNX-WAAGENT-001 finds it.",
    ),
    LeftOut(
        "linux",
        "/etc/resolv.conf names no server of the network where the image was built",
        "waagent deletes it, but for Ubuntu, where it is a link to what systemd-resolved writes anew at each start.",
    ),
    LeftOut(
        "linux",
        "AccountsService and logind keep nothing of an account that is gone",
        "It is a name and a flag, with no right and no secret, and both ignore accounts that do not exist.",
    ),
)
