# step: prepare
# nonce: @NONCE@
# clean: @CLEAN@
# Removes what makes Sysprep fail or would be applied silently: old setup logs, and answer files that it would find.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
@MACHINE_CHECK@
# A 32-bit process sees another System32.
$system32 = Join-Path $env:SystemRoot 'System32'
if ([Environment]::Is64BitOperatingSystem -and -not [Environment]::Is64BitProcess) {
    $system32 = Join-Path $env:SystemRoot 'Sysnative'
}
$setup = 'HKLM:\SYSTEM\Setup'
$paths = @(
    (Join-Path $env:SystemRoot 'Panther'),
    (Join-Path $system32 'Sysprep\unattend.xml'),
    "$env:SystemDrive\unattend.xml",
    "$env:SystemDrive\autounattend.xml"
)
# The file that an earlier setup was told to use, and the value that names it
$named = (Get-ItemProperty -LiteralPath $setup).UnattendFile
if ($null -ne $named) { Remove-ItemProperty -LiteralPath $setup -Name 'UnattendFile' -Force }
if ($named -and (Test-Path -LiteralPath $named -PathType Leaf)) { $paths += [string] $named }
foreach ($path in $paths) {
    if (Test-Path -LiteralPath $path) { Remove-Item -LiteralPath $path -Recurse -Force }
}
Write-Output 'sealproof[@NONCE@]: prepared'
