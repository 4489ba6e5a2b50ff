"""Extracts that carry the published numbers, made from the register; reads nothing of the analyses."""
