"""Damaged exports into a history that holds something: they come in or are refused in a sentence; nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, get_args

import pytest

from tests.fuzz.running import SECONDS, Target, shorter
from tests.fuzz.streams import with_bytes, with_structure, with_value
from tests.history.files import given_out, history, lines, taken_in
from tui_chat.chat.events import CutOff, Failed, Finished, Skipped, Stopped, Usage
from tui_chat.chat.history_ports import HistoryError
from tui_chat.chat.message import (
    Attachment,
    CitationPart,
    ImagePart,
    Message,
    OpaquePart,
    TextPart,
    Timing,
    ToolCall,
)
from tui_chat.cli.reporting import result, usage_line, verdict
from tui_chat.history import messages
from tui_chat.history.transfer.export import ExportFormat
from tui_chat.history.transfer.json_format import ChatHead
from tui_chat.ui import dates, numbers

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

    from tui_chat.chat.events import Ending
    from tui_chat.chat.message import Part

CASES = 120


def question(id_: str, text: str, parent: str | None = None) -> Message:
    files = [Attachment("a.txt", "text/plain", b"x")]
    return Message(id_, parent, "user", 1.7e9, parts=[TextPart("text", text=text)], attachments=files)


def answers() -> list[Message]:
    """A reply of each ending, with all kinds of parts."""
    parts: list[Part] = [
        TextPart("reasoning", 0, "hm", 1.0),
        TextPart("text", 0, "| a | b |\n|---|---|\n| 1 | 2 |", 2.0),
        TextPart("refusal", 0, "no"),
        ToolCall(0, "call", "look", "{}"),
        ImagePart("https://h/p.png"),
        CitationPart("https://h", "title"),
        OpaquePart('{"signature": "s"}'),
    ]
    endings: list[Ending] = [
        Finished("stop", "done-sentinel", "d", at=3.0),
        CutOff("the connection closed", at=3.0),
        Failed("It broke.", "Try again.", "server", "http://h", 500, "m", "t", "c", "stop", at=3.0),
        Stopped(at=3.0),
    ]
    return [
        Message(
            f"a{number}", "q", "assistant", 1.7e9, "model", "host", parts, usage=Usage(3, 5, 8, 1, 2, 0.1, 4, 4),
            timing=Timing(1.0, 1.1, 1.2, 2.2, 2.3, 3.0), status=200, url="http://h/v1", ending=ending, deltas=7,
            content_bytes=30, skipped=Skipped(1, 20),
        )
        for number, ending in enumerate(endings)
    ]  # fmt: skip


def chat(id_: str) -> tuple[ChatHead, list[Message]]:
    tree = [question("q", "Why?"), *answers(), question("q2", "And?", "a0")]
    return ChatHead(id_, 1.7e9, 1.7e9, "title", "system", False, "q2", len(tree)), tree


KEPT = lines((ChatHead("kept", 1.7e9, 1.7e9, "", "", False, "q", 1), [question("q", "kept words")]))
EXPORT = tuple(lines(chat("one"), chat("two")).splitlines(keepends=True))


@dataclass(frozen=True)
class File:
    lines: tuple[bytes, ...]

    def data(self) -> bytes:
        return b"".join(self.lines)


def damaged(chance: random.Random) -> File:
    found = list(EXPORT)
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.randrange(len(found))
        line = found[at]
        match chance.randrange(8):
            case 0 | 1 | 2:
                found[at] = with_value(chance, line, None) or line
            case 3:
                found[at] = with_structure(chance, line) or line
            case 4:
                found[at] = with_bytes(chance, line)
            case 5:
                found.insert(chance.randrange(len(found)), line)
            case 6 if len(found) > 1:
                del found[at]
            case _:
                found[at:] = [with_bytes(chance, line)]
    return File(tuple(found))


def smaller(case: File) -> Iterable[File]:
    return (replace(case, lines=tuple(found)) for found in shorter(case.lines))


def check(case: File) -> None:
    with history() as database:
        taken_in(database, KEPT)
        before = set(given_out(database).splitlines())
        try:
            taken_in(database, case.data())
        except HistoryError as error:
            told = str(error)
            assert told.startswith("line "), told
            assert len(told) < 400, told
            assert told.isprintable(), told
        assert not database.in_transaction
        after = given_out(database)
        assert before <= set(after.splitlines()), "what was here is lost"
        for form in get_args(ExportFormat):
            assert given_out(database, form)
        for (key,) in database.execute("SELECT key FROM messages").fetchall():
            message, _ = messages.read(database, key)
            numbers.reply_figures(message)
            numbers.reply_pace(message)
            result(message, "c")
            usage_line(message)
            verdict(message)
            dates.time_of_day(message.created)
        with history() as other:
            taken_in(other, after)
            assert given_out(other) == after, "what came in goes out otherwise"


TARGET = Target(damaged, check, smaller, lambda case: repr(case.data()))


def test_a_damaged_export_is_refused_in_a_sentence_or_comes_in_whole() -> None:
    assert TARGET.run(cases=CASES) > 0


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_a_damaged_export_is_refused_in_a_sentence_or_comes_in_whole_for_long(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tried = TARGET.run(seconds=SECONDS)
    with capsys.disabled():
        print(f"\nexports: {tried:,} cases in {SECONDS:.0f} CPU seconds")
