"""What single probes find in a running Windows guest: one record a topic, types only."""
