"""The page that `tui-chat serve --list` prints: models, options and faults."""

from __future__ import annotations

from tui_chat.server.scripted.behaviour import FAULTY, HEADER, OPTIONS
from tui_chat.server.scripted.faults import FAULTS, STATUS
from tui_chat.server.scripted.scripts import ABOUT

_WIDE = 14
"""Width of the column of names."""


def catalogue() -> str:
    """The text of the page."""
    options = {name: f"{option.value}: {option.about}" for name, option in OPTIONS.items()}
    faults = {
        name: f"{kind.about} [{', '.join(kind.options)}]" if kind.options else kind.about
        for name, kind in {"400 to 599": STATUS, **FAULTS}.items()
    }
    return f"""\
Models:
{_table(ABOUT)}

Options stand behind a model's name (`long?rate=200&first=0`), in the request's header `{HEADER}`
(`usage=every&end=empty`), or are flags of `tui-chat serve` (`--usage every`):
{_table(options)}

Faults are models (`{FAULTY}429?times=2`), options of any model (`demo?fault=cut&after=10`), in that header, or
hit all requests (`--fault cut`). All have `times` (so many requests fail, and then all is well) and `wait`
(seconds before the head); in brackets what else they have. `after` counts deltas:
{_table(faults)}
"""


def _table(rows: dict[str, str]) -> str:
    return "\n".join(f"  {name:<{_WIDE}} {about}" for name, about in rows.items())
