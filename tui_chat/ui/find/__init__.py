"""Finding text in a chat."""
