"""Queries to the history of which only the newest matters."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

from tui_chat.chat.history_ports import HistoryError

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.dom import DOMNode
    from textual.worker import Worker

Answer = TypeVar("Answer")


class Latest(Generic[Answer]):
    """Runs one query at a time in a thread. Of the queries that arrive meanwhile only the last is run, and outdated
    answers are dropped."""

    def __init__(
        self,
        owner: DOMNode,
        on_answer: Callable[[Answer], None],
        on_error: Callable[[HistoryError], None],
        wait: float = 0.0,
    ) -> None:
        """`on_answer`: receives the answers. `on_error`: receives errors. `wait`: seconds in which a query may be
        replaced by another, for queries that change while the user types."""
        self._owner = owner
        self._on_answer = on_answer
        self._on_error = on_error
        self._wait = wait
        self._wanted: Callable[[], Answer] | None = None
        self._running = False

    @property
    def pending(self) -> bool:
        """Whether an answer is still expected."""
        return self._wanted is not None

    def ask(self, query: Callable[[], Answer]) -> None:
        """Run a query as soon as possible, and drop earlier ones."""
        self._wanted = query
        if not self._running:
            self._running = True
            _: Worker[None] = self._owner.run_worker(self._run, group=f"latest-{id(self)}")

    def forget(self) -> None:
        """Start no query that waits, and drop the answer of the one that runs."""
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
                        self._on_error(answer)
                    else:
                        self._on_answer(answer)
        finally:
            self._running = False
