"""Sample texts for tests of the transcript's rows, and ways to render them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import strategies as st
from textual.theme import BUILTIN_THEMES

from tui_chat.ui.markdown.blocks import blocks_of, render_block
from tui_chat.ui.markdown.document import Document, PlainDocument
from tui_chat.ui.markdown.parser.markdown_parser import parsed
from tui_chat.ui.markdown.row_buffer import RowBuffer
from tui_chat.ui.markdown.styles import MarkdownStyles
from tui_chat.ui.roles import role_variables

THEME = BUILTIN_THEMES["textual-dark"]
LOOK = MarkdownStyles.of(role_variables(THEME), ansi=False)

PIECES = [
    "# A heading\n\n",
    "Title\n=====\n\n",
    "### *Third* level\n",
    "Some **bold words**, `code` and a [link](https://example.com/a) in a sentence of some length.\n\n",
    "Bare https://example.com/x?y=1 and <https://example.com>, a_b_c and 5 * 3 * 2.\n",
    "A line\nand another, ***both*** and ~~gone~~.  \nBroken hard.\n\n",
    "- item one\n- item *two*\n- item three\n",
    "- [ ] to do\n- [x] done\n\n",
    "1. first\n\n2. second\n\n   with more\n\n3. third\n",
    "7. seven\n8. eight\n   - nested **deep**\n     1. deeper\n        text\n\n",
    "* star\n+ plus\n",
    "> quoted\n> - with a list\n>\n> > and more\n",
    "> lazy\ncontinued\n\n",
    "| a | b |\n|---|--:|\n| 1 | two **2** |\n| 日本 | `x` |\n",
    "| no table, only a bar\n\n",
    "a | b\n--- | ---\n1 | 2\n\n",
    "```python\ndef f(x):\n\treturn 'a'  # why\n\n\nclass A: ...\n```\n",
    "~~~\n``` inside\n~~~\n\n",
    "- in a list:\n  ```c\n  /* two\n  lines */ int x;\n  ```\n",
    "    indented code\n    more\n\n",
    "$$\n\\frac{a}{b} = \\sqrt{x^2}\n$$\n\n",
    "Euler: $e^{i\\pi} = -1$ and \\(a \\to b\\), for $5 and $10.\n\n",
    "\\[\n\\int_0^1 x\\,dx\n\\]\n",
    "---\n\n",
    "***\n",
    "<div>\n<b>html</b>\n</div>\n\n",
    "![alt text](https://example.com/p.png)\n\n",
    "[ref] and [words][ref]\n\n",
    "[ref]: https://example.com/ref 'title'\n\n",
    "日本語のテキストは、折り返されるべきです。日本語のテキストは、折り返されるべきです。\n\n",
    "👩‍👩‍👧 🇩🇪 ❤️ e\u0301 \u200d\n\n",
    "**never closed and `neither this\n\n",
    "2",
    "\n",
    "\n\n",
    "    ",
    " ",
    "&lt;b&gt; &#x202e; &amp;\n",
    "x" * 90 + "\n",
    "\x1b[31mred\x9b0m\r\n",
    "\tTab\there\n",
]
EVERYTHING = "".join(PIECES)

markdown = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


def _inside(marker: str, text: str, full: bool) -> str:
    """A text inside of a quote (`> `) or an item of a list."""
    first, *others = text.split("\n")
    hang = "> " if marker == "> " else " " * len(marker)
    blank = hang if full else hang.rstrip()
    return marker + first + "\n" + "".join((hang + line if line else blank) + "\n" for line in others)


# without what a text's later lines or its link references decide, and without tabs
_NESTED_PIECES = [piece for piece in PIECES if not any(mark in piece for mark in ("ref]", "$$", "\\[", "\t"))]
nested = st.recursive(
    st.sampled_from(_NESTED_PIECES),
    lambda inner: st.builds(
        _inside,
        st.sampled_from(["> ", "- ", "1. ", "10. ", "-   ", " * "]),
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.booleans(),
    ),
    max_leaves=12,
)
nested_markdown = st.lists(nested, max_size=4).map("".join)
noise = st.text(alphabet="ab 12\n\n-*_`~>|#[](){}$\\!:.\t日👩\u200d<&", max_size=120)


def settled(text: str, width: int = 60) -> Document:
    """The text rendered when it is complete."""
    document = Document(width, LOOK, text)
    for _ in document.settle():
        pass
    return document


def streamed(text: str, cuts: list[int] | int, width: int = 60) -> Document:
    """The text laid piece by piece: sizes, the last of which goes on, or one size."""
    sizes = [cuts] if isinstance(cuts, int) else cuts or [1]
    document = Document(width, LOOK)
    at = turn = 0
    while at < len(text):
        size = sizes[min(turn, len(sizes) - 1)]
        document.append(text[at : at + size])
        document.flush()
        at += size
        turn += 1
    return document


def in_one_piece(text: str) -> RowBuffer:
    """The rows of a text that is parsed as a whole."""
    buffer = RowBuffer(60, LOOK)
    for block in blocks_of(parsed(text, {})):
        for _ in render_block(block.tokens, text.split("\n"), buffer):
            pass
    return buffer


def shown(document: Document | PlainDocument) -> list[str]:
    """What a person sees, without the first cell of the gutter and the fill at the right."""
    return [document.row(y).strip.text.rstrip()[1:] for y in range(document.height)]


def recorded_texts() -> list[tuple[str, str]]:
    """The expected texts of the recorded answers: (name, text)."""
    folder = Path(os.environ.get("TUI_CHAT_STREAMS", Path(__file__).parents[3] / "shared" / "streams"))
    if not folder.is_dir():
        pytest.skip(f"no recorded answers at {folder}; set TUI_CHAT_STREAMS")
    found: list[tuple[str, str]] = []
    for path in sorted(folder.rglob("*.json")):
        expected = json.loads(path.read_text(encoding="utf-8")).get("expected")
        if isinstance(expected, dict) and expected.get("text"):
            found.append((path.stem, expected["text"]))
    return found
