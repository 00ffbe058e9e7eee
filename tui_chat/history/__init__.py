"""Conversations on disk: one SQLite file, written while replies come, read when somebody looks."""
