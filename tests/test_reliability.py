"""docs/reliability.md, as `make faults` writes it: a row for everything that is made to go wrong, and no violation."""

from __future__ import annotations

import re

from tests.faults.campaign import CLOCKS
from tests.faults.cell import CONNECTIONS, OTHERS, REFUSALS
from tests.faults.crash import AFTER, BEFORE, CRASHES
from tests.faults.pair import TITLES as PAIRED
from tests.faults.table import BEGIN, END, PAGE, Row, written
from tests.faults.windows import TELLING, TITLES

# | 429 without Retry-After | 44 | 42 | 2 | 0 | 0 | 1 |
ROW = re.compile(r"^\| ([^|]+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", re.MULTILINE)


def test_the_page_has_a_row_for_everything_that_is_made_to_go_wrong_and_no_violation() -> None:
    rows = [Row(title, *map(int, numbers)) for title, *numbers in ROW.findall(PAGE.read_text("utf-8"))]
    struck = [family.title for family in (*REFUSALS, *CONNECTIONS, *OTHERS)]
    killed = [*(family.title for family in CRASHES), BEFORE, AFTER]

    windows = [*TITLES, *(title for title in TELLING if title not in TITLES), *TITLES, *killed]

    assert [row.title for row in rows] == [*struck, *CLOCKS, *killed, *windows, *PAIRED], "run `make faults`"
    assert not [row for row in rows if row.violations or not row.struck]
    assert all(row.struck == row.survived + row.later + row.stopped for row in rows)


def test_a_row_counts_what_came_of_each_vm() -> None:
    assert str(Row("409", 4, 1, 2, 1, 0, 3)) == "| 409 | 4 | 1 | 2 | 1 | 0 | 3 |"


def test_only_what_stands_between_its_marks_is_written_anew() -> None:
    assert written(f"a\n{BEGIN}old\n{END}b\n", "new\n") == f"a\n{BEGIN}new\n{END}b\n"
