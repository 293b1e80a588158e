# shellcheck shell=sh
# Package managers at work, packages that are half installed, and repositories that only work where the VM was built.
# Prints: package_work (list), broken_packages, repository_faults (list of "FAULT FILE").
# Of repositories only the file is printed: an address may hold a password.

look_at_processes() {
    if [ ! -r /proc/1/comm ]; then
        echo '?/proc tells of no processes'
        return
    fi
    for file in /proc/[0-9]*/comm; do
        read -r name <"$file" || continue
        # The kernel keeps 15 characters of a name.
        case $name in
        apt | apt-get | aptitude | dpkg | dnf | dnf5 | dnf-automatic | microdnf | pacman | rpm | tdnf | transactional-u | yum | zypper) ;;
        unattended-upgr)
            # This one waits for the machine to go down, always.
            grep -q 'unattended-upgrade-shutdown' "${file%comm}cmdline" && continue
            ;;
        *) continue ;;
        esac
        printf '%s\n' "$name"
    done
}

look_at_units() {
    set -- apt-daily.service apt-daily-upgrade.service dnf-automatic.service dnf-automatic-install.service \
        dnf-makecache.service transactional-update.service
    # One line a unit, in their order
    bounded 20 systemctl is-active "$@" | while read -r state; do
        case $state in active | activating | reloading) printf '%s\n' "$1" ;; esac
        shift
    done
}

# The first line of a group says what is wrong, the packages follow it indented:
#  linux-image-6.1.0-41-cloud-amd64 Linux 6.1 for x86-64 cloud (signed)
look_at_packages() {
    if ! command -v dpkg >/dev/null; then
        absent broken_packages
    elif audit=$(bounded 60 dpkg --audit) || [ $? -eq 1 ]; then
        fact broken_packages "$(printf '%s\n' "$audit" | grep -c '^ [a-z0-9]')"
    else
        unknown broken_packages "'dpkg --audit' failed"
    fi
}

each() {
    for last in "$@"; do :; done
    fault=$1
    shift
    while [ $# -gt 1 ]; do
        [ -f "$1" ] && grep -Ev '^[[:space:]]*#' "$1" | grep -Eiq "$last" && printf '%s %s\n' "$fault" "$1"
        shift
    done
}

look_at_repositories() {
    sources=$(for file in /etc/apt/sources.list /etc/apt/sources.list.d/* /etc/yum.repos.d/*.repo /etc/zypp/repos.d/*.repo; do
        [ ! -f "$file" ] || printf '%s\n' "$file"
    done)
    printf '%s\n' "$sources" | while IFS= read -r file; do
        # deb https://user:secret@mirror.example/debian bookworm main; password=secret
        each credentials "$file" '://[^/@[:space:]]+@|^[[:space:]]*password[[:space:]]*=[[:space:]]*[^[:space:]]'
        each private "$file" '://([^/@[:space:]]*@)?(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.)'
    done
    # machine mirror.example login user password secret
    each credentials /etc/apt/auth.conf /etc/apt/auth.conf.d/* '(^|[[:space:]])password[[:space:]]'
}

{
    look_at_processes
    look_at_units
} | sort -u | items package_work
look_at_packages
look_at_repositories | items repository_faults
