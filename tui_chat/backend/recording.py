"""Keeps this run's requests and responses for the inspector, and writes them to files, as the settings say."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from tui_chat.chat.model_ports import SetupError

if TYPE_CHECKING:
    from tui_chat.wire.tape.recorder import TapeRecorder
    from tui_chat.wire.tape.tape import Tape

log = logging.getLogger(__name__)


class RunRecording:
    """The tape that all clients of a run write to; it is made when the first of them needs it."""

    def __init__(self, folder: str, memory: int = 0) -> None:
        """`folder` as in the setting `record`; it is created if there is none. `memory`: the most bytes of bodies to
        keep in memory; 0: none. Raises `SetupError`."""
        self.error = ""
        """A sentence that says why nothing more is recorded; empty if all is well."""
        self.memory = memory
        self._folder = Path(folder).expanduser() if folder else None
        self._tape: Tape | None = None
        self._recorder: TapeRecorder | None = None
        if self._folder is not None:
            try:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise SetupError(f"record: {self._folder} cannot be made ({error.strerror or error}).") from error

    @property
    def tape(self) -> Tape | None:
        """The tape; `None`: nothing is kept or recorded."""
        if self._tape is None and (self._folder is not None or self.memory):
            from tui_chat.wire.tape.tape import Tape

            self._tape = tape = Tape(self.memory)
            tape.exact = self.records
            if self._folder is not None:
                from tui_chat.wire.tape.recorder import TapeRecorder

                self._recorder = TapeRecorder(self._folder, self._failed)
                tape.listeners.append(self._recorder)
        return self._tape

    @property
    def records(self) -> bool:
        """Whether tapes are written to files."""
        return self._folder is not None

    def kept_tape(self) -> Tape:
        """Another tape, which keeps what comes onto it in memory and is recorded like the first one."""
        from tui_chat.wire.tape.tape import Tape

        return Tape(listeners=() if self.tape is None else tuple(self.tape.listeners))

    def close(self) -> None:
        """Write what is left; waits for the disk."""
        if self._recorder is not None:
            self._recorder.close()
            self._recorder = None

    def _failed(self, sentence: str) -> None:
        log.warning("%s", sentence)
        self.error = sentence
