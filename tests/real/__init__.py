"""Tests with real guests under QEMU: `make real`."""
