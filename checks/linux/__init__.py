"""Checks of Linux guests and of their stopped disks."""
