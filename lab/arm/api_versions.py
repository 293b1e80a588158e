"""Which api-versions the lab takes, by resource type, and how ARM refuses others.

The versions are those that were recorded, those that the Azure CLI 2.91 and azure-mgmt-compute 39 ask for, and the
published ones between them; older ones look different on the wire. Texts: InvalidApiVersionParameter is quoted in
ansible-collections/azure#1739, InvalidResourceType (a 404) in azure-rest-api-specs#16621, NoRegisteredProviderFound in
Microsoft's documentation. That lists get the second and single resources the third is our own reading.
"""

from __future__ import annotations

import re

from lab.arm import errors

_MACHINES = (
    "2026-04-01", "2025-11-01", "2025-04-01", "2024-11-01", "2024-07-01", "2024-03-01", "2023-09-01", "2023-07-01",
    "2023-03-01", "2022-11-01", "2022-08-01", "2022-03-01", "2021-11-01", "2021-07-01", "2021-04-01", "2021-03-01",
    "2020-12-01", "2020-06-01", "2019-12-01", "2019-07-01", "2019-03-01", "2018-10-01", "2018-06-01", "2018-04-01",
)  # fmt: skip
_DISKS = (
    "2026-03-02", "2025-01-02", "2024-03-02", "2023-10-02", "2023-04-02", "2023-01-02", "2022-07-02", "2022-03-02",
    "2021-12-01", "2021-08-01", "2021-04-01", "2020-12-01", "2020-09-30", "2020-06-30", "2020-05-01", "2019-11-01",
)  # fmt: skip
_RESOURCES = (
    "2025-04-01", "2025-03-01", "2024-11-01", "2024-08-01", "2024-07-01", "2024-03-01", "2023-07-01", "2022-12-01",
    "2022-09-01", "2022-06-01", "2022-05-01", "2022-01-01", "2021-04-01", "2021-01-01", "2020-10-01", "2020-09-01",
    "2020-08-01", "2020-07-01", "2020-06-01", "2020-05-01", "2020-01-01", "2019-11-01", "2019-10-01", "2019-09-01",
    "2019-08-01", "2019-07-01", "2019-06-01", "2019-05-10", "2019-05-01", "2019-03-01", "2018-11-01", "2018-09-01",
    "2018-08-01", "2018-07-01", "2018-06-01", "2018-05-01", "2018-02-01", "2018-01-01", "2017-12-01", "2017-08-01",
    "2017-06-01", "2017-05-10", "2017-05-01", "2017-03-01", "2016-09-01", "2016-07-01", "2016-06-01", "2016-02-01",
)  # fmt: skip
_PERMISSIONS = ("2022-04-01", "2018-07-01", "2018-01-01-preview", "2015-07-01")
_LOCKS = ("2020-05-01", "2017-04-01", "2016-09-01", "2015-06-01", "2015-05-01-preview", "2015-01-01")

_CORE = ""
_KNOWN = {
    _CORE: _RESOURCES,
    "Microsoft.Resources/tags": _RESOURCES,
    "Microsoft.Authorization/locks": _LOCKS,
    "Microsoft.Authorization/permissions": _PERMISSIONS,
    "Microsoft.Compute/virtualMachines": _MACHINES,
    "Microsoft.Compute/images": _MACHINES,
    "Microsoft.Compute/disks": _DISKS,
    "Microsoft.Compute/snapshots": _DISKS,
    "Microsoft.Compute/locations/operations": _MACHINES + _DISKS,
    "Microsoft.Compute/locations/runCommands": _MACHINES,
    "Microsoft.Compute/locations/DiskOperations": _MACHINES + _DISKS,
}
ETAG_SINCE = "2024-07-01"
"""The first version that was recorded with an `etag` in a VM's body; the 2020-06-01 of 2020 had none."""

# /subscriptions/{subscription}/providers/Microsoft.Compute/locations/{location}/operations/{operation}
_LOCATION = re.compile(r"/providers/(Microsoft\.[A-Za-z]+/locations)/\{location\}/([A-Za-z]+)")
# .../providers/Microsoft.Compute/virtualMachines/{vm}/providers/Microsoft.Authorization/locks
_TYPE = re.compile(r".*/providers/(Microsoft\.[A-Za-z]+)/([A-Za-z]+)")


def resource_type(path: str) -> str:
    """Return the type whose versions an operation's path has; empty for subscriptions and resource groups."""
    if found := _LOCATION.search(path):
        return f"{found[1]}/{found[2]}"
    if found := _TYPE.match(path):
        return f"{found[1]}/{found[2]}"
    return _CORE


def check_version(path: str, version: str, location: str) -> None:
    """Raise ARM's refusal unless the operation with this path template knows `version`.

    A type that has no table takes every version.
    """
    if not version:
        raise errors.api_version_missing()
    kind = resource_type(path)
    known = _KNOWN.get(kind, (version,))
    if version in known:
        return
    if kind == _CORE:
        raise errors.api_version_invalid(version, known)
    namespace, _, name = kind.partition("/")
    if path.lower().endswith(f"/{name}".lower()):
        raise errors.resource_type_missing(name, namespace, version, known)
    raise errors.provider_missing(name, version, location, known)
