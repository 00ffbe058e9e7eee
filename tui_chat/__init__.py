"""tui-chat: a full-screen terminal chat with the language model endpoint you configure."""

__version__ = "0.1.0"
