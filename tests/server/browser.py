"""A real browser for tests: headless Chromium, driven over the pipe of its DevTools protocol.

Nothing has to be installed but the browser. Commands go to its file descriptor 3 and answers come from 4, each a JSON
object with a zero byte behind it.
"""

from __future__ import annotations

import base64
import fcntl
import itertools
import json
import os
import shutil
import signal
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Literal

import pytest

from tests.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Json = dict[str, Any]

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here (Debian: apt-get install chromium)")

FLAGS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-proxy-server",
    "--hide-scrollbars",
)


@contextmanager
def browser(profile: Path) -> Iterator[Page]:
    """Start a browser with its profile in `profile`, and give its empty page."""
    assert CHROMIUM is not None
    command_reader, command_writer = os.pipe()
    answer_reader, answer_writer = os.pipe()
    # Out of the way of 3 and 4, which the browser wants; its own copies are closed with it.
    inner = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (command_reader, answer_writer)]
    os.close(command_reader)
    os.close(answer_writer)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium has none for root
    log = os.open(profile / "browser.log", os.O_WRONLY | os.O_CREAT)
    process = os.posix_spawn(
        CHROMIUM,
        [CHROMIUM, *FLAGS, *sandbox, f"--user-data-dir={profile}"],
        {**os.environ, "HOME": str(profile)},
        file_actions=[
            (os.POSIX_SPAWN_DUP2, inner[0], 3),
            (os.POSIX_SPAWN_DUP2, inner[1], 4),
            (os.POSIX_SPAWN_DUP2, log, 1),
            (os.POSIX_SPAWN_DUP2, log, 2),
        ],
        setpgroup=0,
    )
    for end in (*inner, log):
        os.close(end)
    try:
        with os.fdopen(command_writer, "wb") as commands, os.fdopen(answer_reader, "rb") as answers:
            yield Page(commands, answers)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process, signal.SIGKILL)
        os.waitpid(process, 0)


class Page:
    """A page to read, click and type into."""

    def __init__(self, commands: Any, answers: Any) -> None:
        self._commands = commands
        self._answers = answers
        self._numbers = itertools.count(1)
        self._session: str | None = None
        self.problems: list[str] = []
        """Exceptions in the browser's console, and violations of the Content-Security-Policy."""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self._call(f"{domain}.enable")

    def _call(self, method: str, **params: Any) -> Json:
        number = next(self._numbers)
        command: Json = {"id": number, "method": method, "params": params}
        if self._session:
            command["sessionId"] = self._session
        self._commands.write(json.dumps(command).encode() + b"\0")
        self._commands.flush()
        while True:
            answer = self._read()
            if answer.get("id") == number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                result: Json = answer["result"]
                return result

    def _read(self) -> Json:
        text = bytearray()
        while (byte := self._answers.read(1)) != b"\0":
            assert byte, "the browser has gone"
            text += byte
        message: Json = json.loads(text)
        match message:
            case {"method": "Runtime.exceptionThrown", "params": {"exceptionDetails": details}}:
                self.problems.append(details.get("exception", {}).get("description") or details["text"])
            case {"method": "Log.entryAdded", "params": {"entry": {"source": "security", "text": said}}}:
                self.problems.append(said)
        return message

    def open(self, url: str) -> None:
        """Load a URL and wait until the page is complete."""
        self._call("Page.navigate", url=url)
        self.until(f"location.href.startsWith({json.dumps(url)}) && document.readyState === 'complete'")

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def until(self, condition: str, patience: float = PATIENCE) -> None:
        """Wait until a JavaScript expression is true."""
        late = time.monotonic() + patience
        while not self.evaluate(f"Boolean({condition})"):
            assert time.monotonic() < late, f"never: {condition}; on the page: {self.text('body')}"
            time.sleep(0.01)

    def text(self, selector: str) -> str:
        """The text of the element."""
        text: str = self.evaluate(f"document.querySelector({json.dumps(selector)}).innerText")
        return text

    def click(self, selector: str) -> None:
        """Click the middle of the element."""
        place = self.evaluate(
            f"(() => {{ const at = document.querySelector({json.dumps(selector)}); at.scrollIntoView();"
            " const { x, y, width, height } = at.getBoundingClientRect();"
            " return [x + width / 2, y + height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self._call(
                "Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", buttons=1, clickCount=1
            )

    def type(self, text: str) -> None:
        """Type text into the focused element."""
        self._call("Input.insertText", text=text)

    def press(self, key: Literal["Enter", "Escape"], *, shift: bool = False) -> None:
        """Press one key."""
        code = {"Enter": 13, "Escape": 27}[key]
        letter = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self._call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                windowsVirtualKeyCode=code,
                modifiers=8 if shift else 0,
                **(letter if kind == "keyDown" else {}),
            )

    def look(self, path: Path, *, width: int = 1100, height: int = 760, dark: bool = False) -> None:
        """A PNG screenshot of a window of this size."""
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self._call("Emulation.setEmulatedMedia", features=scheme)
        path.write_bytes(base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"]))
