"""What is said about a model, and which models the chooser of the form offers."""

from __future__ import annotations

import pytest

from tui_chat.chat.model_ports import ModelInfo
from tui_chat.ui.dialogs.endpoints.model_rows import ModelChooser, notes_of, price, window
from tui_chat.ui.dialogs.row_list import ListRow


@pytest.mark.parametrize(
    ("tokens", "written"),
    [
        (None, ""), (0, ""), (10**13, ""), (512, "512"), (4_096, "4k"), (32_768, "32k"), (128_000, "128k"),
        (131_072, "128k"), (200_000, "200k"), (1_000_000, "1M"), (1_048_576, "1M"), (1_500_000, "1.5M"),
    ],
)  # fmt: skip
def test_a_window_is_written_as_people_call_it(tokens: int | None, written: str) -> None:
    assert window(tokens) == written


@pytest.mark.parametrize(
    ("prices", "written"),
    [
        ((None, None), ""),
        ((1.0, None), "$1 in"),
        ((None, 0.5), "$0.50 out"),
        ((0.0, 0.0), "free"),
        ((3.0, 15.0), "$3 / $15"),
        ((0.6, 2.5), "$0.60 / $2.50"),
        ((0.075, 0.3), "$0.075 / $0.30"),
    ],
)
def test_prices_have_all_their_digits(prices: tuple[float | None, float | None], written: str) -> None:
    assert price(ModelInfo("m", None, *prices)) == written


def test_nothing_is_said_about_an_unknown_model() -> None:
    assert notes_of(ModelInfo("m")) == ("", "")


def rows(models: list[str], words: str = "", current: str = "") -> list[tuple[str, object, str]]:
    chooser = ModelChooser([ModelInfo(name) for name in models], current, "here")
    return [(row.name, row.value, row.sign) for row in chooser.items(words) if isinstance(row, ListRow)]


def test_all_models_are_offered_and_the_current_one_is_marked() -> None:
    assert rows(["one", "two"], current="two") == [("one", "one", ""), ("two", "two", "●")]
    assert ModelChooser([], "two", "here").first_pick() == "two"


def test_a_name_that_is_not_in_the_list_can_be_typed() -> None:
    assert [name for name, _, _ in rows(["llama-3", "qwen"], "llama")] == ["llama-3", "llama"]
    assert [name for name, _, _ in rows(["llama", "qwen"], "llama")] == ["llama"]
    assert [name for name, _, _ in rows([], "anything")] == ["anything"]
