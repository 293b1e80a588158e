# shellcheck shell=sh
# removes: `/root/.ssh`: authorized keys, private keys, known hosts
# why: it removes the `.ssh` of the one account only
rm -rf root/.ssh
