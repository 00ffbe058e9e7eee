"""JSON folds, text wraps, bytes are shown as digits; all of it within bounds."""

from __future__ import annotations

import json

import pytest

from tui_chat.ui.inspector import json_rows
from tui_chat.ui.inspector.json_rows import FoldedJson, document_in, hex_rows, wrapped_rows


def texts(rows: list[json_rows.TextRow]) -> list[str]:
    return ["".join(text for text, _ in row.pieces).strip() for row in rows]


def test_a_document_is_shown_level_by_level() -> None:
    folded = FoldedJson({"a": [1, {"b": "two"}], "c": {}})
    assert texts(folded.rows()) == ["▾ {2}", "▾ a: [2]", "0: 1", "▾ 1: {1}", 'b: "two"', "c: {}"]


def test_a_value_is_folded_and_unfolded_by_its_path() -> None:
    folded = FoldedJson({"a": [1, 2]})
    folded.turn(("a",))
    assert texts(folded.rows()) == ["▾ {1}", "▸ a: [2]"]
    folded.turn(("a",))
    assert len(folded.rows()) == 4


def test_a_long_list_is_folded_at_first() -> None:
    assert texts(FoldedJson({"a": list(range(30))}).rows()) == ["▾ {1}", "▸ a: [30]"]


def test_a_deep_document_ends_somewhere() -> None:
    deep: object = 1
    for _ in range(500):
        deep = [deep]
    assert len(FoldedJson(deep).rows()) <= json_rows.DEEPEST + 1


def test_a_document_of_many_rows_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_rows, "MOST_ROWS", 10)
    rows = FoldedJson([[number] for number in range(100)]).rows()
    assert len(rows) == 11
    assert "more rows" in texts(rows)[-1]


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ('{"a": 1}', {"a": 1}),
        ('event: x\ndata: {"a":\ndata: 1}\n\n', {"a": 1}),
        ("data: [DONE]\n\n", None),
        (": ping\n", None),
        ("3", None),
        ("[" * 100_000, None),
    ],
)
def test_documents_are_found_in_bodies_and_in_events(text: str, document: object) -> None:
    assert document_in(text) == document


def test_text_wraps_by_cells_and_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert texts(wrapped_rows("中文中文x\n\ny", 4)) == ["中文", "中文", "x", "", "y"]
    monkeypatch.setattr(json_rows, "LONGEST_TEXT", 5)
    assert texts(wrapped_rows("abcdefgh", 80)) == ["abcde", "… 3 more characters"]


def test_what_drives_a_terminal_is_cleaned() -> None:
    assert "\x1b" not in "".join(texts(wrapped_rows("\x1b[2J", 80)))
    assert "\x1b" not in "".join(texts(FoldedJson({"\x1b": "x"}).rows()[:1]))


def test_bytes_are_shown_as_digits_and_letters() -> None:
    (row,) = texts(hex_rows(b"AB\x00\xff", 80))
    assert row.split() == ["00000000", "41", "42", "00", "ff", "AB.."]
    assert len(hex_rows(bytes(100), 30)) == 25


def test_keys_of_a_document_are_shown_as_they_are() -> None:
    document = json.loads('{"": 1, "b c": [null, true, 1.50]}')
    assert texts(FoldedJson(document).rows())[2:] == ["▾ b c: [3]", "0: null", "1: true", "2: 1.5"]
