"""The judgement of one check on one observation: pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from checks.catalogue import Check, Problem
from checks.facts import Observation, OutOfReach, UnknownFact, Unobserved

Outcome = Literal["passed", "failed", "warned", "undetermined", "blocked", "waived", "not applicable"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a check says of a target."""

    check: Check
    outcome: Outcome
    problems: tuple[Problem, ...] = ()
    reason: str = ""
    """Why it is undetermined, blocked or not applicable; how it was waived; empty otherwise."""

    @property
    def blocks(self) -> bool:
        """True when this alone keeps a target from its goal: a blocker that failed or could not be determined."""
        return self.check.metadata.severity == "blocker" and self.outcome in ("failed", "undetermined", "blocked")


def judge(check: Check, observation: Observation) -> Judgement:
    """Judge `observation` by `check`. Never raises: a check that breaks is *undetermined*, never a pass."""
    if check.metadata.platform != "any" and observation.platform not in ("linux", "windows"):
        return Judgement(check, "undetermined", reason="it is not known which operating system the target has")
    if check.metadata.platform not in ("any", observation.platform):
        return Judgement(check, "not applicable", reason=f"a rule for {check.metadata.platform} guests")
    facts: dict[str, Any] = {name: observation.seen(name) for name in check.needs + check.applies_needs}
    unobserved = [(name, seen) for name, seen in facts.items() if isinstance(seen, Unobserved)]
    if unobserved:
        # One vantage that can't apply is enough, whatever else was only not observed.
        name, seen = min(unobserved, key=lambda pair: pair[1].applicable)
        outcome: Outcome = "undetermined" if seen.applicable else "not applicable"
        return Judgement(check, outcome, reason=f"{name}: {seen.reason}")
    try:
        applies = check.metadata.applies
        if applies and not applies(**{name: facts[name] for name in check.applies_needs}):
            return Judgement(check, "not applicable", reason="the rule does not apply to this target")
        problems = _problems(check, {name: facts[name] for name in check.needs})
    except OutOfReach as error:
        return Judgement(check, "not applicable", reason=str(error))
    except UnknownFact as error:
        return Judgement(check, "undetermined", reason=str(error))
    except BaseException as error:  # noqa: BLE001 - a check may be a user's, and pytest.skip() and sys.exit() are no Exception
        return Judgement(check, "undetermined", reason=f"the check itself broke: {type(error).__name__}: {error}")
    if not problems:
        return Judgement(check, "passed")
    return Judgement(check, "failed" if check.metadata.severity == "blocker" else "warned", problems)


def _problems(check: Check, facts: dict[str, Any]) -> tuple[Problem, ...]:
    try:
        answer = check.function(**facts)
        if not isinstance(answer, Iterable) or isinstance(answer, (str, bytes)):
            # A check that forgot its return statement must not pass, so None is refused as well.
            raise TypeError(f"it returned {answer!r}; return a list of problem(...), empty when all is well")
        problems = tuple(answer)  # a generator runs only now, its assertions too
    except AssertionError as error:
        return (Problem(observed=str(error) or "the assertion does not hold", expected="it holds", where=check.where),)
    strangers = [item for item in problems if not isinstance(item, Problem)]
    if strangers:
        raise TypeError(f"it returned {strangers[0]!r} among its problems; build them with problem(...)")
    return problems
