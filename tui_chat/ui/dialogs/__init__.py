"""Dialogs: screens above the chat."""
