"""Models that behave: each is a function from what was asked to the pieces of an answer.

A script knows nothing of time or bytes: `pacing` spreads its pieces over time, `formats` writes them. To add one: a
function here or in a file of its own, and a line in `SCRIPTS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from tui_chat.chat.events import ChatEvent, Finished, ReasoningDelta, TextDelta, Usage, UsageReport
from tui_chat.server import demo, showcase

Delta: TypeAlias = TextDelta | ReasoningDelta


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the conversation that was sent."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a script is told."""

    messages: tuple[Said, ...]
    max_tokens: int | None = None
    """The answer is cut after so many pieces, with the finish reason `length`."""

    @property
    def question(self) -> str:
        """The last thing the user said."""
        return next((said.text for said in reversed(self.messages) if said.role == "user"), "")

    @property
    def opening(self) -> bool:
        """Whether this is the conversation's first question."""
        return sum(said.role == "user" for said in self.messages) <= 1


Script: TypeAlias = Callable[[Asked], Iterator[Delta]]

# A word of up to eight letters with the space before it, one or two CJK characters, white space, or punctuation.
_PIECE = re.compile(rf" ?(?:[{demo.CJK}]{{1,2}}|[^\W{demo.CJK}]{{1,8}})|\s+|[^\w\s]{{1,3}}")


def pieces(text: str) -> list[str]:
    """Cut text into what counts as its tokens here; joined, they are the text again."""
    return _PIECE.findall(text)


def _say(text: str) -> Iterator[Delta]:
    return map(TextDelta, pieces(text))


def _think(text: str) -> Iterator[Delta]:
    return map(ReasoningDelta, pieces(text))


def _demo(asked: Asked) -> Iterator[Delta]:
    match demo.answer(asked.question, opening=asked.opening):
        case demo.Run(name):
            yield from SCRIPTS[name](asked)
        case str(text):
            yield from _say(text)


def _echo(asked: Asked) -> Iterator[Delta]:
    yield from _say(asked.question)


def _markdown(_asked: Asked) -> Iterator[Delta]:
    yield from _say(showcase.MARKDOWN)


def _table(_asked: Asked) -> Iterator[Delta]:
    yield from _say(showcase.TABLE)


def _code(_asked: Asked) -> Iterator[Delta]:
    yield from _say(showcase.CODE)


def _long(asked: Asked) -> Iterator[Delta]:
    wanted = _number(asked.question, at_least=1000) or showcase.LONG
    written = 0
    for section in showcase.sections():
        for delta in _say(section):
            yield delta
            written += len(delta.text)
        if written >= wanted:
            return


def _reason(_asked: Asked) -> Iterator[Delta]:
    yield from _think(showcase.REASONING)
    yield from _say(showcase.REASONED)


def _cjk(_asked: Asked) -> Iterator[Delta]:
    yield from _say(showcase.CJK)


def _count(asked: Asked) -> Iterator[Delta]:
    yield TextDelta("1")
    for number in range(2, (_number(asked.question, at_least=1) or 20) + 1):
        yield TextDelta(f" {number}")


def _number(text: str, at_least: int) -> int | None:
    """The first number in the text that is `at_least` that much; no more than a million."""
    found = (int(digits) for digits in re.findall(r"(?<!\d)\d{1,9}(?!\d)", text))
    return next((min(number, 1_000_000) for number in found if number >= at_least), None)


SCRIPTS: dict[str, Script] = {
    "demo": _demo,
    "echo": _echo,
    "markdown": _markdown,
    "table": _table,
    "code": _code,
    "long": _long,
    "think": _reason,
    "cjk": _cjk,
    "count": _count,
}
"""By the model's name. `count` and `long` read a number in the question: how many numbers, or how many characters
(from 1,000 on)."""


def reply(script: Script, asked: Asked) -> Iterator[ChatEvent]:
    """The whole of one answer: the script's pieces, the usage, and the end.

    The usage is made up, by a rule that holds together: a piece is a token, so the completion tokens are the deltas
    that were sent, reasoning among them, and the prompt tokens are the pieces of all messages that came.
    """
    output = reasoning = 0
    reason = "stop"
    for delta in script(asked):
        if asked.max_tokens is not None and output >= asked.max_tokens:
            reason = "length"
            break
        output += 1
        reasoning += isinstance(delta, ReasoningDelta)
        yield delta
    prompt = sum(len(pieces(said.text)) for said in asked.messages)
    yield UsageReport(Usage(input=prompt, output=output, total=prompt + output, reasoning=reasoning))
    yield Finished(reason, "done-sentinel")
