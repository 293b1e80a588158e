#!/bin/sh
# Installs what this host lacks for building and running real guests: host-tools.txt, a program and its Debian package
# a line. Says so before it does; does nothing where all is there.
set -eu
PATH=$PATH:/usr/sbin:/sbin
lacking=$(while read -r program package; do
    command -v "$program" >/dev/null 2>&1 || echo "$package"
done <"$(dirname "$0")/host-tools.txt" | tr '\n' ' ')
if [ -z "$lacking" ]; then
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "The real guest needs these packages of Debian, and this host has no apt-get to install them: $lacking" >&2
    exit 1
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
    as_root=sudo
fi
echo "The real guest needs packages that are not installed here; installing: $lacking" >&2
$as_root apt-get update -qq
# shellcheck disable=SC2086 # a list of names
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $lacking
