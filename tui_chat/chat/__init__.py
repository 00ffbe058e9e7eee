"""Conversations, messages and the events that change them. Uses the standard library only; all other packages share
these types."""
