"""Runs a target with very many random inputs, and shows a failing one by its seed and as small as it can be made.

The usual run takes a fixed number of cases from fixed seeds, so that it is the same for everybody. The slow one
(`-m slow`) takes fresh seeds for `TUI_CHAT_FUZZ_SECONDS` of CPU time for each target; `TUI_CHAT_FUZZ_SEED` repeats a
single case.
"""

from __future__ import annotations

import os
import random
import traceback
from time import process_time
from typing import TYPE_CHECKING, Generic, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_Case = TypeVar("_Case")
_Item = TypeVar("_Item")

SECONDS = float(os.environ.get("TUI_CHAT_FUZZ_SECONDS", "420"))
"""CPU seconds of a slow run of one target."""

SEED = os.environ.get("TUI_CHAT_FUZZ_SEED")
"""Read here, because tests run without such variables."""

SLOWEST = 5.0
"""CPU seconds that no case may take; a usual one takes some thousandths."""

_TRIES = 400
"""Attempts to make a failing case smaller."""


class Target(Generic[_Case]):
    """What is tried: how a case is made, what must hold, and how it is told."""

    def __init__(
        self,
        make: Callable[[random.Random], _Case],
        check: Callable[[_Case], None],
        smaller: Callable[[_Case], Iterable[_Case]],
        show: Callable[[_Case], str],
    ) -> None:
        self._make = make
        self._check = check
        self._smaller = smaller
        self._show = show

    def run(self, *, cases: int = 0, seconds: float = 0.0) -> int:
        """Try so many cases, or as many as `seconds` of CPU time allow; how many were tried."""
        if SEED is not None:
            self._try(int(SEED))
            return 1
        fresh = random.SystemRandom()
        began = process_time()
        tried = 0
        while tried < cases or process_time() - began < seconds:
            self._try(fresh.randrange(2**48) if seconds else tried)
            tried += 1
        return tried

    def _try(self, seed: int) -> None:
        case = self._make(random.Random(seed))
        failed = self._failure(case)
        if failed is None:
            return
        kind = type(failed)
        tries = 0
        shrinking = True
        while shrinking and tries < _TRIES:
            shrinking = False
            for candidate in self._smaller(case):
                tries += 1
                if tries > _TRIES:
                    break
                again = self._failure(candidate)
                if again is not None and type(again) is kind:
                    case, failed, shrinking = candidate, again, True
                    break
        told = "".join(traceback.format_exception(failed, limit=-10))
        pytest.fail(f"seed {seed} (TUI_CHAT_FUZZ_SEED repeats it)\n{self._show(case)}\n{told}", pytrace=False)

    def _failure(self, case: _Case) -> Exception | None:
        began = process_time()
        try:
            self._check(case)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is what is looked for)
            return error
        taken = process_time() - began
        return TimeoutError(f"it took {taken:.1f} CPU seconds") if taken > SLOWEST else None


def shorter(items: Sequence[_Item]) -> Iterable[list[_Item]]:
    """The sequence without a half, a quarter, … of it, the largest pieces first."""
    size = len(items) // 2
    while size:
        for at in range(0, len(items), size):
            yield [*items[:at], *items[at + size :]]
        size //= 2
