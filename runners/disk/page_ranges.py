"""Which pages of a page blob were ever written: all others are zeros, and nobody need ask for them.

Get Page Ranges (`comp=pagelist`) answers with ranges in order and, where there are more, a marker to go on from. Its
reader believes nothing: a list that is not what it should be is no list.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

MOST_BYTES = 4 * 1024 * 1024
"""Bytes of one answer that are read at most: 10,000 ranges are some 0.7 MB."""
MOST_RANGES = 200_000
"""Ranges that are kept at most. A disk in more pieces is read without knowing its zeros."""
VERSION = "2020-10-02"
"""The first version of the Blob service that gives long lists in parts."""

# <PageRange><Start>0</Start><End>511</End></PageRange>
_RANGE = re.compile(r"<PageRange>\s*<Start>(\d{1,18})</Start>\s*<End>(\d{1,18})</End>\s*</PageRange>")
# <NextMarker>1048576</NextMarker>; the service may send it empty, too
_MARKER = re.compile(r"<NextMarker>([^<]{1,2000})</NextMarker>")


@dataclass(frozen=True, slots=True)
class Written:
    """What may hold anything but zeros."""

    begins: Sequence[int]
    ends: Sequence[int]
    """The first byte of each range, and the one after its last. In order, none touching another."""

    def touches(self, begin: int, end: int) -> bool:
        """Return whether anything between two offsets was written."""
        number = bisect_right(self.begins, begin) - 1
        if number >= 0 and self.ends[number] > begin:
            return True
        return number + 1 < len(self.begins) and self.begins[number + 1] < end


def parse_page(body: bytes) -> tuple[list[tuple[int, int]], str]:
    """Return the ranges of one answer, first byte and the one after the last, and the marker of the next answer.

    Raises `ValueError` for what is no page list.
    """
    text = body.decode("utf-8-sig")
    if "<PageList>" not in text and "<PageList/>" not in text and "<PageList />" not in text:
        raise ValueError("it is no page list")
    if "<PageList>" in text and not text.rstrip().endswith("</PageList>"):
        # What is not listed counts as zeros, so half a list must not pass for a whole one.
        raise ValueError("it was cut")
    ranges = [(int(match[1]), int(match[2]) + 1) for match in _RANGE.finditer(text)]
    if len(ranges) != text.count("<PageRange>"):
        raise ValueError("it has ranges of another form")
    marker = _MARKER.search(text)
    return ranges, marker[1] if marker else ""


def written(ranges: Sequence[tuple[int, int]]) -> Written:
    """Return the ranges of all answers as one. Raises `ValueError` where they are in no order."""
    begins: list[int] = []
    ends: list[int] = []
    for begin, end in ranges:
        if begin >= end or (ends and begin < ends[-1]):
            raise ValueError("its ranges are in no order")
        if ends and begin == ends[-1]:
            ends[-1] = end
        else:
            begins.append(begin)
            ends.append(end)
    return Written(begins, ends)
