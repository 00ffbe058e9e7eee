"""How frames reach the terminal: everything that reaches into Textual's private parts."""
