"""The thread that writes the history: its queue, its operations, its connection, and the rows they become."""
