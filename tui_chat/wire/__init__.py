"""Bytes to events: the only room that talks HTTP."""
