"""The HTTP side of the built-in endpoint: running uvicorn, checking and logging requests, sending bodies."""
