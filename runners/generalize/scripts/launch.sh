# step: launch
# nonce: @NONCE@
# clean: @CLEAN@
# Starts the deprovisioning detached from whatever runs this script: waagent stops the agent under its own feet.
umask 077
@MACHINE@
script=/run/sealproof-@NONCE@.sh
cat >"$script" <<'SEALPROOF_@NONCE@' || exit 1
PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
exec </dev/null
console=/dev/console
for device in /dev/ttyS0 /dev/ttyAMA0; do
    if [ -c "$device" ]; then console=$device; break; fi
done
say() { printf '\r\nsealproof[@NONCE@]: %s\r\n' "$*" >"$console"; }
# tell TOOL: what TOOL printed, line by line
tell() { head -c 65536 "$output" | tail -n 200 | while IFS= read -r line || [ -n "$line" ]; do say "$1| $line"; done; }
# Always powered off, also after a failure: only the stopped disk can tell what happened, and nothing is flagged yet.
power_off() {
    sync
    say end
    systemctl --no-wall poweroff || poweroff -f || halt -p -f
    exit
}

sleep 3 # lets the answer of the command that launched this get out before its agent is stopped
say begin
say "as $(id -un)"
# The paths below begin at the root of the system.
cd / || exit 1
output=/run/sealproof-@NONCE@.out
@CLOUD_INIT@
timeout -k 10 @AGENT_SECONDS@ @AGENT@ @OPTION@ -force >"$output" 2>&1
code=$?
tell waagent
say "waagent-exit $code"

# cleaned KEY CODE: how a removal ended; each of them stops at its first error
cleaned() {
    tell clean
    if [ "$2" -eq 0 ]; then say "cleaned $1"; else say "not-cleaned $1"; fi
}
@REMOVALS@
@LOOK@
# What Run Command keeps of scripts, and what Sealproof put here itself. waagent empties these folders; where it did not
# come so far, the rest of them still shows it.
own_traces() {
    rm -rf var/lib/waagent/run-command* var/lib/waagent/Microsoft.CPlat.Core.RunCommand* || return
    rm -rf var/log/azure/run-command* var/log/azure/Microsoft.CPlat.Core.RunCommand* || return
    rm -f run/sealproof-*.frame run/sealproof-*.out run/sealproof-*.sh
}
own_traces || say "traces-left"
power_off
SEALPROOF_@NONCE@
if command -v systemd-run >/dev/null 2>&1 && [ -d /run/systemd/system ]; then
    systemd-run --quiet --collect --no-ask-password --unit=sealproof-@NONCE@ /bin/sh "$script" || exit 1
else
    setsid /bin/sh "$script" >/dev/null 2>&1 </dev/null &
fi
echo "sealproof[@NONCE@]: launched as $(id -un)"
