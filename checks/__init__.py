"""What must hold: pure functions from facts to problems. No I/O, no clock, no pytest."""
