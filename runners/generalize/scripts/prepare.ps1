# step: prepare
# nonce: @NONCE@
# clean: @CLEAN@
# Removes what makes Sysprep fail or would be applied silently: old setup logs, and answer files that it would find.
$ErrorActionPreference = 'Stop'
$paths = @(
    (Join-Path $env:SystemRoot 'Panther'),
    (Join-Path $env:SystemRoot 'System32\Sysprep\unattend.xml'),
    (Join-Path $env:SystemDrive '\unattend.xml'),
    (Join-Path $env:SystemDrive '\autounattend.xml')
)
foreach ($path in $paths) {
    if (Test-Path -LiteralPath $path) { Remove-Item -LiteralPath $path -Recurse -Force }
}
Write-Output 'sealproof[@NONCE@]: prepared'
