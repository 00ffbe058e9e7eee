"""Pictures of the whole screen. After a change that is meant: `pytest --snapshot-update`, and look at the SVGs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.conftest import own_renderer
from tests.ui.compare.side_by_side import backend_with, models_of, shown, type_in
from tests.ui.kept import KeptHistory
from tests.ui.scripted import ScriptedBackend, until
from tui_chat.chat import turn
from tui_chat.chat.events import (
    ChatEvent,
    CutOff,
    Failed,
    Finished,
    ReasoningDelta,
    ResponseStarted,
    Stopped,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from tui_chat.ui.app import ChatApp
from tui_chat.ui.compare.compare_screen import CompareScreen
from tui_chat.ui.compare.side_pane import SidePane
from tui_chat.ui.dialogs.row_list import RowList

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot

ASKED = 1000.0
NOW = 365 * 24 * 3600.0 + 36_000
"""1 January 1971, 10:00."""
MARKDOWN = """\
# Rows and *styles*

A paragraph with **bold**, `code` and [a link](https://example.org/page), long enough to be wrapped at the edge.

1. one
2. two
   - a point with 中文 and 👩‍👩‍👧

| name | cells |
|:-----|------:|
| 海   |     2 |
| é    |     1 |

```python
def first(words: list[str]) -> str:
    return words[0]  # the first
```

> A quotation.
"""


class SnapCompare(Protocol):
    """pytest-textual-snapshot's fixture."""

    def __call__(
        self,
        app: ChatApp,
        *,
        terminal_size: tuple[int, int],
        run_before: Callable[[Pilot[None]], Awaitable[None]],
    ) -> bool: ...


@pytest.fixture(autouse=True)
def fixed_clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What depends on when a test runs stands still."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    monkeypatch.setattr("tui_chat.chat.conversation.time", lambda: NOW - 1740)  # 09:31
    monkeypatch.setattr("tui_chat.ui.dates.time", lambda: NOW)
    monkeypatch.setattr("tui_chat.ui.dialogs.chat_list_screen.time", lambda: NOW)
    monkeypatch.setattr("tui_chat.chat.turn.monotonic", lambda: ASKED)


def answered(*events: ChatEvent, stop: bool = False) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Ask, let these happen, stop if wanted, and wait until all of it is painted."""

    async def run(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, ChatApp)
        await until(pilot, lambda: app.chat.ready)
        app.chat.composer.prompt.put("Show me what you can.")
        await pilot.press("enter")
        backend = app.backend
        assert isinstance(backend, ScriptedBackend)
        backend.model.say(ResponseStarted(200, "http://test.example/v1/chat/completions", at=ASKED + 0.2), *events)
        if stop:
            await until(pilot, lambda: (reply := app.chat.conversation.last_reply) and reply.text)
            await pilot.press("escape")
        await until(pilot, lambda: (reply := app.chat.conversation.last_reply) and reply.settled)
        await until(pilot, lambda: not app.chat.pane.clock.busy)
        await pilot.pause()

    return run


USAGE = UsageReport(Usage(23, 119, 142), at=ASKED + 2.4)
DONE = Finished("stop", "done-sentinel", at=ASKED + 2.4)
TEXT = (TextDelta(MARKDOWN[:80], at=ASKED + 0.41), TextDelta(MARKDOWN[80:], at=ASKED + 2.36))

CASES: dict[str, tuple[ChatEvent, ...]] = {
    "markdown": (*TEXT, USAGE, DONE),
    "reasoning": (
        ReasoningDelta("First this,\nthen that.", at=ASKED + 0.41),
        ReasoningDelta(" So:", at=ASKED + 1.41),
        TextDelta("The answer.", at=ASKED + 1.5),
        USAGE,
        DONE,
    ),
    "cut-off": (
        TextDelta("It began well", at=ASKED + 0.41),
        CutOff("the connection closed before the answer was complete", at=ASKED + 1.0),
    ),
    "length": (
        TextDelta("It went on and on", at=ASKED + 0.41),
        USAGE,
        Finished("length", "done-sentinel", at=ASKED + 1),
    ),
    "tool-call": (
        ToolCallDelta(0, "call_1", "weather", '{"city": "Paris"}', at=ASKED + 0.41),
        Finished("tool_calls", "done-sentinel", at=ASKED + 1.0),
    ),
    "failed": (
        Failed(
            "The key was refused (401): Incorrect API key [/b] provided.",
            "Check TUI_CHAT_API_KEY.",
            "key",
            "http://test.example/v1/chat/completions",
            401,
            at=ASKED + 0.3,
        ),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_screen_after_a_reply(snap_compare: SnapCompare, case: str) -> None:
    assert snap_compare(ChatApp(ScriptedBackend()), terminal_size=(90, 30), run_before=answered(*CASES[case]))


def test_the_screen_after_a_stop(snap_compare: SnapCompare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "Stopped", lambda: Stopped(at=ASKED + 3.1))
    run = answered(TextDelta("It began well", at=ASKED + 0.41), stop=True)
    assert snap_compare(ChatApp(ScriptedBackend()), terminal_size=(90, 30), run_before=run)


def test_the_screen_in_a_narrow_terminal(snap_compare: SnapCompare) -> None:
    assert snap_compare(ChatApp(ScriptedBackend()), terminal_size=(48, 24), run_before=answered(*CASES["markdown"]))


@pytest.mark.parametrize("theme", ["tui-chat-light", "ansi-dark"])
def test_the_screen_in_another_theme(snap_compare: SnapCompare, theme: str) -> None:
    backend = ScriptedBackend(theme=theme)
    assert snap_compare(ChatApp(backend), terminal_size=(90, 30), run_before=answered(*CASES["markdown"]))


@pytest.mark.parametrize("theme", ["tui-chat-dark", "ansi-dark"])
def test_the_screen_while_finding(snap_compare: SnapCompare, theme: str) -> None:
    async def finding(pilot: Pilot[None]) -> None:
        await answered(*CASES["markdown"])(pilot)
        app = pilot.app
        assert isinstance(app, ChatApp)
        await until(pilot, lambda: "token" in app.export_screenshot(), "the figures below the reply")
        await pilot.press("ctrl+f", *"st")
        await until(pilot, lambda: "1 of 6" in str(app.chat.finding.bar.query_one(".count").render()))
        await pilot.press("down", "down")
        await until(pilot, lambda: "3 of 6" in str(app.chat.finding.bar.query_one(".count").render()))
        await pilot.pause()

    assert snap_compare(ChatApp(ScriptedBackend(theme=theme)), terminal_size=(90, 34), run_before=finding)


@own_renderer  # blank cells of a scrollbar have no foreground colour in it
@pytest.mark.parametrize(("theme", "size"), [("tui-chat-dark", (100, 24)), ("ansi-dark", (60, 20))])
def test_the_chats_while_searching(snap_compare: SnapCompare, theme: str, size: tuple[int, int]) -> None:
    history = KeptHistory()
    for hours, question, answer in (
        (0.5, "Plan for the garden", "Begin with the **soil**: dig, and let it rest."),
        (
            30,
            "What lives in soil?",
            "Worms, mites, fungi.\n\nA spoonful of soil has more of them than there are people.",
        ),
        (24 * 20, "土は何でできていますか", "岩と水と空気 (soil)"),
    ):
        chat = history.keep(question, answer, hours_ago=hours, now=NOW)
    history.pin(chat.id, pinned=True)

    async def searching(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, ChatApp)
        await until(pilot, lambda: app.chat.ready)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: app.screen is not app.chat)
        await pilot.press(*"soil")
        await until(pilot, lambda: "Begin with" in app.screen.query_one(RowList).render().plain)
        await pilot.pause()

    app = ChatApp(ScriptedBackend(history=history, theme=theme))
    assert snap_compare(app, terminal_size=size, run_before=searching)


@own_renderer
def test_the_screen_at_the_first_run(snap_compare: SnapCompare) -> None:
    async def begun(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, ChatApp)
        await until(pilot, lambda: app.chat.ready and app.chat.query("#welcome"))
        await pilot.pause()

    assert snap_compare(ChatApp(ScriptedBackend(demo=True)), terminal_size=(90, 30), run_before=begun)


@pytest.mark.parametrize(
    ("theme", "size"), [("tui-chat-dark", (120, 30)), ("tui-chat-light", (60, 20)), ("ansi-dark", (40, 12))]
)
def test_two_replies_side_by_side(snap_compare: SnapCompare, theme: str, size: tuple[int, int]) -> None:
    backend = backend_with(2, theme=theme)
    left, right = models_of(backend)

    async def compared(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, ChatApp)
        await until(pilot, lambda: app.chat.ready)
        await type_in(pilot, "/compare @one @two")
        await until(pilot, lambda: "side by side" in shown(app))
        await type_in(
            pilot, "Show me what you can, and say in one sentence how it is that you can do all of this here."
        )
        await until(pilot, lambda: left.questions and right.questions)
        left.say(*CASES["markdown"])
        right.say(*CASES["failed"])
        await until(pilot, lambda: "Esc close" in shown(app))
        screen = app.screen
        assert isinstance(screen, CompareScreen)
        await until(pilot, lambda: not any(pane.clock.busy for pane in screen.query(SidePane)))
        await pilot.pause()

    assert snap_compare(ChatApp(backend), terminal_size=size, run_before=compared)
