"""Markdown that takes a careless program long: every construct repeated, nested, left open, at any size."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REPEATED = {
    # marks within a paragraph
    "stars": "*",
    "stars apart": "*a ",
    "stars left open": "**a *b ",
    "stars of all lengths": "*a **b ***c ",
    "underscores": "_a_ __b",
    "tildes": "~~a ~b ",
    "brackets": "[",
    "brackets closed": "]",
    "links in links": "[a](",
    "links of brackets": "[[a]](b) ",
    "images": "![[[[",
    "images in images": "![![a](b)",
    "references": "[a][b] ",
    "references of one": "[a] ",
    "link titles": '[a](b "',
    "link targets": "[a](<b",
    "backslashes": "\\",
    "escapes": "\\*\\_",
    "backticks": "`",
    "backticks apart": "`a ``b ",
    "code left open": "a `` b ",
    "less than": "<",
    "tags left open": "<a ",
    "tags": "<b>x</b>",
    "attributes": '<a b="',
    "attributes many": "<a b=c d='e' ",
    "comments left open": "<!-- a -",
    "comments": "<!-->",
    "declarations": "<!A ",
    "instructions": "<? a ?",
    "sections": "<![CDATA[",
    "autolinks left open": "<http://a",
    "autolinks": "<http://a> ",
    "mails left open": "<a@b.",
    "mail": "a@b.",
    "www": "www.",
    "http": "http://",
    "https": "https://a.b/(",
    "mailto": "mailto:a@",
    "urls": "http://example.com/a_b_c(d) ",
    "colons": ":",
    "entities": "&amp;",
    "entities left open": "&a",
    "entities of numbers": "&#0;&#x10ffff;",
    "dollars": "$",
    "dollars apart": "$a ",
    "formulas": "$x^2$ ",
    "formulas left open": "$a^b \\(c ",
    "formulas opened": "\\(",
    "displays opened": "\\[",
    "matrices opened": "$$\\begin{matrix}",
    "overlines": "$" + "\\overline{" * 28 + "x" + "}" * 28 + "$ ",
    "wide matrices": "$$\\begin{matrix} a & b \\\\ c \\end{matrix}$$\n\n",
    "hard breaks": "a  \n",
    "soft breaks": "a\n",
    "marks and words": "a*b_c`d[e]f(g)h<i>j&k;l\\m$n ",
    # blocks
    "blank lines": "\n",
    "lines of spaces": "    \n",
    "headings": "# a\n",
    "headings of marks": "# # # #\n",
    "underlined": "a\n-\n",
    "underlined twice": "a\n=\n",
    "rules": "---\n",
    "rules of stars": "* * *\n",
    "dashes": "-",
    "equals": "=",
    "hashes": "#",
    "plus": "+",
    "items": "- a\n",
    "items empty": "-\n",
    "items in items on a line": "- ",
    "numbers on a line": "1. ",
    "numbers": "1. a\n",
    "numbers of nine digits": "999999999. a\n",
    "items of other kinds": "- a\n+ b\n* c\n",
    "items with blank lines": "- a\n\n\n",
    "items with text set in": "- a\n\n  b\n",
    "tasks": "- [ ] a\n",
    "quotes": "> a\n",
    "quotes empty": ">\n",
    "quotes in quotes on a line": ">",
    "quotes apart": "> ",
    "quotes and lines": "> a\nb\n\n",
    "quotes and items on a line": "> - ",
    "items and quotes on a line": "- > 1. ",
    "tabs": "\t",
    "tabs and words": "a\tb",
    "tabs in a quote": ">\ta\n",
    "code set in": "    a\n\n",
    "code in items": "-     a\n",
    "fences": "```\n",
    "fences of tildes": "~~~\na\n",
    "fences in items": "- ```\n",
    "fences named": "```python\n'''\n",
    "fences longer": "````\n```\n",
    "html blocks": "<div>\n",
    "html blocks ended": "<div>\n\n",
    "html of scripts": "<script>\n",
    "html of comments": "<!--\n-->\n",
    "bars": "|",
    "bars apart": "| a ",
    "bars in lines": "| a | b |\n",
    "delimiter rows": "|-|-|\n",
    "definitions": "[a]: b\n",
    "definitions left open": "[a\n",
    "definitions with titles": "[a]: b 'c\n",
    "formula blocks": "$$\na\n$$\n",
    "formula blocks opened": "$$\na\n",
    "displays": "\\[\na\n\\]\n",
    # characters
    "one letter": "x",
    "words": "word ",
    "spaces": " ",
    "long words": "x" * 300 + " ",
    "accents": "\u0301",
    "joiners": "\U0001f469\u200d",
    "flags": "\U0001f1e9",
    "skins": "\U0001f44d\U0001f3fd",
    "wide": "日本",
    "wide punctuation": "「。",
    "zero width": "\u200b",
    "conjoining": "\u1100\u1161\u11a8",
    "variation selectors": "a\ufe0f",
    "not breaking": "\u00a0a",
    "controls": "\x1b[31m\x00",
    "returns": "a\r",
    "separators": "\u2028",
    "bidi": "\u202e",
    "surrogates": "\ud800",
}
"""Units, each repeated up to a size."""


def _nested_lists(size: int) -> str:
    """Each item set in further than the one before, until the size is reached, again and again."""
    deepest = 60
    once = "".join("  " * depth + "- a\n" for depth in range(deepest))
    return once * (size // len(once) + 1)


def _deeper_lists(size: int) -> str:
    depths = int(size**0.5)
    return "".join(" " * 2 * depth + "- a\n" for depth in range(depths))


def _backticks_of_all_lengths(size: int) -> str:
    return " ".join("`" * (1 + number) for number in range(int((2 * size) ** 0.5)))


def _filled(before: str, unit: str, size: int, after: str = "") -> str:
    return before + unit * max(1, (size - len(before) - len(after)) // len(unit)) + after


def _columns(of: int, row: str) -> Callable[[int], str]:
    def table(size: int) -> str:
        head = "|" + "a|" * of + "\n|" + "-|" * of + "\n"
        return _filled(head, row, max(size, len(head) + len(row)))

    return table


def _widening_table(size: int) -> str:
    rows, length = ["|a|b|", "|-|-|"], 12
    while length < size:
        rows.append("|" + "x" * (len(rows) // 4) + "|" + "y " * (len(rows) // 8) + "|")
        length += len(rows[-1]) + 1
    return "\n".join(rows)


def _references_of_many(size: int) -> str:
    count = size // 30 + 1
    return "".join(f"[{number}]: http://a/{number}\n" for number in range(count)) + "\n" + "[1] [2][3] " * count


def _references_before(size: int) -> str:
    count = size // 30 + 1
    return "[1] [2][3] " * count + "\n\n" + "".join(f"[{number}]: http://a/{number}\n" for number in range(count))


BUILT: dict[str, Callable[[int], str]] = {
    "lists in lists": _nested_lists,
    "lists deeper and deeper": _deeper_lists,
    "backticks of all lengths": _backticks_of_all_lengths,
    "table of 100 columns": _columns(100, "|a|\n"),
    "table of 1000 columns": _columns(1_000, "|a|b|\n"),
    "table of 10000 columns": _columns(10_000, "|a\n"),
    "table of 40 columns": _columns(40, "|a\n"),
    "table of 2 columns": _columns(2, "|a|b|\n"),
    "table of long rows": _columns(2, "|" + "a|" * 500 + "\n"),
    "table that widens": _widening_table,
    "references to many": _references_of_many,
    "references before definitions": _references_before,
    "quotes 90 deep and lazy lines": lambda size: _filled(">" * 90 + " a\n", "b\n", size),
    "quotes 15 deep and lazy lines": lambda size: _filled(">" * 15 + " a\n", "b\n", size),
    "quotes 90 deep": lambda size: _filled("", ">" * 90 + " a\n", size),
    "quotes 90 deep of lists": lambda size: _filled("", "> - " * 30 + "a\n", size),
    "items 90 deep and lazy lines": lambda size: _filled("- " * 90 + "a\n", "b\n", size),
    "matrix opened often": lambda size: _filled("$$", "\\begin{matrix}", size),
    "formula nested": lambda size: _filled("$", "\\frac{a}{", size // 2) + _filled("x", "}", size // 2, "$"),
    "scripts nested": lambda size: _filled("$", "x^{", size // 2) + _filled("x", "}", size // 2, "$"),
    "brackets nested": lambda size: _filled("", "[", size // 2) + _filled("x", "](a)", size // 2),
    "stars nested": lambda size: _filled("", "*a **b ", size // 2) + _filled("x", "** c* ", size // 2),
    "parentheses nested": lambda size: _filled("[a](", "(", size // 2) + _filled("x", ")", size // 2),
    "list with tabs": lambda size: _filled("-\ta\n", "\tb\n\n", size),
    "quote with tabs": lambda size: _filled(">\t- a\n", ">\t  b\n", size),
    "item of one paragraph": lambda size: _filled("- a\n\n  ", "*b ", size),
    "quote of one paragraph": lambda size: _filled("> a\n>\n> ", "[b ", size),
    "heading of one line": lambda size: _filled("# ", "*a `b [c ", size),
    "cell of one line": lambda size: _filled("| a |\n|---|\n| ", "*a `b [c ", size),
    "formula of one line": lambda size: _filled("$$", "a + b ", size, "$$"),
    "fence information": lambda size: _filled("```", "python ", size),
    "one line of code": lambda size: _filled("```python\n", "x = (", size),
    "one line of html": lambda size: _filled("<div>", "<b a=", size),
    "accents in a table": lambda size: _filled("| a |\n|---|\n| e", "\u0301", size),
    "code of accents": lambda size: _filled("```\ne", "\u0301", size),
    "link text of words": lambda size: _filled("[", "word ", size, "](a)"),
    "link target": lambda size: _filled("[a](http://", "b", size, ")"),
    "code of words": lambda size: _filled("`", "word ", size, "`"),
    "bold of words": lambda size: _filled("**", "word ", size, "**"),
}
"""Texts that are not one unit repeated."""

LANGUAGES = """python javascript typescript c cpp java rust go ruby perl php bash sql html css xml json yaml toml ini
markdown latex haskell scala kotlin swift lua r diff make docker csharp powershell matlab julia clojure lisp elixir
erlang ocaml fsharp dart groovy vim awk nginx graphql protobuf scss rst jinja console text""".split()  # noqa: SIM905
CODE = {
    "quotes": "'\"`",
    "triple quotes": "\"\"\"a\n'''\n",
    "brackets": "({[<",
    "slashes": "/*/ //",
    "backslashes": "\\\\\n",
    "words": "a ",
    "letters": "a",
    "digits": "1_0e",
    "spaces": " \t",
    "blank lines": "\n",
    "hashes": "#!<%",
    "dollars": "${a$(",
    "signs": '<a ="@:-,.|&^~',
    "tags": "<a b='<!--",
    "names": "def class fn let x = y::z->w\n",
}
"""What fences are filled with, line after line."""


def fences(size: int) -> Iterator[tuple[str, str]]:
    """Each language with each content, by name: on short lines, and as they are."""
    for language in LANGUAGES:
        for name, unit in CODE.items():
            body = unit * (size // len(unit) + 1)
            yield f"{language} of {name}", f"```{language}\n{body}\n"
            if "\n" not in unit:
                lines = "\n".join(body[at : at + 200] for at in range(0, len(body), 200))
                yield f"{language} of {name} in lines", f"```{language}\n{lines}\n"


def patterns(size: int) -> Iterator[tuple[str, str]]:
    """Every text of about a size, by name: alone, and each unit in a quote, in an item, and closed by what follows."""
    for name, unit in REPEATED.items():
        text = unit * (size // len(unit) + 1)
        yield name, text
        yield f"{name}, in a quote", "> " + text.replace("\n", "\n> ")
        yield f"{name}, in an item", "1. a\n\n   " + text.replace("\n", "\n   ")
    for name, build in BUILT.items():
        yield name, build(size)


def names() -> list[str]:
    """Return the names of all hostile texts."""
    return [name for name, _ in chain(patterns(10), fences(10))]


def hostile_text(name: str, size: int) -> str:
    """Return the hostile text with this name."""
    return next(text for found, text in chain(patterns(size), fences(size)) if found == name)
