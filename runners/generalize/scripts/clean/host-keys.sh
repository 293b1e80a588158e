# shellcheck shell=sh
# removes: the SSH host keys (`/etc/ssh/ssh_host_*`); cloud-init or waagent has to make new ones at the first boot
# why: only with `Provisioning.RegenerateSshHostKeyPair=y`, which Ubuntu's package does not set
rm -f etc/ssh/ssh_host_*
