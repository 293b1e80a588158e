"""The lab's Azure Resource Manager: one noun a file, put together in `app`."""
