"""The families of rows: each measures in one go what belongs together, and gives one figure a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.benchmarks.rows import (
    burst,
    commands,
    first_turn,
    gaps,
    growth,
    hostile,
    idle,
    keys,
    opening,
    start,
    streaming,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.sitting import Bench
    from tests.benchmarks.table import Figure, Promise


@dataclass(frozen=True, slots=True)
class Family:
    """Rows that are measured together."""

    promises: list[Promise]
    measure: Callable[[Bench], dict[str, Figure]]


FAMILIES = {
    "start": Family(start.PROMISES, start.measure),
    "commands": Family(commands.PROMISES, commands.measure),
    "turn": Family(first_turn.PROMISES, first_turn.measure),
    "slow": Family(streaming.SLOW_PROMISES, streaming.slow),
    "fast": Family(streaming.FAST_PROMISES, streaming.fast),
    "lag": Family(streaming.LAG_PROMISES, streaming.lag),
    "burst": Family(burst.PROMISES, burst.measure),
    "gaps": Family(gaps.PROMISES, gaps.measure),
    "length": Family(growth.LENGTH_PROMISES, growth.lengths),
    "chat": Family(growth.CHAT_PROMISES, growth.chats),
    "open": Family(opening.PROMISES, opening.measure),
    "keys": Family(keys.KEY_PROMISES, keys.keys),
    "esc": Family(keys.ESC_PROMISES, keys.esc),
    "hostile": Family(hostile.PROMISES, hostile.measure),
    "idle": Family(idle.PROMISES, idle.measure),
}
"""By the names of `--rows`, in the order of DESIGN section 7."""
