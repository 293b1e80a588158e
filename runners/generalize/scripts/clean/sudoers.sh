# shellcheck shell=sh
# removes: `/etc/sudoers.d/90-cloud-init-users`, and the lines of accounts that do not exist in `/etc/sudoers` and the other files there
# why: it edits its own file there only, and cloud-init never takes its file back
rm -f etc/sudoers.d/90-cloud-init-users

# A rule of one account begins with its name (azureuser, AzureUser); ALL and aliases (all in capitals), %group,
# +netgroup, #uid and Defaults do not.
missing() {
    case $1 in
    '' | Defaults* | *_Alias | *[!A-Za-z0-9_.-]* | [!A-Za-z_]*) return 1 ;;
    *[a-z]*) ;;
    *) return 1 ;;
    esac
    ! grep -q "^$1:" etc/passwd && ! getent passwd "$1" >/dev/null
}

left=
for file in etc/sudoers etc/sudoers.d/*; do
    if [ ! -f "$file" ] || [ -L "$file" ]; then continue; fi
    # A line that goes on in the next one can't be taken out alone.
    if grep -q '\\$' "$file"; then
        echo "$file has lines that go on in the next one, and was left as it is"
        while read -r word _; do if missing "$word"; then left=yes; fi; done <"$file"
        continue
    fi
    whole=$(cat "$file")
    kept=$(while IFS= read -r line || [ -n "$line" ]; do
        word=${line#"${line%%[![:space:]]*}"}
        rest=${word#*[[:space:]]}
        # "gone , other ALL=ALL" is of another, too.
        case ${rest#"${rest%%[![:space:]]*}"} in
        ,*) ;;
        *) if missing "${word%%[[:space:]]*}"; then continue; fi ;;
        esac
        printf '%s\n' "$line"
    done <"$file")
    if [ -z "$kept" ] && [ "$file" != etc/sudoers ]; then rm -f "$file"; elif [ "$kept" != "$whole" ]; then printf '%s\n' "$kept" >"$file"; fi
done
[ -z "$left" ]
