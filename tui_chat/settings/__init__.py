"""What can be set, where it is read from, and whom it says to ask."""
