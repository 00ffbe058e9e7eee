"""The rows beside a message's text, without a screen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from tests.ui.host import Chat
from tests.ui.markdown_texts import THEME
from tui_chat.chat.events import Finished, ResponseStarted, Retrying, TextDelta, Usage, UsageReport
from tui_chat.chat.message import Attachment, CitationPart, ImagePart, Message
from tui_chat.ui.roles import role_variables
from tui_chat.ui.transcript import message_rows
from tui_chat.ui.transcript.message_styles import MessageStyles

MARKS = MessageStyles.of(role_variables(THEME), ansi=False).marks
PLAIN = Style()


def ended() -> Message:
    """A reply with figures."""
    chat = Chat()
    reply = chat.ask("question")
    chat.tell(
        TextDelta("one", at=1_000.5),
        TextDelta(" two", at=1_001.5),
        UsageReport(Usage(input=23, output=122)),
        Finished("stop", "eof", at=1_002),
    )
    return reply


@given(st.integers(0, 60), st.text("ab 日👨é", max_size=40), st.text("xy", max_size=10))
def test_a_row_has_its_width_whatever_is_in_it(width: int, text: str, right: str) -> None:
    row = message_rows.row(width, [(text, PLAIN)], PLAIN, [(right, PLAIN)] if right else ())
    assert row.strip.cell_length == width


def test_a_text_that_is_too_long_ends_with_an_ellipsis() -> None:
    assert message_rows.row(10, [("abcdefghij", PLAIN)], PLAIN).strip.text == "  abcdef… "
    assert message_rows.row(10, [("ab", PLAIN)], PLAIN, [("x", PLAIN)]).strip.text == "  ab    x "


@given(st.text("ab cd", max_size=60), st.integers(8, 30))
def test_wrapped_rows_lose_no_letter(text: str, width: int) -> None:
    rows = message_rows.wrapped(width, [(text[:20], PLAIN), (text[20:], PLAIN)], MARKS)
    assert "".join(row.strip.text for row in rows).replace(" ", "") == text.replace(" ", "")
    assert {row.strip.cell_length for row in rows} == {width}


@pytest.mark.parametrize(
    ("width", "row"),
    [
        (100, "◆ tiny-1 · ↑23 in ↓122 out · 61 tok/s · first token 0.5 s · 12:00"),
        (60, "◆ tiny-1 · ↓122 out · 61 tok/s"),
        (40, "◆ tiny-1 · ↓122 out"),
        (12, "◆ tiny-1"),
    ],
)
def test_figures_that_do_not_fit_are_left_out_whole(width: int, row: str) -> None:
    shown = message_rows.footer(ended(), width, MARKS, time="12:00").strip.text.strip()
    assert shown.split(" · ") == row.split(" · ")


def test_the_footer_begins_with_the_position_among_alternatives() -> None:
    shown = message_rows.footer(ended(), 100, MARKS, time="", branch="2/3", note="part shown as plain text").strip.text
    assert "◆ tiny-1 · ‹ 2/3 › · " in shown
    assert shown.rstrip().endswith("part shown as plain text")


def test_a_reply_waits_for_the_head_then_for_the_first_token_then_for_a_retry() -> None:
    chat = Chat()
    reply = chat.ask("question")

    def shown(now: float) -> str:
        return " ".join(row.strip.text.strip() for row in message_rows.waiting(reply, 80, MARKS, now, str))

    assert shown(1_000.5) == "◆ tiny-1 · connecting to example.org"
    assert shown(1_003.2) == "◆ tiny-1 · connecting to example.org, 3 s"
    chat.tell(ResponseStarted(200, "http://h/", at=1_004))
    assert shown(1_005) == "◆ tiny-1 · waiting for the first token, 5 s"
    chat.tell(Retrying(1, 3, 10.0, "the server is busy", at=1_006))
    assert shown(1_006) == "↻ Retrying in 10 s (1 of 3): the server is busy   stop cancel"
    assert "Retrying in 4 s" in shown(1_012)
    assert "Retrying in 1 s" in shown(1_016)  # never in 0 s


@pytest.mark.parametrize("width", range(24, 100))
def test_a_key_and_its_word_are_never_in_two_rows(width: int) -> None:
    chat = Chat()
    reply = chat.ask("question")
    chat.tell(Retrying(1, 2, 20.0, "The server asks to slow down (rate limit) (429): Try again in 20s.", at=1_006))
    rows = message_rows.waiting(reply, width, MARKS, 1_006, lambda _: "Ctrl+X")
    assert any("Ctrl+X cancel" in row.strip.text for row in rows)
    assert "Rate limited (429): Try" in " ".join(row.strip.text.strip() for row in rows)


@pytest.mark.parametrize(
    ("began", "ended", "tokens", "live", "label"),
    [
        (1.0, 4.2, None, True, "Thinking 3.2 s"),
        (1.0, 1.0, None, True, "Thinking"),
        (1.0, 4.2, 64, False, "Thought for 3.2 s · 64 tokens"),
        (1.0, 1.0, None, False, "Thought"),
    ],
)
def test_reasoning_has_a_label(began: float, ended: float, tokens: int | None, label: str, *, live: bool) -> None:
    assert message_rows.reasoning_label(began, ended, tokens, " · ", live=live) == label


@pytest.mark.parametrize(
    ("url", "opens"),
    [
        ("https://h/", True), ("HTTP://h/", True), ("mailto:a@b", True),
        ("file:///etc/passwd", False), ("javascript:x", False), (" https://h/", False), ("", False),
    ],
)  # fmt: skip
def test_only_links_of_the_web_are_opened(url: str, opens: bool) -> None:
    assert message_rows.openable(url) == opens


def test_a_source_shows_its_title_and_address_without_control_characters() -> None:
    shown = message_rows.source(CitationPart("https://h/a", "A\x1b[2J title"), 80, MARKS).strip.text
    assert shown.strip().startswith("source: A")
    assert "https://h/a" in shown
    assert "\x1b" not in shown
    long = message_rows.source(ImagePart("data:" + "x" * 5_000), 120, MARKS).strip.text
    assert "(5,005 characters)" in long


def test_the_files_of_a_question_have_their_names_and_sizes() -> None:
    question = Chat().conversation.add_question("q")
    assert message_rows.attachments(question, 80, MARKS) == []
    question.attachments = [Attachment("a.txt", "text/plain", b"x" * 1_500), Attachment("b.png", "image/png", b"x")]
    (row,) = message_rows.attachments(question, 80, MARKS)
    assert row.strip.text.split() == ["▎", "a.txt", "1.5", "kB", "b.png", "1", "B"]
