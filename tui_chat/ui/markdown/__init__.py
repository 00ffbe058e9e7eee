"""Markdown as rows of styled text."""
