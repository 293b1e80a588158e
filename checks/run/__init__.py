"""Checks of the run itself: what the runner saw, and how much of the disk was read."""
