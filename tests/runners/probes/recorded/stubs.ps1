# Stand-ins for what only Windows has: they return what stands in the file that SEALPROOF_RECORDED names. A function
# comes before a cmdlet of its name, so the probes run as they are.

$Recorded = Get-Content -LiteralPath $env:SEALPROOF_RECORDED -Raw | ConvertFrom-Json
$env:windir = 'C:\Windows'
$env:SystemDrive = 'C:'
if (-not $env:TEMP) { $env:TEMP = [IO.Path]::GetTempPath() }

function Find-Recorded($Of, [string] $Name) {
    $found = $Of.PSObject.Properties[$Name]
    if ($found) { $found.Value }
}

# There is no drive C: to ask elsewhere.
function Join-Path([string] $Path, [string] $ChildPath) { "$Path\$ChildPath" }

function Test-Path([string] $LiteralPath, [string] $PathType) {
    $null -ne $Recorded.registry.PSObject.Properties[$LiteralPath] -or @($Recorded.files) -contains $LiteralPath
}

function Get-ItemProperty([string] $LiteralPath) { Find-Recorded $Recorded.registry $LiteralPath }

function Get-Item([string] $LiteralPath) {
    $item = New-Object PSObject -Property @{ Values = (Find-Recorded $Recorded.registry $LiteralPath) }
    $item | Add-Member -MemberType ScriptMethod -Name GetValue -PassThru -Value {
        $found = $this.Values.PSObject.Properties[$args[0]]
        if ($found) { $found.Value }
    }
}

# A class is recorded by its name, with the filter where there is one: "Win32_Service Name='vmms'"
function Get-CimInstance([string] $Namespace, [string] $ClassName, [string] $Filter) {
    $name = "$ClassName $Filter".Trim()
    if ($null -eq $Recorded.cim.PSObject.Properties[$name]) { throw "nothing is recorded of $name" }
    Find-Recorded $Recorded.cim $name
}

function Invoke-CimMethod($InputObject, [string] $MethodName) {
    New-Object PSObject -Property @{ ReturnValue = 0; ConversionStatus = $InputObject.ConversionStatus }
}

function Get-WindowsFeature { $Recorded.features }
