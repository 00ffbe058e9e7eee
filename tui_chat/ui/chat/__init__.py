"""The chat screen and its controllers."""
