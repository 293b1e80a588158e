"""The command line that runs a script in a POSIX shell, where a command line is all that a channel can send.

Linux takes 128 KiB for one argument. A script outgrows that by its quotes alone, which sudo, ssh and the shell between
them each quote once more; packed it has none, and is a third as long.
"""

from __future__ import annotations

import base64
import gzip


def linux_command(script: str) -> str:
    """Return a command for `sh -c` that runs `script`, and runs nothing where it did not arrive whole.

    The guest needs gzip and base64, as for its answer.
    """
    packed = base64.b64encode(gzip.compress(script.encode(), mtime=0)).decode()
    return (
        f"sealproof_script=$(printf %s {packed} | base64 -d | gzip -dc) || "
        "{ echo sealproof: gzip and base64 did not unpack the script that arrived, so nothing was run >&2; exit 1; }; "
        'eval "$sealproof_script"'
    )
