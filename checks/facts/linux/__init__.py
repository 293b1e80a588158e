"""What the probes of a Linux guest find out, one record a topic: types only."""
