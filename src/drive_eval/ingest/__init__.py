"""The only room, with the command line, that touches files: extracts in, tables and results out."""
