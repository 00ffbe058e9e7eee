"""The rows of the chat list."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tui_chat.chat.history_ports import ChatInfo, Hit
from tui_chat.ui.dialogs.chat_list_rows import HitValue, States, chat_row, hit_row, in_date_groups

NOW = 1_700_000_000.0
DAY = 24 * 3600.0
INFO = ChatInfo("id", "A title", NOW, NOW, "a-model", 1234, 56_789)
HIT = Hit(INFO, "message", "assistant", NOW, (("before the ", False), ("word", True), (" after", False)))


def test_a_row_tells_model_size_and_date() -> None:
    row = chat_row(INFO, States(), NOW)
    assert (row.name, row.value) == ("A title", "id")
    assert row.notes[:2] == ("a-model", "1,234 messages")
    assert row.notes[2].startswith("today")
    assert chat_row(replace(INFO, model="maker/its-model"), States(), NOW).notes[0] == "its-model"
    assert chat_row(replace(INFO, messages=1, title=""), States(), NOW).notes[1] == "1 message"
    assert chat_row(replace(INFO, title=""), States(), NOW).name == "(no title)"


@pytest.mark.parametrize(
    ("info", "states", "sign"),
    [
        (INFO, States(), ""),
        (INFO, States(running=("id",)), "●"),
        (INFO, States(waiting=("id",)), "○"),
        (replace(INFO, live=True, pinned=True), States(waiting=("id",)), "●"),
        (replace(INFO, pinned=True), States(), "★"),
    ],
)
def test_a_sign_stands_before_the_title(info: ChatInfo, states: States, sign: str) -> None:
    assert chat_row(info, states, NOW).sign == sign


def test_the_words_that_were_searched_for_are_marked_in_a_title() -> None:
    found = replace(INFO, title="Bread, and more bread")
    row = chat_row(found, States(), NOW, "more BREAD")
    assert "".join(row.name[at] for at in row.letters) == "Breadmore"
    assert chat_row(found, States(), NOW).letters == ()


def test_a_found_message_says_whose_it_is_and_what_was_found() -> None:
    row = hit_row(HIT, States(), NOW)
    assert row.value == HitValue("id", "message", "word")
    assert row.notes[0] == "reply"
    assert row.below == HIT.excerpt


def test_an_excerpt_of_a_reply_has_no_marks_and_one_of_a_question_is_as_typed() -> None:
    marked = replace(HIT, excerpt=(("**the** ", False), ("word", True)))
    assert hit_row(marked, States(), NOW).below == (("the ", False), ("word", True))
    assert hit_row(replace(marked, role="user"), States(), NOW).below == marked.excerpt


def test_chats_are_grouped_by_date_and_the_pinned_ones_come_first() -> None:
    chats = [
        replace(INFO, id="a", pinned=True, changed=NOW - 99 * DAY),
        *(replace(INFO, id=str(days), changed=NOW - days * DAY) for days in (0, 1, 3, 6, 7, 400)),
    ]
    groups = [(title, [row.value for row in rows]) for title, rows in in_date_groups(chats, States(), NOW)]
    assert groups == [
        ("Pinned", ["a"]),
        ("Today", ["0"]),
        ("Yesterday", ["1"]),
        ("This week", ["3", "6"]),
        ("Older", ["7", "400"]),
    ]


def test_chats_of_ask_stand_apart_unless_they_are_pinned() -> None:
    chats = [
        replace(INFO, id="kept", pinned=True, origin="ask"),
        replace(INFO, id="script", origin="ask"),
        replace(INFO, id="screen"),
    ]
    groups = [(title, [row.value for row in rows]) for title, rows in in_date_groups(chats, States(), NOW)]
    assert groups == [("Pinned", ["kept"]), ("Today", ["screen"]), ("Asked with tui-chat ask", ["script"])]
