"""Questions to the history, of which only the newest matters."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

from tui_chat.chat.history_ports import HistoryError

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.dom import DOMNode

Answer = TypeVar("Answer")


class Latest(Generic[Answer]):
    """Runs one query at a time in a thread. Of those that are asked meanwhile only the last is run; an answer that has
    become stale is dropped."""

    def __init__(
        self, owner: DOMNode, take: Callable[[Answer], None], failed: Callable[[HistoryError], None], wait: float = 0.0
    ) -> None:
        """`take` gets the answers, `failed` why there is none. `wait`: seconds in which another query may take the
        place of one, as letters are typed."""
        self._owner = owner
        self._take = take
        self._failed = failed
        self._wait = wait
        self._wanted: Callable[[], Answer] | None = None
        self._running = False

    @property
    def pending(self) -> bool:
        """Whether an answer is still to come."""
        return self._wanted is not None

    def ask(self, query: Callable[[], Answer]) -> None:
        """Run it as soon as may be; what was asked before is stale."""
        self._wanted = query
        if not self._running:
            self._running = True
            self._owner.run_worker(self._run(), group=f"latest-{id(self)}")

    def forget(self) -> None:
        """Nothing is wanted any more."""
        self._wanted = None

    async def _run(self) -> None:
        try:
            while (query := self._wanted) is not None:
                if self._wait:
                    await asyncio.sleep(self._wait)
                    if query is not self._wanted:
                        continue
                answer: Answer | HistoryError
                try:
                    answer = await asyncio.to_thread(query)
                except HistoryError as error:
                    answer = error
                if query is self._wanted:
                    self._wanted = None
                    if not self._owner.is_attached:
                        return
                    if isinstance(answer, HistoryError):
                        self._failed(answer)
                    else:
                        self._take(answer)
        finally:
            self._running = False
