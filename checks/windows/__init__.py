"""Checks of Windows guests and of their stopped disks."""
