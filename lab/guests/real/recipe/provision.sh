#!/bin/sh
# Runs as root in the guest, once, at the end of its first boot: what an Azure VM in use has, and a fresh one not yet.
set -eu
export LC_ALL=C

cloud-init status --wait >/dev/null
id azureuser >/dev/null

# waagent would note this by itself if Azure's wire server answered it. Restarted, it knows that it is provisioned.
cat /sys/class/dmi/id/product_uuid >/var/lib/waagent/provisioned
systemctl restart walinuxagent
timeout 120 sh -c 'until grep -q "Provisioning already completed" /var/log/waagent.log; do sleep 1; done'
systemctl is-active walinuxagent

# The seed has done its work: no password hash and no key stays in it.
printf '#cloud-config\n{}\n' >/var/lib/cloud/seed/nocloud/user-data

# What the agent leaves below /var/lib/waagent when it has talked to Azure: goal state, certificates with their keys.
cd /var/lib/waagent
openssl req -x509 -nodes -newkey rsa:2048 -subj /CN=LinuxTransport -days 3650 \
    -keyout TransportPrivate.pem -out TransportCert.pem 2>/dev/null
thumbprint=$(openssl x509 -in TransportCert.pem -noout -fingerprint -sha1 | sed 's/.*=//; s/://g')
cp TransportCert.pem "$thumbprint.crt"
cp TransportPrivate.pem "$thumbprint.prv"
printf '<?xml version="1.0" encoding="utf-8"?>\n<GoalState><Version>2012-11-30</Version><Incarnation>1</Incarnation></GoalState>\n' >GoalState.1.xml
printf '<?xml version="1.0" encoding="utf-8"?>\n<SharedConfig version="1.0.0.0"/>\n' >SharedConfig.xml
printf '<?xml version="1.0" encoding="utf-8"?>\n<Extensions version="1.0.0.0"/>\n' >ExtensionsConfig.1.xml
printf '1' >Incarnation
chmod 0600 ./*.pem ./*.prv ./*.xml

# Somebody worked here.
printf 'sudo apt-get update\nsudo -i\n' >/home/azureuser/.bash_history
printf 'waagent -version\ncat /etc/shadow\n' >/root/.bash_history
chown azureuser:azureuser /home/azureuser/.bash_history
chmod 0600 /home/azureuser/.bash_history /root/.bash_history
# Changing a password is what makes /etc/shadow- hold a hash, as on a VM whose owner reset one.
usermod -c 'Azure user of the lab' azureuser
passwd -x 99998 azureuser >/dev/null
sync
systemctl is-system-running --wait
