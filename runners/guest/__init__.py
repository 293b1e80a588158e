"""How a script reaches a guest: one channel per file behind one protocol."""
