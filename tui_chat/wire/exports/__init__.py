"""Recorded exchanges in the formats of other tools: a curl command, HAR, CSV, tapes, and a report."""
