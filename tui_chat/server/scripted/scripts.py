"""The scripted models: each is a function from a conversation to the pieces of an answer.

Scripts know nothing of time or bytes: `pacing` paces their pieces and `formats` encodes them. To add one, write a
function here or in its own file, and add it to `SCRIPTS` and `ABOUT`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import count
from typing import TypeAlias

from tui_chat.chat.events import ChatEvent, Finished, ReasoningDelta, TextDelta, ToolCallDelta, Usage, UsageReport
from tui_chat.server.chat_input import ChatInput
from tui_chat.server.formats.style import PLAIN, Style
from tui_chat.server.scripted import demo, showcase
from tui_chat.server.scripted.tool_calls import arguments, called

ScriptDelta: TypeAlias = TextDelta | ReasoningDelta | ToolCallDelta
Script: TypeAlias = Callable[[ChatInput], Iterator[ScriptDelta]]

# A word of up to eight letters with the space before it, one or two CJK characters, white space, or punctuation.
_PIECE = re.compile(rf" ?(?:[{demo.CJK}]{{1,2}}|[^\W{demo.CJK}]{{1,8}})|\s+|[^\w\s]{{1,3}}")


_COUNTED = 100_000
"""Characters of a text whose pieces are counted exactly; the count for longer texts is extrapolated."""


def pieces(text: str) -> Iterator[str]:
    """Split a text into pieces that count as its tokens; joined, they are the text again."""
    return (found[0] for found in _PIECE.finditer(text))


def count_pieces(text: str) -> int:
    """The approximate number of pieces in a text, in bounded time."""
    counted = sum(1 for _ in pieces(text[:_COUNTED]))
    return counted if len(text) <= _COUNTED else counted * len(text) // _COUNTED


_STEPS = {"none": 0, "minimal": 1, "low": 1, "medium": 3, "high": 6, "xhigh": 8}
"""Steps of reasoning for an effort."""


def _deltas(text: str) -> Iterator[ScriptDelta]:
    return map(TextDelta, pieces(text))


def _think(text: str) -> Iterator[ScriptDelta]:
    return map(ReasoningDelta, pieces(text))


def _demo(chat_input: ChatInput) -> Iterator[ScriptDelta]:
    match demo.answer(chat_input.question, opening=chat_input.opening):
        case demo.RunScript(name):
            yield from SCRIPTS[name](chat_input)
        case str(text):
            yield from _deltas(text)


def _echo(chat_input: ChatInput) -> Iterator[ScriptDelta]:
    yield from _deltas(chat_input.question)


def _markdown(_chat_input: ChatInput) -> Iterator[ScriptDelta]:
    yield from _deltas(showcase.MARKDOWN)


def _table(_chat_input: ChatInput) -> Iterator[ScriptDelta]:
    yield from _deltas(showcase.TABLE)


def _code(_chat_input: ChatInput) -> Iterator[ScriptDelta]:
    yield from _deltas(showcase.CODE)


def _long(chat_input: ChatInput) -> Iterator[ScriptDelta]:
    wanted = _number(chat_input.question, at_least=1000) or showcase.LONG
    written = 0
    for section in showcase.sections():
        yield from _deltas(section)
        written += len(section)
        if written >= wanted:
            return


def _reason(_chat_input: ChatInput) -> Iterator[ScriptDelta]:
    yield from _think(showcase.REASONING)
    yield from _deltas(showcase.REASONED)


def _effort(chat_input: ChatInput) -> Iterator[ScriptDelta]:
    effort = chat_input.effort
    for number in range(_STEPS.get(effort, 2)):
        yield from _think(f"Step {number + 1}: I think about it.\n")
    yield from _deltas(f"The effort is {effort}." if effort else "No effort was asked for.")


def _cjk(_chat_input: ChatInput) -> Iterator[ScriptDelta]:
    yield from _deltas(showcase.CJK)


def _tools(chat_input: ChatInput) -> Iterator[ScriptDelta]:
    if chat_input.results:
        yield from _deltas("The tool gave back:\n\n")
        for result in chat_input.results:
            yield from _deltas(f"```\n{result}\n```\n")
        return
    yield from _deltas("Let me look that up.")
    for index, tool in enumerate(called(chat_input)):
        yield ToolCallDelta(index, f"call_{len(chat_input.messages)}_{index}", tool.name)
        written = json.dumps(arguments(tool, chat_input.question), ensure_ascii=False)
        for piece in pieces(written):
            yield ToolCallDelta(index, arguments=piece)


def counted(last: int | None) -> Iterator[TextDelta]:
    """The numbers from 1 to `last`, one delta each; `None`: endlessly."""
    yield TextDelta("1")
    for number in count(2) if last is None else range(2, last + 1):
        yield TextDelta(f" {number}")


def _count(chat_input: ChatInput) -> Iterator[ScriptDelta]:
    yield from counted(_number(chat_input.question, at_least=1) or 20)


def _number(text: str, at_least: int) -> int | None:
    """The first number in the text that is `at_least` this large, limited to a million."""
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
    "effort": _effort,
    "cjk": _cjk,
    "tools": _tools,
    "count": _count,
}
"""The scripts of the built-in endpoint, by the model's name."""

ABOUT: dict[str, str] = {
    "demo": "answers questions about tui-chat",
    "echo": "repeats the question",
    "markdown": "all of Markdown: headings, lists, code, a table",
    "table": "a table",
    "code": "two code blocks",
    "long": "mixed Markdown of 24,000 characters, or of as many as a number in the question",
    "think": "reasons before it answers",
    "effort": "reasons as long as the request asks for, and names that effort",
    "cjk": "Chinese, Japanese, Korean, emoji",
    "tools": "calls the tools that the question names, or the first one, and then reports their results",
    "count": "counts to 20, or to a number in the question",
}
"""Short descriptions, by model name."""


def reply(script: Script, chat_input: ChatInput, style: Style = PLAIN) -> Iterator[ChatEvent]:
    """All events of an answer: the script's pieces, the usage and the end, as `style` requests.

    The usage is made up but consistent: a piece is a token, so the output tokens are the deltas sent (including
    reasoning), and the input tokens are the pieces of all messages in the request. It is sent at the beginning and at
    the end, or with every delta.
    """
    prompt = sum(count_pieces(said.text) for said in chat_input.messages)
    output = reasoning = 0

    def usage() -> UsageReport:
        return UsageReport(Usage(input=prompt, output=output, total=prompt + output, reasoning=reasoning))

    sends_usage = style.usage != "never"
    reason = "stop"
    if sends_usage:
        yield usage()
    for delta in script(chat_input):
        if chat_input.max_tokens is not None and output >= chat_input.max_tokens:
            reason = "length"
            break
        output += 1
        reasoning += isinstance(delta, ReasoningDelta)
        if isinstance(delta, ToolCallDelta):
            reason = "tool_calls"
        if style.usage == "every":
            yield usage()
        yield delta
    if sends_usage:
        yield usage()
    yield Finished(reason if style.finish == "given" else None, "eof" if style.end == "none" else "done-sentinel")
