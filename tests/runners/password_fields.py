"""Password fields of shadow files, and what both that read them have to say: the probe and the disk reader."""

from __future__ import annotations

FIELDS = (
    ("$y$j9T$salt$hash", "hash"),
    ("$6$salt$hash", "hash"),
    ("$1$x", "hash"),
    ("$", "hash"),
    ("!$6$salt$hash", "hash"),
    ("!!$6$salt$hash", "hash"),
    ("*$6$salt$hash", "hash"),
    ("*LOCK*$6$salt$hash", "hash"),
    ("LOCKED!$y$j9T$salt$hash", "hash"),
    ("{CRYPT}$6$salt$hash", "hash"),
    ("rqXexS6ZhobKA", "hash"),
    ("!rqXexS6ZhobKA", "hash"),
    ("_J9..rasmBYk8r9AiWNc", "hash"),
    ("not+the*form+of=a-hash", "hash"),
    ("\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9", "hash"),
    ("", "empty"),
    ("!", "locked"),
    ("!!", "locked"),
    ("*", "locked"),
    ("!*", "locked"),
    ("*LOCK*", "locked"),
    ("x", "locked"),
    ("*NP*", "locked"),
    ("twelve.chars", "locked"),
)
