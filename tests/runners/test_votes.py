"""Plain tests can only say no; voting lasts while somebody can still vote, and no order of items stops it for ever."""

from __future__ import annotations

import sys

import pytest

from runners.votes import Outcome, PlainTest, Votes

PORT = PlainTest("rules/test_a.py::test_port[web]", "rules/test_a.py::test_port[web]", "web")
DISK = PlainTest("rules/test_a.py::test_disk[db]", "rules/test_a.py::test_disk[db]", "db")
TEAM = PlainTest("rules/test_a.py::test_team", "rules/test_a.py::test_team", "")


def votes(*tests: PlainTest, processes: tuple[str, ...] = ("gw0",)) -> Votes:
    made = Votes(["web", "db"])
    for process in processes:
        made.arrive(process)
    made.plan(tests)
    return made


def test_without_plain_tests_nobody_is_waited_for() -> None:
    polls = votes()
    assert polls.over("web")
    assert polls.vetoes("web") == ()


def test_voting_lasts_until_every_test_of_the_target_has_reported() -> None:
    polls, ended = votes(PORT, DISK), []
    polls.when_over("web", lambda: ended.append("web"))
    assert not polls.over("web")
    assert ended == []
    polls.vote(PORT.node, "passed")
    assert ended == ["web"]
    assert polls.vetoes("web") == ()
    assert not polls.over("db")


def test_who_listens_late_is_told_at_once() -> None:
    ended: list[str] = []
    votes().when_over("web", lambda: ended.append("web"))
    assert ended == ["web"]


@pytest.mark.parametrize("outcome", ["failed", "skipped", "xfailed", "xpassed", "rerun", "not run"])
def test_whatever_does_not_pass_is_a_veto_that_names_the_test(outcome: Outcome) -> None:
    polls = votes(PORT)
    polls.vote(PORT.node, outcome, "port 22 is open")
    assert polls.vetoes("web") == (f"plain test {PORT.name}: {outcome} (port 22 is open)",)
    assert polls.vetoes("db") == ()


def test_a_veto_can_not_be_taken_back() -> None:
    polls = votes(PORT)
    polls.vote(PORT.node, "rerun", "flaky")
    polls.vote(PORT.node, "passed")
    assert polls.vetoes("web")


def test_who_passed_may_still_say_no() -> None:
    polls = votes(PORT)
    polls.vote(PORT.node, "passed")
    polls.vote(PORT.node, "failed", "in a second attempt")
    assert polls.vetoes("web")


def test_what_was_left_out_is_a_veto_and_nobody_waits_for_it() -> None:
    polls = votes(PlainTest("node", "rules/test_a.py::test_port[web]", "web", "left out of this run"))
    assert polls.over("web")
    assert "deselected (left out of this run)" in polls.vetoes("web")[0]


def test_a_test_about_no_target_counts_for_every_one() -> None:
    polls = votes(TEAM)
    assert not polls.over("web")
    polls.vote(TEAM.node, "failed")
    assert polls.vetoes("web")
    assert polls.vetoes("db")


def test_votes_of_other_tests_count_for_nothing() -> None:
    polls = votes(PORT)
    polls.vote("tests/test_other.py::test_other", "failed")
    assert not polls.over("web")
    assert len(polls.records()) == 1


def test_voting_ends_when_the_only_process_waits_for_the_target() -> None:
    polls = votes(PORT, DISK)
    with polls.waiting("gw0", "web"):
        assert polls.over("web")
        assert not polls.over("db"), "its end sets the process free, which may run the other test"
    assert "was not run in time" in polls.vetoes("web")[0]


def test_voting_goes_on_while_another_process_is_free() -> None:
    polls = votes(PORT, processes=("gw0", "gw1"))
    with polls.waiting("gw0", "web"):
        assert not polls.over("web")
        with polls.waiting("gw1", "web"):
            assert polls.over("web")


def test_who_waits_for_a_target_on_which_voting_is_over_will_be_free_again() -> None:
    polls = votes(PORT, processes=("gw0", "gw1"))
    with polls.waiting("gw0", "db"), polls.waiting("gw1", "web"):
        assert not polls.over("web")


def test_a_dead_process_is_not_waited_for() -> None:
    polls = votes(PORT, processes=("gw0", "gw1"))
    with polls.waiting("gw0", "web"):
        polls.leave("gw1")
        assert polls.over("web")


def test_a_process_that_comes_for_a_dead_one_may_still_vote() -> None:
    polls = votes(PORT)
    polls.leave("gw0")
    assert not polls.over("web")
    polls.arrive("gw1")
    polls.vote(PORT.node, "passed")
    assert polls.vetoes("web") == ()


def test_the_end_of_the_session_ends_all_voting_and_says_so_in_the_record() -> None:
    polls = votes(PORT, DISK)
    polls.vote(DISK.node, "passed")
    polls.close("the run was interrupted")
    assert polls.over("web")
    assert "not run (the run was interrupted)" in polls.vetoes("web")[0]
    assert [(item.test, item.target, item.outcome) for item in polls.records()] == [
        (DISK.name, "db", "passed"),
        (PORT.name, "web", "not run"),
    ]


def test_what_has_once_ended_the_voting_on_one_target_ends_no_other() -> None:
    polls, ended = votes(PORT, DISK, TEAM), []
    for target in ("web", "db"):
        polls.when_over(target, lambda target=target: ended.append(target))  # type: ignore[misc]
    polls.vote(PORT.node, "passed")
    polls.vote(PORT.node, "failed", "in a second attempt")
    polls.vote(TEAM.node, "passed")
    assert ended == ["web"]
    polls.vote(DISK.node, "passed")
    assert ended == ["web", "db"]


def test_vetoes_are_told_in_the_order_of_the_tests() -> None:
    second = PlainTest("rules/test_z.py::test_last[web]", "rules/test_z.py::test_last[web]", "web")
    polls = votes(PORT, TEAM, second)
    assert [veto.split(": ")[0] for veto in polls.vetoes("web")] == [
        f"plain test {test.name}" for test in (PORT, TEAM, second)
    ]


def calls_of_a_fleet(size: int) -> int:
    """Return how many calls it takes to vote on `size` targets, each of which is listened and waited for."""
    names = [f"web{number}" for number in range(size)]
    tests = [PlainTest(f"{name}-{number}", name, name) for name in names for number in range(2)]
    polls, ended, calls = Votes(names), [], 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        for process in ("gw0", "gw1"):
            polls.arrive(process)
        polls.plan(tests)
        for name in names:
            polls.when_over(name, lambda: ended.append(True))
        for test in tests:
            polls.vote(test.node, "passed")
        for name in names:
            with polls.waiting("gw0", name):
                assert polls.vetoes(name) == ()
    finally:
        sys.setprofile(None)
    assert len(ended) == size
    return calls


def test_the_work_of_voting_grows_with_the_fleet_and_not_with_its_square() -> None:
    assert calls_of_a_fleet(240) < 5 * calls_of_a_fleet(60)
