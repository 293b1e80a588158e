"""Where the traffic of an image that is uploaded goes: nothing of the old network may come along."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsGuest
from checks.windows.upload import CHECKLIST, for_upload


@check(
    "WIN-ROUTE-001",
    "no route is kept over restarts",
    phase="pre",
    platform="windows",
    severity="blocker",
    applies=for_upload,
    why="A route of the network that the image was made in leads astray in Azure, where addresses come from DHCP.",
    fix="route print shows them under persistent routes; route delete DESTINATION removes one.",
    source=CHECKLIST,
    grade="D",
)
def check_persistent_routes_absent(guest: WindowsGuest) -> list[Problem]:
    count = guest.vhd_upload.persistent_routes.value
    return [problem(observed=f"{count} route(s)", expected="none", where="persistent routes")] if count else []


@check(
    "WIN-PROXY-001",
    "WinHTTP reaches Azure's platform without a proxy",
    phase="pre",
    platform="windows",
    severity="blocker",
    applies=for_upload,
    why="The agent talks to 168.63.129.16, which no proxy reaches: it stays silent on machines made from the image.",
    fix="netsh winhttp reset proxy; or put 168.63.129.16 into the proxy's bypass list.",
    source=f"{CHECKLIST}; how Windows keeps the setting is recalled",
    grade="D",
)
def check_platform_without_proxy(guest: WindowsGuest) -> list[Problem]:
    if guest.vhd_upload.winhttp_proxy.value != "proxy":
        return []
    return [problem(observed="a proxy, also for 168.63.129.16", expected="direct", where="netsh winhttp show proxy")]
