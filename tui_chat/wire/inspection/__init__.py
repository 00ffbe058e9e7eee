"""Looking at what was recorded: the frames of a body, and what each of them means."""
