"""Searching in chats: queries, words, and excerpts."""
