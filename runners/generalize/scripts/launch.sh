# step: launch
# nonce: @NONCE@
# clean: @CLEAN@
# Starts the deprovisioning detached from whatever runs this script: waagent stops the agent under its own feet.
umask 077
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

sleep 3 # lets the answer of the command that launched this get out before its agent is stopped
say begin
say "as $(id -un)"
cd /
output=/run/sealproof-@NONCE@.out
timeout -k 10 @AGENT_SECONDS@ @AGENT@ @OPTION@ -force >"$output" 2>&1
code=$?
head -c 65536 "$output" | tail -n 200 | while IFS= read -r line; do say "waagent| $line"; done
say "waagent-exit $code"
for key in @CLEAN@; do
    case $key in
    machine-id)
        : >/etc/machine-id &&
            { [ -L /var/lib/dbus/machine-id ] || rm -f /var/lib/dbus/machine-id; } && say "cleaned $key" ;;
    passwd-backups)
        rm -f /etc/passwd- /etc/shadow- /etc/group- /etc/gshadow- /etc/subuid- /etc/subgid- && say "cleaned $key" ;;
    *) say "unknown clean key $key" ;;
    esac
done
sync
say end
# Always powered off, also after a failure: only the stopped disk can tell what happened, and nothing is flagged yet.
systemctl --no-wall poweroff || poweroff -f || halt -p -f
SEALPROOF_@NONCE@
if command -v systemd-run >/dev/null 2>&1 && [ -d /run/systemd/system ]; then
    systemd-run --quiet --collect --no-ask-password --unit=sealproof-@NONCE@ /bin/sh "$script" || exit 1
else
    setsid /bin/sh "$script" >/dev/null 2>&1 </dev/null &
fi
echo "sealproof[@NONCE@]: launched as $(id -un)"
