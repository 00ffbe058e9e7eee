"""Conversations on disk, in one SQLite file: written while replies stream in, read on demand."""
