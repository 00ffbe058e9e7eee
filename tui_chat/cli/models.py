"""`tui-chat models`: the endpoint's models, as a table or as JSON."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from tui_chat.chat.clean import clean_line
from tui_chat.chat.events import Failed
from tui_chat.chat.prices import price_digits
from tui_chat.chat.wording.cells import cell_width, fitted
from tui_chat.cli.output import complain
from tui_chat.cli.paging import put, tell
from tui_chat.cli.reporting import BY_KIND, failure_lines, json_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.backend.backend import AppBackend
    from tui_chat.chat.model_ports import ModelInfo

UNKNOWN: Final = "n/a"
HEADS: Final = ("model", "context", "$/M in", "$/M out")


def list_models(backend: AppBackend, *, as_json: bool) -> int:
    """Request the models, print them and return the exit status. Raises `SetupError`."""
    setup = backend.load()
    for notice in setup.connection.notices:
        tell(notice)
    listed = asyncio.run(_ask(backend))
    if isinstance(listed, Failed):
        complain("".join(f"{line}\n" for line in failure_lines(listed)))
        return BY_KIND[listed.kind]
    text = json_line([asdict(model) for model in listed]) if as_json else "".join(f"{line}\n" for line in table(listed))
    return put([text])


async def _ask(backend: AppBackend) -> Sequence[ModelInfo] | Failed:
    try:
        return await backend.models()
    finally:
        await backend.close()


def table(models: Sequence[ModelInfo]) -> list[str]:
    """Return one line for each model. Columns that would be empty are left out, and so is the head if there are only
    names."""
    rows = [
        (
            clean_line(model.name),
            UNKNOWN if model.context is None else f"{model.context:,}",
            UNKNOWN if model.input_price is None else price_digits(model.input_price),
            UNKNOWN if model.output_price is None else price_digits(model.output_price),
        )
        for model in models
    ]
    columns = [column for column in range(1, len(HEADS)) if any(row[column] != UNKNOWN for row in rows)]
    if not columns:
        return [row[0] for row in rows]
    lines = [HEADS, *rows]
    widths = [max(cell_width(line[column]) for line in lines) for column in range(len(HEADS))]
    return [
        "  ".join([fitted(line[0], widths[0]), *(line[column].rjust(widths[column]) for column in columns)])
        for line in lines
    ]
