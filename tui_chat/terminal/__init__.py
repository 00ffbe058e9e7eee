"""Writes frames to the terminal; everything that uses Textual's private parts is here."""
