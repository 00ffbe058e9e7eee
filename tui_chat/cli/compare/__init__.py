"""`tui-chat compare`: the same question to several models."""
