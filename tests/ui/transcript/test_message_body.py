"""The rows of a message without a screen: its parts in order, folds, its ending, and what of it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.geometry import Offset
from textual.selection import Selection

from tests.ui.host import Chat
from tests.ui.markdown_texts import THEME
from tui_chat.chat.events import (
    Citation,
    CutOff,
    Finished,
    ReasoningDelta,
    ResponseStarted,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from tui_chat.chat.message import Attachment
from tui_chat.keymap import Keymap
from tui_chat.ui.roles import role_variables
from tui_chat.ui.transcript import sections
from tui_chat.ui.transcript.entry import TranscriptEntry
from tui_chat.ui.transcript.message_body import FOOTER, LINES_PER_PART, LONGEST_COUNTED, TAIL, MessageBody
from tui_chat.ui.transcript.message_styles import MessageStyles
from tui_chat.ui.transcript.section_stack import NOWHERE
from tui_chat.ui.transcript.sections import LAID_AT_ONCE, Canvas
from tui_chat.ui.transcript.text.text_matcher import SearchPattern

if TYPE_CHECKING:
    from tui_chat.chat.message import Message

STYLES = MessageStyles.of(role_variables(THEME), ansi=False)
END = Finished("stop", "eof", at=1_002)


def body_of(*messages: Message, width: int = 60, in_chat: bool = True) -> MessageBody:
    """The rendered body of messages that are shown as one."""
    body = MessageBody(
        TranscriptEntry(list(messages), {}),
        STYLES,
        now=lambda: 1_000.0,
        time_of_day=lambda _: "12:00",
        keys=Keymap(),
        in_chat=in_chat,
    )
    body.render(Canvas(width, STYLES, Keymap()))
    return body


def rows(body: MessageBody) -> list[str]:
    return [body.row(y)[1].strip.text.strip() for y in range(body.height)]


def keys(body: MessageBody) -> list[int]:
    return [body.row(y)[0] for y in range(body.height)]


def has_to_settle(body: MessageBody) -> bool:
    return body.to_settle


def settle(body: MessageBody) -> None:
    for _ in body.settle():
        pass


# Questions


def test_a_question_has_its_position_and_its_time_beside_it_and_its_files_below() -> None:
    question = Chat().conversation.add_question("why")
    question.attachments = [Attachment("a.txt", "text/plain", b"x")]
    body = body_of(question, width=50)
    assert [row.split() for row in rows(body)] == [["▎", "why", "12:00"], ["▎", "a.txt", "1", "B"]]
    body.show_branch("2/3")
    assert rows(body)[0].split() == ["▎", "why", "‹", "2/3", "›", "12:00"]
    assert rows(body_of(question, width=49))[0].split() == ["▎", "why"]


def test_the_position_of_a_question_that_is_not_rendered_yet_waits_for_that() -> None:
    question = Chat().conversation.add_question("why")
    body = MessageBody(
        TranscriptEntry([question], {}), STYLES, now=lambda: 0.0, time_of_day=lambda _: "", keys=Keymap()
    )
    body.show_branch("2/3")
    assert body.height == 0
    body.render(Canvas(60, STYLES, Keymap()))
    assert "‹ 2/3 ›" in rows(body)[0]


# Replies


def test_a_reply_waits_until_there_is_something_to_see() -> None:
    chat = Chat()
    body = body_of(chat.ask("why"))
    assert rows(body) == ["◆ tiny-1 · connecting to example.org"]
    assert (body.waiting, keys(body)) == (True, [TAIL])
    chat.tell(ResponseStarted(200, "http://example.org", at=1_001), TextDelta("- ", at=1_001))
    assert body.update() == 0
    assert (body.waiting, rows(body)) == (False, ["◆ tiny-1 · waiting for the first token"])
    chat.tell(TextDelta("so", at=1_001))
    assert body.update() == 0
    assert rows(body) == ["• so"]


def test_the_first_row_that_changed_is_told() -> None:
    chat = Chat()
    body = body_of(chat.ask("why"))
    chat.tell(TextDelta("one\n\ntwo", at=1_001))
    assert body.update() == 0
    assert body.update() is None
    chat.tell(TextDelta(" more", at=1_001))
    assert body.update() == 2
    chat.tell(ToolCallDelta(0, "id", "look", "{", at=1_001))
    body.update()
    assert rows(body)[4].split() == ["→", "look", "{", "…"]
    chat.tell(ToolCallDelta(0, arguments="}", at=1_001))
    assert body.update() == 4
    assert rows(body)[4].split() == ["→", "look", "{}", "…"]
    chat.tell(END)
    assert body.update() == 4  # the call's arguments have all come
    assert rows(body)[4:6] == ["→ look {}", ""]
    assert keys(body)[5:] == [NOWHERE, FOOTER]
    body.show_branch("2/3")
    assert "2/3" not in rows(body)[-1]
    assert body.update() == 6
    assert "‹ 2/3 ›" in rows(body)[-1]
    assert body.update() is None


def test_what_is_held_back_of_a_text_is_shown_when_another_part_comes() -> None:
    chat = Chat()
    body = body_of(chat.ask("why"))
    chat.tell(TextDelta("It is\n\n42", at=1_001))
    body.update()
    assert rows(body) == ["It is"]
    chat.tell(ToolCallDelta(0, "id", "", "{}", at=1_001))
    body.update()
    assert rows(body)[:3] == ["It is", "", "42"]
    assert rows(body)[4].startswith("→ a tool {}")


def test_calls_that_are_folded_and_sources_stand_together() -> None:
    chat = Chat()
    reply = chat.ask("why")
    calls = [ToolCallDelta(number, f"id-{number}", name, "{}", at=1_001) for number, name in enumerate(("one", "two"))]
    sources = [Citation(f"https://{name}.example", at=1_001) for name in ("a", "b")]
    chat.tell(TextDelta("so", at=1_001), *calls, *sources, TextDelta("it is", part=1, at=1_001), END)
    body = body_of(reply)
    assert rows(body)[:-1] == [
        "so",
        "",
        "→ one {}",
        "→ two {}",
        "",
        "source: https://a.example",
        "source: https://b.example",
        "",
        "it is",
        "",
    ]
    assert keys(body) == [0, NOWHERE, 1, 2, NOWHERE, 3, 4, NOWHERE, 5, NOWHERE, FOOTER]
    assert body.fold(1)
    assert body.update() == 2
    assert rows(body)[2:6] == ["→ one", "┊ {}", "", "→ two {}"]
    assert body.line(1, 0) == "{}"


def test_an_ending_stands_apart_from_a_source() -> None:
    chat = Chat()
    reply = chat.ask("why")
    chat.tell(TextDelta("so", at=1_001), Citation("https://a.example", at=1_001), CutOff("lost", at=1_002))
    found = keys(body_of(reply))
    assert found[:5] == [0, NOWHERE, 1, NOWHERE, TAIL]
    assert found[-2:] == [NOWHERE, FOOTER]


def test_a_reply_that_is_continued_loses_its_ending_and_its_figures() -> None:
    chat = Chat()
    first = chat.ask("why")
    chat.tell(TextDelta("It is\n\n4", at=1_001), CutOff("lost", at=1_002))
    body = body_of(first)
    assert keys(body)[-1] == FOOTER
    assert any("Cut off: lost" in row for row in rows(body))
    chat.reply = chat.conversation.begin_reply(first, model="tiny-1", endpoint="example.org", at=1_003)
    body.entry.messages.append(chat.reply)
    assert body.update() == 4
    assert rows(body) == ["It is", "", "4"]  # complete as long as nothing follows
    body.render(body.canvas)
    assert rows(body) == ["It is", "", "4"]
    chat.tell(TextDelta("2 it", at=1_004))
    assert body.update() == 2
    assert rows(body) == ["It is", "", "42 it"]


def test_outside_of_a_chat_a_reply_has_no_figures() -> None:
    reply = Chat().answer("why", "so")
    assert rows(body_of(reply, in_chat=False)) == ["so"]
    assert len(rows(body_of(reply))) == 3


def test_the_figures_tell_of_text_that_is_shown_as_it_is_written() -> None:
    for text, is_plain in (("> " * 30 + "deep", True), ("> deep", False)):
        figures = rows(body_of(Chat().answer("why", text), width=120))[-1]
        assert figures.endswith("part shown as plain text · 12:00") == is_plain


@pytest.mark.parametrize("stored", [False, True], ids=["as it comes", "read at once"])
@pytest.mark.parametrize("words", ["", "word " * 9_000], ids=["short", "rendered in slices"])
def test_blocks_of_code_are_counted_through_all_texts_of_a_reply(words: str, *, stored: bool) -> None:
    chat = Chat()
    reply = chat.ask("why")
    body = body_of(reply)
    assert body.blocks == 0
    block = "```sh\nls\n```\n"
    assert not words or LAID_AT_ONCE < len(words) < LONGEST_COUNTED
    call = ToolCallDelta(0, "id", "look", at=1_001)
    for event in (TextDelta(words + "\n" + block, at=1_001), call, TextDelta(block, part=1), END):
        chat.tell(event)
        if not stored:
            body.update()
    body.update()
    for _ in body.settle():
        pass
    assert [row.split()[1:] for row in rows(body) if row.endswith("copy")] == [["1", "copy"], ["2", "copy"]]
    assert body.blocks == 2


# Folds


def test_text_does_not_fold() -> None:
    body = body_of(Chat().answer("why", "so"))
    assert (body.can_fold, body.fold_all(), body.fold(0), body.fold(7)) == (False, False, False, False)


def test_all_is_folded_unless_all_is_and_stays_so_at_another_width() -> None:
    chat = Chat()
    reply = chat.ask("why")
    chat.tell(ReasoningDelta("hm", at=1_001), ToolCallDelta(0, "id", "look", "[1]", at=1_001), END)
    body = body_of(reply)
    assert body.can_fold
    assert rows(body)[:-2] == ["▸ Thought", "", "→ look [1]"]
    assert body.fold(0)
    assert body.update() == 0
    opened = ["▾ Thought", "┊ hm", "", "→ look [1]"]
    assert rows(body)[:-2] == opened
    body.render(body.canvas._replace(width=50))
    assert rows(body)[:-2] == opened
    assert body.fold_all()
    body.update()
    assert rows(body)[:-2] == ["▸ Thought", "", "→ look [1]"]
    assert body.fold_all()
    body.update()
    assert rows(body)[:-2] == ["▾ Thought", "┊ hm", "", "→ look", "┊ [", "┊   1", "┊ ]"]


def test_the_arguments_of_a_call_that_is_open_grow() -> None:
    chat = Chat()
    reply = chat.ask("why")
    chat.tell(ToolCallDelta(0, "id", "look", "[1", at=1_001))
    body = body_of(reply)
    body.fold(0)
    body.update()
    assert rows(body)[1:] == ["┊ [1"]
    chat.tell(ToolCallDelta(0, arguments=", 2", at=1_001))
    assert body.update() == 0
    assert rows(body)[1:] == ["┊ [1, 2"]


def test_the_tokens_of_reasoning_are_told_if_it_is_in_one_piece() -> None:
    for pieces, told in ((1, True), (2, False)):
        chat = Chat()
        reply = chat.ask("why")
        for part in range(pieces):
            chat.tell(ReasoningDelta("hm", part=part, at=1_001), ToolCallDelta(part, f"id-{part}", "look", at=1_001))
        chat.tell(UsageReport(Usage(output=100, reasoning=64)), END)
        titles = [row for row in rows(body_of(reply)) if "Thought" in row]
        assert titles == (["▸ Thought · 64 tokens"] if told else ["▸ Thought"] * pieces)


# Settling


def test_streamed_text_settles_once_it_has_its_end() -> None:
    chat = Chat()
    reply = chat.ask("why")
    body = body_of(reply)
    chat.tell(TextDelta("see [a]\n\nmore\n\n", at=1_001))
    body.update()
    chat.tell(TextDelta("[a]: https://a.example/b\n", at=1_001))
    body.update()
    assert not has_to_settle(body)
    settle(body)
    assert rows(body)[0] == "see [a]"
    chat.tell(END)
    body.update()
    assert has_to_settle(body)
    settle(body)
    assert not has_to_settle(body)
    assert rows(body)[0] == "see a (https://a.example/b)"
    assert not has_to_settle(body_of(reply))  # it came at once


def test_a_stored_text_that_is_too_long_for_one_go_has_rows_once_it_has_settled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sections, "LAID_AT_ONCE", 10)
    body = body_of(Chat().answer("why", "one\n\ntwo and three"))
    body.render(body.canvas)
    body.find(SearchPattern.of("three"), (0, 1))
    assert keys(body) == [FOOTER]
    assert has_to_settle(body)
    assert body.highlights.match is None
    settle(body)
    assert not has_to_settle(body)
    assert rows(body)[:-1] == ["one", "", "two and three", ""]
    assert body.row_of_match() == 2


def test_settling_begins_again_when_everything_is_rendered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sections, "LAID_AT_ONCE", 10)
    body = body_of(Chat().answer("why", "word " * 10))
    steps = body.settle()
    next(steps)
    body.render(body.canvas._replace(width=30))
    assert list(steps) == []
    assert has_to_settle(body)
    settle(body)
    assert rows(body)[:-2] == ["word word word word word"] * 2


# Finding and selecting


def test_the_row_of_a_match_is_found_again_at_another_width() -> None:
    body = body_of(Chat().answer("why", "one\n\nsome words and the cat, and a cat"))
    body.find(SearchPattern.of("cat"), (1, 2))
    assert body.row_of_match() == 2
    body.render(body.canvas._replace(width=20))
    assert rows(body)[2:5] == ["some words and", "the cat, and a", "cat"]
    assert body.row_of_match() == 4
    body.find(None, None)
    assert body.row_of_match() == 0


def test_what_is_selected_is_the_text_of_each_part_and_no_half_of_a_letter() -> None:
    chat = Chat()
    reply = chat.ask("why")
    chat.tell(
        TextDelta("e\u0301a\n\ntwo", at=1_001),
        ToolCallDelta(0, "id", "look", "{}", at=1_001),
        TextDelta("three", part=1, at=1_001),
        END,
    )
    body = body_of(reply)
    assert body.selected(Selection(Offset(1, 0), Offset(2, 2 * LINES_PER_PART))) == "e\u0301a\n\ntwo\n\nth"
    assert body.selected(Selection(Offset(1, 2), Offset(3, 2))) == "wo"
    body.fold(1)
    body.update()
    assert body.selected(Selection(None, None)) == "e\u0301a\n\ntwo\n\n{}\n\nthree"
