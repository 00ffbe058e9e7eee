"""Runs the commands that show what goes over the wire: `listen`, `doctor`, `tap` and `tape`."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from tui_chat.settings import loading

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping


def _listen(given: Namespace) -> int:
    from tui_chat.backend.recording import RunRecording
    from tui_chat.cli.paging import tell
    from tui_chat.cli.reporting import OTHER_FAILURE
    from tui_chat.cli.streams.listen import ListenOptions, run
    from tui_chat.cli.streams.listen_arguments import headers, save_target
    from tui_chat.wire.sources.download import DownloadTarget

    settings = loading.load({}, given.env_file).settings
    url, where = save_target(given)
    options = ListenOptions(
        json=given.json,
        raw=given.raw,
        count=given.count,
        seconds=given.seconds,
        reconnect=not given.no_reconnect,
        quiet=given.quiet,
        place=DownloadTarget(*where, force=given.force) if where else None,
    )
    timeouts = {name: getattr(settings, name) for name in ("connect_timeout", "idle_timeout", "head_timeout")}
    recording = RunRecording(given.record or settings.record)
    try:
        status = asyncio.run(run(url, headers(given), options, **timeouts, tape=recording.tape))
    finally:
        recording.close()
    if recording.error:
        tell(recording.error)
    return status or (OTHER_FAILURE if recording.error else 0)


def _doctor(given: Namespace) -> int:
    from tui_chat.backend.backend import AppBackend
    from tui_chat.chat.secrets import mask_crashes
    from tui_chat.cli.arguments import flags
    from tui_chat.cli.streams.doctor import examine

    backend = AppBackend(flags(given), given.env_file)
    mask_crashes(backend.masked)
    return examine(backend, as_json=given.json, cheap=given.cheap, record=given.record or "")


def _tap(given: Namespace) -> int:
    from tui_chat.cli.streams.tap import run
    from tui_chat.cli.streams.tap_arguments import checked

    settings = loading.load({}, given.env_file).settings
    timeouts = {name: getattr(settings, name) for name in ("connect_timeout", "idle_timeout")}
    if not given.json and _on_terminal():
        from tui_chat.cli.streams.tap_screen import run as show

        return show(checked(given.url), given.port, record=given.record, theme=settings.theme, **timeouts)
    work = run(checked(given.url), given.port, as_json=given.json, record=given.record, **timeouts)
    return asyncio.run(work)


def _on_terminal() -> bool:
    """Whether there is a terminal for a full screen."""
    from tui_chat.cli.full_screen import possible

    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty() and possible()


def _tape(given: Namespace) -> int:
    from tui_chat.cli.streams.tape import show

    return show(given.tapes, given.format, given.output, text=not given.no_text, force=given.force)


COMMANDS: Mapping[str, Callable[[Namespace], int]] = {
    "listen": _listen,
    "doctor": _doctor,
    "tap": _tap,
    "tape": _tape,
}
