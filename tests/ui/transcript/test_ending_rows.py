"""The rows below a reply that did not end as it should, without a screen."""

from __future__ import annotations

import pytest

from tests.ui.host import Chat
from tests.ui.markdown_texts import THEME
from tui_chat.chat.events import CutOff, Ending, Failed, Finished, Skipped, Stopped, TextDelta
from tui_chat.ui.roles import role_variables
from tui_chat.ui.transcript.ending_rows import ending_rows, failure_lines
from tui_chat.ui.transcript.message_styles import MessageStyles

MARKS = MessageStyles.of(role_variables(THEME), ansi=False).marks


def rows_of(ending: Ending, *, text: str = "so far", width: int = 100) -> list[str]:
    """The rows below a reply with this text; each command is named by its id."""
    chat = Chat()
    reply = chat.ask("question")
    if text:
        chat.tell(TextDelta(text, at=1_001))
    chat.tell(ending)
    return [row.strip.text.strip() for row in ending_rows(ending, reply, width, MARKS, lambda command: f"<{command}>")]


@pytest.mark.parametrize("reason", ["stop", "end_turn", "STOP"])
def test_a_complete_answer_has_no_rows(reason: str) -> None:
    assert rows_of(Finished(reason, "done-sentinel", at=1_002)) == []


@pytest.mark.parametrize(
    ("ending", "row"),
    [
        (Stopped(at=1_002), "▎ ■ Stopped by you after 2.0 s"),
        (CutOff("the connection was closed", at=1_002), "▎ ✂ Cut off: the connection was closed"),
        (Finished("length", "eof", at=1_002), "▎ ✂ Length limit: the reply reached the most tokens it may have"),
        (Finished("content_filter", "eof", at=1_002), "▎ ⊘ Content filter: the provider withheld the rest"),
        (Finished("abort", "eof", at=1_002), "▎ ✂ Broken off by the server (abort)"),
        (Finished(None, "eof", at=1_002), "Ended, no reason given"),
    ],
)
def test_each_ending_begins_with_a_sign_and_a_word(ending: Ending, row: str) -> None:
    assert rows_of(ending)[0].startswith(row)


def test_an_empty_reply_says_so_whatever_its_reason() -> None:
    for reason in ("stop", None):
        assert rows_of(Finished(reason, "eof", at=1_002), text="")[0].startswith("▎ ∅ Empty reply")


def test_the_commands_that_help_follow_in_the_row_or_below_it() -> None:
    ending = Stopped(at=1_002)
    assert rows_of(ending)[-1].endswith("<retry> retry   <continue> continue")
    assert len(rows_of(ending)) == 1
    assert len(rows_of(ending, width=40)) > 1
    assert rows_of(Stopped(at=1_002), text="")[-1].endswith("<retry> retry")


@pytest.mark.parametrize("width", range(24, 100))
def test_the_words_of_a_command_stand_in_one_row(width: int) -> None:
    failed = Failed("The server failed (500).", "Try again.", status=500, at=1_002)
    rows = rows_of(failed, width=width)
    for words in ("<retry> retry", "<continue> continue", "<model> other model"):
        assert any(words in row for row in rows)


def test_what_could_not_be_read_of_the_stream_stands_above_the_ending() -> None:
    chat = Chat()
    reply = chat.ask("question")
    chat.tell(Skipped(3, 2_048), TextDelta("so far", at=1_001), ending := Finished("stop", "eof", at=1_002))
    (row,) = ending_rows(ending, reply, 100, MARKS, str)
    assert row.strip.text.strip() == "2,048 bytes of the stream could not be read and were skipped"


@pytest.mark.parametrize("width", [1, 2, 3, 10, 20, 61])
def test_each_row_is_as_wide_as_the_column(width: int) -> None:
    chat = Chat()
    reply = chat.ask("question")
    failed = Failed("A long problem with 日本語 " * 5, "A hint.", "server", message="bad", url="https://h/v1", at=1_002)
    chat.tell(failed)
    assert {row.strip.cell_length for row in ending_rows(failed, reply, width, MARKS, str)} == {width}


def test_an_error_has_its_problem_the_servers_words_a_hint_and_the_address() -> None:
    reply = Chat().ask("question")
    failed = Failed("The key was refused.", "Check it.", "key", message="bad\x1b[2J key", url="https://h/v1")
    lines = failure_lines(failed, reply)
    assert lines[0] == "The key was refused."
    assert lines[1].startswith("The server said: “bad")
    assert "\x1b" not in lines[1]
    assert lines[2:] == ["Check it.", "https://h/v1"]


def test_the_servers_words_are_not_repeated() -> None:
    failed = Failed("The server said: bad key", "", "key", message="bad key")
    assert failure_lines(failed, Chat().ask("question")) == ["The server said: bad key"]
