"""What a conversation is. Standard library only; every other room speaks in these values."""
