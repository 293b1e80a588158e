"""Get Page Ranges: which pages of a blob hold anything but zeros.

Documented: names of elements and headers, at most 10,000 ranges an answer, `marker` and `maxresults` since 2020-10-02.
The service lists pages that were written, zeros or not; the lab knows content only, and lists those that are not zero.
Our own: the marker is the offset to go on from, and pages that a range only touches are listed whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lab.arm.blob_content import Content, Sparse

PAGE = 512
MOST = 10_000
_STEPS = (4 << 20, 64 << 10, 4 << 10, PAGE)
_ZEROS = tuple(bytes(step) for step in _STEPS)


@dataclass(frozen=True)
class PageList:
    """Ranges of pages, and where to go on."""

    ranges: tuple[tuple[int, int], ...]
    """First and last byte of each, in order."""
    next_marker: int | None
    """Where the next range starts; None where there is none."""

    def xml(self) -> str:
        """Return the body of the answer."""
        pages = "".join(
            f"<PageRange><Start>{first}</Start><End>{last}</End></PageRange>" for first, last in self.ranges
        )
        marker = "" if self.next_marker is None else f"<NextMarker>{self.next_marker}</NextMarker>"
        return f'\ufeff<?xml version="1.0" encoding="utf-8"?><PageList>{pages}{marker}</PageList>'


def page_list(content: Content, first: int, last: int, most: int | None) -> PageList:
    """Return the ranges between two bytes of `content`; `most` of them, or all for None. Reads it all: blocks."""
    first -= first % PAGE
    ranges: list[tuple[int, int]] = []
    for begin, end in _joined(_written(content, first, last + 1)):
        if len(ranges) == most:
            return PageList(tuple(ranges), begin)
        ranges.append((begin, end - 1))
    return PageList(tuple(ranges), None)


def _written(content: Content, begin: int, end: int) -> Iterator[tuple[int, int]]:
    size = content.size()
    end = min(size, end + -end % PAGE)
    # reading the holes of a real disk takes minutes, skipping them nothing
    for first, last in content.spans(begin, end) if isinstance(content, Sparse) else [(begin, end)]:
        for offset in range(first - first % PAGE, last, _STEPS[0]):
            data = content.read(offset, min(_STEPS[0], last + -last % PAGE - offset))
            yield from _nonzero(data, offset, 0)


def _nonzero(data: bytes, offset: int, step: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of `data` that are not zero, cut finer at each step."""
    if data == _ZEROS[step][: len(data)]:
        return
    if step == len(_STEPS) - 1:
        yield offset, offset + len(data)
        return
    size = _STEPS[step + 1]
    for place in range(0, len(data), size):
        yield from _nonzero(data[place : place + size], offset + place, step + 1)


def _joined(spans: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Join spans that touch."""
    begin = end = -1
    for first, last in spans:
        if first != end:
            if end > 0:
                yield begin, end
            begin = first
        end = last
    if end > 0:
        yield begin, end
