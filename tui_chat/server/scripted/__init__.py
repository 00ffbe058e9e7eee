"""What the built-in endpoint says, how fast, and what goes wrong."""
