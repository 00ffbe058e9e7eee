"""Builds the parts of the program from the settings."""
