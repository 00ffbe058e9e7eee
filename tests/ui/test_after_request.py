"""What the screen does for a question waits until the request is sent."""

from __future__ import annotations

import asyncio
from time import sleep
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.widget import Widget

from tests.byte_server import ByteServer, stream
from tests.ui.host import until
from tests.ui.scripted import ScriptedBackend, ScriptedModel, running
from tests.wire.test_client import GOOD, question
from tui_chat.ui.after_request import after_request, paint_after_request
from tui_chat.wire.client import Client
from tui_chat.wire.endpoint import Endpoint
from tui_chat.wire.http.connections import Stream

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    import pytest
    from textual.app import ComposeResult

    from tui_chat.chat.events import ChatEvent
    from tui_chat.chat.turn import Question

FRAME = 0.05
"""Seconds, longer than from one frame to the next."""
TURNS_OF_A_REQUEST = 8
"""Turns of the event loop, more than a request on an open connection takes."""


async def test_a_task_that_yields_some_times_is_ahead_of_the_callback() -> None:
    order: list[str] = []

    async def request() -> None:
        for _ in range(TURNS_OF_A_REQUEST):
            await asyncio.sleep(0)
        order.append("request")

    app: App[None] = App()
    async with app.run_test():
        after_request(app, lambda: order.append("view"))
        task = asyncio.create_task(request())
        await until(lambda: "view" in order)
        await task
    assert order == ["request", "view"]


async def asked_of(client: Client) -> list[ChatEvent]:
    return [event async for batch in client.reply(question()) for event in batch]


async def test_a_request_on_an_open_connection_is_written_before_the_callback(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    write = Stream.write

    async def watched(self: Stream, *arguments: Any, **options: Any) -> None:
        await write(self, *arguments, **options)
        order.append("written")

    async with ByteServer(script=lambda _: stream(GOOD)) as server:
        client = Client(Endpoint(server.url))
        await client.prepare()
        await client.warm()
        monkeypatch.setattr(Stream, "write", watched)
        app: App[None] = App()
        async with app.run_test():
            turn = asyncio.create_task(asked_of(client))
            after_request(app, lambda: order.append("view"))
            await until(lambda: "view" in order)
            await turn
        await client.aclose()
    assert order[-1] == "view"
    assert order[0] == "written"


class WatchedModel(ScriptedModel):
    """Counts the message views at the time at which a client would have sent its request."""

    def __init__(self, views: Callable[[], int]) -> None:
        super().__init__()
        self.views = views
        self.counts: list[int] = []

    async def reply(self, question: Question) -> AsyncGenerator[Sequence[ChatEvent], None]:
        for _ in range(TURNS_OF_A_REQUEST):
            await asyncio.sleep(0)
        self.counts.append(self.views())
        async for batch in super().reply(question):
            yield batch


async def test_enter_sends_the_request_before_a_view_is_made_and_then_shows_both() -> None:
    backend = ScriptedBackend()
    async with running(backend) as (app, pilot):
        model = WatchedModel(lambda: len(app.chat.pane.views))
        assert app.chat.session is not None
        app.chat.session.model = model
        await pilot.press("h", "i", "enter")
        await until(lambda: len(app.chat.pane.views) == 2)
        await until(lambda: app.chat.composer.button.stops)
        assert model.counts == [0]


class Sign(Widget):
    """Notes when it is painted."""

    def __init__(self, order: list[str]) -> None:
        super().__init__()
        self.order = order

    def render(self) -> str:
        self.order.append("painted")
        return ""


async def test_no_frame_is_painted_before_a_request_is_written_and_one_is_then() -> None:
    order: list[str] = []

    class Host(App[None]):
        def compose(self) -> ComposeResult:
            yield Sign(order)

    async def request() -> None:
        for _ in range(TURNS_OF_A_REQUEST):
            await asyncio.sleep(0)
        sleep(FRAME)  # noqa: ASYNC251 (the loop is busy, and the next frame is due afterwards)
        for _ in range(2):
            await asyncio.sleep(0)
        order.append("request")

    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        order.clear()
        paint_after_request(app)
        app.query_one(Sign).refresh()
        task = asyncio.create_task(request())
        await until(lambda: "painted" in order)
        await task
    assert order[0] == "request"
