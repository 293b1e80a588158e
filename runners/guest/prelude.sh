# shellcheck shell=sh
# shellcheck disable=SC2154  # nonce, page_bytes and page_limit are set by the lines before this file
# What every probe may use, and how the answer is framed. Nothing is written but an answer that needs more than
# one page: it waits in /run, which is memory, for root alone.

LC_ALL=C
PATH=${PATH:-/usr/bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
umask 077
exec </dev/null 2>/dev/null

# --- for probes: one line a fact ---
# KEY=VALUE   KEY!absent   KEY?REASON   KEY+ITEM (one of a list)   KEY#COUNT (how many items the list has)

separator=$(printf '\001')

# The text on one line: "\" as "\\", a newline as "\n", other control characters gone.
one_line() {
    printf '%s' "$1" | tr -d '\000-\010\013-\037\177' | tr '\n' '\001' | sed -e 's/\\/\\\\/g' -e "s/$separator/\\\\n/g"
}

emit() {
    if [ "${#3}" -gt 1024 ]; then
        unknown "$1" "a value of ${#3} bytes is longer than the 1024 that are sent"
        return
    fi
    case $3 in
    *[!a-zA-Z0-9\ ./:_,@%=+\(\)-]*) printf '%s%s%s\n' "$1" "$2" "$(one_line "$3")" ;;
    *) printf '%s%s%s\n' "$1" "$2" "$3" ;;
    esac
}

fact() { emit "$1" '=' "$2"; }
absent() { printf '%s!absent\n' "$1"; }
unknown() { printf '%s?%s\n' "$1" "$(one_line "$2" | cut -c1-300)"; }
item() { emit "$1" '+' "$2"; }
total() { printf '%s#%s\n' "$1" "$2"; }

# items KEY: each line of standard input is an item of the list KEY; "?REASON" says that it could not be looked at
items() {
    count=0
    while IFS= read -r line; do
        case $line in
        '?'*) unknown "$1" "${line#?}" ;;
        *)
            item "$1" "$line"
            count=$((count + 1))
            ;;
        esac
    done
    total "$1" "$count"
}

# bounded SECONDS COMMAND...: fails where `timeout` is missing, since a probe must never hang
bounded() { timeout -s KILL "$@"; }

# --- the frame ---

fail() {
    printf 'sealproof-error[%s]: %s\n' "$nonce" "$1"
    exit 1
}

for tool in gzip base64 sha256sum head wc tr sed cut; do
    command -v "$tool" >/dev/null || fail "$tool is not installed in this guest; the answer can't be framed without it"
done

answer_bytes=65536

newline='
'

# answer NAME FUNCTION: one entry of the payload, "probe NAME whole|cut BYTES", the exit status where it is not 0, then
# the bytes and a newline
answer() {
    # A last line carries the exit status out of the pipe: at most 4 bytes more.
    output=$({
        "$2"
        printf '\n%s' "$?"
    } | tr -d '\000' | head -c $((answer_bytes + 5)))
    bytes=$(printf '%s' "$output" | wc -c)
    if [ "$bytes" -gt $((answer_bytes + 4)) ]; then
        printf 'probe %s cut 0\n\n' "$1"
        return
    fi
    status=${output##*"$newline"}
    output=$(printf '%s' "${output%"$newline"*}")
    bytes=$(printf '%s' "$output" | wc -c)
    [ "$status" -ne 0 ] || status=
    printf 'probe %s whole %s\n%s\n' "$1" "$((bytes))${status:+ $status}" "$output"
}

# send PAYLOAD: prints {sealproof:VERSION:NONCE:PAGE:PAGES:BYTES:SHA256:BASE64:NONCE}; white space has no meaning,
# so a channel may wrap the line anywhere
send() {
    bytes=$(printf '%s\n' "$1" | wc -c)
    digest=$(printf '%s\n' "$1" | sha256sum | cut -c1-64)
    frame=$(printf '%s\n' "$1" | gzip -9 -c | base64 | tr -d '\n')
    if [ -z "$digest" ] || [ -z "$frame" ]; then fail "gzip, base64 or sha256sum printed nothing"; fi
    pages=$(((${#frame} + page_bytes - 1) / page_bytes))
    [ "$pages" -le "$page_limit" ] || fail "the answer needs $pages pages of $page_bytes bytes, and at most $page_limit are fetched"
    rm -f /run/sealproof-*.frame
    if [ "$pages" -gt 1 ]; then
        (set -C && printf '%s\n%s' "$pages:$((bytes)):$digest" "$frame" >"/run/sealproof-$nonce.frame") ||
            fail "the answer needs $pages pages and can't wait in /run: run the script as root"
    fi
    printf '{sealproof:1:%s:1:%s:%s:%s:' "$nonce" "$pages" "$((bytes))" "$digest"
    printf '%s' "$frame" | head -c "$page_bytes"
    printf ':%s}\n' "$nonce"
}
