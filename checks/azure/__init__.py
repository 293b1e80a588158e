"""Checks of what the control plane knows about a VM."""
