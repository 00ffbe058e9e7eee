"""Sums of what was used: requests, tokens and costs."""
