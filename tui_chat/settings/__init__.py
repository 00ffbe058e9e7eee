"""The settings, their sources, and the endpoints they define."""
