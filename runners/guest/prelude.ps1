# What every probe may use, and how the answer is framed. Windows PowerShell 5.1; read-only. Nothing is written but
# an answer that needs more than one page: it waits in the temporary folder of SYSTEM. (Over WinRM this script itself
# may come in parts, which wait in the account's own.)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$WarningPreference = 'SilentlyContinue'

# --- for probes: one object of facts, each {"value": ..}, {"absent": true} or {"unknown": reason} ---

$Absent = 'sealproof: looked, not there'

# A 32-bit process sees another System32.
$System32 = Join-Path $env:windir 'System32'
if ([Environment]::Is64BitOperatingSystem -and -not [Environment]::Is64BitProcess) {
    $System32 = Join-Path $env:windir 'Sysnative'
}

# Get-Fact { look }: the block gives one value, or $Absent; whatever it throws makes the fact unknown.
function Get-Fact([scriptblock] $Look) {
    $found = @()
    try { $found = @(& $Look) } catch { return (New-UnknownFact $_.Exception.Message) }
    if ($found.Count -ne 1 -or $null -eq $found[0]) { return (New-UnknownFact "there are $($found.Count) values instead of one") }
    if ($found[0] -is [string] -and $found[0] -ceq $Absent) { return @{ absent = $true } }
    return @{ value = $found[0] }
}

# Get-FactList { look }: the block gives any number of values, or $Absent.
function Get-FactList([scriptblock] $Look) {
    $found = @()
    try { $found = @(& $Look) } catch { return (New-UnknownFact $_.Exception.Message) }
    if ($found.Count -eq 1 -and $found[0] -is [string] -and $found[0] -ceq $Absent) { return @{ absent = $true } }
    if ($found.Count -gt 500) { return (New-UnknownFact "a list of $($found.Count) items is longer than the 500 that are sent") }
    return @{ value = [object[]] $found }
}

# The value of a registry key, or $Absent where there is no such key or value.
function Get-RegistryValue([string] $Key, [string] $Name) {
    if (-not (Test-Path -LiteralPath $Key)) { return $Absent }
    $value = (Get-Item -LiteralPath $Key).GetValue($Name)
    if ($null -eq $value) { return $Absent }
    return $value
}

# The same where it is a number (DWORD or QWORD); [int] of an empty text would be 0.
function Get-RegistryNumber([string] $Key, [string] $Name) {
    $value = Get-RegistryValue $Key $Name
    if ($value -is [string] -and $value -ceq $Absent) { return $Absent }
    if ($value -isnot [int] -and $value -isnot [long]) { throw "$Key, ${Name}: this is no number" }
    return $value
}

# 1: a client edition, 2 and 3: a server. Enterprise multi-session (175) reports 3 and is a client all the same.
function Get-ProductType {
    $system = Get-CimInstance -ClassName Win32_OperatingSystem
    if ($system.OperatingSystemSKU -eq 175) { return 1 }
    return [int] $system.ProductType
}

# Get-Aside 'command' 90: what may wait for whoever services Windows now is asked aside, and given up after so many
# seconds. It shares no variable with the script, nor what a module adds to its objects: let it select what is needed.
function Get-Aside([string] $Script, [int] $Seconds) {
    $aside = [PowerShell]::Create()
    $null = $aside.AddScript("`$ErrorActionPreference = 'Stop'`n$Script")
    $asked = $aside.BeginInvoke()
    if (-not $asked.AsyncWaitHandle.WaitOne($Seconds * 1000)) { throw "no answer within $Seconds seconds: $Script" }
    $aside.EndInvoke($asked)
}

function New-UnknownFact([string] $Reason) {
    $text = ($Reason -replace '\s+', ' ').Trim()
    if ($text.Length -gt 300) { $text = $text.Substring(0, 300) }
    if ($text -eq '') { $text = 'an error without a message' }
    return @{ unknown = $text }
}

# --- the frame ---

$AnswerBytes = 65536
$Payload = New-Object System.IO.MemoryStream

function Add-Answer([string] $Name, [scriptblock] $Probe) {
    $text = ''
    try {
        $text = ConvertTo-Json -InputObject (& $Probe) -Depth 6 -Compress
    } catch {
        $text = ConvertTo-Json -InputObject @{ probe_failed = (New-UnknownFact $_.Exception.Message) } -Depth 6 -Compress
    }
    Add-Entry $Name $text ''
}

# A team's own probe: strings are lines of text, anything else is sent as JSON; an exception is exit status 1.
function Add-OwnAnswer([string] $Name, [scriptblock] $Probe) {
    $text = ''
    $status = ''
    try {
        $found = @(& $Probe | Where-Object { $null -ne $_ })
        $strings = @($found | Where-Object { $_ -is [string] })
        if ($strings.Count -eq $found.Count) {
            $text = (($strings -join "`n") -replace "`r`n", "`n").TrimEnd("`n")
        } elseif ($found.Count -eq 1) {
            $text = ConvertTo-Json -InputObject $found[0] -Depth 6 -Compress
        } else {
            $text = ConvertTo-Json -InputObject ([object[]] $found) -Depth 6 -Compress
        }
    } catch {
        $text = $_.Exception.Message
        $status = ' 1'
    }
    Add-Entry $Name $text $status
}

# The payload gets one entry a probe: "probe NAME whole|cut BYTES", the exit status where it is not 0, then the bytes and
# a newline.
function Add-Entry([string] $Name, [string] $Text, [string] $Status) {
    $bytes = [Text.Encoding]::UTF8.GetBytes($Text)
    $state = 'whole'
    if ($bytes.Length -gt $AnswerBytes) {
        $bytes = New-Object byte[] 0
        $state = 'cut'
    }
    $head = [Text.Encoding]::ASCII.GetBytes("probe $Name $state $($bytes.Length)$Status`n")
    $Payload.Write($head, 0, $head.Length)
    $Payload.Write($bytes, 0, $bytes.Length)
    $Payload.WriteByte(10)
}

# Prints {sealproof:VERSION:NONCE:PAGE:PAGES:BYTES:SHA256:BASE64:NONCE}; white space has no meaning, so a channel may
# wrap the line anywhere.
function Send-Answers {
    $end = [Text.Encoding]::ASCII.GetBytes("end`n")
    $Payload.Write($end, 0, $end.Length)
    $bytes = $Payload.ToArray()
    $hasher = [Security.Cryptography.SHA256]::Create()
    $digest = ([BitConverter]::ToString($hasher.ComputeHash($bytes)) -replace '-', '').ToLowerInvariant()
    $packed = New-Object System.IO.MemoryStream
    $gzip = New-Object System.IO.Compression.GZipStream -ArgumentList $packed, ([IO.Compression.CompressionMode]::Compress), $true
    $gzip.Write($bytes, 0, $bytes.Length)
    $gzip.Close()
    $frame = [Convert]::ToBase64String($packed.ToArray())
    $pages = [int] [Math]::Ceiling($frame.Length / $page_bytes)
    if ($pages -gt $page_limit) {
        Write-Complaint "the answer needs $pages pages of $page_bytes bytes, and at most $page_limit are fetched"
        return
    }
    # Answers that were never fetched, and scripts that came in parts and were never run
    Get-ChildItem -Path $env:TEMP -Filter 'sealproof-*' -ErrorAction SilentlyContinue |
        Where-Object { $_.Name -match '\.(frame|part)$' } |
        Remove-Item -Force -ErrorAction SilentlyContinue
    if ($pages -gt 1) {
        try {
            # CreateNew: never into a file, or through a link, that somebody else put there.
            $file = [IO.File]::Open((Join-Path $env:TEMP "sealproof-$nonce.frame"), [IO.FileMode]::CreateNew)
            $waiting = [Text.Encoding]::ASCII.GetBytes("${pages}:$($bytes.Length):$digest`n$frame")
            $file.Write($waiting, 0, $waiting.Length)
            $file.Close()
        } catch {
            Write-Complaint "the answer needs $pages pages and can't wait in ${env:TEMP}: $($_.Exception.Message)"
            return
        }
    }
    $first = $frame.Substring(0, [Math]::Min($page_bytes, $frame.Length))
    [Console]::Out.WriteLine("{sealproof:1:${nonce}:1:${pages}:$($bytes.Length):${digest}:${first}:${nonce}}")
}

function Write-Complaint([string] $Message) {
    [Console]::Out.WriteLine("sealproof-error[$nonce]: $($Message -replace '\s+', ' ')")
}
