"""The lab's contract: Azure's own documents, and what Azure really answered."""
