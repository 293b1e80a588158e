# shellcheck shell=sh
# How each account's password field looks, and which backups of the account files exist.
# Prints: password_fields (list of "ACCOUNT KIND"), password_backups (list).
# A field is classified here and never printed: hash (also where "!" or "*" stands before it, since the hash is
# still in the file), locked, or empty.

classify() {
    rest=$1
    [ -n "$rest" ] || { kind=empty; return; }
    while :; do
        case $rest in
        '!'* | '*'*) rest=${rest#?} ;;
        *) break ;;
        esac
    done
    # $6$..., _J9..., and the 13 characters of the oldest form; locks look like !, *, !!, *LOCK*, x
    case $rest in
    *'$'*) kind="hash" ;;
    *) if [ ${#rest} -ge 13 ]; then kind="hash"; else kind=locked; fi ;;
    esac
}

if [ ! -e /etc/shadow ]; then
    absent password_fields
elif [ ! -r /etc/shadow ]; then
    unknown password_fields "/etc/shadow cannot be read"
else
    count=0
    while IFS=: read -r account field _ || [ -n "$account" ]; do
        [ -n "$account" ] || continue
        count=$((count + 1))
        [ "$count" -le 500 ] || continue
        classify "$field"
        item password_fields "$account $kind"
    done </etc/shadow
    total password_fields "$count"
fi

count=0
for file in /etc/passwd- /etc/shadow- /etc/group- /etc/gshadow- /etc/subuid- /etc/subgid-; do
    if [ -e "$file" ]; then
        item password_backups "$file"
        count=$((count + 1))
    fi
done
total password_backups "$count"
