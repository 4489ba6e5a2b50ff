"""The report: every number from the registry, one self-contained page."""
