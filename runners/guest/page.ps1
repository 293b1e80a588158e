# One more page of an answer that waits in the temporary folder; the last page deletes it.

$ErrorActionPreference = 'Stop'

$file = Join-Path $env:TEMP "sealproof-$nonce.frame"
try {
    $waiting = [IO.File]::ReadAllText($file, [Text.Encoding]::ASCII)
    $end = $waiting.IndexOf("`n")
    $about = $waiting.Substring(0, $end)
    $frame = $waiting.Substring($end + 1)
    $start = ($page - 1) * $page_bytes
    $text = $frame.Substring($start, [Math]::Min($page_bytes, $frame.Length - $start))
    [Console]::Out.WriteLine("{sealproof:1:${nonce}:${page}:${about}:${text}:${nonce}}")
    if ($page -ge [int] $about.Split(':')[0]) { Remove-Item -LiteralPath $file -Force }
} catch {
    [Console]::Out.WriteLine("sealproof-error[$nonce]: page ${page}: $($_.Exception.Message -replace '\s+', ' ')")
}
