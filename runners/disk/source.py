"""Where the bytes of a stopped disk come from."""

from __future__ import annotations

from typing import Literal, Protocol, runtime_checkable

Container = Literal["raw", "vhd", "vhdx", "qcow2"]
"""What a source's bytes are: the disk itself, or a file that holds the disk in pieces. `vhd` is a dynamic one."""


class BlockSource(Protocol):
    """The raw disk, without any container's header or footer; or, for a `Contained`, the container."""

    @property
    def size(self) -> int:
        """Size in bytes."""
        ...

    @property
    def bytes_read(self) -> int:
        """How many bytes were taken from where the disk really is."""
        ...

    @property
    def requests(self) -> int:
        """How often it was asked for bytes."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """Return `length` bytes from `offset`, short only at the end of the disk. Raises `DiskError`. Blocks."""
        ...


@runtime_checkable
class Contained(Protocol):
    """A source whose bytes may be a container: the reader process finds the disk in them."""

    @property
    def container(self) -> Container:
        """What the bytes are."""
        ...


def container_of(source: BlockSource) -> Container:
    """Return what the bytes of `source` are: `raw` for one that does not say."""
    return source.container if isinstance(source, Contained) else "raw"


@runtime_checkable
class Remarked(Protocol):
    """A source with more to say about how it was read than numbers."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences for the record, without secrets."""
        ...


def remarks_of(source: BlockSource) -> tuple[str, ...]:
    """Return what `source` has to say."""
    return source.remarks if isinstance(source, Remarked) else ()
