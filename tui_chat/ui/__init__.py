"""What you see: the screen, its widgets and the rows they are made of."""
