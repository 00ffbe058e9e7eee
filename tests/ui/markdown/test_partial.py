"""Incomplete Markdown flickers as little as possible."""

from __future__ import annotations

import re

import pytest

from tests.benchmarks.texts import text
from tests.ui.markdown_texts import EVERYTHING, LOOK, streamed
from tui_chat.ui.markdown.document import Document
from tui_chat.ui.markdown.parser.markdown_parser import parser
from tui_chat.ui.markdown.partial import presentable

REPLY = """# Title

Some **bold words** and `code` and a [link text](https://example.com/a/b) here.

- item one
- item *two*
- item three

Next para:

| col a | col b |
|-------|-------|
| 1 | 2 |
| 3 | 4 |

```python
x = 1
```

1. one
2. two

---

Done ~~old~~ text.
"""


def blocks(text: str) -> tuple[list[str], str]:
    """The kinds of the blocks, and the text that is visible."""
    tokens = parser().parse(text)
    kinds = [token.type + token.tag for token in tokens if token.level == 0 and token.nesting >= 0]
    words = [
        child.content for token in tokens for child in token.children or () if child.type in ("text", "code_inline")
    ]
    return kinds, "".join(words)


def test_no_block_is_shown_as_another_and_no_mark_is_shown_raw() -> None:
    final, _ = blocks(REPLY)
    for end in range(1, len(REPLY)):
        kinds, words = blocks(presentable(REPLY[:end]))
        assert kinds == final[: len(kinds)], REPLY[:end][-30:]
        assert not re.search(r"\*|`|\]\(|~~|^\||\[link", words), words[-30:]


@pytest.mark.parametrize(
    ("tail", "shown"),
    [
        ("a **bo", "a **bo**"),
        ("a **bold*", "a **bold**"),
        ("a **bold**", "a **bold**"),
        ("a **", "a "),
        ("a *b **c", "a *b **c***"),
        ("a `co", "a `co`"),
        ("a ``co `de", "a ``co `de``"),
        ("a ~~ol", "a ~~ol~~"),
        ("a [li", "a li"),
        ("a [link](", "a link"),
        ("a [link](ht", "a [link](ht)"),
        ("a [link](https://ex", "a [link](https://ex)"),
        ("a [link](https://example.com/a_(b", "a [link](https://example.com/a_)"),
        ('a [link](https://example.com "tit', "a [link](https://example.com)"),
        ("![chart](https://ex", "![chart](https://ex)"),
        ("a [link](javascr", "a link"),
        ("[https://example.com](https://exa", "https://example.com"),
        ("[example.com](https://exa", "example.com"),
        ("a [link](https://example.com)", "a [link](https://example.com)"),
        ("snake_case and 2 * 3", "snake_case and 2 * 3"),
        ("a \\(x^2", "a \\(x^2\\)"),
        ("a $x^2", "a $x^2$"),
        ("only $5 and more", "only $5 and more"),
        ("text\n- ", "text\n"),
        ("text\n12", "text\n"),
        ("text\n#", "text\n"),
        ("text\n--", "text\n"),
        ("| a | b |\n|--", ""),
        ("| a | b |\n", ""),
        ("| a | b |\n|---|---|\n| 1 ", "| a | b |\n|---|---|\n"),
        ("- a\n  ```c\n  x = a *b", "- a\n  ```c\n  x = a *b"),
        ("words\n| a", "words\n"),
        ("words\n| a | b |\n| c **d", "words\n| a | b |\n| c **d**"),
        ("words\n  | a\n  | b", "words\n  | a\n  | b"),
        ("a | b\n| c", "a | b\n| c"),
        ("words\n| a |\n|--", "words\n"),
        ("words\n| a |\n|---|\n| b |\n| c", "words\n| a |\n|---|\n| b |\n"),
    ],
)
def test_what_is_open_is_closed_and_what_is_undecided_held_back(tail: str, shown: str) -> None:
    assert presentable(tail) == shown


def test_only_the_end_differs_from_the_source() -> None:
    for end in range(len(EVERYTHING)):
        tail = EVERYTHING[:end]
        whole_lines = presentable(tail).split("\n")[:-1]
        assert tail.split("\n")[: len(whole_lines)] == whole_lines


def test_what_was_held_back_is_there_in_the_end() -> None:
    document = streamed("The answer:\n\n42", 1)
    assert document.lines[-1] == "The answer:"
    for _ in document.settle():
        pass
    assert document.lines[-1] == "42"


@pytest.mark.parametrize("reply", [text("first", 8_000), text("mixed", 3_000), text("list", 3_000)])
def test_text_that_comes_is_seen_to_come(reply: str) -> None:
    document = Document(100, LOOK, streams=True)
    unseen = 0
    for at in range(0, len(reply), 4):
        document.append(reply[at : at + 4])
        unseen = 0 if document.flush() is not None else unseen + 1
        assert unseen <= 2, reply[at - 40 : at + 4]


def test_rows_without_a_table_are_seen_to_come() -> None:
    reply = "A drawing:\n" + "".join(f"| box {number} with its words | {number} |\n" for number in range(6))
    document = Document(100, LOOK, streams=True)
    unseen = 0
    for at in range(reply.index("| box 1"), len(reply), 4):
        document.append(reply[:at] if not document.height else reply[at - 4 : at])
        unseen = 0 if document.flush() is not None else unseen + 1
        assert unseen <= 2, reply[at - 40 : at]


NESTED = """1. First, with **bold** words and so many others that it is frozen before the item ends, as long ones are.

   ```python
   x = 1

   y = 2
   ```

   After the code, some words.
   - one below
   - and `another`
     1. deeper

       text

2. Second

> A quote with
> two lines and a list:
>
> - item *one*
> - item two
>
>   ```sh
>   ls -la
>   ```
>
> | a | b |
> |---|---|
> | 1 | 2 |
> | 3 | 4 |
>
> End of the quote.

End.
"""


@pytest.mark.parametrize("reply", [REPLY, NESTED])
def test_rows_do_not_come_and_go(reply: str) -> None:
    document = Document(60, LOOK)
    heights = []
    for character in reply:
        document.append(character)
        document.flush()
        heights.append(document.height)
    assert heights == sorted(heights)
