"""The probes of logins, packages and what carries an identity over, on planted machines."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.facts import Enrolment, LoginAccount, PeerIdentity, RepositoryFault
from tests.runners.guest.machines import SHELLS, need_shell
from tests.runners.guest.planted import CANARY
from tests.runners.probes.linux_machine import Machine, reason


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine")


PASSWD = """\
root:x:0:0:root:/root:/bin/bash
toor:x:0:0:other root:/root:/bin/bash
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
www:x:33:33::/var/www:/bin/bash
azureuser:x:1000:1000::/etc/home/azureuser:/bin/bash
keyed:x:1001:1001::/etc/home/keyed:/bin/sh
both:x:1002:1002::/etc/home/both:/bin/zsh
open:x:1003:1003::/etc/home/open:
locked:x:1004:1004::/etc/home/locked:/bin/bash
service:x:1005:1005::/etc/home/service:/bin/false
"""
SHADOW = f"""\
root:*:19000:0:99999:7:::
toor:$6${CANARY}$abc:19000::::::
azureuser:!:19000::::::
keyed:!*:19000::::::
both:!$6${CANARY}$abc:19000::::::
open::19000::::::
locked:!!:19000::::::
service:$6${CANARY}$abc:19000::::::
"""


@pytest.mark.parametrize("shell", SHELLS)
def test_who_can_log_in_is_told_with_the_ways(machine: Machine, shell: str) -> None:
    logins = machine.look(
        {
            "/etc/passwd": PASSWD,
            "/etc/shadow": SHADOW,
            "/etc/home/azureuser/.ssh/authorized_keys": "# nothing yet\n\n",
            "/etc/home/keyed/.ssh/authorized_keys": f"ssh-ed25519 {CANARY} builder\n",
            "/etc/home/both/.ssh/authorized_keys2": f"ssh-ed25519 {CANARY}\n",
        },
        shell=need_shell(shell),
        probes=["logins"],
    ).logins
    assert logins.login_accounts.value == (
        LoginAccount("keyed", "key"),
        LoginAccount("both", "password,key"),
        LoginAccount("open", "password"),
    )
    assert logins.root_twins.value == ("toor",)


def test_the_first_ordinary_uid_counts(machine: Machine) -> None:
    change = {"/etc/passwd": PASSWD, "/etc/shadow": SHADOW, "/etc/login.defs": "UID_MIN 1003\n"}
    assert machine.look({**change}, probes=["logins"]).logins.login_accounts.value == (
        LoginAccount("open", "password"),
    )


def test_accounts_without_their_shadow_are_unknown(machine: Machine) -> None:
    assert "/etc/shadow cannot be read" in reason(
        machine.look({"/etc/shadow": None}, probes=["logins"]).logins.login_accounts
    )


@pytest.mark.parametrize(
    ("line", "target"),
    [
        ("Defaults targetpw   # as root", True),
        ("Defaults env_reset, targetpw", True),
        ("#Defaults targetpw", False),
        ("Defaults !targetpw", False),
    ],
)
def test_whose_password_sudo_wants(machine: Machine, line: str, target: bool) -> None:
    assert machine.look({"/etc/sudoers.d/suse": line + "\n"}, probes=["logins"]).logins.sudo_targetpw.value is target


def test_no_sudo_is_absent(machine: Machine) -> None:
    assert machine.look({"/etc/sudoers": None}, probes=["logins"]).logins.sudo_targetpw.absent


SESSION = "# This is private data. Do not parse.\nUID=1000\nUSER={}\nACTIVE=1\nSTATE={}\nCLASS={}\n"


@pytest.mark.parametrize("shell", SHELLS)
def test_sessions_but_our_own_are_told(machine: Machine, shell: str) -> None:
    logins = machine.look(
        {
            "/proc/self/cgroup": "0::/user.slice/user-1000.slice/session-3.scope\n",
            "/run/systemd/sessions/3": SESSION.format("azureuser", "active", "user"),
            "/run/systemd/sessions/4": SESSION.format("builder", "active", "user"),
            "/run/systemd/sessions/5": SESSION.format("builder", "active", "manager"),
            "/run/systemd/sessions/6": SESSION.format("late", "closing", "user"),
        },
        shell=need_shell(shell),
        probes=["logins"],
    ).logins
    assert logins.open_sessions.value == ("builder",)


def test_security_switches_are_read(machine: Machine) -> None:
    security = machine.look(
        {
            "/sys/fs/selinux/enforce": "1",
            "/etc/selinux/config": "# SELINUX= can take one of\nSELINUX=permissive\nSELINUXTYPE=targeted\n",
            "/proc/sys/crypto/fips_enabled": "1\n",
        },
        probes=["security"],
    ).security
    assert (security.selinux_mode.value, security.selinux_configured.value) == ("enforcing", "permissive")
    assert security.fips_mode.value is True
    assert security.relabel_pending.value is False


def test_a_guest_without_these_switches_has_them_absent(machine: Machine) -> None:
    security = machine.look({"/proc/sys/crypto/fips_enabled": None}, probes=["security"]).security
    assert security.selinux_mode.absent
    assert security.selinux_configured.absent
    assert security.fips_mode.absent


@pytest.mark.parametrize("shell", SHELLS)
def test_programs_are_told_with_their_versions(machine: Machine, shell: str) -> None:
    programs = machine.look(shell=need_shell(shell), probes=["programs"]).programs
    assert programs.openssl_version.value == "3.0.17"
    assert programs.omi_version.absent
    assert programs.machine_type.value in ("x86_64", "aarch64")
    assert programs.clock_synchronised.value is True
    assert programs.kvp_daemon.value is True


def test_a_machine_without_hyper_v_needs_no_daemon(machine: Machine) -> None:
    assert machine.look({"/sys/bus/vmbus/devices/one/id": None}, probes=["programs"]).programs.kvp_daemon.absent


@pytest.mark.parametrize(
    ("chrony", "systemd", "synchronised"),
    [
        ("echo 'Leap status     : Not synchronised'", "echo yes", False),
        ("exit 1", "echo yes", True),
        ("exit 1", "echo no", False),
    ],
)
def test_chrony_is_asked_first(machine: Machine, chrony: str, systemd: str, synchronised: bool) -> None:
    tools = {"/etc/bin/chronyc": f"#!/bin/sh\n{chrony}\n", "/etc/bin/timedatectl": f"#!/bin/sh\n{systemd}\n"}
    assert machine.look({**tools}, probes=["programs"]).programs.clock_synchronised.value is synchronised


def test_a_clock_that_nobody_knows_is_unknown(machine: Machine) -> None:
    tools = dict.fromkeys(("/etc/bin/chronyc", "/etc/bin/timedatectl"), "#!/bin/sh\nexit 1\n")
    assert "neither chronyc nor timedatectl" in reason(
        machine.look({**tools}, probes=["programs"]).programs.clock_synchronised
    )


@pytest.mark.parametrize("shell", SHELLS)
def test_package_managers_at_work_are_seen(machine: Machine, shell: str) -> None:
    systemctl = (
        '#!/bin/sh\n[ $1 = is-active ] || exit 1\nshift\nfor unit in "$@"; do\n'
        "case $unit in apt-daily-upgrade.service) echo activating ;; *) echo inactive ;; esac\ndone\n"
    )
    change: dict[str, str | bytes | None] = {
        "/proc/700/comm": "dpkg\n",
        "/proc/701/comm": "dpkg\n",
        "/proc/702/comm": "unattended-upgr\n",
        "/proc/702/cmdline": b"/usr/bin/python3\0/usr/bin/unattended-upgrade\0",
        "/etc/bin/systemctl": systemctl,
    }
    seen = machine.look({**change}, shell=need_shell(shell), probes=["packages"]).packages.package_work.value
    assert seen == ("apt-daily-upgrade.service", "dpkg", "unattended-upgr")


def test_processes_that_are_not_told_are_unknown(machine: Machine) -> None:
    guest = machine.look({"/proc/1/comm": None}, probes=["packages", "programs"])
    assert reason(guest.packages.package_work) == "/proc tells of no processes"
    assert reason(guest.programs.kvp_daemon) == "/proc tells of no processes"


def test_one_that_only_waits_for_the_end_is_not_at_work(machine: Machine) -> None:
    assert machine.look(probes=["packages"]).packages.package_work.value == ()


@pytest.mark.parametrize("code", [0, 1])
def test_packages_that_are_half_there_are_counted(machine: Machine, code: int) -> None:
    audit = f"""#!/bin/sh
cat <<'EOF'
The following packages are only half configured, probably due to problems
configuring them the first time.
 mdatp                Microsoft Defender
 linux-image-6.1.0-41 Linux 6.1

EOF
exit {code}
"""
    assert machine.look({"/etc/bin/dpkg": audit}, probes=["packages"]).packages.broken_packages.value == 2


def test_a_dpkg_that_fails_is_unknown(machine: Machine) -> None:
    assert "'dpkg --audit' failed" in reason(
        machine.look({"/etc/bin/dpkg": "#!/bin/sh\nexit 2\n"}, probes=["packages"]).packages.broken_packages
    )


@pytest.mark.parametrize("shell", SHELLS)
def test_package_sources_are_judged_and_not_told(machine: Machine, shell: str) -> None:
    change = {
        "/etc/apt/sources.list": f"deb https://builder:{CANARY}@mirror.example/debian bookworm main\n# http://10.0.0.5/\n",
        "/etc/apt/sources.list.d/site.sources": "Types: deb\nURIs: http://10.1.2.3/debian\n",
        "/etc/yum.repos.d/site.repo": f"[site]\nbaseurl=http://192.168.1.9/rocky\npassword={CANARY}\n",
        "/etc/yum.repos.d/rhui.repo": "[rhui]\nbaseurl=https://rhui-1.microsoft.com/pulp/\n",
        "/etc/zypp/repos.d/site.repo": "[site]\nbaseurl=http://172.20.0.4/sles\n",
        "/etc/apt/auth.conf.d/90.conf": f"machine mirror.example login builder password {CANARY}\n",
    }
    assert machine.look({**change}, shell=need_shell(shell), probes=["packages"]).packages.repository_faults.value == (
        RepositoryFault("credentials", "/etc/apt/sources.list"),
        RepositoryFault("private", "/etc/apt/sources.list.d/site.sources"),
        RepositoryFault("credentials", "/etc/yum.repos.d/site.repo"),
        RepositoryFault("private", "/etc/yum.repos.d/site.repo"),
        RepositoryFault("private", "/etc/zypp/repos.d/site.repo"),
        RepositoryFault("credentials", "/etc/apt/auth.conf.d/90.conf"),
    )


@pytest.mark.parametrize("shell", SHELLS)
def test_enrolments_are_seen_by_their_files(machine: Machine, shell: str) -> None:
    workspace = "/etc/opt/microsoft/omsagent/0d1f7a3e-5b7c-4f1e-8a51-6d0f2b9c4e10"
    change = {
        f"{workspace}/conf/omsadmin.conf": CANARY,
        "/etc/opt/microsoft/mdatp/mdatp_onboard.json": CANARY,
        "/etc/krb5.keytab": CANARY,
        "/etc/sssd/sssd.conf": "[sssd]\ndomains = corp.example\n",
        "/etc/samba/smb.conf": "[global]\n  security = ADS\n",
        "/etc/pki/consumer/cert.pem": CANARY,
        "/etc/zypp/credentials.d/SCCcredentials": f"username=SCC_1\npassword={CANARY}\n",
        "/var/lib/ubuntu-advantage/private/machine-token.json": CANARY,
    }
    seen = machine.look({**change}, shell=need_shell(shell), probes=["enrolments"]).enrolments.enrolments.value
    assert seen == (
        Enrolment("monitor", workspace),
        Enrolment("defender", "/etc/opt/microsoft/mdatp/mdatp_onboard.json"),
        Enrolment("defender", "/etc/opt/microsoft/mdatp"),
        Enrolment("domain", "/etc/krb5.keytab"),
        Enrolment("domain", "/etc/sssd/sssd.conf"),
        Enrolment("domain", "/etc/samba/smb.conf"),
        Enrolment("red-hat", "/etc/pki/consumer/cert.pem"),
        Enrolment("suse", "/etc/zypp/credentials.d/SCCcredentials"),
        Enrolment("ubuntu-pro", "/var/lib/ubuntu-advantage/private/machine-token.json"),
    )


def test_what_is_no_enrolment_is_left_out(machine: Machine) -> None:
    change = {
        "/etc/sssd/sssd.conf": "[sssd]\n# domains = corp.example\ndomains =\n",
        "/etc/samba/smb.conf": "[global]\n; security = ads\nsecurity = user\n",
        "/etc/zypp/credentials.d/SCCcredentials": CANARY,
        "/etc/regionserverclnt.cfg": "[server]\n",
    }
    assert machine.look({**change}, probes=["enrolments"]).enrolments.enrolments.value == ()


@pytest.mark.parametrize("shell", SHELLS)
def test_peers_are_seen_by_their_files(machine: Machine, shell: str) -> None:
    change = {
        "/etc/puppetlabs/puppet/ssl/private_keys/golden.pem": CANARY,
        "/var/lib/kubelet/pki/kubelet-client.pem": CANARY,
        "/etc/wireguard/wg0.conf": f"[Interface]\nPrivateKey = {CANARY}\n",
        "/etc/openvpn/update-resolv-conf": "#!/bin/sh\n",
        "/var/lib/tailscale/tailscaled.state": CANARY,
    }
    assert machine.look({**change}, shell=need_shell(shell), probes=["peers"]).peers.peers.value == (
        PeerIdentity("puppet", "/etc/puppetlabs/puppet/ssl/private_keys/golden.pem"),
        PeerIdentity("kubernetes", "/var/lib/kubelet/pki/kubelet-client.pem"),
        PeerIdentity("tailscale", "/var/lib/tailscale/tailscaled.state"),
        PeerIdentity("wireguard", "/etc/wireguard/wg0.conf"),
    )


MONITOR = "Microsoft.Azure.Monitor.AzureMonitorLinuxAgent-1.33.1"
SCRIPT = "Microsoft.Azure.Extensions.CustomScript-2.1.10"
STATUS = '[{{"version": 1, "status": {{"operation": "Enable", "status": "{}"}}}}]'


@pytest.mark.parametrize("shell", SHELLS)
def test_extensions_are_told_and_which_are_at_work(machine: Machine, shell: str) -> None:
    home = "/var/lib/waagent"
    change = {
        f"{home}/{MONITOR}/status/2.status": STATUS.format("success"),
        f"{home}/{SCRIPT}/status/9.status": STATUS.format("success"),
        f"{home}/{SCRIPT}/status/10.status": STATUS.format("transitioning"),
        f"{home}/{SCRIPT}/config/10.settings": CANARY,
        f"{home}/Microsoft.CPlat.Core.RunCommandLinux-1.0.5/status/0.status": STATUS.format("transitioning"),
        f"{home}/WALinuxAgent-2.15.0.1/bin": "",
        f"{home}/{MONITOR}.zip": "",
    }
    extensions = machine.look({**change}, shell=need_shell(shell), probes=["extensions"]).extensions
    assert extensions.extension_folders.value == (SCRIPT, MONITOR)
    assert extensions.busy_extensions.value == (SCRIPT,)


def test_the_agents_own_folder_is_looked_at_for_extensions(machine: Machine) -> None:
    change = {"/etc/waagent.conf": "Lib.Dir=/var/lib/elsewhere\n", f"/var/lib/elsewhere/{SCRIPT}/HandlerState": ""}
    assert machine.look({**change}, probes=["extensions"]).extensions.extension_folders.value == (SCRIPT,)


@pytest.mark.parametrize("shell", SHELLS)
def test_what_starts_on_each_clone_is_told(machine: Machine, shell: str) -> None:
    change = {
        "/var/lib/cloud/scripts/per-boot/enrol.sh": "#!/bin/sh\n",
        "/etc/rc.local": "#!/bin/sh\n",
        "/etc/systemd/system/site-firstboot.service": "[Unit]\n",
        "/etc/cron.d/site": "@reboot root /usr/local/bin/enrol\n",
        "/etc/cron.d/daily": "# @reboot never\n0 3 * * * root true\n",
    }
    startup = machine.look({**change}, shell=need_shell(shell), probes=["startup"]).startup
    assert startup.start_scripts.value == (
        "/var/lib/cloud/scripts/per-boot/enrol.sh",
        "/etc/systemd/system/site-firstboot.service",
        "/etc/cron.d/site",
    )
    assert startup.clean_scripts.value == ()
    assert startup.static_hostname.value == "golden"


def test_a_guest_without_a_name_has_none(machine: Machine) -> None:
    assert machine.look({"/etc/hostname": "\n"}, probes=["startup"]).startup.static_hostname.absent


def test_the_name_that_deprovisioning_leaves_has_no_line_end(machine: Machine) -> None:
    assert (
        machine.look({"/etc/hostname": "localhost.localdomain"}, probes=["startup"]).startup.static_hostname.value
        == "localhost.localdomain"
    )
