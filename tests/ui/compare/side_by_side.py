"""An app that compares scripted models, as a person would have it do."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

from tests.ui.scripted import ScriptedBackend, ScriptedModel, running, until
from tui_chat.chat.model_ports import Connection
from tui_chat.ui.compare.compare_screen import CompareScreen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.pilot import Pilot

    from tui_chat.chat.history_ports import History
    from tui_chat.chat.message import Message
    from tui_chat.ui.app import ChatApp

NAMES = ("one", "two", "three", "four")


class SideBySide(NamedTuple):
    """The app while a comparison is shown."""

    app: ChatApp
    pilot: Pilot[None]
    screen: CompareScreen
    models: list[ScriptedModel]

    def replies(self) -> list[Message]:
        """The replies, in the order of the models."""
        return replies(self.app)

    def shown(self) -> str:
        """What is on the screen."""
        return shown(self.app)


def replies(app: ChatApp) -> list[Message]:
    """All replies of the shown chat, in the order in which they were begun."""
    return [message for message in app.chat.conversation.messages.values() if message.role == "assistant"]


def shown(app: ChatApp) -> str:
    """The text on the screen, row by row."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def backend_with(count: int, history: History | None = None, *, theme: str = "tui-chat-dark") -> ScriptedBackend:
    """A backend with endpoints `one`, `two`, …, each with a model and a host of its own; the chat's own is `one`."""
    backend = ScriptedBackend(history=history, host="one.example", theme=theme)
    backend.names = NAMES[:count]
    for index, name in enumerate(backend.names):
        model = backend.model if not index else ScriptedModel()
        backend.at[name] = Connection(model, f"model-{index + 1}", host=f"{name}.example", name=name)
    backend.manager.current = "one"
    return backend


def models_of(backend: ScriptedBackend) -> list[ScriptedModel]:
    """The models of its endpoints."""
    models = [connection.model for connection in backend.at.values()]
    assert all(isinstance(model, ScriptedModel) for model in models)
    return models  # type: ignore[return-value]


async def type_in(pilot: Pilot[None], text: str) -> None:
    """Put a text into the prompt and press Enter."""
    pilot.app.chat.composer.prompt.load_text(text)  # type: ignore[attr-defined]
    await pilot.press("enter")


@asynccontextmanager
async def comparing(
    count: int = 2,
    size: tuple[int, int] = (120, 36),
    question: str = "Which?",
    history: History | None = None,
    theme: str = "tui-chat-dark",
) -> AsyncIterator[SideBySide]:
    """The app after `/compare` and a question to `count` models; all of them were asked."""
    backend = backend_with(count, history, theme=theme)
    models = models_of(backend)
    async with running(backend, size=size) as (app, pilot):
        await type_in(pilot, "/compare " + " ".join(f"@{name}" for name in backend.names))
        await until(pilot, lambda: "side by side" in shown(app), "the line of the models")
        await type_in(pilot, question)
        await until(pilot, lambda: isinstance(app.screen, CompareScreen) and app.screen.is_mounted, "the comparison")
        screen = app.screen
        assert isinstance(screen, CompareScreen)
        await until(pilot, lambda: all(len(model.questions) == 1 for model in models), "all questions")
        yield SideBySide(app, pilot, screen, models)
