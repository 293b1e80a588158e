# cloud-init first: waagent empties the folder that its data source may look at.
if command -v cloud-init >/dev/null 2>&1; then
    timeout -k 10 120 cloud-init clean @CLOUD_INIT_OPTIONS@ >"$output" 2>&1
    code=$?
    tell cloud-init
else
    code=absent
fi
say "cloud-init-exit $code"
# Nothing irreversible was done so far: the VM can be started and put right.
if [ "$code" != 0 ]; then power_off; fi
