"""The parser of Markdown: CommonMark with extensions, and with limits on its work."""
