"""A chat endpoint for the tests of any program that talks to one.

It listens on a free loopback port, in a thread of its own, and speaks OpenAI's chat completions and responses,
Anthropic's messages, Gemini's and Ollama's APIs at once:

    from tui_chat.server.testing import ChatEndpoint

    with ChatEndpoint() as endpoint:
        client = OpenAI(base_url=endpoint.base_url, api_key=endpoint.key)
        ...

With pytest, a line in `conftest.py` makes it a fixture, new for each test:

    pytest_plugins = ["tui_chat.server.pytest_fixture"]

    def test_my_client_tries_again(chat_endpoint):
        chat_endpoint.set("fault=429&retry=0&times=2")    # two requests are refused, the third is answered
        assert MyClient(chat_endpoint.base_url, chat_endpoint.key).ask("count to 3", model="count") == "1 2 3"
        assert [request.access.status for request in chat_endpoint.requests] == [429, 429, 200]

    def test_my_client_hangs_up(chat_endpoint):
        with MyClient(chat_endpoint.base_url, chat_endpoint.key).stream("go on", model="fault:endless"):
            pass
        chat_endpoint.wait_until(lambda: chat_endpoint.requests[-1].ended)
        assert chat_endpoint.requests[-1].outcome == "hang-up"

A tape that `tui-chat --record` or `tui-chat tap --record` wrote makes a fault that was seen once a test for ever. It is
the answer to every request, broken off where it was; with `speed=1` at its own times:

    def test_my_client_survives_what_happened_on_monday():
        with ChatEndpoint(replay=Path("monday.tape"), speed=1) as endpoint:
            with pytest.raises(MyClient.StalledError):
                MyClient(endpoint.base_url, endpoint.key, timeout=2).ask("anything")

Models, options and faults are those of `tui-chat serve --list`: a test chooses them by the model's name
(`count?rate=50`, `fault:cut?after=10`), by the request header `X-TUI-Chat`, or for all requests with `set`. Replies
come as fast as they are taken, unless an option says otherwise. What is answered is scripted and always the same:
`echo` repeats the question, `count` counts, `tools` calls the functions it is offered.
"""

from __future__ import annotations

import threading
from time import monotonic
from typing import TYPE_CHECKING

from tui_chat.server.embedded import EmbeddedServer
from tui_chat.server.replay import recordings
from tui_chat.server.scripted.behaviour import ResponseOptions
from tui_chat.server.scripted.pacing import AT_ONCE, Pace
from tui_chat.server.scripted.replies import Replies

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from tui_chat.server.http.access_log import Access
    from tui_chat.server.http.request_log import ReceivedRequest


class ChatEndpoint:
    """One endpoint; it runs from `start` to `stop`, or inside a `with` block."""

    def __init__(
        self,
        options: str = "",
        *,
        key: str | None = "test-key",
        replay: Path | None = None,
        speed: float | None = None,
        keep_bodies: bool = False,
    ) -> None:
        """`options`: as for `set`. `key`: the key that clients must send; `None` for none. `replay`: a tape or a
        recorded body to answer with, or a folder of them by model name. `speed`: how many times as fast as they were
        recorded tapes are answered; `None`: as fast as they are taken. `keep_bodies`: keep request bodies for
        `ReceivedRequest.body` and `ReceivedRequest.json`. Raises `OptionError` and `SetupError`."""
        self.key = key or ""
        """The key that clients must send, as a bearer token or in their API's own header."""
        self.requests: list[ReceivedRequest] = []
        """The requests so far, oldest first; the last may still be running."""
        self._changed = threading.Condition()
        self._pace = AT_ONCE if speed is None else Pace()
        self._replies = Replies(
            ResponseOptions(self._pace).with_query(options), recordings(replay, speed or 1.0) if replay else None
        )
        self._keep_bodies = keep_bodies
        self._server = EmbeddedServer(key=key, replies=self._replies, on_finish=self._ended, on_request=self._begun)

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:PORT/v1`, for clients of OpenAI's APIs."""
        return self._server.base_url

    @property
    def root_url(self) -> str:
        """`http://127.0.0.1:PORT`, for clients of the other APIs."""
        return self._server.base_url.removesuffix("/v1")

    def set(self, options: str = "") -> None:
        """Set how requests without options of their own are answered: `usage=every&end=empty`, `fault=cut&after=3`.
        This replaces earlier options and resets the counts of faults. Raises `OptionError`, which is a `ValueError`."""
        self._replies.response_options = ResponseOptions(self._pace).with_query(options)
        self._replies.forget_faults()

    def wait_until(self, condition: Callable[[], bool], seconds: float = 10.0) -> None:
        """Wait until `condition` is true; it is checked when a request begins or ends, and every 20 ms. Raises
        `TimeoutError`."""
        end = monotonic() + seconds
        with self._changed:
            while not condition():
                if monotonic() >= end:
                    raise TimeoutError(f"It has not come within {seconds:g} s; {len(self.requests)} requests have.")
                self._changed.wait(0.02)

    def start(self) -> None:
        """Start listening. Raises `SetupError` if no port is free."""
        self._server.start()

    def stop(self) -> None:
        """End running replies and close the port. Stopping twice does nothing."""
        self._server.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _begun(self, request: ReceivedRequest) -> bool:
        with self._changed:
            self.requests.append(request)
            self._changed.notify_all()
        return self._keep_bodies

    def _ended(self, _access: Access) -> None:
        with self._changed:
            self._changed.notify_all()
