"""Data that the wire inspector shows, independent of the wire and of the screen."""
