# shellcheck shell=sh
# Whom sudo's files name in rules for which it wants no password, as the reader of the stopped disk finds them; and all
# who are in an alias, whatever its rules want.
# Prints: sudo_rules (list of "CLEANED ACCOUNT FILE"; CLEANED: whether `clean: [sudoers]` takes the rule out, true or false).
# After the step the guest's look at itself asks the same, of the system in the folder that `root` names.

root=
tab=$(printf '\t')

# included FILE DEPTH: "k FILE" of each file that one of sudo includes, and those in turn; /etc/sudoers.d is read anyway
included() (
    if [ "$2" -gt 8 ]; then
        printf '?\tsudo includes files in each other without end\n'
        exit
    fi
    # @includedir /etc/sudoers.d     #include /etc/sudoers.local     @include "sudoers.%h"
    sed -n -E -e 's/^[[:space:]]*[@#]include[[:blank:]]+"?([^"]+)"?[[:space:]]*$/f \1/p' \
        -e 's/^[[:space:]]*[@#]includedir[[:blank:]]+"?([^"]+)"?[[:space:]]*$/d \1/p' "$1" |
        sed -e 's/[[:space:]]*$//' -e 's/\\\(.\)/\1/g' -e 's/%h/*/g' | while IFS=' ' read -r kind path; do
        case $path in /*) path=$root$path ;; *) path=${1%/*}/$path ;; esac
        path=${path%/}
        if [ "$kind" = d ]; then
            [ "$path" != "$root/etc/sudoers.d" ] || continue
            path="$path/*"
        fi
        # A name may have blanks, and %h has become a pattern.
        IFS=
        # shellcheck disable=SC2086 # it is a pattern
        for file in $path; do
            [ -f "$file" ] || continue
            printf 'k\t%s\n' "$file" 2>/dev/null || exit
            included "$file" $(($2 + 1))
        done
    done
)

# "w FILE" where `clean` takes out lines of one account, "g FILE" where it removes the file, "k FILE" where it leaves all
# as it is: links, files that sudo does not read itself, and lines that go on in the next one. "? REASON"
sudo_files() {
    own=$root/etc/sudoers
    [ -e "$own" ] || own=$root/usr/etc/sudoers
    folder=$root/etc/sudoers.d
    if [ -d "$folder" ] && { [ ! -r "$folder" ] || [ ! -x "$folder" ]; }; then printf '?\t/etc/sudoers.d cannot be read\n'; fi
    for file in "$own" "$folder"/* "$folder"/.[!.]*; do
        [ -f "$file" ] || continue
        how=w
        case $file in "$root"/usr/* | "$folder"/.*) how=k ;; esac
        if [ -L "$file" ] || grep -q '\\$' "$file"; then how=k; fi
        [ "$file" != "$folder/90-cloud-init-users" ] || how=g
        printf '%s\t%s\n' "$how" "$file"
        # Files of a folder that includes itself would be met again and again.
        included "$file" 1 | sed -e "200{s/.*/?${tab}sudo includes more files than can be followed/;q" -e '}'
    done
}

# The lines of a file of sudo that say something, with those in which they go on. #1000 ALL=ALL is no remark.
said() {
    sed -E -e '/^[[:space:]]*#([^0-9]|$)/d' "$1" | sed -e :join -e '/\\$/{N;s/\\\n/ /;b join' -e '}' |
        sed -E -e '/^[[:space:]]*#[0-9]+[^0-9[:space:],]/d' -e 's/[[:space:]]#([^-0-9].*)?$//' -e 's/^[[:space:]]*//'
}

# "HOW FILE LINE" of all that sudo's files say, and "? REASON"
all_said() {
    sudo_files | while IFS=$tab read -r how file; do
        if [ "$how" = '?' ]; then
            printf '?\t%s\n' "$file"
        elif [ ! -r "$file" ]; then
            printf '?\t%s cannot be read\n' "${file#"$root"}"
        elif [ "$(tr -d '\000-\010\013\014\016-\037\177' <"$file" | wc -c)" -ne "$(wc -c <"$file")" ]; then
            printf '?\t%s holds bytes that no file of sudo has, so it is damaged\n' "${file#"$root"}"
        else
            said "$file" | while IFS= read -r line || [ -n "$line" ]; do
                printf '%s\t%s\t%s\n' "$how" "${file#"$root"}" "$line"
            done
        fi
    done
}

# users LINE: whom the list names with which a rule begins, or all lists of a User_Alias
users() {
    item='("[^"]*"|(\\.|[^[:space:],="\\])+)'
    case $1 in
    User_Alias[[:space:]]*) printf '%s\n' "${1#User_Alias}" | sed -E 's/(^|:)[[:space:]]*[A-Z][A-Z0-9_]*[[:space:]]*=/,/g' ;;
    *) printf '%s\n' "$1" | sed -E "s/^($item([[:space:]]*,[[:space:]]*$item)*).*$/\1/" ;;
    esac | tr , '\n' | sed -E -e 's/^[[:space:]]*//' -e 's/[[:space:]]*$//' -e 's/^"(.*)"$/\1/' -e 's/\\(.)/\1/g' -e '/^$/d'
}

# Whom sudo never asks for a password: accounts, or ALL; of an alias whoever is in one
look_at_unasked() {
    # Defaults !authenticate     Defaults:azureuser log_output, !authenticate; of a group it is nobody's own
    printf '%s\n' "$statements" | cut -f 3- | grep -E '^Defaults.*![[:space:]]*authenticate' | while IFS= read -r line; do
        case $line in Defaults:*) users "$(printf '%s\n' "${line#*:}" | sed 's/^[[:space:]]*//')" ;; *) echo ALL ;; esac
    done | while IFS= read -r name; do
        case $aliases in
        *" $name "*) printf '%s\n' "$statements" | cut -f 3- | grep '^User_Alias' | while IFS= read -r line; do users "$line"; done ;;
        *) printf '%s\n' "$name" ;;
        esac
    done
}

# is_one NAMES: whether they are the name of one account, which `clean` knows by it
is_one() {
    case $1 in
    *[!A-Za-z0-9_.-]* | [!A-Za-z_]*) return 1 ;;
    *[a-z]*) ;;
    *) return 1 ;;
    esac
    # An account of a directory is there for `clean`, and in no file of the disk.
    grep -q "^$1:" "$root/etc/passwd" || ! bounded 10 getent passwd "$1" >/dev/null
}

# rules_of CLEANED FILE NAMES: "CLEANED ACCOUNT FILE" of each account among the names
rules_of() {
    printf '%s\n' "$3" | while IFS= read -r name; do
        case $name in '' | ALL | [%+!]*) continue ;; esac
        case $aliases in *" $name "*) continue ;; esac
        case $name in '#'*)
            known=$(cut -d : -f 1,3 "$root/etc/passwd" | sed -n "s/:${name#?}$//p" | head -n 1)
            name=${known:-$name}
            ;;
        esac
        case $name in
        *[[:blank:]]*) printf '?%s has a rule of an account with a blank in its name\n' "$2" ;;
        *) printf '%s %s %s\n' "$1" "$name" "$2" ;;
        esac
    done
}

look_at_rules() {
    statements=$(all_said)
    printf '%s\n' "$statements" | sed -n "s/^?$tab/?/p"
    aliases=" $(printf '%s\n' "$statements" | cut -f 3- | sed -n 's/^User_Alias//p' | tr : '\n' |
        sed -n -E 's/^[[:space:]]*([A-Z][A-Z0-9_]*)[[:space:]]*=.*/\1/p' | tr '\n' ' ')"
    unasked=$(look_at_unasked | sort -u)
    everybody=$(printf '%s\n' "$unasked" | grep -x ALL)
    printf '%s\n' "$statements" | while IFS=$tab read -r how file line; do
        case $how$line in
        '' | '?'* | [gkw] | ?Defaults* | ?Runas_Alias* | ?Host_Alias* | ?Cmnd_Alias* | ?Cmd_Alias* | ?@include*) continue ;;
        esac
        case $line in
        *=*) ;;
        *)
            printf '?%s has a line that is no rule of sudo\n' "$file"
            continue
            ;;
        esac
        case $everybody:$line in
        ALL:* | *NOPASSWD* | :User_Alias*) named=$(users "$line") ;;
        *)
            [ -n "$unasked" ] || continue
            named=$(users "$line" | grep -F -x -e "$unasked")
            ;;
        esac
        cleaned=false
        case $how$line in
        g*) cleaned=true ;;
        wUser_Alias*) ;;
        w*)
            one=$(users "$line")
            # "azureuser" ALL=NOPASSWD: ALL names it as well, and begins with another word.
            case $line in "$one"[[:space:]]*) if is_one "$one"; then cleaned=true; fi ;; esac
            ;;
        esac
        rules_of "$cleaned" "$file" "$named"
    done
}

if [ -e "$root/etc/sudoers" ] || [ -e "$root/usr/etc/sudoers" ] || [ -d "$root/etc/sudoers.d" ]; then
    look_at_rules | sort -u | items sudo_rules
else
    absent sudo_rules
fi
