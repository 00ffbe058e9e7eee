"""Reads the bytes from a terminal as keys, pastes and mouse events: whole sequences, however they were cut on their
way."""

from __future__ import annotations

import re
from time import monotonic
from typing import TYPE_CHECKING

from textual import constants, events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS, IGNORE_SEQUENCE
from textual._xterm_parser import XTermParser

from tui_chat.terminal.background import reported_background
from tui_chat.terminal.keys import textual_spelling

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from textual.message import Message

PASTE_BEGINS, PASTE_ENDS = "\x1b[200~", "\x1b[201~"

BURST_GAP = 0.015
"""Seconds between two characters that are too short for typing: such characters come from a paste, or from a slow
line."""
PASTE_GAP = 0.1
"""Seconds in which more text still belongs to a paste that came without brackets; a line end alone is Enter sooner."""
SEQUENCE_PATIENCE = 1.0
"""Seconds to wait for the rest of a sequence that has begun; after that its beginning is dropped."""
PASTE_PATIENCE = 5.0
"""Seconds of silence after which a paste whose end was lost is taken as it is."""
LONGEST_SEQUENCE = 256
LONGEST_PASTE = 1 << 22
"""Characters of a paste that are collected; more are handed on in several pieces."""

_STRING_BEGINS = re.compile(r"\x1b(?:\][0-9lL]|P[0-9>!$+=|]|_[A-Za-z])")
"""An answer of the terminal that is a string (OSC, DCS, APC), and not Alt with one of these letters."""
_STRING_ENDS = re.compile(r"[\x07\x9c]|\x1b\\?|[\x00-\x06\x08-\x1a\x1c-\x1f]")
"""BEL or ST; any other control means that the end was lost."""
_SEQUENCE = re.compile(
    r"\x1b(?:"
    r"\[M[^\x1b]{3}"  # a mouse event in xterm's oldest form
    r"|\[<[0-9;]{1,20}[0-9;-]{1,20}[Mm]"  # a mouse event, which may be left of or above the window
    r"|\[\[[A-Z]"  # function keys of the Linux console
    r"|\[[0-?]*[ -/]*[@-LN-Z\\-~]"
    r"|\[[0-?]+[ -/]*M"
    r"|\[[0-9]{1,2}\$"  # Shift with a function key in rxvt
    r"|\x1b?O[0-9;]*[A-Za-z]"
    r"|\x1b\[[0-9;]*[A-DFH~]"  # Alt with an arrow, where Alt is sent as Esc
    r"|[^\x1b\[\]OP_]"
    r")",
    re.DOTALL,
)
_UNFINISHED = re.compile(
    r"\x1b\x1b?(?:\[[0-?]*[ -/]*|O[0-9;]*)?\Z|\x1b(?:\[M[^\x1b]{0,2}|\[\[|\[<[0-9;-]{0,40}|[\]P_])\Z", re.DOTALL
)
_BEGINNING = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|O[0-9;]*)")
_REST_OF_SEQUENCE = re.compile(
    r"\[[?>=<][0-9;]|\[[0-9]+(?:[;:][0-9]*)*(?:[~uRMntcA-DFHPQS]|\$y)|\][0-9]+;|P[0-9>!$+=|]+[|rq]"
)
"""The rest of a sequence whose first byte, an Esc, came so much earlier that it was taken for the key."""
_TEXT = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+")
_JOINER = re.compile("([\u200c\u200d]+)")
"""Characters that are typed and not printable, so that they are not keys: they keep letters of Persian apart and join
emoji."""
_LINE_END_WITHIN = re.compile(r"\r\n[\s\S]|\r[^\n]|\n[^\n\r]")
_MOUSE = re.compile(r"\x1b\[<\d{1,9};-?\d{1,9};-?\d{1,9}[Mm]")
_REPORT = re.compile(r"\x1b\[\?(?:2026|2048);\d\$y|\x1b\[48(?:;\d{1,6}(?::\d{1,6})*){4}t|\x1b\[[IO]")
"""Answers that Textual wants: the modes it asked for, the window's size, and the focus."""


class TerminalInput(XTermParser):
    """Textual's parser, fed whole sequences only, and none that it does not know.

    By itself it takes what it does not know for typed text, which makes the late answer of a terminal part of the
    prompt; it takes every line end of an unbracketed paste for Enter; and some valid keys of kitty's protocol end it.
    """

    def __init__(self, debug: bool = False, clock: Callable[[], float] = monotonic) -> None:
        """`clock`: returns monotonic seconds."""
        super().__init__(debug)
        self._clock = clock
        self.deadline: float | None = None
        """The time at which to call `tick` unless more comes before; `None`: nothing is waited for."""
        self._held = ""
        """The beginning of a sequence."""
        self._enter_held = False
        """An Enter at the end of a burst, which is one unless more of the burst comes."""
        self._in_string = False
        self._string = ""
        """The beginning of the string that is coming, or came last."""
        self._paste: list[str] | None = None
        self._paste_size = 0
        self._last_text_at = float("-inf")
        self._last_character = ""
        self._pasting = False
        """Whether the burst that is coming, or came last, is a paste without brackets."""
        self._escape_at = float("-inf")
        """The time at which an Esc was last taken for the key."""

    def feed(self, data: str) -> Iterator[Message]:
        """Take what was read, and give what it means."""
        if not data:
            return
        now = self._clock()
        if now - self._escape_at <= SEQUENCE_PATIENCE and _REST_OF_SEQUENCE.match(data):
            data = f"\x1b{data}"
        self._escape_at = float("-inf")
        data, self._held, self.deadline = self._held + data, "", None
        at = 0
        while at < len(data):
            if self._paste is not None:
                at = yield from self._pasted(self._paste, data, at)
            elif self._in_string:
                at = yield from self._string_goes_on(data, at)
            elif data[at] != "\x1b":
                end = data.find("\x1b", at)
                end = len(data) if end < 0 else end
                yield from self._typed(data[at:end], now)
                at = end
            else:
                yield from self._enter_after_all()
                at = yield from self._sequence(data, at, now)
        if self._paste is not None:
            self.deadline = now + PASTE_PATIENCE
        elif self._in_string:
            self.deadline = now + SEQUENCE_PATIENCE

    def tick(self) -> Iterator[Message]:
        """Return the events of an incomplete sequence whose deadline has passed; before the deadline, none."""
        if self.deadline is None or self._clock() < self.deadline:
            return
        self.deadline = None
        held, self._held = self._held, ""
        if self._paste is not None:
            yield from self._end_of_paste("")
        elif self._in_string:
            self._in_string = False
        elif held == "\x1b" or held.startswith("\x1b\x1b"):
            self._escape_at = self._clock()
            yield events.Key("escape", "\x1b")
        yield from self._enter_after_all()

    # Pastes in brackets.

    def _pasted(self, paste: list[str], data: str, at: int) -> Generator[Message, None, int]:
        end = data.find(PASTE_ENDS, at)
        if end >= 0:
            yield from self._end_of_paste(data[at:end])
            return end + len(PASTE_ENDS)
        kept = next((size for size in range(len(PASTE_ENDS) - 1, 0, -1) if data.endswith(PASTE_ENDS[:size])), 0)
        kept = min(kept, len(data) - at)
        piece = data[at : len(data) - kept]
        paste.append(piece)
        self._paste_size += len(piece)
        if self._paste_size > LONGEST_PASTE:
            yield from self._end_of_paste("")
            self._paste, self._paste_size = [], 0
        self._held = data[len(data) - kept :]
        return len(data)

    def _end_of_paste(self, last: str) -> Iterator[Message]:
        text = "".join([*(self._paste or ()), last])
        self._paste, self._paste_size = None, 0
        yield events.Paste(text.replace("\x00", ""))

    # Answers that are strings.

    def _string_goes_on(self, data: str, at: int) -> Generator[Message, None, int]:
        end = _STRING_ENDS.search(data, at)
        self._string = (self._string + data[at : end.start() if end else len(data)])[:LONGEST_SEQUENCE]
        if end is None:
            return len(data)
        if end[0] == "\x1b" and end.end() == len(data):
            self._held = "\x1b"
            return len(data)
        self._in_string = False
        if end[0] not in ("\x07", "\x9c", "\x1b\\"):
            return end.start()
        if (background := reported_background(self._string)) is not None:
            yield background
        return end.end()

    # Keys, mouse and reports.

    def _sequence(self, data: str, at: int, now: float) -> Generator[Message, None, int]:
        if string := _STRING_BEGINS.match(data, at):
            self._in_string, self._string = True, string[0]
            return string.end()
        if sequence := _SEQUENCE.match(data, at):
            yield from self._whole(sequence[0])
            return sequence.end()
        if _UNFINISHED.match(data, at):
            rest = data[at:]
            if len(rest) > LONGEST_SEQUENCE:
                rest = "\x1b[?"  # it goes on, and none with this beginning is a key
            self._held = rest
            self.deadline = now + (SEQUENCE_PATIENCE if rest.strip("\x1b") else constants.ESCAPE_DELAY)
            return len(data)
        if data.startswith("\x1b\x1b", at):
            yield events.Key("escape", "\x1b")
            return at + 1
        if data[at + 1] in "]P_":
            yield from self._sequence_to_key_events(data[at + 1], alt=True)
            return at + 2
        # A CSI or SS3 with something in it that belongs to none: what has come of it is dropped.
        begun = _BEGINNING.match(data, at)
        return begun.end() if begun else at + 1

    def _whole(self, sequence: str) -> Iterator[Message]:
        if sequence == PASTE_BEGINS:
            self._paste, self._paste_size = [], 0
        elif _MOUSE.fullmatch(sequence) or _REPORT.fullmatch(sequence):
            yield from super().feed(sequence)
        elif len(sequence) == 2 and sequence not in ANSI_SEQUENCES_KEYS:
            key = {"\r": "alt+enter", "\n": "ctrl+j"}.get(sequence[1])
            yield from [events.Key(key, None)] if key else self._sequence_to_key_events(sequence[1], alt=True)
        elif (spelled := textual_spelling(sequence)) and ANSI_SEQUENCES_KEYS.get(spelled) is not IGNORE_SEQUENCE:
            yield from self._sequence_to_key_events(spelled)

    # Text, and pastes without brackets.

    def _typed(self, run: str, now: float) -> Iterator[Message]:
        """Characters and control keys."""
        at = 0
        while at < len(run):
            if (text := _TEXT.match(run, at)) is None:
                yield from self._enter_after_all()
                yield from super().feed(run[at])
                at += 1
            else:
                at = text.end()
                yield from self._text(text[0], now, last=at == len(run))

    def _text(self, text: str, now: float, *, last: bool) -> Iterator[Message]:
        """Text in one burst; a line end in its midst makes it a paste."""
        since = now - self._last_text_at
        before = self._last_character if since <= BURST_GAP else ""
        goes_on = self._pasting and since <= (BURST_GAP if text in ("\r", "\r\n") else PASTE_GAP)
        self._last_text_at, self._last_character = now, text[-1]
        if self._enter_held:
            text, before, self._enter_held = f"\r{text}", "", False
        elif goes_on and before == "\r":
            text = text.removeprefix("\n")  # its other half has been taken for a line end
        self._pasting = goes_on or _LINE_END_WITHIN.search(before + text) is not None
        if self._pasting:
            if text:
                yield events.Paste(text)
            return
        typed = text.removesuffix("\r\n") if text.endswith("\r\n") else text.removesuffix("\r")
        for piece in _JOINER.split(typed):
            if _JOINER.match(piece):
                yield events.Paste(piece)
            elif piece:
                yield from super().feed(piece)
        if typed == text:
            return
        if last and (typed or since <= BURST_GAP):
            self._enter_held, self.deadline = True, now + BURST_GAP
        else:
            yield from super().feed("\r")

    def _enter_after_all(self) -> Iterator[Message]:
        if self._enter_held:
            self._enter_held = False
            yield from super().feed("\r")
