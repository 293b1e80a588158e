"""The machines behind the lab's VMs."""
