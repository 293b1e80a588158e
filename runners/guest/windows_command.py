"""Command lines that run a script in Windows PowerShell, where a command line is all that a channel can send.

cmd.exe, which WinRM starts commands with, takes 8,191 characters. A packed script that needs more is laid down in the
temporary folder piece by piece; the last command takes it away again, and runs it only if it is the one that was sent.
"""

from __future__ import annotations

import base64
import gzip
import hashlib

COMMAND_LIMIT = 8000
_PIECE = 7500
_START = "powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -Command"


def windows_commands(script: str, token: str) -> list[str]:
    """Return the commands that run `script`, in order: one, or those that lay it down and the one that runs it.

    None holds a double quote inside its own, a percent sign or another character that cmd.exe would change. `token`
    names the file and must be new for each script: letters and digits.
    """
    packed = base64.b64encode(gzip.compress(script.encode(), mtime=0)).decode()
    short = _command(_run(f"'{packed}'"))
    if len(short) <= COMMAND_LIMIT:
        return [short]
    file = f"(Join-Path ([IO.Path]::GetTempPath()) 'sealproof-{token}.part')"
    pieces = [packed[start : start + _PIECE] for start in range(0, len(packed), _PIECE)]
    digest = hashlib.sha256(packed.encode()).hexdigest()
    take = (
        f"$f = {file}; $p = [IO.File]::ReadAllText($f); [IO.File]::Delete($f); "
        "$h = [Security.Cryptography.SHA256]::Create().ComputeHash([Text.Encoding]::ASCII.GetBytes($p)); "
        f"if (([BitConverter]::ToString($h) -replace '-', '') -ne '{digest}') "
        "{ throw 'sealproof: the script that arrived is not the one that was sent' }; "
    )
    lay = [_command(f"[IO.File]::AppendAllText({file}, '{piece}')") for piece in pieces]
    return [*lay, _command(take + _run("$p"))]


def _command(statements: str) -> str:
    return f'{_START} "{statements}"'


def _run(packed: str) -> str:
    return (
        f"$m = New-Object IO.MemoryStream -ArgumentList (,[Convert]::FromBase64String({packed})); "
        "$g = New-Object IO.Compression.GZipStream -ArgumentList $m, ([IO.Compression.CompressionMode]::Decompress); "
        "$r = New-Object IO.StreamReader -ArgumentList $g; "
        "& ([scriptblock]::Create($r.ReadToEnd()))"
    )
