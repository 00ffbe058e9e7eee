"""Screens that stand over the chat."""
