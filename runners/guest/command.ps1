# One command of a plain test, run by cmd.exe as testinfra's Windows modules expect: its exit code and both its streams,
# in one frame. Windows PowerShell 5.1.

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

function Get-Packed([byte[]] $Bytes) {
    $packed = New-Object System.IO.MemoryStream
    $gzip = New-Object System.IO.Compression.GZipStream -ArgumentList $packed, ([IO.Compression.CompressionMode]::Compress), $true
    $gzip.Write($Bytes, 0, [Math]::Min($Bytes.Length, $byte_limit))
    $gzip.Close()
    return [Convert]::ToBase64String($packed.ToArray())
}

try {
    $command = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($packed))
    $start = New-Object System.Diagnostics.ProcessStartInfo
    $start.FileName = $env:ComSpec
    # /s: only the outermost quotes are taken away, whatever the command holds.
    $start.Arguments = '/d /s /c "' + $command + '"'
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $process = [Diagnostics.Process]::Start($start)
    $process.StandardInput.Close()
    # Both streams are read at once and as bytes: one that nobody reads would stop the command when its pipe is full.
    $out = New-Object System.IO.MemoryStream
    $err = New-Object System.IO.MemoryStream
    $reading = $process.StandardOutput.BaseStream.CopyToAsync($out), $process.StandardError.BaseStream.CopyToAsync($err)
    $process.WaitForExit()
    [Threading.Tasks.Task]::WaitAll($reading)
    $answer = "$($process.ExitCode):$(Get-Packed $out.ToArray()):$(Get-Packed $err.ToArray())"
    if ($answer.Length -gt $page_bytes) {
        throw "the command printed more than can be sent: $($answer.Length) bytes packed, and $page_bytes come back; let it print less, or write an own probe, whose answer may be longer"
    }
    [Console]::Out.WriteLine("{sealproof-command:1:${nonce}:${answer}:${nonce}}")
} catch {
    [Console]::Out.WriteLine("sealproof-error[$nonce]: $($_.Exception.Message -replace '\s+', ' ')")
}
