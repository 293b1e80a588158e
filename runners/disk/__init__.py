"""The stopped disk: a range reader, and the process that reads file systems."""
