"""The real Azure CLI against a lab of its own. `make azure-cli` installs the one and runs these."""
