"""Statistical pipeline behind an evaluation of the Drive programme."""

__version__ = "0.1.0"
