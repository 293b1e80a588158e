# step: watch
# nonce: @NONCE@
# clean: @CLEAN@
# end: @END@
# seconds: @SECONDS@
# stall-seconds: @STALL_SECONDS@
# page-bytes: @PAGE_BYTES@
# page-limit: 1
# Looks at a launched Sysprep every few seconds until there is something to decide, or its time is up, and answers with
# what it saw last. Read-only.
$nonce = '@NONCE@'
$end = '@END@'
$seconds, $stall_seconds = @SECONDS@, @STALL_SECONDS@
$log_bytes, $quiet_seconds = @LOG_BYTES@, @QUIET_SECONDS@
$page_bytes, $page_limit = @PAGE_BYTES@, 1
@PRELUDE@

$logs = Join-Path $System32 'Sysprep\Panther'
$state_key = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\State'
$sealed = 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE'
$names = 'sysprep', 'SetupHost'
$first_lines, $last_lines, $line_length, $tail_bytes = 8, 4, 240, 65536
# Not the guest's own culture, whose calendar may be another one.
$culture = [Globalization.CultureInfo]::InvariantCulture
# The guest's own clock, but for a launch whose answer was lost.
$since = ([DateTimeOffset]::Parse('@STARTED@', $culture)).UtcDateTime

# Sysprep holds its logs open, so others may write while they are read.
function Open-Log([string] $Path) { return [IO.File]::Open($Path, 'Open', 'Read', 'ReadWrite, Delete') }

# The size of an open file, and its time even more, are right only where the file itself is asked, not its folder.
function Get-LogBytes {
    $sum = [long] 0
    foreach ($name in 'setupact.log', 'setuperr.log') {
        $path = Join-Path $logs $name
        if (-not (Test-Path -LiteralPath $path -PathType Leaf)) { continue }
        $file = Open-Log $path
        $sum += $file.Length
        $file.Close()
    }
    return $sum
}

function Read-End([string] $Path) {
    $file = Open-Log $Path
    try {
        $skip = [Math]::Max([long] 0, $file.Length - $tail_bytes)
        [void] $file.Seek($skip, 'Begin')
        return (New-Object IO.StreamReader -ArgumentList $file).ReadToEnd()
    } finally { $file.Close() }
}

# Lines of the error log since the launch. A line begins with the guest's local time: 2026-11-22 18:20:07, Error   SYSPRP
function Get-ErrorLines {
    $file = Join-Path $logs 'setuperr.log'
    if (-not (Test-Path -LiteralPath $file -PathType Leaf)) { return @() }
    $start = $since.ToLocalTime().ToString('yyyy-MM-dd HH:mm:ss', $culture)
    $fresh = $false
    $lines = @()
    foreach ($line in (Read-End $file) -split "`r?`n") {
        if ($line -match '^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d), ') { $fresh = [string]::CompareOrdinal($Matches[1], $start) -ge 0 }
        if (-not $fresh -or $line.Trim() -eq '') { continue }
        # Names of users do not leave the guest.
        $text = $line.Trim() -replace '(?i)(\\(?:Users|Documents and Settings)\\)[^\\]+(?=\\)', '$1...'
        if ($text.Length -gt $line_length) { $text = $text.Substring(0, $line_length) }
        $lines += $text
    }
    if ($lines.Count -le $first_lines + $last_lines) { return $lines }
    return @($lines[0..($first_lines - 1)]) + @($lines[(-$last_lines)..-1])
}

function Get-View {
    return @{
        sysprep_processes = Get-FactList { Get-Process | Where-Object { $names -contains $_.ProcessName } | ForEach-Object { "$($_.ProcessName).exe" } }
        image_state = Get-Fact {
            if (-not (Test-Path -LiteralPath $state_key)) { return $Absent }
            $value = (Get-ItemProperty -LiteralPath $state_key).ImageState
            if ($null -eq $value) { return $Absent }
            [string] $value
        }
        success_tag = Get-Fact {
            $tag = Join-Path $System32 'Sysprep\Sysprep_succeeded.tag'
            if (-not (Test-Path -LiteralPath $tag -PathType Leaf)) { return $Absent }
            $written = (Get-Item -LiteralPath $tag -Force).LastWriteTimeUtc
            if ($written -lt $since) { return $Absent }
            $written.ToString('yyyy-MM-ddTHH:mm:ssZ', $culture)
        }
        error_lines = Get-FactList { Get-ErrorLines }
        log_bytes = Get-Fact { Get-LogBytes }
    }
}

# What changes while Sysprep works.
function Get-Sign($View) {
    return "$($View.log_bytes.value) $($View.image_state.value) $($View.success_tag.value) $($View.sysprep_processes.value -join ' ')"
}

function Test-Decided($View) {
    if ($View.sysprep_processes.ContainsKey('unknown') -or $View.image_state.ContainsKey('unknown')) { return $false }
    if (@($View.sysprep_processes.value).Count -gt 0) { return $false }
    if ($View.image_state.value -ne $sealed) { return $true }
    return ($end -eq 'quit' -and $View.success_tag.ContainsKey('value'))
}

$watch = [Diagnostics.Stopwatch]::StartNew()
# Nothing has changed for as long as an earlier script saw, if the logs are as long as it saw them.
$changed = [DateTime]::UtcNow
$sign = ''
$decided = 0
while ($true) {
    $view = Get-View
    $now = [DateTime]::UtcNow
    $seen = Get-Sign $view
    $size = -1
    if ($view.log_bytes.ContainsKey('value')) { $size = $view.log_bytes.value }
    if ($sign -eq '' -and $size -eq $log_bytes) { $changed = $now.AddSeconds(-$quiet_seconds) }
    if ($sign -ne '' -and $seen -ne $sign) { $changed = $now }
    $sign = $seen
    $quiet = [Math]::Max(0, [int] ($now - $changed).TotalSeconds)
    $view.quiet_seconds = @{ value = $quiet }
    # Twice in a row: a process may be about to hand over to the next one.
    if (Test-Decided $view) { $decided++ } else { $decided = 0 }
    if ($decided -ge 2 -or $quiet -ge $stall_seconds -or $watch.Elapsed.TotalSeconds -ge $seconds) { break }
    Start-Sleep -Seconds 3
}
Add-Answer 'watch' { $view }
Send-Answers
