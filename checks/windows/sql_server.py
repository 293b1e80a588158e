"""SQL Server: a product that has an own way into an image."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsGuest


@check(
    "WIN-SQL-001",
    "SQL Server is only prepared for an image, not completely installed",
    phase="pre",
    platform="windows",
    severity="warning",
    why="A completed instance knows this machine by its name, and has its service accounts. SQL Server supports images "
    "by an installation in two steps: prepare before Sysprep, complete on each machine made from the image.",
    fix="Uninstall the instance and run its setup.exe /ACTION=PrepareImage; or verify that a machine made from the "
    "image renames the instance (sp_dropserver, sp_addserver) and that its services start.",
    # That only a completed instance has a name is our reading of setup's parameters: PrepareImage takes none.
    source="https://learn.microsoft.com/sql/database-engine/install-windows/"
    "considerations-for-installing-sql-server-using-sysprep",
    grade="E",
)
def check_sql_server_only_prepared(guest: WindowsGuest) -> list[Problem]:
    return [
        problem(observed="completely installed", expected="prepared, or not installed", where=f"SQL Server {name}")
        for name in guest.roles.sql_instances.value_or(())
    ]
