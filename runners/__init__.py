"""What touches the world: Azure, guests, disks, and pytest."""
