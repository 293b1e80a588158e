"""Raw observation -> typed facts: one parser per vantage."""
