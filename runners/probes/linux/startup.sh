# shellcheck shell=sh
# What runs on each new machine, what runs in `cloud-init clean`, and the name of this one.
# Prints: start_scripts (list), clean_scripts (list), static_hostname.

look_at_scripts() {
    for file in /var/lib/cloud/scripts/per-boot/* /var/lib/cloud/scripts/per-instance/* /var/lib/cloud/scripts/per-once/* \
        /etc/rc.local /etc/rc.d/rc.local /etc/systemd/system/*firstboot*.service /etc/systemd/system/*first-boot*.service; do
        [ -f "$file" ] || continue
        # systemd and Red Hat run rc.local only where it may be executed
        case $file in */rc.local) if [ ! -x "$file" ] || [ -L "$file" ]; then continue; fi ;; esac
        printf '%s\n' "$file"
    done
    # @reboot root /usr/local/bin/enrol
    for file in /etc/crontab /etc/cron.d/* /var/spool/cron/* /var/spool/cron/crontabs/* /var/spool/cron/tabs/*; do
        [ -f "$file" ] && grep -q '^[[:space:]]*@reboot' "$file" && printf '%s\n' "$file"
    done
}

look_at_cleaners() {
    for file in /etc/cloud/clean.d/*; do
        [ -f "$file" ] && [ -x "$file" ] && printf '%s\n' "$file"
    done
}

look_at_scripts | items start_scripts
look_at_cleaners | items clean_scripts
if [ ! -e /etc/hostname ]; then
    absent static_hostname
else
    name=$(head -c 256 /etc/hostname | grep -v '^#' | tr -d '[:space:]')
    if [ -n "$name" ]; then fact static_hostname "$name"; else absent static_hostname; fi
fi
