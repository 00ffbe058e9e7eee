"""What is loaded ahead of the first reply, seen in a Python of its own."""

from __future__ import annotations

import sys
from subprocess import run

LONG = 300
"""Characters of a regular expression that takes a millisecond or more to compile."""

RENDERS = """
import re
from tui_chat.ui.markdown.document import load_engine
from tui_chat.ui.markdown.parser.markdown_parser import parsed
load_engine()
for number in range(600):
    re.compile(f"of a lexer {number}")
inner, compiled = re._compiler.compile, []
def noted(pattern, *rest):
    compiled.append(pattern)
    return inner(pattern, *rest)
re._compiler.compile = noted
tokens = parsed("# One\\n\\nSee http://example.net/a?b and `code`.\\n\\n| a |\\n|---|\\n| b |", {})
assert "http://example.net/a?b" in str(tokens)
print(max(map(len, compiled), default=0))
"""

LEXES = """
import sys
from time import sleep
from tui_chat.ui.markdown.lexers import is_created
while not is_created("swift"):
    sleep(0.01)
before = set(sys.modules)
from tui_chat.ui.markdown.lexers import resumable_lexer
assert list(resumable_lexer("swift").get_tokens("let view: UIView"))
print(len(set(sys.modules) - before))
"""


def told(code: str) -> int:
    """The number that a program prints."""
    return int(run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=120).stdout)


def test_the_first_address_compiles_no_long_expression() -> None:
    assert told(RENDERS) < LONG


def test_a_lexer_made_ahead_imports_nothing_when_it_is_first_used() -> None:
    assert told(LEXES) == 0
