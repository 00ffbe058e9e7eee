"""The built-in endpoint: scripts produce events, formats encode them as bytes, and routes send them.

To test another program against it, use `tui_chat.server.testing`.
"""
