# shellcheck shell=sh
# Programs that Azure's certification asks about, and the clock.
# Prints: openssl_version, omi_version, machine_type, clock_synchronised, kvp_daemon.

# OpenSSL 3.0.17 1 Jul 2025 (Library: OpenSSL 3.0.17 1 Jul 2025)
if ! command -v openssl >/dev/null; then
    absent openssl_version
else
    version=$(bounded 20 openssl version | sed -n 's/^OpenSSL \([^ ]*\).*/\1/p')
    if [ -n "$version" ]; then fact openssl_version "$version"; else unknown openssl_version "'openssl version' printed no version"; fi
fi

# 1.6.8-1 or 1.6.8.1
if [ ! -e /opt/omi/bin/omiserver ]; then
    absent omi_version
else
    # shellcheck disable=SC2016  # dpkg-query's own variable
    version=$(bounded 20 dpkg-query -W -f '${Version}' omi || bounded 20 rpm -q --qf '%{VERSION}.%{RELEASE}' omi)
    if [ -n "$version" ]; then fact omi_version "$version"; else unknown omi_version "neither dpkg-query nor rpm knows the version of omi"; fi
fi

fact machine_type "$(uname -m)"

# Leap status     : Normal            yes
look_at_clock() {
    tracking=$(bounded 20 chronyc -n tracking)
    case $tracking in
    *'Leap status'*'Not synchronised'*) fact clock_synchronised false ; return ;;
    *'Leap status'*) fact clock_synchronised true ; return ;;
    esac
    case $(bounded 20 timedatectl show -p NTPSynchronized --value) in
    yes) fact clock_synchronised true ;;
    no) fact clock_synchronised false ;;
    *) unknown clock_synchronised "neither chronyc nor timedatectl says whether the clock is synchronised" ;;
    esac
}
look_at_clock

# Only Hyper-V has something for it to talk to.
look_at_daemon() {
    if [ ! -d /sys/bus/vmbus/devices ]; then
        absent kvp_daemon
        return
    fi
    if [ ! -r /proc/1/comm ]; then
        unknown kvp_daemon "/proc tells of no processes"
        return
    fi
    for file in /proc/[0-9]*/comm; do
        read -r name <"$file" || continue
        case $name in
        hv_kvp_daemon | hypervkvpd)
            fact kvp_daemon true
            return
            ;;
        esac
    done
    fact kvp_daemon false
}
look_at_daemon
