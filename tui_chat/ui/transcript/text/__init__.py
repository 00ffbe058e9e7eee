"""The text of messages: copied, searched and selected."""
