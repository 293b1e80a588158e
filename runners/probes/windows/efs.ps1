# Files that the Encrypting File System holds: the first few of them.
#
# Windows has no list of them, so every folder has to be read. Robocopy does that in native code, on every edition, and
# in backup mode past any access list: /L only lists, /IA:E only files with the attribute Encrypted. An ordinary guest
# has some 100,000 files outside the component store and should need seconds; after two minutes we no longer wait, and
# what was not looked at is unknown. The component store is left out: it is Windows' own, and the greater half of the files.

$patience = 120000
$limit = 5

@{
    encrypted_files = Get-FactList {
        $volume = "$env:SystemDrive\"
        $store = Join-Path $env:windir 'WinSxS'
        $nowhere = Join-Path $env:windir 'Temp\sealproof-nowhere'
        $how = New-Object Diagnostics.ProcessStartInfo
        $how.FileName = Join-Path $System32 'Robocopy.exe'
        $how.Arguments = "$volume `"$nowhere`" /L /S /B /XJ /IA:E /XD `"$store`" /R:0 /W:0 /NJH /NJS /NDL /NC /NS /NP /FP"
        $how.UseShellExecute = $false
        $how.CreateNoWindow = $true
        $how.RedirectStandardOutput = $true
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $process = [Diagnostics.Process]::Start($how)
        $files = @()
        $gone, $refused = 0, ''
        try {
            while ($files.Count -lt $limit) {
                $line = $process.StandardOutput.ReadLineAsync()
                if (-not $line.Wait([int] [Math]::Max(0, $patience - $clock.ElapsedMilliseconds))) {
                    if ($files.Count -gt 0) { return $files }
                    throw "no encrypted file was found in the first $($patience / 1000) seconds, and $volume was not read to its end"
                }
                if ($null -eq $line.Result) { break }
                $text = $line.Result.Trim()
                # An error has its time before it: 2026/11/22 10:30:00 ERROR 5 (0x00000005) Accessing Source Directory C:\data\
                # 2 and 3 are a file or folder that was deleted meanwhile, as happens all the time.
                if ($text -match '^[A-Za-z]:\\') {
                    $files += $text
                } elseif ($text -match '\(0x([0-9a-f]{8})\)') {
                    if ('00000002', '00000003' -contains $Matches[1]) { $gone++ } elseif (-not $refused) { $refused = $text }
                }
            }
            # The status is a set of bits: 1 there is something to copy, 8 and 16 not everything could be read.
            if ($files.Count -eq 0) {
                if (-not $process.WaitForExit(10000)) { throw 'Robocopy did not end' }
                $status = $process.ExitCode
                if ($refused) { throw "not all folders of $volume could be read: $refused" }
                if ($status -ge 16 -or ($status -band 8 -and $gone -eq 0)) { throw "Robocopy ended with ${status}: not all folders of $volume could be read" }
                if ($status -band 1) { throw 'Robocopy found encrypted files and named none' }
            }
        } finally {
            if (-not $process.HasExited) { $process.Kill() }
        }
        $files
    }
}
