"""The typed facts that checks judge, one file per vantage."""

from checks.facts.artifact import Artifact
from checks.facts.azure import AgentStatus, AzureFacts, DiskEncryption, Extension, Lock, OsDisk
from checks.facts.disk import Coverage, DiskVolume, LinuxDisk
from checks.facts.fact import Fact, OutOfReach, UnknownFact, plain
from checks.facts.forecast import Foretold
from checks.facts.guest import Guest
from checks.facts.linux.boot import Boot, Kernel, Modules, UnloadableModule
from checks.facts.linux.cloud_init import CloudInit
from checks.facts.linux.deprovision import BadSwitch, Deprovision
from checks.facts.linux.disks import Disks, Filesystems, FreeSpace, Mount, UnreadVolume
from checks.facts.linux.identities import (
    Enrolment,
    LinuxEnrolments,
    LinuxExtensions,
    LinuxPeers,
    LinuxStartup,
    PeerIdentity,
)
from checks.facts.linux.kept import Kept, KeptFile
from checks.facts.linux.logins import LinuxLogins, LoginAccount
from checks.facts.linux.look import LinuxLook, NamedIn
from checks.facts.linux.network import InterfaceRule, LinuxEgress, LinuxNetwork
from checks.facts.linux.packages import LinuxPackages, RepositoryFault
from checks.facts.linux.remains import AuthorizedKey, LinuxIdentities, LinuxSecrets, LinuxState
from checks.facts.linux.residue import HeldFile, LoginKey, Residue, ShellHistory
from checks.facts.linux.security import LinuxPrograms, LinuxSecurity
from checks.facts.linux.sshd import LinuxSshd
from checks.facts.linux.sudo import Sudo, SudoRule
from checks.facts.linux_guest import LinuxAgent, LinuxGuest, OvfAccount, PasswordField, SystemMount
from checks.facts.observation import VANTAGES, Observation, Unobserved
from checks.facts.own import OwnAnswers
from checks.facts.policy import Policy
from checks.facts.receipt import Receipt
from checks.facts.windows.appx import StorePackage, StorePackages
from checks.facts.windows.azure_guest import AzureGuest
from checks.facts.windows.encryption import DeviceEncryption, EncryptedFiles
from checks.facts.windows.installation import Installation
from checks.facts.windows.licensing import Licensing
from checks.facts.windows.profiles import UserProfiles
from checks.facts.windows.providers import Providers, SysprepProvider
from checks.facts.windows.roles import ServerRoles
from checks.facts.windows.security_agents import SecurityAgents
from checks.facts.windows.servicing import Servicing
from checks.facts.windows.vhd_upload import Setting, VhdUpload
from checks.facts.windows_disk import (
    DiskAccess,
    DiskAccounts,
    DiskAgents,
    DiskCertificate,
    DiskLeftovers,
    DiskProfile,
    DiskSecrets,
    EventLog,
    LocalAccount,
    SysprepLog,
    WindowsDisk,
)
from checks.facts.windows_guest import Service, Volume, WindowsGuest

__all__ = [
    "VANTAGES",
    "AgentStatus",
    "Artifact",
    "AuthorizedKey",
    "AzureFacts",
    "AzureGuest",
    "BadSwitch",
    "Boot",
    "CloudInit",
    "Coverage",
    "Deprovision",
    "DeviceEncryption",
    "DiskAccess",
    "DiskAccounts",
    "DiskAgents",
    "DiskCertificate",
    "DiskEncryption",
    "DiskLeftovers",
    "DiskProfile",
    "DiskSecrets",
    "DiskVolume",
    "Disks",
    "EncryptedFiles",
    "Enrolment",
    "EventLog",
    "Extension",
    "Fact",
    "Filesystems",
    "Foretold",
    "FreeSpace",
    "Guest",
    "HeldFile",
    "Installation",
    "InterfaceRule",
    "Kept",
    "KeptFile",
    "Kernel",
    "Licensing",
    "LinuxAgent",
    "LinuxDisk",
    "LinuxEgress",
    "LinuxEnrolments",
    "LinuxExtensions",
    "LinuxGuest",
    "LinuxIdentities",
    "LinuxLogins",
    "LinuxLook",
    "LinuxNetwork",
    "LinuxPackages",
    "LinuxPeers",
    "LinuxPrograms",
    "LinuxSecrets",
    "LinuxSecurity",
    "LinuxSshd",
    "LinuxStartup",
    "LinuxState",
    "LocalAccount",
    "Lock",
    "LoginAccount",
    "LoginKey",
    "Modules",
    "Mount",
    "NamedIn",
    "Observation",
    "OsDisk",
    "OutOfReach",
    "OvfAccount",
    "OwnAnswers",
    "PasswordField",
    "PeerIdentity",
    "Policy",
    "Providers",
    "Receipt",
    "RepositoryFault",
    "Residue",
    "SecurityAgents",
    "ServerRoles",
    "Service",
    "Servicing",
    "Setting",
    "ShellHistory",
    "StorePackage",
    "StorePackages",
    "Sudo",
    "SudoRule",
    "SysprepLog",
    "SysprepProvider",
    "SystemMount",
    "UnknownFact",
    "UnloadableModule",
    "Unobserved",
    "UnreadVolume",
    "UserProfiles",
    "VhdUpload",
    "Volume",
    "WindowsDisk",
    "WindowsGuest",
    "plain",
]
