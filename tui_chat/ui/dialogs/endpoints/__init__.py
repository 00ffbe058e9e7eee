"""The dialogs for endpoints and their models."""
