"""The commands that show what goes over the wire: event streams, other programs' requests, recordings."""
