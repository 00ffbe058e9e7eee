"""What is fetched that is no chat: event streams and files."""
