"""The irreversible step: steps as data, reconciled from observed state."""
