"""The guide names every key of the inspector and every kind of frame, and fits any width."""

from __future__ import annotations

from typing import get_args

import pytest
from rich.cells import cell_len

from tui_chat.chat.inspection.wire_ports import FrameKind
from tui_chat.commands import written
from tui_chat.ui.inspector.guide import CHAT_KEYS, KEYS, KINDS, guide_rows
from tui_chat.ui.inspector.inspector import Inspector

SPELLINGS = {"left": "←", "right": "→", "slash": "/", "left_square_bracket": "[", "right_square_bracket": "]"}


def text(width: int, *, in_chat: bool = True) -> list[str]:
    return ["".join(piece for piece, _ in row.pieces).rstrip() for row in guide_rows(width, in_chat=in_chat)]


def test_every_key_of_the_inspector_is_explained() -> None:
    explained = {key for line in (*KEYS, *CHAT_KEYS, "q  close") for key in line.partition("  ")[0].split()}
    keys = set(Inspector.actions) - {"question_mark"}
    assert {SPELLINGS.get(key, key if len(key) == 1 else written(key)) for key in keys} <= explained


def test_every_kind_of_frame_is_explained() -> None:
    assert [line.partition("  ")[0] for line in KINDS] == [*get_args(FrameKind)]


@pytest.mark.parametrize("width", [20, 32, 69, 88, 150])
def test_no_row_is_wider_than_the_dialog(width: int) -> None:
    assert max(map(cell_len, text(width))) <= width


def test_keys_of_a_chat_are_left_out_where_there_is_none() -> None:
    assert any(row.startswith("o ") for row in text(80))
    assert not any(row.startswith("o ") for row in text(80, in_chat=False))
