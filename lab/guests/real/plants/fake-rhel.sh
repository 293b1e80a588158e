#!/bin/sh
# A system that says it is RHEL 9.4 and has no ifcfg files: waagent takes RHEL's way and stops half-way.
set -eu
rm -f /etc/os-release
cat >/etc/os-release <<'RELEASE'
NAME="Red Hat Enterprise Linux"
VERSION="9.4 (Plow)"
ID="rhel"
ID_LIKE="fedora"
VERSION_ID="9.4"
PLATFORM_ID="platform:el9"
PRETTY_NAME="Red Hat Enterprise Linux 9.4 (Plow)"
CPE_NAME="cpe:/o:redhat:enterprise_linux:9::baseos"
RELEASE
# The lab's network has no way out; with a default route waagent comes as far as the file that is missing.
ip route add default via 10.0.2.2 dev eth0
