"""Sample texts that show what a reply can contain."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE = """\
A table, aligned as its second line says:

| Planet | Moons | Day in hours | Named after |
|:-------|------:|-------------:|:-----------:|
| Earth  |     1 |         23.9 |     soil    |
| Mars   |     2 |         24.6 | god of war  |
| Saturn |   274 |         10.7 | god of seed |
| 海王星 |    16 |         16.1 |     海神    |
"""

CODE = """\
Code keeps its spaces, and `/code` copies it exactly as it stands:

```python
def fibonacci(limit: int) -> list[int]:
    \"\"\"All Fibonacci numbers below `limit`.\"\"\"
    numbers, following = [0], 1
    while following < limit:
        numbers.append(following)
        following = numbers[-1] + numbers[-2]
    return numbers


print(fibonacci(100))  # [0, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89]
```

And in a shell:

```sh
printf '%s\\n' one two three | sort -r
```
"""

MARKDOWN = f"""\
# Markdown

Text may be **bold**, *italic*, ~~struck out~~ or `code`; a link looks like [this](https://commonmark.org).

## Lists

1. First one thing,
2. then another:
   - with a point,
   - and one more, long enough to show what happens where a line of a list is wider than the window it stands in.
3. Last.

> A quotation stands apart from the rest.
>
> It may have several paragraphs.

## Code

{CODE}
## A table

{TABLE}
---

That is the most of it.
"""

REASONING = """\
The question is how many matches a knockout tournament with 47 players takes.

I could add up the rounds: 23 matches and one player through, then 12 … with byes that becomes fiddly.

Look at it from the other side. Every match sends exactly one player home. One player stays until the end, so 46 are \
sent home, by 46 matches. The byes do not matter.

A check with 3 players: one match, then the final. That makes 2 = 3 − 1. It holds.
"""

REASONED = """\
A small puzzle: a knockout tournament has 47 players. How many matches does it take?

**46.** Every match sends one player home, and all but the winner go home.

What stands above this answer is the reasoning. It is open while it streams, folds when the answer begins, and opens \
again with a key or a click. (This one was written beforehand, like everything in the demo.)
"""

CJK = """\
**中文。** 你好！这是 tui-chat 自带的演示，背后没有语言模型，每一句话都是事先写好的。\
要连接真正的模型，请输入 `/connect`。

**日本語。** 全角文字は端末で二桁の幅を取ります。\
句読点「、。」や、カタカナとABCが混ざった行も、きちんと折り返されるはずです。

**한국어.** 한글도 두 칸을 차지합니다. 줄이 길어지면 창의 너비에 맞게 나뉩니다.

| 语言 | Hello | 宽度 |
|:----|:-----:|----:|
| 中文 | 你好 | 4 |
| 日本語 | こんにちは | 10 |
| 한국어 | 안녕하세요 | 10 |
| Emoji | 👋 🎉 | 5 |

Emoji that are several characters in one: 👩‍🚀 👍🏽 🇯🇵 e\u0301 (an e and an accent).
"""

LONG = 24_000
"""Length of the long reply in characters, if the question contains no number."""


def sections() -> Iterator[str]:
    """Yield numbered sections of mixed Markdown endlessly."""
    for number in count(1):
        yield f"## Section {number}\n\n"
        yield _PROSE[number % len(_PROSE)]
        match number % 4:
            case 1:
                yield f"1. The point numbered {number}.1\n2. The point numbered {number}.2, with `code` in it\n\n"
            case 2:
                yield f"```python\ndef section_{number}(lines: list[str]) -> int:\n"
                yield "    # Blank lines do not count.\n    return sum(bool(line.strip()) for line in lines)\n```\n\n"
            case 3:
                yield "| Section | Square | Cube |\n|--------:|-------:|-----:|\n"
                yield "".join(f"| {n} | {n * n} | {n**3} |\n" for n in range(number, number + 4)) + "\n"
            case _:
                yield f"> A quotation in section {number}, so that there is one.\n\n"


_PROSE = (
    "A harbour wakes up in the order of its noises. First come the gulls, then the ropes, which creak when the water "
    "turns, then one engine, and only after that the voices. Whoever has slept on a boat **knows the hour by them** "
    "without a clock.\n\n",
    "Bread asks for little: flour, water, salt, and time, of which the last is the *only one that cannot be bought*. "
    "A dough that was left alone over night tastes of more than one that was worked hard for an hour.\n\n",
    "On old maps the empty places are the best drawn. Where nothing was known there was room for whales, winds with "
    "puffed cheeks, and a scale in leagues; where everything was known, the engraver had to make do with names. "
    "See the [list of map makers](https://en.wikipedia.org/wiki/List_of_cartographers) for more of them.\n\n",
    "A lighthouse keeper's log is mostly weather. Between two storms somebody wrote down, in 1893, that the lamp "
    "had burned `13 h 20 min`, that the oil was good, and that a swallow had rested on the rail.\n\n",
)
