# shellcheck shell=sh
# Which distribution this is, and where the uids of ordinary accounts begin.
# Prints: distribution, distribution_like, distribution_version, uid_min.

release=/etc/os-release
[ -r "$release" ] || release=/usr/lib/os-release

# The file is not sourced: that would run whatever stands in it. A line looks like: VERSION_ID="12"
release_value() {
    sed -n "s/^$1=//p" "$release" | tail -n 1 | sed -e 's/^"\(.*\)"$/\1/' -e "s/^'\(.*\)'\$/\1/"
}

for pair in distribution:ID distribution_like:ID_LIKE distribution_version:VERSION_ID; do
    key=${pair%%:*}
    if [ ! -e "$release" ]; then
        absent "$key"
    elif [ ! -r "$release" ]; then
        unknown "$key" "$release cannot be read"
    else
        value=$(release_value "${pair##*:}")
        if [ -n "$value" ]; then fact "$key" "$value"; else absent "$key"; fi
    fi
done

# The line looks like: UID_MIN			 1000
definitions=/etc/login.defs
if [ -e "$definitions" ] && [ ! -r "$definitions" ]; then
    unknown uid_min "$definitions cannot be read"
else
    minimum=
    [ -r "$definitions" ] && minimum=$(sed -n 's/^[[:space:]]*UID_MIN[[:space:]][[:space:]]*\([0-9][0-9]*\).*$/\1/p' "$definitions" | tail -n 1)
    fact uid_min "${minimum:-1000}"
fi
