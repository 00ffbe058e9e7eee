"""What went wrong with a request, as events and sentences, and whether to ask again."""
