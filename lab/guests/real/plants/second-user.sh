#!/bin/sh
# Another administrator, with a password, a key, sudo rights of his own and a history.
set -eu
useradd -m -s /bin/bash otheradmin
usermod -p "$(openssl passwd -6 "$(head -c 24 /dev/urandom | base64)")" otheradmin
install -d -m 0700 -o otheradmin -g otheradmin /home/otheradmin/.ssh
cat /home/azureuser/.ssh/authorized_keys >/home/otheradmin/.ssh/authorized_keys
echo 'otheradmin ALL=(ALL) NOPASSWD:ALL' >/etc/sudoers.d/otheradmin
echo 'mysql -psecret' >/home/otheradmin/.bash_history
chown -R otheradmin:otheradmin /home/otheradmin
