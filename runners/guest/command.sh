# shellcheck shell=sh
# shellcheck disable=SC2154  # nonce, page_bytes, byte_limit and packed are set by the lines before this file
# One command of a plain test: its exit status and both its streams, in one frame. Nothing is written to a file, and
# the command's environment is the one that the channel gives.

fail() {
    printf 'sealproof-error[%s]: %s\n' "$nonce" "$1"
    exit 1
}

for tool in gzip base64 head tr; do
    command -v "$tool" >/dev/null || fail "$tool is not installed in this guest; the command's output can't be framed without it"
done

pack() { head -c "$byte_limit" | gzip -9 -c | base64 | tr -d '\n'; }

# The mark keeps line ends at the end of the command from being dropped.
command=$(printf '%s' "$packed" | base64 -d && printf .) || fail "base64 -d could not read the command"
command=${command%.}

# On 3 arrive, one after the other: the exit status, when the command has ended; standard output, when it is read to its
# end; standard error, when whatever could still write to it is gone. What is too long of it is read away, or it would
# come first; not without end, since a command may never stop.
answer=$(
    exec 3>&1
    {
        out=$({
            sh -c "$command" </dev/null 3>&-
            printf '%s:' "$?" >&3
        } | pack)
        printf '%s:' "$out" >&3
    } 2>&1 >/dev/null | {
        err=$(pack)
        head -c 67108864 >/dev/null
        printf '%s' "$err" >&3
    }
)
[ "${#answer}" -le "$page_bytes" ] || fail "the command printed more than can be sent: ${#answer} bytes packed, and $page_bytes come back; let it print less (grep -c, head, wc), or write an own probe, whose answer may be longer"
printf '{sealproof-command:1:%s:%s:%s}\n' "$nonce" "$answer" "$nonce"
