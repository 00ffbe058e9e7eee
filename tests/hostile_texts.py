"""Markdown that takes a careless program long, and is more than one piece repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


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


def _numbered(unit: str, size: int) -> str:
    return "".join(unit.format(number) for number in range(size // (len(unit) + 2) + 1))


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
    "footnotes of many": lambda size: _numbered("[^{}]: a\n\n", size // 2) + _numbered("b[^{}] ", size // 2),
    "footnote marks before": lambda size: (
        _numbered("b[^{}] ", size // 2) + "\n\n" + _numbered("[^{}]: a\n\n", size // 2)
    ),
    "definition of one long label": lambda size: _filled("[", "a ", size, "]: b\n"),
    "definition of one long target": lambda size: _filled("[a]: ", "b", size, "\n"),
    "definition of one long title": lambda size: _filled("[a]: b '", "c ", size, "'\n"),
    "definition of a title in lines": lambda size: _filled("[a]: b '", "c\n", size, "'\n"),
    "definition of a label in lines": lambda size: _filled("[", "a\n", size, "]: b\n"),
    "footnote of one paragraph": lambda size: _filled("[^a]: ", "b ", size),
    "one word": lambda size: "x" * size,
    "one word of marks": lambda size: _filled("a", "_*", size),
    "one line of html comment": lambda size: _filled("<!--", "- ", size),
    "one html comment in lines": lambda size: _filled("<!--\n", "a\n", size),
    "one html block in lines": lambda size: _filled("<div>\n", "<b>\n", size),
    "one script in lines": lambda size: _filled("<script>\n", "a <\n\n", size),
    "one tag in a line": lambda size: _filled("a <b ", "c=d ", size, ">"),
    "one tag in lines": lambda size: _filled("a <b\n", "c=d\n", size, ">"),
    "one comment within a paragraph": lambda size: _filled("a <!-- ", "b -", size),
    "one autolink": lambda size: _filled("<http://", "a", size, ">"),
    "one url": lambda size: _filled("http://a.b/", "c", size),
    "one url of parentheses": lambda size: _filled("http://a.b/", "(", size // 2) + ")" * (size // 2),
    "one url of dots": lambda size: _filled("http://a", ".b", size),
    "one mail": lambda size: _filled("mailto:", "a.", size, "@b.c"),
    "one entity": lambda size: _filled("&", "a", size, ";"),
    "one code span": lambda size: _filled("``", "a`b", size, "``"),
    "one code span in lines": lambda size: _filled("`", "a\n", size, "`"),
    "one bold in lines": lambda size: _filled("**", "a\n", size, "**"),
    "one struck": lambda size: _filled("~~", "a ~b ", size, "~~"),
    "one link text in lines": lambda size: _filled("[", "a\n", size, "](b)"),
    "one link title": lambda size: _filled("[a](b '", "c ", size, "')"),
    "one image text": lambda size: _filled("![", "a *b* ", size, "](c)"),
    "one display": lambda size: _filled("$$\n", "a+b\n", size, "$$\n"),
    "one display of brackets": lambda size: _filled("\\[\n", "a+b\n", size, "\\]\n"),
    "one heading of links": lambda size: _filled("# ", "[a](b) ", size),
    "one heading of words underlined": lambda size: _filled("", "a ", size, "\n===\n"),
    "one heading in lines underlined": lambda size: _filled("", "a\n", size, "===\n"),
    "one cell of breaks": lambda size: _filled("|a|\n|-|\n|", "<br>", size, "|\n"),
    "one cell of bars escaped": lambda size: _filled("|a|\n|-|\n|", "\\|", size, "|\n"),
    "one cell of code": lambda size: _filled("|a|\n|-|\n|", "`b` ", size, "|\n"),
    "one row of cells": lambda size: _filled("|a|b|\n|-|-|\n", "|c", size, "|\n"),
    "one head of words": lambda size: _filled("|", "a ", size, "|\n|-|\n|b|\n"),
    "table of 2 columns, wide cells": lambda size: _filled("|a|b|\n|-|-|\n", "|日本語|" + "b" * 70 + "|\n", size),
    "table of 50 columns": lambda size: _filled(
        "|" + "a|" * 50 + "\n|" + "-|" * 49 + "-\n", "|" + "b|" * 50 + "\n", size
    ),
    "table of 8 columns of words": lambda size: _filled(
        "|" + "a|" * 8 + "\n|" + "-|" * 8 + "\n", "|" + "words and more|" * 8 + "\n", size
    ),
    "table in a list in a quote": lambda size: _filled("> - |a|b|\n>   |-|-|\n", ">   |c|d|\n", size),
    "table and then lazy lines": lambda size: _filled("|a|b|\n|-|-|\n", "c\n", size),
    "table rows in quotes 5 deep": lambda size: _filled(">>>>> |a|b|\n>>>>> |-|-|\n", ">>>>> |c|d|\n", size),
    "table rows in items 5 deep": lambda size: _filled("- - - - - |a|b|\n          |-|-|\n", "          |c|d|\n", size),
    "fence in quotes 9 deep": lambda size: _filled(">" * 9 + " ```\n", ">" * 9 + " a\n", size),
    "fence in items 9 deep": lambda size: _filled("- " * 9 + "```python\n", " " * 18 + "a = 1\n", size),
    "text in items 9 deep": lambda size: _filled("- " * 9 + "a\n", " " * 18 + "b\n", size),
    "paragraphs in items 9 deep": lambda size: _filled("- " * 9 + "a\n", "\n" + " " * 18 + "b\n", size),
    "items in items 9 deep": lambda size: _filled("- " * 8 + "- a\n", " " * 16 + "- b\n", size),
    "lazy lines in items 9 deep": lambda size: _filled("- " * 9 + "a\n", "b\n", size),
    "lazy letters in quotes 9 deep": lambda size: _filled(">" * 9 + " a\n", "b\n", size),
    "lazy lines in quotes and items": lambda size: _filled("> - > - > - a\n", "b\n", size),
    "lazy numbers in quotes 9 deep": lambda size: _filled(">" * 9 + " a\n", "2. b\n", size),
    "lazy stars in quotes 9 deep": lambda size: _filled(">" * 9 + " a\n", "*b\n", size),
    "lazy brackets in quotes 9 deep": lambda size: _filled(">" * 9 + " a\n", "[b\n", size),
    "lazy tags in quotes 9 deep": lambda size: _filled(">" * 9 + " a\n", "<b\n", size),
    "lazy backticks in quotes 9 deep": lambda size: _filled(">" * 9 + " a\n", "`b\n", size),
    "lazy dollars in quotes 9 deep": lambda size: _filled(">" * 9 + " a\n", "$$b\n", size),
    "lazy bars in quotes 9 deep": lambda size: _filled(">" * 9 + " a\n", "|b|c\n", size),
    "lazy dashes in quotes 9 deep": lambda size: _filled(">" * 9 + " a\n", "--b\n", size),
    "lazy lines set in in quotes 9 deep": lambda size: _filled(">" * 9 + " a\n", "      b\n", size),
    "quotes 9 deep of paragraphs": lambda size: _filled("", ">" * 9 + " a\n" + ">" * 9 + "\n", size),
    "quotes 9 deep of items": lambda size: _filled("", ">" * 9 + " - a\n", size),
    "quotes 9 deep of tables": lambda size: _filled(
        ">" * 9 + "|a|b|\n" + ">" * 9 + "|-|-|\n", ">" * 9 + "|c|d|\n", size
    ),
    "quotes 9 deep then less": lambda size: _filled("", ">" * 9 + " a\n> b\n", size),
    "definitions in quotes 9 deep": lambda size: _filled("", ">" * 9 + " [a]: b\n", size),
    "definition left open in quotes 9 deep": lambda size: _filled(">" * 9 + " [a\n", "b\n", size),
    "title left open in quotes 9 deep": lambda size: _filled(">" * 9 + " [a]: b '\n", "c\n", size),
    "html in quotes 9 deep": lambda size: _filled(">" * 9 + " <div>\n", ">" * 9 + " a\n", size),
    "formula in quotes 9 deep": lambda size: _filled(">" * 9 + " $$\n", ">" * 9 + " a\n", size),
    "many references to one": lambda size: _filled("[a]: http://b\n\n", "[a] ", size),
    "many long references to one": lambda size: (
        "[" + "a" * 900 + "]: b\n\n" + _filled("", "[" + "a" * 900 + "] ", size)
    ),
    "one definition, brackets": lambda size: _filled("[a]: b\n\n", "[", size),
    "stars of growing length": lambda size: " ".join("*" * n + "a" for n in range(1, int((2 * size) ** 0.5))),
    "underscores of growing length": lambda size: " ".join("_" * n + "a" for n in range(1, int((2 * size) ** 0.5))),
    "tildes of growing length": lambda size: " ".join("~" * n + "a" for n in range(1, int((2 * size) ** 0.5))),
    "brackets of growing length": lambda size: " ".join("[" * n + "a" + "]" * n for n in range(1, int(size**0.5))),
    "lines of growing length": lambda size: "\n".join("a " * n for n in range(1, int(size**0.5))),
    "items of growing length": lambda size: "\n".join("- " + "a " * n for n in range(1, int(size**0.5))),
    "quotes of growing depth": lambda size: "\n".join(">" * n + "a" for n in range(1, int((2 * size) ** 0.5))),
    "items of growing numbers": lambda size: "".join(f"{n}. a\n" for n in range(size // 6 + 1)),
    "items of growing indent": lambda size: "".join(" " * (n % 200) + "- a\n" for n in range(size // 104 + 1)),
    "fences of growing length": lambda size: "\n".join("`" * n + "\na" for n in range(3, int((2 * size) ** 0.5))),
    "tables of growing width": lambda size: "".join(
        "|a" * (n % 50 + 1) + "|\n" + "|-" * (n % 50 + 1) + "|\n\n" for n in range(size // 106 + 1)
    ),
    "table widening by a cell": lambda size: (
        "|a|b|\n|-|-|\n" + "".join("|" + "x" * n + "|y|\n" for n in range(int((2 * size) ** 0.5)))
    ),
    "table of wrapping cells": lambda size: _filled(
        "|a|b|c|d|\n|-|-|-|-|\n", "|" + ("some words that wrap " * 3 + "|") * 4 + "\n", size
    ),
    "text in one long paragraph of links": lambda size: _filled("", "[a](http://b.c) ", size),
    "text in one long paragraph of code": lambda size: _filled("", "`a` ", size),
    "text in one long paragraph of formulas": lambda size: _filled("", "$a^b$ and ", size),
    "code of one long line in quotes": lambda size: _filled("> ```python\n> ", "a = 1; ", size),
    "code of long lines": lambda size: _filled("```python\n", "a = '" + "b" * 1990 + "'\n", size),
    "code of wide letters": lambda size: _filled("```\n", "日本" * 40 + "\n", size),
    "code of tabs": lambda size: _filled("```\n", "\t\ta\tb\n", size),
    "code of blank lines": lambda size: _filled("```python\n", "\n   \n", size),
    "code of marks": lambda size: _filled("```markdown\n", "*a* `b` [c](d)\n", size),
    "code of diffs": lambda size: _filled("```diff\n", "+a\n-b\n@@ c\n", size),
    "code of escapes": lambda size: _filled("```\n", "\x1b[31ma\x1b[0m\n", size),
    "fence that may close": lambda size: _filled("````\n", "```\n", size),
    "fence of spaces before its end": lambda size: _filled("```\n", " ```a\n", size),
    "blank lines in a quote": lambda size: _filled("> a\n", ">\n", size, "> b"),
    "blank lines in an item": lambda size: _filled("- a\n", "\n", size, "  b"),
    "spaces before a line": lambda size: _filled("a\n", " ", size, "b"),
    "spaces behind a line": lambda size: _filled("a", " ", size, "\nb"),
    "tabs before a line": lambda size: _filled("- a\n", "\t", size, "b"),
    "numbers of one item": lambda size: _filled("", "1", size, ". a"),
    "hashes before a word": lambda size: _filled("", "#", size, " a"),
    "accents on a heading": lambda size: _filled("# e", "\u0301", size),
    "joiners in bold": lambda size: _filled("**", "\u200d", size, "**"),
    "emoji joined in a list": lambda size: _filled("- ", "👩\u200d", size),
    "combining in a link": lambda size: _filled("[e", "\u0301", size, "](a)"),
}
"""Texts that are not one unit repeated."""
