# shellcheck shell=sh
# shellcheck disable=SC2154  # nonce, page and page_bytes are set by the lines before this file
# One more page of an answer that waits in /run; the last page deletes it.

LC_ALL=C
PATH=${PATH:-/usr/bin}:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
exec </dev/null 2>/dev/null

file=/run/sealproof-$nonce.frame
if [ ! -r "$file" ]; then
    printf 'sealproof-error[%s]: page %s: %s is gone\n' "$nonce" "$page" "$file"
    exit 1
fi
about=$(head -n 1 "$file")
printf '{sealproof:1:%s:%s:%s:' "$nonce" "$page" "$about"
tail -n +2 "$file" | tail -c +$(((page - 1) * page_bytes + 1)) | head -c "$page_bytes"
printf ':%s}\n' "$nonce"
[ "$page" -lt "${about%%:*}" ] || rm -f "$file"
