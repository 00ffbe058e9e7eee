"""Metrics of the speed of replies, and charts of them."""
