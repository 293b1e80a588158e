"""Whole runs of what is no ordinary path: disks and files that others sealed, and guests that testify themselves."""
