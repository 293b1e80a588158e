"""Tests of what the real guest is made of that need no QEMU."""
