"""Serve recorded responses unchanged: bodies, and tapes with their own times."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Final

from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.chat.wording.sentences import ended
from tui_chat.regular_files import read_bytes
from tui_chat.server.reply_steps import BodyPiece, BreakOffError, ReplyEnd, ReplyHead, ReplySteps
from tui_chat.server.scripted.pacing import Metronome
from tui_chat.tape_file import SUFFIX, model_in, read_given_tape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tui_chat.chat.inspection.replay_control import ReplayControl
    from tui_chat.server.scripted.pacing import Pace

_COMMAND: Final = "serve: --replay"
_TYPES = {
    ".sse": "text/event-stream",
    ".ndjson": "application/x-ndjson",
    ".json": "application/json",
    ".bin": "text/event-stream",
    ".body": "application/json",
}
"""Content types by file suffix, for recordings without a description."""

LARGEST: Final = 2**28
"""The largest recording that is served, in bytes."""

_OF_THE_CONNECTION: Final = frozenset(
    {"connection", "content-encoding", "content-length", "date", "keep-alive", "server", "trailer"}
    | {"transfer-encoding", "upgrade"}
)
"""Headers of a recorded response that are not sent again, because they belonged to its connection."""

_EVENT_END = re.compile(rb"(?:\r\n\r\n|\n\n|\r\r)[\r\n]*")
_LINE_END = re.compile(rb"\n")


@dataclass(frozen=True, slots=True)
class Recording:
    """A file with the body of a recorded response, and how it is sent again."""

    path: Path
    api: str | None = None
    """The API it was recorded from; `None` if unknown, and then it answers requests of any API."""
    status: int = 200
    content_type: str | None = None

    async def steps(self, pace: Pace) -> ReplySteps:
        """Yield its events or lines at the given pace; without a rate, yield the whole body at once."""
        body = read_bytes(self.path, LARGEST)
        yield ReplyHead(self.status, self.content_type)
        if pace.rate is None:
            yield BodyPiece(body, delta=True)
        else:
            metronome = Metronome(pace)
            for event in _events(body, lines=self.content_type == _TYPES[".ndjson"]):
                await metronome.beat()
                yield BodyPiece(event, delta=True)
        yield ReplyEnd("failed" if self.status >= 400 else "finished")


@dataclass(frozen=True, slots=True)
class TapeRecording:
    """A recorded response with the times at which its pieces arrived."""

    path: Path
    api: str | None = None
    speed: float = 1.0
    """The speed as a multiple of the recorded one."""
    control: ReplayControl | None = None
    """Pauses it and steps through its pieces."""

    async def steps(self, pace: Pace) -> ReplySteps:
        """Yield the pieces when they came; without a rate, as fast as they are taken. A response that broke off breaks
        off again, and so does one whose recording was interrupted."""
        tape = read_given_tape(self.path, _COMMAND)
        loop = asyncio.get_running_loop()
        began = loop.time()
        before = 0.0

        async def until(seconds: float | None) -> None:
            nonlocal before
            if self.control is not None and seconds is not None:
                gap, before = max(0.0, seconds - before), seconds
                await self.control.wait(gap / self.speed if pace.rate is not None else 0.0)
            elif (
                pace.rate is not None
                and seconds is not None
                and (left := began + seconds / self.speed - loop.time()) > 0
            ):
                await asyncio.sleep(left)

        await until(tape.responded)
        if tape.status is None:
            await until(tape.ended)
            raise BreakOffError
        headers = {name.lower(): value for name, value in tape.response_headers}
        kept = {name: value for name, value in headers.items() if name not in _OF_THE_CONNECTION}
        yield ReplyHead(tape.status, kept.pop("content-type", None), kept)
        for seconds, data in tape.pieces:
            await until(seconds)
            yield BodyPiece(data, delta=True)
        await until(tape.ended)
        if tape.how not in {"end", "stopped"}:
            raise BreakOffError
        yield ReplyEnd("failed" if tape.status >= 400 else "finished")


def _events(body: bytes, *, lines: bool) -> Iterator[bytes]:
    """Split a body after each event or line; joined, the pieces are the body again."""
    end = 0
    for found in (_LINE_END if lines else _EVENT_END).finditer(body):
        yield body[end : found.end()]
        end = found.end()
    if rest := body[end:]:
        yield rest


def recordings(path: Path, speed: float = 1.0) -> Mapping[str, Recording | TapeRecording]:
    """The recordings in a folder by name, or a single file under the empty name.

    `NAME.sse`, `NAME.ndjson` and the like are bodies; `NAME.json` beside one may give its `dialect`, `status` and
    `content_type`. `NAME.tape` is a tape, which can also be asked for by the model that it was recorded from; its own
    times are divided by `speed`. Raises `SetupError` if there are no recordings or one cannot be read.
    """
    if path.is_file():
        return {"": _recording(path, speed)}
    try:
        found = sorted(each for each in path.iterdir() if _is_body(each))
    except OSError as error:
        raise SetupError(ended(f"{_COMMAND} {path}: {error.strerror or error}")) from error
    if not found:
        raise SetupError(f"{_COMMAND} {path}: there is no recording (NAME.tape, NAME.sse or NAME.ndjson) in it.")
    by_model = {
        model_in(read_given_tape(each, _COMMAND).body): _recording(each, speed)
        for each in found
        if each.suffix == SUFFIX
    }
    by_model.pop("", None)
    return by_model | {body.stem: _recording(body, speed) for body in found}


def _is_body(path: Path) -> bool:
    return ((path.suffix in _TYPES and path.suffix != ".json") or path.suffix == SUFFIX) and path.is_file()


def _recording(path: Path, speed: float) -> Recording | TapeRecording:
    if path.suffix == SUFFIX:
        read_given_tape(path, _COMMAND)
        return TapeRecording(path, speed=speed)
    described = {}
    description = path.with_suffix(".json")
    if description != path and description.is_file():
        try:
            described = json.loads(read_bytes(description, LARGEST))
        except (OSError, ValueError, RecursionError) as error:
            raise SetupError(f"{_COMMAND} {description}: it is not JSON ({error}).") from error
    if not isinstance(described, dict):
        raise SetupError(f"{_COMMAND} {description}: it has to hold a JSON object.")
    status = described.get("status")
    return Recording(
        path,
        api=described.get("dialect"),
        status=status if isinstance(status, int) else 200,
        content_type=described.get("content_type", _TYPES.get(path.suffix)),
    )
