"""`tui-chat export` and `tui-chat import`."""

from __future__ import annotations

import os
import signal
import stat
import sys
from collections import Counter
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui_chat.chat.history_ports import HistoryError
from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.chat.wording.sentences import clause
from tui_chat.cli.paging import Progress, put, tell
from tui_chat.cli.reporting import OTHER_FAILURE, WHOLE
from tui_chat.history.transfer import export as outgoing
from tui_chat.history.transfer.export import SUFFIXES
from tui_chat.history.transfer.foreign.chats import ForeignError
from tui_chat.history.transfer.foreign.reading import begins_foreign, chats_of_llm, exports_in, foreign_chats
from tui_chat.history.transfer.import_chats import import_file, import_foreign, import_unsaved
from tui_chat.regular_files import open_to_read

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO

    from tui_chat.history.store import Store
    from tui_chat.history.transfer.export import ExportFormat
    from tui_chat.history.transfer.import_chats import ImportedChat

DATABASE: Final = b"SQLite format 3\0"
"""The first bytes of a spill file, which a program wrote because the disk was full."""
_BEGINNING: Final = 64
"""The number of bytes at the beginning of a file that identify its format."""
_MOST_REASONS: Final = 3
STANDARD: Final = "-"
"""Stands for standard output or standard input."""


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """The chats to export, and the form of the files."""

    chats: tuple[str, ...] = ()
    """Beginnings of ids; empty means all chats."""
    form: ExportFormat | None = None
    """`None` means the format of the file's suffix, or else Markdown."""
    target: str = STANDARD
    """A file, or a folder, which may end with a slash."""
    force: bool = False
    """Whether to overwrite existing files."""


def export(history: Store, options: ExportOptions) -> int:
    """Write chats and return the exit status. Raises `SetupError` and `HistoryError`."""
    ids = [history.find(beginning) for beginning in options.chats]
    form: ExportFormat = options.form or SUFFIXES.get(Path(options.target).suffix.lower(), "md")
    # An export that is ended leaves no partial file: it is removed on the way out.
    before = signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    progress = Progress("exporting")
    try:
        if options.target == STANDARD:
            if sys.stdout is not None and sys.stdout.isatty():
                progress.hide()  # the bar would appear in the middle of the output
            return outgoing.export(history, ids, form, put, progress.begin)
        target = Path(options.target)
        if options.target.endswith(("/", os.sep)):
            _make(target)
        written = outgoing.export_into(history, ids, form, target, force=options.force, on_begin=progress.begin)
    except outgoing.ThereAlreadyError as error:
        raise HistoryError(f"{clause(str(error))}; --force overwrites it") from error
    finally:
        progress.end()
        signal.signal(signal.SIGTERM, before)
    files = written[0] if len(written) == 1 else f"{_counted(len(written), 'file')} in {target}"
    tell(f"exported to {files}")
    return WHOLE


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise HistoryError(f"{folder} cannot be made: {error.strerror or error}") from error


def import_files(history: Store, names: Sequence[str]) -> int:
    """Import the chats of files and return the exit status. Raises `SetupError` for a missing file."""
    for name in names:
        if name != STANDARD and not Path(name).exists():
            raise SetupError(f"there is no file {name}")
    return max(_import(history.path, each) for name in names for each in _files(name))


def _files(name: str) -> list[str]:
    """The files that a name means: those with chats in a folder that an export was unpacked into, else itself. Raises
    `SetupError`."""
    if name == STANDARD or not Path(name).is_dir():
        return [name]
    try:
        found = [str(each) for each in exports_in(Path(name))]
    except OSError as error:
        raise SetupError(f"{name}: cannot be read: {error.strerror or error}") from error
    if not found:
        raise SetupError(f"{name}: there is no conversations.json in this folder")
    return found


def _import(path: Path, name: str) -> int:
    came: list[ImportedChat] = []
    problem = ""
    progress = Progress("importing")
    try:
        with sys.stdin.buffer if name == STANDARD else open_to_read(Path(name)) as file:
            beginning = _beginning(file)
            if beginning.startswith(DATABASE) and name != STANDARD:
                logs = chats_of_llm(Path(name))
                came.extend(import_unsaved(path, Path(name)) if logs is None else import_foreign(path, logs))
                return _report(name, came)
            if begins_foreign(beginning):
                came.extend(import_foreign(path, foreign_chats(file, beginning)))
                return _report(name, came)
            state = os.fstat(file.fileno())
            progress.begin(state.st_size if stat.S_ISREG(state.st_mode) else 0)
            came.extend(import_file(path, file, progress.step))
    except (HistoryError, ForeignError) as error:
        problem = str(error)
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}"
    finally:
        progress.end()
    return _report(name, came, problem)


def _beginning(file: BinaryIO) -> bytes:
    if isinstance(file, BufferedReader):
        return file.peek(_BEGINNING)[:_BEGINNING]
    found = file.read(_BEGINNING)
    file.seek(0)
    return found


def _report(name: str, came: Sequence[ImportedChat], problem: str = "") -> int:
    """Print what was imported from a file, and return the exit status."""
    called = "standard input" if name == STANDARD else name
    for line in _summary(came) or ([] if problem else ["there are no chats in it"]):
        tell(f"{called}: {line}")
    if problem:
        tell(f"{called}: {problem} ({'what is before it is' if came else 'nothing is'} imported)")
        return OTHER_FAILURE
    return WHOLE


def _summary(came: Sequence[ImportedChat]) -> list[str]:
    new = [chat for chat in came if chat.outcome in {"new", "copy"}]
    messages = sum(chat.messages for chat in new)
    lines = [f"{_counted(len(new), 'chat')} imported, {_counted(messages, 'message')}"] if new else []
    if here := len([chat for chat in came if chat.outcome == "here"]):
        lines.append(f"{_counted(here, 'chat')} skipped, because all their messages exist already")
    if unreadable := [chat.title for chat in came if chat.outcome == "unreadable"]:
        why = ", ".join(dict.fromkeys(unreadable[:_MOST_REASONS]))
        lines.append(f"{_counted(len(unreadable), 'chat')} left out: {why}")
    lost: Counter[str] = Counter()
    for chat in new:
        lost.update(chat.lost)
    if lost:
        what = ", ".join(f"{words} ({count:,})" for words, count in lost.items())
        lines.append(f"not taken over, because it is not in the export or has no place here: {what}")
    lines += [
        f"another chat has the id of {chat.title!r}, which is imported beside it as {chat.id}"
        for chat in came
        if chat.outcome == "copy"
    ]
    return lines


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}" + ("" if number == 1 else "s")
