"""What can be opened from the command line beside the screen, and the words that open it."""
