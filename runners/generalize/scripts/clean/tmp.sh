# shellcheck shell=sh
# removes: everything in `/tmp` and `/var/tmp`
# why: it does not look there
# Files, then folders: what is mounted below stays with what it holds, and its folder makes the last command fail.
find -H tmp var/tmp -xdev -mindepth 1 ! -type d -exec rm -f {} +
find -H tmp var/tmp -xdev -depth -mindepth 1 -type d -exec rmdir {} +
