"""`python -m lab import`: a scenario from the ARM documents of a VM, without its secrets."""
