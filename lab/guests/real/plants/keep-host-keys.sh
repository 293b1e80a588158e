#!/bin/sh
# The agent is told to leave the SSH host keys alone, as Ubuntu's package tells it.
set -eu
sed -i 's/^Provisioning.RegenerateSshHostKeyPair=.*/Provisioning.RegenerateSshHostKeyPair=n/' /etc/waagent.conf
grep -q '^Provisioning.RegenerateSshHostKeyPair=n' /etc/waagent.conf
