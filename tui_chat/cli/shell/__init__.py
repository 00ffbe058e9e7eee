"""The commands that help with the shell and the terminal: keys and completion."""
