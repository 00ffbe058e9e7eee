"""Download a file over HTTP in constant memory; resume a partial one.

A partial file is resumed with `Range` and `If-Range` (RFC 9110, sections 13.1.5 and 14), so a server whose file has
changed sends all of it.
"""

from __future__ import annotations

import asyncio
import os
import re
from contextlib import aclosing
from typing import TYPE_CHECKING, Final, TypeAlias

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.chat.wording.sentences import clause, ended
from tui_chat.wire.failures.errors import ConnectFailedError, ConnectionLostError
from tui_chat.wire.failures.retry_after import retry_after
from tui_chat.wire.sources.fetch import refusal
from tui_chat.wire.sources.files import file_name, size_in
from tui_chat.wire.sources.partial_file import DownloadError, FileVersion, PartialFile, exists

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping
    from pathlib import Path

    from tui_chat.chat.events import Failed
    from tui_chat.wire.sources.fetch import Fetcher, FollowedResponse

TRIES: Final = 5
"""Maximum number of further attempts without progress."""

LONGEST_WAIT: Final = 30.0
"""Maximum seconds between two attempts."""

_CONTENT_RANGE: Final = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")
_UNSATISFIED: Final = re.compile(r"bytes \*/(\d{1,18})")


@dataclass(frozen=True, slots=True)
class DownloadStarted:
    """The response has begun; the file will be at `path`, and `done` bytes of it exist already."""

    path: Path
    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """`done` bytes of `total` (`None`: unknown) are on disk."""

    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class DownloadRestarted:
    """The partial file cannot be resumed. `why` is a clause."""

    why: str


@dataclass(frozen=True, slots=True)
class DownloadRetrying:
    """The download broke off and will be retried after `wait` seconds."""

    why: str
    wait: float


@dataclass(frozen=True, slots=True)
class DownloadFinished:
    """The file is complete; always the last step."""

    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class DownloadInterrupted:
    """The download broke off and will not be retried; always the last step. Received data is kept."""

    why: str
    part: Path
    done: int
    resumable: bool
    """Whether the same command continues from there."""


@dataclass(frozen=True, slots=True)
class DownloadRefused:
    """The server refused the file; always the last step."""

    failed: Failed


DownloadStep: TypeAlias = (
    DownloadStarted
    | DownloadProgress
    | DownloadRestarted
    | DownloadRetrying
    | DownloadFinished
    | DownloadInterrupted
    | DownloadRefused
)


@dataclass(frozen=True, slots=True)
class DownloadTarget:
    """The folder and file name to save to."""

    folder: Path
    name: str = ""
    """The file name; empty: the server's name."""
    force: bool = False
    """Overwrite an existing file."""


async def download(
    fetcher: Fetcher, url: str, headers: Mapping[str, str], target: DownloadTarget, *, tries: int = TRIES
) -> AsyncGenerator[DownloadStep, None]:
    """Download `url` to a file and yield the steps. `headers` are sent only to its own origin; `tries` is the number
    of further attempts without progress (0: none). Raises `DownloadError` and `SetupError`."""
    state = _Download(fetcher, url, headers, target)
    failures = 0
    while True:
        before = state.done
        last: DownloadStep | None = None
        try:
            async with aclosing(state.attempt()) as steps:
                async for last in steps:
                    if not isinstance(last, (DownloadInterrupted, DownloadRefused)):
                        yield last
        except OSError as error:
            where = state.part.data if state.part else target.folder
            raise DownloadError(
                ended(f"{error.filename or where} cannot be written: {error.strerror or error}")
            ) from error
        if isinstance(last, DownloadFinished):
            return
        if not isinstance(last, (DownloadInterrupted, DownloadRefused)):
            continue  # the beginning exists: request the rest
        failures = 1 if state.done > before else failures + 1
        if failures > tries or not state.may_go_on:
            yield state.broken_off(last) if state.begun else last
            return
        wait = min(LONGEST_WAIT, state.wanted_wait or 2.0 ** (failures - 1))
        yield DownloadRetrying(last.why if isinstance(last, DownloadInterrupted) else clause(last.failed.problem), wait)
        await asyncio.sleep(wait)


class _Download:
    """The state of a download across attempts."""

    def __init__(self, fetcher: Fetcher, url: str, headers: Mapping[str, str], target: DownloadTarget) -> None:
        self.part: PartialFile | None = None
        self.begun = False
        """Data was received in this run."""
        self.may_go_on = False
        """The rest can be requested, as far as the last attempt shows."""
        self.wanted_wait: float | None = None
        """Seconds that the server asks to wait."""
        self._fetcher = fetcher
        self._url = url
        self._headers = headers
        self._target = target
        if target.name:
            self._take_name(target.name)

    @property
    def done(self) -> int:
        """Bytes that exist already."""
        return self.part.done if self.part else 0

    def broken_off(self, last: DownloadInterrupted | DownloadRefused) -> DownloadInterrupted:
        """The last step if there is a partial file."""
        if self.part is None:
            raise RuntimeError("nothing is there")
        why = last.why if isinstance(last, DownloadInterrupted) else clause(last.failed.problem)
        return DownloadInterrupted(why, self.part.data, self.part.done, self.part.version() is not None)

    def _take_name(self, name: str) -> PartialFile:
        path = self._target.folder / name
        if path.is_dir():
            raise DownloadError(f"{path} is a folder.")
        if os.path.lexists(path) and not self._target.force:
            raise exists(path)
        self.part = PartialFile(path)
        return self.part

    async def attempt(self) -> AsyncGenerator[DownloadStep, None]:
        """Send one request. The last step is `DownloadFinished`, `DownloadInterrupted` or `DownloadRefused`; if
        there is none of these, request again at once."""
        known = self.part.version() if self.part else None
        if known is not None and known.url != FileVersion.of(self._url, {}, None).url:
            known = None
        at = self.done if known else 0
        ranged = {"Range": f"bytes={at}-", "If-Range": known.validator} if known else {}
        try:
            async with (
                self._fetcher.get(self._url, {"Accept": "*/*"} | ranged, self._headers) as response,
                aclosing(self._take(response, known, at)) as steps,
            ):
                async for step in steps:
                    yield step
        except ConnectFailedError as error:
            self.may_go_on = self.may_go_on and error.again
            yield DownloadRefused(error.failed)

    async def _take(
        self, response: FollowedResponse, known: FileVersion | None, at: int
    ) -> AsyncGenerator[DownloadStep, None]:
        answer = response.answer
        if known is not None and answer.status == 416:
            whole = _UNSATISFIED.fullmatch(answer.headers.get("content-range", ""))
            if whole is not None and int(whole[1]) == at:
                yield self._publish()
            else:
                yield self._start_over("the server has less than is there already")
            return
        if answer.status not in {200, 206} or (answer.status == 206 and known is None):
            self.wanted_wait = retry_after(answer.headers)
            self.may_go_on = self.may_go_on and (answer.status >= 500 or answer.status in {408, 429})
            yield DownloadRefused(await refusal(response))
            return
        part = self.part or self._take_name(file_name(answer.headers, response.url))
        if answer.status == 206 and known is not None:
            total = _whole_size(answer.headers, known, at)
            if total is None:
                yield self._start_over("the server's part does not fit to what is there")
                return
            version = known
        else:
            total = size_in(answer.headers)
            version = FileVersion.of(self._url, answer.headers, total)
            if known is not None:
                yield DownloadRestarted(
                    "the server sends no parts of it" if version == known else "the file has changed on the server"
                )
            elif version.validator and part.version() == version:
                return  # the server's name shows that its beginning exists
            at = 0
        async with aclosing(self._write(response, part, version, at, total)) as steps:
            async for step in steps:
                yield step

    async def _write(
        self, response: FollowedResponse, part: PartialFile, version: FileVersion, at: int, total: int | None
    ) -> AsyncGenerator[DownloadStep, None]:
        try:
            with part.opened(version, at) as file:
                yield DownloadStarted(part.path, at, total)
                self.begun, self.may_go_on = True, bool(version.validator)
                done = at
                while (chunk := await response.answer.chunk()) is not None:
                    file.write(chunk)
                    done += len(chunk)
                    yield DownloadProgress(done, total)
        except ConnectionLostError as error:
            yield DownloadInterrupted(str(error), part.data, part.done, resumable=bool(version.validator))
            return
        yield self._publish()

    def _start_over(self, why: str) -> DownloadRestarted:
        if self.part is not None:
            self.part.description.unlink(missing_ok=True)
        return DownloadRestarted(why)

    def _publish(self) -> DownloadFinished:
        part = self.part
        if part is None:
            raise RuntimeError("nothing to put in its place")
        size = part.done
        part.publish(force=self._target.force)
        return DownloadFinished(part.path, size)


def _whole_size(headers: Mapping[str, str], known: FileVersion, at: int) -> int | None:
    """The size of the whole file if a 206 response is its rest from byte `at` on; `None`: it is not."""
    found = _CONTENT_RANGE.fullmatch(headers.get("content-range", "").strip())
    if found is None or int(found[1]) != at or found[3] == "*":
        return None
    total, etag = int(found[3]), headers.get("etag", "")
    if known.size not in {None, total} or int(found[2]) != total - 1:
        return None
    strong = etag.startswith('"') and known.validator.startswith('"')
    return None if strong and etag != known.validator else total
