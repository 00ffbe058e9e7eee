"""The full screen of `tui-chat tap`."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from tui_chat.backend.kept_wire import KeptWire
from tui_chat.backend.recording import RunRecording
from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.secrets import Secrets, in_url, mask_crashes
from tui_chat.cli.paging import tell
from tui_chat.cli.reporting import OTHER_FAILURE
from tui_chat.wire.http.transport import Transport
from tui_chat.wire.tap import TapServer
from tui_chat.wire.tape.tape import MEMORY

if TYPE_CHECKING:
    from pathlib import Path

    from tui_chat.wire.tape.tape import Tape


class _Tap:
    """The proxy of the screen."""

    def __init__(self, url: str, port: int, tape: Tape, connect_timeout: float, idle_timeout: float) -> None:
        self._url, self._port, self._tape = url, port, tape
        self._timeouts = (connect_timeout, idle_timeout)
        self._server: TapServer | None = None

    async def start(self) -> str:
        """Begin to listen, and return the base URL to give to another program. Raises `SetupError`."""
        connect, idle = self._timeouts
        transport = await asyncio.to_thread(Transport, self._url, connect_timeout=connect, idle_timeout=idle)
        self._server = TapServer(self._url, self._port, transport, self._tape)
        try:
            await self._server.start()
        except OSError as error:
            raise SetupError(f"tap: port {self._port} cannot be used ({error.strerror or error}).") from error
        return self._server.base_url

    async def close(self) -> None:
        """Hang up on both sides."""
        if self._server is not None:
            await self._server.close()

    def masked(self, text: str) -> str:
        """Return a text without the secrets of the URL and of all requests that are kept."""
        for exchange in self._tape.exchanges:
            text = exchange.secrets.masked(text)
        return Secrets(in_url(self._url)).masked(text)


def run(url: str, port: int, *, record: Path | None, theme: str, connect_timeout: float, idle_timeout: float) -> int:
    """Pass requests on and show them until a person ends it; return the exit status. Raises `SetupError`."""
    # Textual reads it on import; its default of 100 ms is for remote terminals.
    os.environ.setdefault("ESCDELAY", "100" if "SSH_CONNECTION" in os.environ else "15")
    from tui_chat.ui.inspector.tap_app import TapApp

    recording = RunRecording("" if record is None else str(record), MEMORY)
    tape = recording.tape
    if tape is None:
        raise RuntimeError("a recording with memory has a tape")
    tap = _Tap(url, port, tape, connect_timeout, idle_timeout)
    mask_crashes(tap.masked)
    app = TapApp(KeptWire(recording), tap, tap.masked(url), theme, tap.masked)
    try:
        app.run()
    finally:
        recording.close()
    if app.setup_error is not None:
        raise app.setup_error
    if recording.error:
        tell(recording.error)
    return app.return_code or (OTHER_FAILURE if recording.error else 0)
