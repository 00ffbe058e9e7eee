"""Fetch event streams and files that are not chats, for `tui-chat listen`."""
