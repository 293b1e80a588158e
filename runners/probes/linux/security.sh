# shellcheck shell=sh
# Security switches that clones inherit.
# Prints: selinux_mode, selinux_configured, relabel_pending, fips_mode.

if [ ! -e /sys/fs/selinux/enforce ]; then
    absent selinux_mode
else
    case $(cat /sys/fs/selinux/enforce) in
    1) fact selinux_mode enforcing ;;
    0) fact selinux_mode permissive ;;
    *) unknown selinux_mode "/sys/fs/selinux/enforce cannot be read" ;;
    esac
fi

# SELINUX=enforcing
if [ ! -e /etc/selinux/config ]; then
    absent selinux_configured
else
    value=$(sed -n 's/^[[:space:]]*SELINUX=[[:space:]]*\([a-z]*\).*/\1/p' /etc/selinux/config | tail -n 1)
    if [ -n "$value" ]; then fact selinux_configured "$value"; else unknown selinux_configured "/etc/selinux/config names no mode"; fi
fi

if [ -e /.autorelabel ]; then fact relabel_pending true; else fact relabel_pending false; fi

if [ ! -e /proc/sys/crypto/fips_enabled ]; then
    absent fips_mode
else
    case $(cat /proc/sys/crypto/fips_enabled) in
    1) fact fips_mode true ;;
    0) fact fips_mode false ;;
    *) unknown fips_mode "/proc/sys/crypto/fips_enabled cannot be read" ;;
    esac
fi
