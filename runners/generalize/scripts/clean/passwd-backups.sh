# shellcheck shell=sh
# removes: `/etc/passwd-`, `shadow-`, `group-`, `gshadow-`, `subuid-`, `subgid-`, and their copies in `/var/backups`
# why: userdel itself writes them, with the removed account's hash
for file in passwd shadow group gshadow subuid subgid; do
    rm -f "etc/$file-" "var/backups/$file.bak"
done
