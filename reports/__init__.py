"""Evidence and its renderings: from a record to bytes."""
