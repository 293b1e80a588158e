# The guest looks at itself, since nobody reads its disk. The answer is told twice, since the kernel writes there too.
cat >"$output.look" <<'LOOK_@NONCE@'
@QUESTION@
LOOK_@NONCE@
/bin/sh "$output.look" >"$output" 2>/dev/null
fold -w 160 "$output" >"$output.lines"
output=$output.lines
tell look
tell look-again
