"""The published register and the verdict on each of its numbers. Never imported by analyses or exhibits."""
