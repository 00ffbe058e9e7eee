"""What a person chooses for one chat: its persona and effort, and the templates of prompts."""
