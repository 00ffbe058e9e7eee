"""A person's choices for one chat: its persona and effort, and the templates of prompts."""
