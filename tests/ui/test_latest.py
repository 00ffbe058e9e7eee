"""Of several queries only the newest counts."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from textual.app import App

from tests.ui.host import until
from tui_chat.chat.history_ports import HistoryError
from tui_chat.ui.latest import Latest

if TYPE_CHECKING:
    from collections.abc import Callable


async def test_what_was_asked_before_is_stale_and_what_came_between_is_never_asked() -> None:
    app: App[None] = App()
    answers: list[str] = []
    asked: list[str] = []
    failures: list[HistoryError] = []
    go_on = threading.Event()

    def query(name: str) -> Callable[[], str]:
        def run() -> str:
            asked.append(name)
            assert go_on.wait(60)
            if name == "bad":
                raise HistoryError("No.")
            return name

        return run

    async with app.run_test():
        latest = Latest(app, answers.append, failures.append)
        latest.ask(query("one"))
        await until(lambda: asked == ["one"])
        latest.ask(query("two"))
        latest.ask(query("three"))
        pending = latest.pending
        go_on.set()
        await until(lambda: answers == ["three"])
        assert asked == ["one", "three"]
        assert (pending, latest.pending) == (True, False)
        latest.ask(query("bad"))
        await until(lambda: failures)
        latest.ask(query("four"))
        latest.forget()
        latest.ask(query("five"))
        await until(lambda: answers == ["three", "five"])
