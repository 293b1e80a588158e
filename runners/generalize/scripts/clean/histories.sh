# shellcheck shell=sh
# removes: histories of shells and of other tools (`.*history`, `.lesshst`, `.viminfo`, `.wget-hsts`) in every account's home
# why: it removes `/root/.bash_history` only
while IFS=: read -r _ _ _ _ _ home _; do
    home=.${home%/}
    for file in "$home"/.*history "$home"/.lesshst "$home"/.viminfo "$home"/.wget-hsts; do
        [ -d "$file" ] || rm -f "$file"
    done
done <etc/passwd
