"""Contracts: what an extract must look like, checked in two passes, with a report a person can act on."""
