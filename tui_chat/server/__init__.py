"""The endpoint in the house: scripts give events, formats turn them into bytes, routes hand them out."""
