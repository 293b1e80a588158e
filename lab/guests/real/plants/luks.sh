#!/bin/sh
# A volume that is encrypted with LUKS and closed: the partition of which a machine that starts by itself has no need.
set -eu
head -c 32 /dev/urandom >/run/data.key
cryptsetup luksFormat --batch-mode --type luks1 --pbkdf-force-iterations 1000 /dev/vda14 /run/data.key
rm /run/data.key
