# The last run of Sysprep, as its own log tells it: no line of an earlier run counts.

$acts, $most = "$SysprepLogs\setupact.log", 8MB

# When the last run began, and its lines; nothing where the log tells of none.
# 2026-11-22 18:20:01, Info                  SYSPRP ===          Beginning of a new sysprep run          ===
function Get-LastRun {
    if ((Get-Kind $acts) -ne 'file') { return }
    $text = Read-End $acts $most
    $pattern = '(?im)^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),.*Beginning of a new sysprep run.*$'
    $beginnings = [regex]::Matches($text, $pattern)
    if ($beginnings.Count -gt 0) {
        $last = $beginnings[$beginnings.Count - 1]
        return @{ began = $last.Groups[1].Value; text = $text.Substring($last.Index) }
    }
    if ((Get-Size $acts) -gt $most) { throw "the end of $acts does not reach back to where a run of Sysprep began" }
}

@{
    run_began = Get-Fact {
        $run = Get-LastRun
        if ($null -eq $run) { return $Absent }
        $run.began
    }
    # ... SYSPRP ParseCommands:Found supported command line option 'GENERALIZE'
    run_options = Get-FactList {
        $run = Get-LastRun
        if ($null -eq $run) { return $Absent }
        [regex]::Matches($run.text, 'Found supported command line option ''(\w{1,20})''') |
            ForEach-Object { $_.Groups[1].Value.ToUpperInvariant() } |
            Sort-Object -Unique
    }
    run_tagged = Get-Fact {
        $run = Get-LastRun
        if ($null -eq $run) { return $Absent }
        $run.text.Contains('Successfully created tag file')
    }
    run_errors = Get-FactList {
        $run = Get-LastRun
        if ($null -eq $run) { return $Absent }
        if ((Get-Kind "$SysprepLogs\setuperr.log") -ne 'file') { return }
        $lines = @(Read-ErrorLines)
        # Lines that go on from the one before have no time of their own.
        for ($first = 0; $first -lt $lines.Count; $first++) {
            $stamped = $lines[$first] -match '^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)'
            if ($stamped -and [string]::CompareOrdinal($Matches[1], $run.began) -ge 0) { break }
        }
        $lines | Select-Object -Skip $first | Select-Object -Last $MostLines | ForEach-Object { Get-Line $_ }
    }
}
