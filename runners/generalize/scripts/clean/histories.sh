# shellcheck shell=sh
# removes: histories of shells and of other tools (`.*history`, `.lesshst`, `.viminfo`, `.wget-hsts`) in every home: those of accounts, and what is left in `/home` or a folder there
# why: it removes `/root/.bash_history` only
{
    cut -d : -f 6 etc/passwd
    for home in home/*; do
        [ -d "$home" ] || continue
        printf '/%s\n' "$home"
        # /home/example.com/jdoe: of an account of a directory
        cut -d : -f 6 etc/passwd | sed 's|/*$||' | grep -Fqx -e "/$home" && continue
        for below in "$home"/*; do [ ! -d "$below" ] || printf '/%s\n' "$below"; done
    done
} | while IFS= read -r home; do
    home=.${home%/}
    for file in "$home"/.*history "$home"/.lesshst "$home"/.viminfo "$home"/.wget-hsts; do
        [ -d "$file" ] || rm -f "$file" || exit 1
    done
done
