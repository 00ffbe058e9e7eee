"""The wire inspector: the requests of a chat, and what came over the wire in answer to each."""
