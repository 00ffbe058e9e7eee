"""How long tests wait for what has to happen."""

PATIENCE = 60.0
"""Seconds after which a condition that has not come true fails its test: ten times what a busy machine was seen to
need. Nothing waits so long that goes well."""
