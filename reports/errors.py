"""What can go wrong while a run is recorded, or while its record is read, as one tree.

ReportError
|-- DocumentError   a file that a person wrote can't be used
|-- FolderError     the evidence folder can't be made or written
|-- KeyFileError    a key that signs or verifies can't be used
|-- EvidenceError   evidence that is not to be trusted, or does not fit together
`-- JournalError    a journal can't be written, or what was read is not what was written
"""

from __future__ import annotations


class ReportError(Exception):
    """Base of the errors of this package. Texts say what was being written or read, what was seen, what to do."""


class DocumentError(ReportError):
    """A file that a person wrote can't be used. The text names file, line and remedy; there may be several lines."""


class FolderError(ReportError):
    """The evidence folder can't be made or written."""


class KeyFileError(ReportError):
    """A key that signs or verifies can't be used. The text never holds any of the key."""


class EvidenceError(ReportError):
    """Evidence that is not to be trusted, or does not fit together. The text says what was found."""


class JournalError(ReportError):
    """A journal can't be written, or what was read is not what was written.

    `kind` is `unusable` (can't be written or read at all), `refused` (data that JSON can't hold), `torn` (the last
    line was never finished), or what the chain shows: `malformed`, `edited`, `missing`, `reordered`, `inserted`,
    `foreign` (another run's journal) or `truncated`.
    """

    def __init__(self, message: str, *, kind: str) -> None:
        super().__init__(message)
        self.kind = kind
