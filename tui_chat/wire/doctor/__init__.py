"""Examines an endpoint: the way to it, its models, and how it answers."""
