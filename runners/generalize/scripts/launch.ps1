# step: launch
# nonce: @NONCE@
# clean: @CLEAN@
# end: @END@
# Starts Sysprep through WMI, so that it is no child of the agent or session that runs this script.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
@MACHINE_CHECK@
$identity = [System.Security.Principal.WindowsIdentity]::GetCurrent()
if ('@SUPPORTED@' -eq 'yes' -and $identity.IsSystem) {
    throw "this script runs as $($identity.Name), and the fleet file requires an identity that Microsoft supports for Sysprep"
}
$principal = New-Object System.Security.Principal.WindowsPrincipal -ArgumentList $identity
if (-not $principal.IsInRole([System.Security.Principal.WindowsBuiltInRole]::Administrator)) {
    throw "this script runs as $($identity.Name) without the rights of an administrator, which Sysprep needs"
}
# WMI's service is a 64-bit process, so this is the real System32 whoever asks.
$folder = Join-Path $env:SystemRoot 'System32\Sysprep'
$command = '"{0}\sysprep.exe" @OPTIONS@' -f $folder
# Not by the guest's own culture, whose calendar may be another one.
$time = [DateTimeOffset]::Now.ToString('yyyy-MM-ddTHH:mm:sszzz', [Globalization.CultureInfo]::InvariantCulture)
$arguments = @{ CommandLine = $command; CurrentDirectory = $folder }
$started = Invoke-CimMethod -ClassName Win32_Process -MethodName Create -Arguments $arguments
if ($started.ReturnValue -ne 0) { throw "Sysprep was not started: Win32_Process.Create returned $($started.ReturnValue)" }
Write-Output "sealproof[@NONCE@]: started $time"
Write-Output "sealproof[@NONCE@]: launched as $($identity.Name)"
