"""Renders Markdown to rows of styled text."""
