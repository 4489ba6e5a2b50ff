"""Recompute every published number from the raw files, apart from the generator and from the pipeline."""
