"""A row of a table is shown while it comes, not only at its end."""

from __future__ import annotations

import pytest

from tests.ui.markdown_texts import LOOK
from tui_chat.ui.markdown.document import Document

HEAD = "| name | value |\n|---|---:|\n"


def shown(*pieces: str) -> list[str]:
    """The rows after each piece was rendered."""
    document = Document(60, LOOK)
    for piece in pieces:
        document.append(piece)
        document.flush()
    return [document.row(y).strip.text.strip() for y in range(document.height)]


@pytest.mark.parametrize(
    ("piece", "row"),
    [
        ("| fiel", "fiel"),
        ("| field 4 | **4", "field 4      4"),
        ("| field 4 | `4", "field 4      4"),
        ("|", None),
        ("| ", None),
        ("fie", None),
    ],
)
def test_the_beginning_of_a_row_is_seen(piece: str, row: str | None) -> None:
    seen = shown(HEAD, piece)
    assert seen[0].split() == ["name", "value"]
    assert seen[2:] == ([] if row is None else [row])


@pytest.mark.parametrize(
    ("begun", "rows"),
    [
        ("| na", ["na"]),
        ("| name |", ["name"]),
        ("| **name** | va", ["name  va"]),
        ("| name | value |\n", ["name  value"]),
        ("| name | value |\n|-", ["name  value", "────"]),
        ("| name | value |\n|---|-", ["name  value", "────  ─────"]),
        ("Words.\n\n| na", ["Words.", "", "na"]),
        ("- item\n\n  | a | b", ["• item", "", "a  b"]),
        ("> | a | b |\n> |-", ["▎ a  b", "▎ ─"]),
        ("|", []),
        ("Words.\n| na", ["Words."]),
        ("<!-- a\n\n| na", ["<!-- a"]),
        ("| na\nme", ["| na", "me"]),
        ("| na\n\n", ["| na"]),
    ],
)
def test_a_head_is_seen_before_the_dashes_below_it(begun: str, rows: list[str]) -> None:
    assert shown(begun) == rows


def test_bars_in_code_are_no_head() -> None:
    assert shown("```sh\n\n| na")[1:] == ["", "| na"]


def test_the_columns_above_do_not_move_before_the_row_is_whole() -> None:
    before = shown(HEAD + "| a | 1 |\n")
    assert shown(HEAD + "| a | 1 |\n", "| a long cell of")[:3] == before
    assert shown(HEAD + "| a | 1 |\n", "| a long cell of", " text | 2 |\n")[1] == "─" * 19 + "  ─────"


@pytest.mark.parametrize("lead", ["", "> ", "- a\n\n  "])
def test_pieces_give_the_same_rows_as_the_whole(lead: str) -> None:
    inside = "  " if lead.startswith("-") else lead
    rows = ["| a | **b** |", "| `c | d` | e |", "| f \\| g | ", ""]
    text = lead + HEAD.replace("\n", "\n" + inside) + f"\n{inside}".join(rows).rstrip(" >") + "\nEnd.\n"
    for size in range(1, 9):
        assert shown(*(text[at : at + size] for at in range(0, len(text), size))) == shown(text)
