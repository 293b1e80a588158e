#!/bin/sh
# A swap file on the OS disk, in use now and at every boot.
set -eu
dd if=/dev/zero of=/swapfile bs=1M count=16 status=none
chmod 0600 /swapfile
mkswap /swapfile >/dev/null
swapon /swapfile
echo '/swapfile none swap sw 0 0' >>/etc/fstab
