"""Makes the objects that several commands need from the parsed command line: the prompt, the attachments, the
backend."""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # importing typing takes time
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from pathlib import Path

    from tui_chat.backend.backend import AppBackend
    from tui_chat.chat.conversation import Origin
    from tui_chat.chat.message import Attachment
    from tui_chat.start_cache.start_cache import StartCache


def prompt_of(words: Sequence[str]) -> str:
    """Return what is piped in, followed by the words of the command line."""
    piped = ""
    if sys.stdin is not None and not sys.stdin.isatty():
        piped = sys.stdin.buffer.read().decode("utf-8-sig", "replace").strip("\r\n")
    return "\n\n".join(part for part in (piped, " ".join(words)) if part.strip())


def attachments_of(paths: Sequence[Path]) -> list[Attachment]:
    """Read the files given with --attach."""
    if not paths:
        return []
    from tui_chat.attachments.reading import AttachmentError, read_attachment
    from tui_chat.chat.model_ports import SetupError

    try:
        return [read_attachment(path) for path in paths]
    except AttachmentError as error:
        raise SetupError(f"--attach: {error}") from error


def template_filled(backend: AppBackend, given: Namespace, prompt: str) -> str:
    """Return the prompt, put into a template if the command line names one. Raises `SetupError`."""
    if not given.template:
        if given.set:
            from tui_chat.chat.model_ports import SetupError

            raise SetupError("--set: it fills the blanks of a template, and none is given with -t")
        return prompt
    from tui_chat.cli.chat_commands import from_template

    return from_template(backend, given.template, given.set, prompt)


def backend_of(
    given: Namespace, *, stream: bool = True, rest: float = 0.0, origin: Origin = "", inspect: bool = False
) -> AppBackend:
    """Build the backend that the command line asks for. `stream`, `rest` and `inspect` are those of `AppBackend`;
    `origin` says which command the saved chat is from. `given.patient`, which no flag sets, is that of `AppBackend`."""
    from tui_chat.backend.backend import AppBackend
    from tui_chat.cli.arguments import flags, history_options, options

    kept = history_options(given, origin)
    return with_masked_crashes(
        AppBackend(
            flags(given),
            given.env_file,
            stream=stream,
            rest=rest,
            options=options(given),
            history_options=kept,
            inspect=inspect,
            patient=vars(given).get("patient", False),
        )
    )


def with_masked_crashes(backend: AppBackend) -> AppBackend:
    """Return `backend`, after arranging that a crash's traceback does not show its keys."""
    from tui_chat.chat.secrets import mask_crashes

    mask_crashes(backend.masked)
    return backend


def start_cache(given: Namespace | None) -> StartCache:
    """Return what shortens imports, to be used in a `with` block; with `--no-log` nothing is added to it."""
    from tui_chat.start_cache.start_cache import StartCache

    return StartCache(keep=given is None or not given.no_log)
