"""The commands for saved chats."""
