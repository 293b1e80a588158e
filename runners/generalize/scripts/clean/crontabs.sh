# shellcheck shell=sh
# removes: crontabs and mail of accounts that do not exist
# why: userdel leaves the crontab of the account that it removes
for file in var/spool/cron/crontabs/* var/spool/cron/tabs/* var/spool/cron/* var/spool/mail/* var/mail/*; do
    [ -f "$file" ] || continue
    name=${file##*/}
    grep -q "^$name:" etc/passwd || getent passwd "$name" >/dev/null || rm -f "$file"
done
