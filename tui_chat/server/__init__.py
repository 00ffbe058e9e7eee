"""The endpoint in the house: scripts give events, formats turn them into bytes, routes hand them out.

For the tests of another program: `tui_chat.server.testing`.
"""
