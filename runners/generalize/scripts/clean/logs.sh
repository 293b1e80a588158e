# shellcheck shell=sh
# removes: the journal and rotated logs; empties every other file below `/var/log` but waagent's, which tells how it went
# why: it removes its own log only
# The journal's own daemon goes on in memory: what it still writes while the system stops is no part of the image.
if [ "$PWD" = / ] && command -v journalctl >/dev/null; then journalctl --relinquish-var; fi
rm -rf var/log/journal/*
find -H var/log -type f ! -path var/log/waagent.log \( -name '*.gz' -o -name '*.xz' -o -name '*.bz2' -o -name '*.zst' \
    -o -name '*.[0-9]' -o -name '*.old' -o -name '*-[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]' \) -exec rm -f {} +
find -H var/log -type f ! -path var/log/waagent.log -exec sh -c 'for file; do : >"$file"; done' sh {} +
