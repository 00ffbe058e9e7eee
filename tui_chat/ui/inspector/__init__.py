"""The wire inspector: the requests of a chat, and the bytes of each response."""
