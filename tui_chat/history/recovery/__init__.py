"""Damaged files, and what crashed programs left."""
