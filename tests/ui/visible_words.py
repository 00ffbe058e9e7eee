"""An oracle that knows nothing of the renderer: the words of a source that have to be on the screen, and whether they
are; and sources for it.

A word is a run of letters and digits, whatever stands around it: marks of Markdown may go, words may not. So targets
and titles of links, labels and texts of definitions and footnotes, HTML, comments and what stands behind a fence's
marks are words, too. None are: line breaks in HTML, the schemes of URLs, names of LaTeX commands, and the x of a task.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORD = re.compile(r"[^\W_]+")
_NO_WORDS = [
    (re.compile(r"<br\s*/?>", re.IGNORECASE), " "),
    (re.compile(r"\\(?:begin|end|label|color|hspace|vspace)\{[^{}\n]*\}"), " "),
    (re.compile(r"\\[A-Za-z]+"), " "),
    (re.compile(r"\b(?:https?|mailto):"), " "),
    (re.compile(r"^([ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+)\[[xX]\]", re.MULTILINE), r"\1"),
    (re.compile(r"data:[^\s()]{40,}"), " "),
]


def plain(text: str) -> str:
    """Letters as they compare: no accents, no case, superscripts as digits; what has no glyph is a space."""
    decomposed = unicodedata.normalize("NFKD", text)
    kept = (" " if unicodedata.category(char) in ("Cf", "Cc", "Co", "Cs") else char for char in decomposed)
    return "".join(char for char in kept if unicodedata.category(char) != "Mn").casefold()


def visible_words(source: str) -> list[str]:
    """The words of a source, in order."""
    source = html.unescape(source)
    for pattern, instead in _NO_WORDS:
        source = pattern.sub(instead, source)
    return _WORD.findall(plain(source))


def missing(source: str, rows: Sequence[str], *, least_width: int = 3) -> list[str]:
    """The words of a source that are not in the rows of a screen, nor broken over several.

    `least_width`: cells of a row; in one cell no wide character can be shown.
    """
    shown = [re.sub(r"\s+", "", plain(row)) for row in rows]
    whole = "".join(shown)
    return [
        word
        for word in dict.fromkeys(visible_words(source))
        if word not in whole and not _broken(word, shown) and not (least_width < 2 and _wide(word))
    ]


def repeated(source: str, rows: Sequence[str]) -> list[str]:
    """The words that the source has once and the rows several times, but for what may be repeated: a link's target, and
    the names of a table's columns."""
    whole = " ".join(plain(row) for row in rows)
    found = _WORD.findall(whole)
    may = {word for line in source.split("\n") if set("[]|<") & set(line) for word in visible_words(line)}
    words = visible_words(source)
    return [
        word for word in words if len(word) > 3 and words.count(word) == 1 and word not in may and found.count(word) > 1
    ]


def _wide(word: str) -> bool:
    return any(unicodedata.east_asian_width(char) in "WF" for char in word)


def _broken(word: str, rows: Sequence[str]) -> bool:
    """Whether a word stands in neighbouring rows, a piece in each (in a column of a table, say)."""
    for first in range(len(rows)):
        ends = {0}
        for row in rows[first:]:
            ends = {stop for at in ends for stop in range(at + 1, len(word) + 1) if word[at:stop] in row}
            if len(word) in ends:
                return True
            if not ends:
                break
    return False


# Sources: each § becomes a word that is nowhere else.

_INLINE = [
    "§", "§ § §", "**§ §**", "*§*", "***§***", "~~§~~", "`§ §`", "``§ ` §``", "_§_", "§_§_§", "§*§*§",
    '[§](https://§.example/§ "§")', "[§](§)", "[§]()", "[](§)", "![§](/§ '§')", "[![§](§)](§)", "<§@§.example>",
    "<https://§.org/§>", "https://§.com/§?b=§#§", "[§](https://§.org/北京§?q=%20§)", "[§]", "[§][§]", "[§][]", "[^§]",
    r"\*§\*", "&lt;§&gt;", "&copy;§ &shy;§ &zwj;§", "&#x202e;§", "<b>§</b>", '<§ §="§">', "<!-- § -->", "<?§ § ?>",
    r"$§ + \frac{§}{§}$", r"\(§^2\)", r"\[§\]", "$§", "§<br>§", "**§ `§", "[§](", "![§", "[§](§", "§\t§", "a\u200b§",
    "§\xad§", "§\r§", "字§汉", "e\u0301§", "ﬁ§", "👩\u200d👩\u200d👧§", "§  \n§", "§\\\n§", "$5 § $6", "§|§", "List<§>",
    "4 < § > 3",
]  # fmt: skip
_BLOCKS = [
    "§ §\n===\n", "§\n§\n---\n", "# § §\n", "### § ###\n", "#§\n", "- §\n- §\n", "* [ ] §\n* [x] §\n", "1. §\n3. §\n",
    "7) §\n\n8) §\n", "+ §\n\n  §\n\n      §\n", "> §\n§\n", "> > §\n>\n> §\n",
    "| § | § |\n|--|:-:|\n| § |\n| § | § | § |\n", "§ | §\n-|-\n§ | §\n§\n", "|§|§|\n|-|-|\n|`§|§`|§\\|§|\n",
    "| § | § |\n|---|\n| § |\n", "```§ §\n§ §\n\n§\n```\n", "````md\n```§\n§\n```\n§\n````\n",
    "```markdown\n§\n```§\n§\n```\n§\n```\n", "~~~ §\n§\n", "```\n§", "```§", "    §\n    §\n\n", "\t§\n\n",
    "<div §>\n§\n</div>\n\n", "<details>\n<summary>§</summary>\n\n§\n\n</details>\n", "<!-- §\n\n§ -->\n",
    "<script>§\n\n§</script>\n", "<![CDATA[§]]>\n", "[§]: https://§.org '§'\n", "[§]: <§>\n§\n\n", "[§]:\n§\n\n",
    "[§]: §\n'§\n§'\n\n", "[^§]: § §\n    §\n[^§]: §\n", "§[^§]\n\n[^§]: §\n", "$$\n§ = §\n$$\n", "$$§\n",
    "\\[\n§\n\\]\n", "---\n", "***\n\n", "\n", "\n\n", "| §", "§ |", "§.", "- ", "1.", "§\n-", "::: §\n§\n:::\n",
    "\x0c§\n", "\u2028§\u2029§\n", "\x1b[31m§\x1b[0m\n", "Term\n: §\n\n", "| § |\n", "$§$ §\n\n", "\\§ \\# \\\\§\n",
]  # fmt: skip
_LONG = [
    "§ " * 90 + "\n\n",
    "§" * 30 + "\n",
    "".join("- § §\n" for _ in range(30)),
    "字§" * 40 + "\n\n",
    "| § | § |\n" * 30,
]
_inline = st.lists(st.sampled_from(_INLINE), min_size=1, max_size=4).map(" ".join)
_block = st.one_of(_inline, _inline.map(lambda text: text + "\n\n"), st.sampled_from(_BLOCKS), st.sampled_from(_LONG))


def _inside(marker: str, text: str, full: bool) -> str:
    hang = "> " if marker == "> " else " " * len(marker)
    first, *others = text.split("\n")
    return "\n".join([marker + first, *(hang + line if line or full else "" for line in others)]) + "\n"


_nested = st.recursive(
    _block,
    lambda inner: st.builds(
        _inside,
        st.sampled_from(["> ", "- ", "1. ", "12) ", "* ", "   - "]),
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.booleans(),
    ),
    max_leaves=6,
)


def _named(template: str) -> str:
    first, *others = template.split("§")
    return first + "".join(f"w{number}x{rest}" for number, rest in enumerate(others, 100))


sources = st.lists(_nested, min_size=1, max_size=6).map(lambda blocks: _named("".join(blocks)))
"""Markdown with every construct: nested, broken, unfinished; no word stands in it twice."""

widths = st.one_of(st.integers(1, 12), st.integers(1, 200))
