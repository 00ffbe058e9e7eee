"""Export and import of chats."""
