"""Derivations: typed tables in, analysis sets out; one module each, nothing changed in place."""
