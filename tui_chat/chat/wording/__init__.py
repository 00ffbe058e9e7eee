"""Small helpers for sentences shown to people."""
