"""Rows of models in lists: name, context window, price."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.chat.prices import price_digits
from tui_chat.ui.dialogs.dialog_rows import Hint
from tui_chat.ui.dialogs.list_dialog import ListDialog
from tui_chat.ui.dialogs.row_list import Column, ListItem, ListRow, Sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.model_ports import ModelInfo

CONTEXT, PRICE = Column("right", leaves=1), Column("right", leaves=2)


def window(tokens: int | None) -> str:
    """A context window in a few characters: `128k`, `1M`; empty if it is unknown."""
    if not tokens or tokens > 10**12:
        return ""
    if tokens < 1000:
        return str(tokens)
    if tokens < 1_000_000:
        # Windows are powers of two or round numbers: 131,072 is called 128k, and so is 128,000.
        binary = tokens % 1024 == 0 and tokens % 1000 != 0
        return f"{tokens // 1024}k" if binary else f"{round(tokens / 1000)}k"
    return f"{tokens / 1_000_000:.1f}".removesuffix(".0") + "M"


def price(model: ModelInfo) -> str:
    """US dollars per million tokens, in and out, as far as they are known."""
    if model.input_price is None or model.output_price is None:
        known = ((model.input_price, "in"), (model.output_price, "out"))
        return " ".join(f"{_dollars(amount)} {word}" for amount, word in known if amount is not None)
    if not model.input_price and not model.output_price:
        return "free"
    return f"{_dollars(model.input_price)} / {_dollars(model.output_price)}"


def _dollars(amount: float) -> str:
    """An amount with all its digits, and cents in two: `$3`, `$0.60`, `$0.075`."""
    return f"${price_digits(amount).removesuffix('.00')}"


def notes_of(model: ModelInfo) -> tuple[str, str]:
    """The known facts about a model, for the columns `CONTEXT` and `PRICE`."""
    return window(model.context), price(model)


class ModelChooser(ListDialog[str | None]):
    """The models that an endpoint lists; any other name can be typed. Returns a name, or `None` if closed with Esc."""

    TITLE = "Models"
    PLACEHOLDER = "Filter, or type any model name"
    COLUMNS = (CONTEXT, PRICE)
    HINTS = (Hint("enter", "choose", "choose"), Hint("escape", "back", "close"))

    def __init__(self, models: Sequence[ModelInfo], current: str, where: str) -> None:
        """`where`: the endpoint, for the title."""
        super().__init__()
        self._models = models
        self._current = current
        self.sub_title = where

    def items(self, words: str) -> Sequence[ListItem]:
        """The models that fit the words, and the words as a name."""
        rows = [
            ListRow(model.name, notes_of(model), model.name, sign="●" if model.name == self._current else "")
            for model in self._models
        ]
        if not words:
            return rows or [Sentence("The server gives no list of models; type a name.")]
        found: list[ListItem] = [*self.matching(rows, words)]
        if not any(row.value == words for row in rows):
            found.append(ListRow(words, ("as typed",), words))
        return found

    def first_pick(self) -> str:
        """The value of the row that is picked at first: the current model."""
        return self._current

    def choose(self, row: ListRow | None) -> None:
        """Close the dialog with the picked model's name."""
        if row is not None:
            self.dismiss(str(row.value))
