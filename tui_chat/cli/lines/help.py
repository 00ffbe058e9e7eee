"""The commands of a chat line by line, and the sentences that explain it."""

from __future__ import annotations

from typing import Final

HOW: Final = (
    r'A line that ends in \ goes on in the next one, and """ before and after holds a text of several lines. '
    "Ctrl+C stops a reply. /help lists the commands; exit or Ctrl+D ends."
)

HELP: Final = r'''/new          starts a new chat
/model NAME   sets the model for the next questions; /model alone lists what there is
/system TEXT  sets the system prompt; /system none removes it, /system alone shows it
/effort WORD  sets how much the model thinks first: off, low, medium, high or default; /effort alone shows it
/persona NAME answers as a persona of config.toml; /persona none ends that, /persona alone lists them
/NAME TEXT    fills the template NAME with the text and asks that
/retry        asks the last question again
/continue     asks for the rest of a reply that is not whole
/usage        tokens and times of the last reply, and tokens of the whole chat
/quit         ends, as exit and Ctrl+D do
A line that ends in \ goes on in the next one. A text of several lines stands between """ and """.
Put a space in front of a / to send it as text. Ctrl+C stops a reply, and clears a line that is being typed.'''

WORDS: Final = (
    "new",
    "clear",
    "model",
    "system",
    "effort",
    "persona",
    "retry",
    "continue",
    "usage",
    "help",
    "quit",
    "exit",
)
