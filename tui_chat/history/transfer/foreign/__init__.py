"""Reads the exports of other programs: ChatGPT, Claude and llm."""
