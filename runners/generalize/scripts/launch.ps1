# step: launch
# nonce: @NONCE@
# clean: @CLEAN@
# Starts Sysprep through WMI, so that it is no child of the agent that runs this script.
$ErrorActionPreference = 'Stop'
$sysprep = Join-Path $env:SystemRoot 'System32\Sysprep\sysprep.exe'
$command = '"{0}" /generalize /oobe /shutdown /quiet' -f $sysprep
$started = Invoke-CimMethod -ClassName Win32_Process -MethodName Create -Arguments @{ CommandLine = $command }
if ($started.ReturnValue -ne 0) { throw "Sysprep was not started: Win32_Process.Create returned $($started.ReturnValue)" }
$identity = [System.Security.Principal.WindowsIdentity]::GetCurrent().Name
Write-Output "sealproof[@NONCE@]: launched as $identity"
