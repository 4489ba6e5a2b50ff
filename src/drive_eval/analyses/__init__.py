"""Methods: one module each with one public ``analyse``, from a frame and settings to a result frame."""
