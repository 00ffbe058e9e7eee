"""An app with an inspector over a tape that a test fills."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tests.wire.tape.test_tape import FakeResponse
from tui_chat.backend.kept_wire import KeptWire
from tui_chat.backend.recording import RunRecording
from tui_chat.chat.secrets import Secrets
from tui_chat.ui.inspector.inspector import Inspector
from tui_chat.ui.themes import ThemedApp
from tui_chat.wire.tape import tape as tape_module

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    import pytest
    from textual.app import ComposeResult
    from textual.pilot import Pilot

    from tui_chat.chat.inspection.wire_ports import WireExchange, WireFrame
    from tui_chat.ui.inspector.owner import Neighbour
    from tui_chat.wire.tape.tape import Tape

KEY = "sk-canary-0123456789abcdef"
URL = "https://api.example/v1/chat/completions"
BODY = json.dumps({"model": "m", "messages": [{"role": "user", "content": f"my key is {KEY}"}]}).encode()


def delta(text: str) -> bytes:
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": text}}]}).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


class Clock:
    """The clock of a tape, which a test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(tape_module, "monotonic", lambda: self.now)


class Response(FakeResponse):
    """A response whose pieces come after some seconds."""

    def __init__(
        self,
        tape: Tape,
        clock: Clock,
        question: str = "q",
        attempt: int = 1,
        status: int = 200,
        content_type: str = "",
    ) -> None:
        super().__init__()
        self.status = status
        if content_type:
            self.headers = {**self.headers, "content-type": content_type}
        self._clock = clock
        secrets = Secrets([KEY, f"Bearer {KEY}"])
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        self.taped = tape.begin("POST", URL, headers, BODY, secrets, question=question, attempt=attempt)
        self.taped.__enter__()
        clock.now += 0.2
        self.taped.responded(self, secrets)

    def say(self, *pieces: bytes, after: float = 0.02) -> None:
        for piece in pieces:
            self._clock.now += after
            self.receive(piece)

    def end(self, ending: str | None = "") -> None:
        self.ending = ending
        self.taped.__exit__(None, None, None)


def answered(tape: Tape, clock: Clock, pieces: Iterable[bytes], question: str = "q") -> Response:
    response = Response(tape, clock, question)
    response.say(*pieces)
    response.end()
    return response


class InspectorHost(ThemedApp):
    """An app with nothing but an inspector."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self) -> None:
        super().__init__()
        self.recording = RunRecording("", 64 << 20)
        assert self.recording.tape is not None
        self.tape: Tape = self.recording.tape
        self.inspector = Inspector(KeptWire(self.recording), self)
        self.inspector.add_class("-full")
        self.closed = 0
        self.opened: list[tuple[WireFrame, bytes]] = []
        self.texts: list[str] = []
        self.places: list[WireFrame] = []
        self.copied: list[int] = []
        self.saved: list[int] = []
        self.guides = 0
        self.neighbour: Neighbour = lambda _: None

    def compose(self) -> ComposeResult:
        yield self.inspector

    def on_mount(self) -> None:
        self.inspector.focus_list()

    def close_inspector(self) -> None:
        self.closed += 1

    def open_frame(self, frame: WireFrame, raw: bytes, neighbour: Neighbour) -> None:
        self.opened.append((frame, raw))
        self.neighbour = neighbour

    def open_guide(self, *, in_chat: bool) -> None:
        self.guides += 1

    def open_text(self, text: str) -> None:
        self.texts.append(text)

    def show_place(self, exchange: WireExchange, frame: WireFrame) -> None:
        self.places.append(frame)

    def copy_curl(self, number: int) -> None:
        self.copied.append(number)

    def save_exchange(self, number: int) -> None:
        self.saved.append(number)

    def rows(self) -> list[str]:
        """The rows of the screen."""
        return [strip.text.rstrip() for strip in self.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        return "\n".join(self.rows())


@asynccontextmanager
async def inspecting(size: tuple[int, int] = (80, 24)) -> AsyncIterator[tuple[InspectorHost, Pilot[None]]]:
    app = InspectorHost()
    async with app.run_test(size=size) as pilot:
        yield app, pilot
