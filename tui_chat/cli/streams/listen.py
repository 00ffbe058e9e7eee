"""`tui-chat listen`: shows any stream of events or text as it arrives, and saves files."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from codecs import getincrementaldecoder
from contextlib import aclosing
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, assert_never

from tui_chat.chat.clean import clean_line
from tui_chat.chat.events import Failed
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.chat.secrets import Secrets, in_headers, in_url, mask_crashes
from tui_chat.chat.wording.sizes import readable_size
from tui_chat.cli.output import Notes, Output, complain
from tui_chat.cli.reporting import BY_KIND, CUT_OFF, OTHER_FAILURE, WHOLE, failure_lines, json_line
from tui_chat.signals import BY_SIGNAL, stopping_on_signals
from tui_chat.wire.sources.download import (
    TRIES,
    DownloadFinished,
    DownloadInterrupted,
    DownloadProgress,
    DownloadRefused,
    DownloadRestarted,
    DownloadRetrying,
    DownloadStarted,
    DownloadTarget,
    download,
)
from tui_chat.wire.sources.event_source import (
    Bytes,
    Connected,
    ProtocolWarning,
    Reconnecting,
    ServerSentEvent,
    SourceEnded,
    listen,
)
from tui_chat.wire.sources.partial_file import DownloadError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_chat.wire.sources.download import DownloadStep
    from tui_chat.wire.sources.event_source import SourceEvent, StreamKind
    from tui_chat.wire.sources.fetch import Fetcher
    from tui_chat.wire.tape.tape import Tape

KINDS: dict[StreamKind, tuple[str, str]] = {
    "events": ("an event stream", "event"),
    "json": ("JSON", "line"),
    "text": ("plain text", "piece"),
}
"""For each kind of body, its name and the name of its units."""

REDRAWN = 0.1
"""Seconds between two redraws of the progress bar."""

_INDENT = " " * 14
"""Indent of a text's further lines, so that they stand beside the time."""


@dataclass(frozen=True, slots=True)
class ListenOptions:
    """The form in which a stream is shown, and the conditions that end it."""

    json: bool = False
    """Print each event as a line of JSON."""
    raw: bool = False
    """Print the body unchanged."""
    count: int | None = None
    """End after this many events."""
    seconds: float | None = None
    """End after this many seconds."""
    reconnect: bool = True
    """Reconnect when the connection ends."""
    quiet: bool = False
    """Print nothing but errors on standard error."""
    place: DownloadTarget | None = None
    """The file to save the response as."""


class ListenCommand:
    """Listens to one URL, or saves it, until it ends."""

    def __init__(
        self, fetcher: Fetcher, url: str, headers: Mapping[str, str], options: ListenOptions, secrets: Secrets
    ) -> None:
        """`headers` are only sent to the URL's own origin; `secrets` are masked in remarks but not in the stream
        itself."""
        self._fetcher = fetcher
        self._url = url
        self._headers = headers
        self._options = options
        self._notes = Notes(options.quiet, secrets)
        self._began = monotonic()
        self._events = 0
        self._unit = ""
        """The plural name of the stream's units; empty if no stream was received."""
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._signal: int | None = None
        self._stopped = asyncio.Event()
        self._output = Output(sys.stdout.fileno(), on_broken=self._stopped.set)
        self._bar = Bar(self._notes)

    async def run(self) -> int:
        """Listen or save, and return the exit status. Raises `SetupError`."""
        with stopping_on_signals(self._stop):
            work = asyncio.create_task(self._save(self._options.place) if self._options.place else self._listen())
            stopped = asyncio.create_task(self._stopped.wait())
            await asyncio.wait({work, stopped}, timeout=self._options.seconds, return_when=asyncio.FIRST_COMPLETED)
            work.cancel()
            await asyncio.wait({work})
            self._bar.end()
            stopped.cancel()
            await self._output.finish_unless(self._stopped)
            await self._fetcher.close()
        return self._conclude(None if work.cancelled() else work.result())

    def _stop(self, number: int) -> None:
        self._signal = number
        self._stopped.set()

    def _conclude(self, status: int | None) -> int:
        """Print remarks about the end and return the exit status; `status` is `None` if it was ended from outside."""
        if self._unit:
            units = f"{self._events} {self._unit}{'' if self._events == 1 else 's'}"
            self._notes.remark(f"tui-chat: {units} in {self._seconds():.1f} s")
        if self._signal is not None:
            return BY_SIGNAL + self._signal
        error = self._output.error
        if error is not None and not isinstance(error, BrokenPipeError):
            self._notes.error(f"tui-chat: standard output cannot be written: {error.strerror}")
            return OTHER_FAILURE
        return WHOLE if status is None else status

    # ---- a stream

    async def _listen(self) -> int:
        events = listen(self._fetcher, self._url, self._headers, reconnect=self._options.reconnect)
        async with aclosing(events):
            async for event in events:
                status = self._show(event)
                if status is not None:
                    return status
                if self._events == self._options.count:
                    return WHOLE
        raise RuntimeError("a stream ended without saying how")

    def _show(self, event: SourceEvent) -> int | None:
        """Print an event of the connection; return the exit status if it was the last."""
        match event:
            case Connected(url, status, kind, content_type):
                self._notes.secrets |= Secrets(in_url(url))  # after a redirect it may be a different URL
                named = clean_line(f"({status}, {content_type or 'no Content-Type'})")
                what, self._unit = KINDS[kind]
                self._notes.remark(f"tui-chat: {clean_line(url)} sends {what} {named}")
            case Bytes(data):
                if self._options.raw:
                    self._output.write(self._decoder.decode(data))
            case ServerSentEvent():
                self._events += 1
                if not self._options.raw:
                    self._output.write(self._line(event))
            case ProtocolWarning(what):
                self._notes.remark(f"tui-chat: {what}")
            case Reconnecting(why, wait, last_id):
                asking = f" with Last-Event-ID: {clean_line(last_id)}" if last_id else ""
                self._notes.remark(f"tui-chat: {clean_line(why)}; reconnecting in {wait:g} s{asking}")
            case SourceEnded(_, _, Failed() as failed):
                return self._fail(failed)
            case SourceEnded(why, whole):
                if whole:
                    self._notes.remark(f"tui-chat: {why}")
                    return WHOLE
                self._notes.error(f"tui-chat: {why}")
                return CUT_OFF
            case _:
                assert_never(event)
        return None

    def _line(self, event: ServerSentEvent) -> str:
        if self._options.json:
            fields: dict[str, Any] = {"t": self._seconds()}
            if event.name:
                fields |= {"event": event.name, "id": event.id}
            return json_line({**fields, "data": event.data})
        time = datetime.now(UTC).astimezone().strftime("%H:%M:%S.%f")[:-3]
        facts = [time, clean_line(event.name), f"#{clean_line(event.id)}" if event.id else ""]
        data = event.data.removesuffix("\n").replace("\n", f"\n{_INDENT}")
        return "  ".join([*(fact for fact in facts if fact), data or "(no data)"]) + "\n"

    def _seconds(self) -> float:
        return round(monotonic() - self._began, 3)

    def _fail(self, failed: Failed) -> int:
        self._notes.secrets |= Secrets(in_url(failed.url))
        for line in failure_lines(failed):
            self._notes.error(line)
        return BY_KIND[failed.kind]

    # ---- a file

    async def _save(self, place: DownloadTarget) -> int:
        tries = TRIES if self._options.reconnect else 0
        try:
            async with aclosing(download(self._fetcher, self._url, self._headers, place, tries=tries)) as steps:
                async for step in steps:
                    status = self._on_step(step)
                    if status is not None:
                        return status
        except DownloadError as error:
            self._bar.end()
            self._notes.error(f"tui-chat: {error}")
            return OTHER_FAILURE
        except asyncio.CancelledError:
            self._bar.end()
            if self._bar.path:
                self._notes.remark(f"tui-chat: stopped; the same command resumes {self._bar.path}.part")
            raise
        raise RuntimeError("a file ended without saying how")

    def _on_step(self, step: DownloadStep) -> int | None:
        if isinstance(step, DownloadProgress):
            self._bar.move(step)
            return None
        self._bar.end()
        match step:
            case DownloadStarted(path, done, total):
                size = "size unknown" if total is None else readable_size(total)
                already = f"; {readable_size(done)} of it are there already" if done else ""
                self._notes.remark(f"tui-chat: saving {path} ({size}{already})")
                self._bar.begin(step)
            case DownloadRestarted(why):
                self._notes.remark(f"tui-chat: {why}: starting over")
            case DownloadRetrying(why, wait):
                self._notes.remark(f"tui-chat: {clean_line(why)}; trying again in {wait:g} s")
            case DownloadFinished(path, size):
                self._notes.remark(f"tui-chat: saved {readable_size(size)} in {self._seconds():.1f} s")
                saved = {"t": self._seconds(), "saved": str(path), "bytes": size}
                self._output.write(json_line(saved) if self._options.json else f"{path}\n")
                return WHOLE
            case DownloadInterrupted(why, part, done, resumable):
                kept = f"  {readable_size(done)} of it are in {part}"
                more = "; the same command resumes it" if resumable else "; the server does not support resuming"
                self._notes.error(f"tui-chat: the file was cut off: {clean_line(why)}\n{kept}{more}")
                return CUT_OFF
            case DownloadRefused(failed):
                return self._fail(failed)
            case _:
                assert_never(step)
        return None


class Bar:
    """A progress bar on standard error, if that is a terminal."""

    def __init__(self, notes: Notes) -> None:
        self.path = ""
        """The file; empty before the download begins."""
        self._shown = not notes.quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._drawn = False
        self._next = 0.0
        self._began = 0.0
        self._from = 0

    def begin(self, begun: DownloadStarted) -> None:
        """Start measuring: the download begins."""
        self.path = str(begun.path)
        self._began = monotonic()
        self._from = begun.done

    def move(self, progress: DownloadProgress) -> None:
        """Redraw the bar, at most every `REDRAWN` seconds."""
        now = monotonic()
        if not self._shown or now < self._next:
            return
        self._next = now + REDRAWN
        pace = (progress.done - self._from) / max(now - self._began, 0.001)
        width = shutil.get_terminal_size().columns - 1
        complain(f"\r{drawn(progress, pace, width)}\x1b[K")
        self._drawn = True

    def end(self) -> None:
        """Erase the progress bar."""
        if self._drawn:
            self._drawn = False
            complain("\r\x1b[K")


def drawn(progress: DownloadProgress, pace: float, width: int) -> str:
    """Return a progress bar of at most `width` columns; `pace` is in bytes per second."""
    done, total = progress.done, progress.total
    rate = f"{readable_size(pace)}/s"
    if not total:
        return f"{readable_size(done)}  {rate}"[:width]
    share = min(1.0, done / total)
    left = _duration((total - done) / pace) if pace else "?"
    facts = f"{share:4.0%}  {readable_size(done)} of {readable_size(total)}  {rate}  {left} left"
    room = min(40, width - len(facts) - 4)
    if room < 10:
        return facts[:width]
    filled = round(share * room)
    return f"[{'#' * filled}{' ' * (room - filled)}]  {facts}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


async def run(
    url: str,
    headers: Mapping[str, str],
    options: ListenOptions,
    *,
    connect_timeout: float,
    idle_timeout: float,
    head_timeout: float,
    tape: Tape | None = None,
) -> int:
    """Listen to `url` or save it, and return the exit status. A stream may be silent for as long as it likes; a
    download that stalls for `idle_timeout` seconds is broken off. `head_timeout` is in seconds, for the response head
    and the text of an error once they have begun. Requests and responses are noted on `tape`. Raises `SetupError`."""
    from tui_chat.wire.sources.fetch import Fetcher, address, without_user

    silence = idle_timeout if options.place else 0.0
    whole = address(url)
    secrets = Secrets([*in_headers(headers), *in_url(whole)])
    mask_crashes(secrets.masked)
    fetcher = Fetcher(
        connect_timeout=connect_timeout, idle_timeout=silence, head_timeout=head_timeout, secrets=secrets, tape=tape
    )
    plain, authorization = without_user(whole)
    given = {name.lower() for name in headers}
    own = {name: value for name, value in authorization.items() if name.lower() not in given}
    return await ListenCommand(fetcher, plain, {**own, **headers}, options, secrets).run()
