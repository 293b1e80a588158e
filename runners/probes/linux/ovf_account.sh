# shellcheck shell=sh
# The account that `waagent -deprovision+user` would remove: the one that ovf-env.xml names.
# Prints: ovf_name, ovf_uid, ovf_home. The file holds a password and custom data: only the name is ever printed.

directory=
[ -r /etc/waagent.conf ] && directory=$(sed -n 's/^[[:space:]]*Lib\.Dir[[:space:]]*=[[:space:]]*\([^#[:space:]]*\).*$/\1/p' /etc/waagent.conf | tail -n 1)
file=${directory:-/var/lib/waagent}/ovf-env.xml

# The element looks like: <ns1:UserName>azureuser</ns1:UserName>. More than one, or a comment that might hold one,
# is for a person to look at.
look_at_name() {
    elements=$(tr '<' '\n' <"$file" | grep -c -E '^([A-Za-z0-9_.-]+:)?UserName[ >]')
    if ! tr '<' '\n' <"$file" | grep -q -E '^/([A-Za-z0-9_.-]+:)?Environment[[:space:]]*>'; then
        unknown ovf_name "$file is not a complete ovf-env document"
    elif tr '<' '\n' <"$file" | grep -q '^!'; then
        unknown ovf_name "$file holds a comment or a CDATA section, so its text does not say which name counts"
    elif [ "$elements" -ne 1 ]; then
        unknown ovf_name "$file names $elements accounts instead of one"
    else
        name=$(tr '\n\r<' '  \n' <"$file" | sed -n -E 's/^([A-Za-z0-9_.-]+:)?UserName[^>]*>[[:space:]]*([^[:space:]]*)[[:space:]]*$/\2/p')
        case $name in
        '' | *[!A-Za-z0-9._-]*) unknown ovf_name "$file names an account in a form that no account can have" ;;
        *) look_at_account ;;
        esac
    fi
}

look_at_account() {
    fact ovf_name "$name"
    if [ ! -r /etc/passwd ]; then
        unknown ovf_uid "/etc/passwd cannot be read"
        unknown ovf_home "/etc/passwd cannot be read"
        return
    fi
    # A line looks like: azureuser:x:1000:1000::/home/azureuser:/bin/bash
    while IFS=: read -r account _ uid _ _ home _; do
        if [ "$account" = "$name" ]; then
            fact ovf_uid "$uid"
            fact ovf_home "$home"
            return
        fi
    done </etc/passwd
    absent ovf_uid
    absent ovf_home
}

if [ -d "${file%/*}" ] && [ ! -x "${file%/*}" ]; then
    unknown ovf_name "${file%/*} cannot be entered"
elif [ ! -e "$file" ]; then
    absent ovf_name
elif [ ! -r "$file" ]; then
    unknown ovf_name "$file cannot be read"
else
    look_at_name
fi
