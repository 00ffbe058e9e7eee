"""Repairs damaged files, and recovers what crashed programs left unfinished."""
