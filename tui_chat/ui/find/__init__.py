"""Find text in a chat."""
