"""What waagent does when it deprovisions: its actions in their order, and at which of them a traceback stopped it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that waagent does when it deprovisions. The first exception leaves out all later ones."""

    does: str
    functions: tuple[str, ...]
    """Where a traceback of it begins below `invoke`: the function that the action is."""
    paths: str = ""
    """What the error names, where several actions are the same function. A regular expression."""
    announced: str = ""
    """The warning that is printed before; an action without its warning is switched off in waagent.conf."""


# Source: azurelinuxagent/pa/deprovision/default.py, setup(); 2.7.3 and 2.15 have the same order.
ACTIONS = (
    Action("stop the agent", ("stop_agent_service",)),
    Action("delete the SSH host keys", ("rm_files",), r"ssh_host_", announced="All SSH host key pairs will be deleted"),
    Action("delete the DHCP leases", ("rm_files", "rm_dirs"), r"dhc|lease|netif"),
    Action("set the host name", ("set_hostname",)),
    Action("set the host name for DHCP", ("set_dhcp_hostname",)),
    Action("lock root's password", ("del_root_password",), announced="root password will be disabled"),
    Action("empty waagent's folders", ("rm_dirs",)),
    Action("delete its log and root's shell history", ("rm_files",), r"bash_history|waagent\.log|random"),
    Action("delete resolv.conf", ("rm_files",), r"resolv", announced="resolv.conf will be deleted"),
    Action("delete the account", ("del_account", "rm_account"), announced="account and entire home directory"),
    Action("delete its firewall units", ("rm_files",)),
)

# Each action is called here, without a try:
#   File ".../pa/deprovision/default.py", line 59, in invoke
#     self.func(*self.args, **self.kwargs)
#   File ".../common/osutil/redhat.py", line 89, in set_dhcp_hostname
_FRAME = re.compile(r'^\s*File ".*", line \d+, in (\w+)')


def stopped_at(agent: Sequence[str], error: str) -> int | None:
    """Return the index of the action that raised `error`, by waagent's output; None where it came to none.

    An action that is not known counts as the first: nothing is said to be done that may not be.
    """
    frames = [match[1] for line in agent if (match := _FRAME.match(line))]
    if "invoke" not in frames:
        return None
    called = frames[frames.index("invoke") + 1 :][:1]
    candidates = [index for index, action in enumerate(ACTIONS) if called and called[0] in action.functions]
    named = [index for index in candidates if ACTIONS[index].paths and re.search(ACTIONS[index].paths, error)]
    plain = [index for index in candidates if not ACTIONS[index].paths]
    return next(iter(named or plain), 0)


def progress(agent: Sequence[str], stopped: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what was done before the action at which it stopped, and what was not, as far as it was announced."""
    meant = [action for action in ACTIONS if _meant(action, agent)]
    done = tuple(action.does for action in meant if ACTIONS.index(action) < stopped)
    return done, tuple(action.does for action in meant if ACTIONS.index(action) >= stopped)


def _meant(action: Action, agent: Sequence[str]) -> bool:
    return not action.announced or any(action.announced in line for line in agent)
