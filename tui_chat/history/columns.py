"""Converts single values to and from SQLite columns: exact text, and small values as JSON."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tui_chat.chat.events import CutOff, Failed, Finished, Skipped, Stopped, Usage
from tui_chat.chat.message import Timing
from tui_chat.chat.prices import Cost, Prices

if TYPE_CHECKING:
    from tui_chat.chat.events import Ending
    from tui_chat.chat.message import Message

Column: TypeAlias = "str | bytes"

_ENDINGS: Final[dict[str, type[Finished | CutOff | Failed | Stopped]]] = {
    "finished": Finished,
    "cut-off": CutOff,
    "failed": Failed,
    "stopped": Stopped,
}
_WORDS: Final = {kind: word for word, kind in _ENDINGS.items()}
_LARGEST: Final = 2**63 - 1
_SECRETS: Final = re.compile(r"(?<=://)[^/?#]*@|[?#].*", re.DOTALL)


def column(text: str) -> Column:
    """Return a text as SQLite stores it: unchanged, or as bytes if it has lone surrogates, which SQLite's text cannot
    hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def text(value: Column) -> str:
    """Return the exact text of a column that `column` wrote."""
    return value if isinstance(value, str) else value.decode("utf-8", "surrogatepass")


def json_column(value: object) -> Column:
    """Return a value as JSON for a column. Characters are not escaped: as escapes, two surrogates that a server sent
    apart would be read back as one character."""
    return column(json.dumps(value, ensure_ascii=False))


def from_json(held: Column) -> Any:
    """Read a value that `json_column` wrote."""
    return json.loads(text(held))


def address(url: str) -> str:
    """Return a URL without user, password and query (where keys may be), so that it may be stored."""
    return _SECRETS.sub("", url) if "://" in url else url


def number_column(number: int) -> int | str:
    """Return a whole number of any size for a column; numbers beyond SQLite's integers become text."""
    return number if -_LARGEST <= number <= _LARGEST else str(number)


def usage_json(message: Message) -> str | None:
    """Return what a reply used and cost as JSON for a column: the token counts as reported, and in `money` the prices
    that held when it was asked for, and its cost."""
    usage, money = message.usage, _money(message)
    if usage is None and not money:
        return None
    counts = {} if usage is None else {name: count for name, count in asdict(usage).items() if count is not None}
    return json.dumps(
        {**counts, **({"unreported": True} if usage is None else {}), **({"money": money} if money else {})}
    )


def _money(message: Message) -> dict[str, Any]:
    money: dict[str, Any] = {}
    if message.prices is not None:
        money["prices"] = {name: price for name, price in asdict(message.prices).items() if price is not None}
    if message.prompt_estimate is not None:
        money["prompt"] = message.prompt_estimate
    if (cost := message.cost) is not None:
        money["cost"] = [cost.picodollars, cost.source, cost.estimated]
    if message.purpose:
        money["purpose"] = message.purpose
    if message.copied:
        money["copied"] = True
    return money


def take_usage(held: str | None, message: Message) -> None:
    """Set a message's usage and cost from what `usage_json` wrote."""
    if held is None:
        return
    fields: dict[str, Any] = json.loads(held)
    money = fields.pop("money", {})
    if not fields.pop("unreported", False):
        message.usage = Usage(**fields)
    if "prices" in money:
        message.prices = Prices(**money["prices"])
    message.prompt_estimate = money.get("prompt")
    message.purpose = money.get("purpose", "")
    message.copied = money.get("copied", False)
    if "cost" in money:
        message.cost = Cost(*money["cost"])


def timing_json(timing: Timing) -> str | None:
    """Return a message's timing as JSON for a column."""
    seconds = {name: at for name, at in asdict(timing).items() if at is not None}
    return json.dumps(seconds) if seconds else None


def timing_from(held: str | None) -> Timing:
    """Read a timing that `timing_json` wrote."""
    return Timing(**json.loads(held)) if held is not None else Timing()


def ending_json(ending: Ending | None, skipped: Skipped | None = None) -> Column | None:
    """Return an ending as JSON for a column: its kind, its fields, and what was skipped of the stream before it."""
    if ending is None:
        return None
    said = asdict(ending)
    if isinstance(ending, Failed):
        said["url"] = address(ending.url)
    if skipped is not None:
        said["skipped"] = [skipped.events, skipped.bytes]
    return json_column({"ended": _WORDS[type(ending)], **said})  # a failure has a `kind` of its own


def ending_from(held: Column | None) -> Ending | None:
    """Read an ending that `ending_json` wrote."""
    if held is None:
        return None
    fields: dict[str, Any] = from_json(held)
    fields.pop("skipped", None)
    return _ENDINGS[fields.pop("ended")](**fields)


def skipped_from(held: Column | None) -> Skipped | None:
    """Read what was skipped before an ending, from the same column."""
    skipped = from_json(held).get("skipped") if held is not None else None
    return None if skipped is None else Skipped(*skipped)
