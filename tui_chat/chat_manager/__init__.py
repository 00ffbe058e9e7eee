"""The chats of one run: which are open, what was left in each, and what can be done with whole chats. No screen."""
