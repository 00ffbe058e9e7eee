"""Errors of requests as events and sentences, and whether to ask again."""
