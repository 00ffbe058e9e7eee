"""One answer outside the screen: the reply on standard output as it comes, everything else on standard error."""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import signal
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from tui_chat.chat.clean import clean
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.endings import outcome_of
from tui_chat.chat.events import CutOff, Failed, Finished, ReasoningDelta, RefusalDelta, Retrying, Stopped, TextDelta
from tui_chat.chat.session import Session
from tui_chat.report import (
    BY_KIND,
    CUT_OFF,
    OTHER_FAILURE,
    WHOLE,
    event,
    failure_lines,
    first_code_block,
    json_line,
    result,
    usage_line,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tui_chat.chat.events import Change
    from tui_chat.chat.message import Attachment, Message
    from tui_chat.chat.turn import Model

BY_SIGNAL = 128
"""A process that a signal ended has this and the signal's number as its status, as shells count."""
PATIENCE = 1.0
"""Seconds that a stopped program still waits for whoever reads its output."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How the answer is given."""

    usage: bool = False
    """Token counts and times on standard error."""
    extract: bool = False
    """The first code block alone."""
    stream: bool = True
    """As it comes; else in one piece at the end."""
    json: bool = False
    """One object at the end."""
    ndjson: bool = False
    """A line of JSON for each event as it happens, and that object as the last."""
    quiet: bool = False
    """Nothing on standard error but errors."""
    prices: tuple[float, float] | None = None
    """US dollars per million prompt and completion tokens."""


class Output:
    """Writes to a file descriptor from a thread of its own, so that a slow reader never holds up the network (or the
    signal that is to stop it). What is written goes out at once: there is no buffer but the queue."""

    def __init__(self, descriptor: int, on_broken: Callable[[], None]) -> None:
        """`on_broken` is called in the event loop when the reader has gone or the disk is full."""
        self.terminal = os.isatty(descriptor)
        self.error: OSError | None = None
        self.at_line_start = True
        self._encoding = (sys.stdout.encoding or "utf-8") if self.terminal else "utf-8"
        self._descriptor = descriptor
        self._on_broken = on_broken
        self._loop = asyncio.get_running_loop()
        self._done = asyncio.Event()
        self._waiting: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        # A daemon: a reader that never reads must not keep the program alive.
        threading.Thread(target=self._work, name="output", daemon=True).start()

    def write(self, text: str) -> None:
        """Write text of a model: cleaned on its way to a terminal, exact on its way to anything else."""
        if self.terminal:
            text = clean(text)
        if text:
            self.at_line_start = text.endswith("\n")
            self._waiting.put(text.encode(self._encoding, "replace"))

    async def finish(self) -> None:
        """Wait until all is written, or cannot be."""
        self._waiting.put(None)
        await self._done.wait()

    def _work(self) -> None:
        try:
            while (data := self._waiting.get()) is not None:
                while data:
                    data = data[os.write(self._descriptor, data) :]
        except OSError as error:
            self.error = error
            self._tell(self._on_broken)
        self._tell(self._done.set)

    def _tell(self, what: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed when the program did not wait any longer
            self._loop.call_soon_threadsafe(what)


@dataclass(slots=True)
class Notes:
    """Sentences on standard error."""

    quiet: bool
    _thinking: bool = field(default=False, init=False)

    def remark(self, text: str) -> None:
        """Something good to know."""
        if not self.quiet:
            self.error(text)

    def error(self, text: str) -> None:
        """Something that must be told. Foreign words in it are made safe."""
        self.end_thinking()
        self._put(f"{clean(text)}\n")

    def begin_thinking(self) -> None:
        """On a terminal, say that reasoning comes, until something else does."""
        if not self.quiet and not self._thinking and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
            self._thinking = True
            self._put("thinking…")

    def end_thinking(self) -> None:
        """Take that word away."""
        if self._thinking:
            self._thinking = False
            self._put("\r\x1b[K")

    @staticmethod
    def _put(text: str) -> None:
        with contextlib.suppress(OSError):  # nobody is left to be told
            sys.stderr.write(text)
            sys.stderr.flush()


class Asking:
    """One question and its answer, an observer of their conversation."""

    def __init__(self, model: Model, model_name: str, system: str, manner: Manner, bug_hint: str = "") -> None:
        self.conversation = Conversation(system)
        self.session = Session(self.conversation, model, model_name, bug_hint)
        self.manner = manner
        self.notes = Notes(manner.quiet)
        self._signal: int | None = None
        self._signalled = asyncio.Event()
        self._output = Output(sys.stdout.fileno(), on_broken=self._stop)
        self._live = manner.stream and not (manner.json or manner.ndjson or manner.extract)
        self.conversation.subscribe(self._observe)

    async def ask(self, prompt: str, attachments: Sequence[Attachment] = ()) -> int:
        """Ask, print what comes, and give the exit status."""
        self.session.send(prompt, attachments)
        with self._heeding_signals():
            await self.session.idle()
            self.notes.end_thinking()
            reply = self.conversation.last_reply
            if reply is None:
                raise RuntimeError("a turn ended without a reply")
            self._print_rest(reply)
            written = asyncio.create_task(self._output.finish())
            stopped = asyncio.create_task(self._signalled.wait())
            await asyncio.wait({written, stopped}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({written}, timeout=PATIENCE)
            for task in (written, stopped):
                task.cancel()
        return self._conclude(reply)

    def _stop(self, signal_number: int | None = None) -> None:
        self._signal = signal_number or self._signal
        if signal_number is not None:
            self._signalled.set()
        self.session.stop()

    @contextlib.contextmanager
    def _heeding_signals(self) -> Iterator[None]:
        """The first Ctrl+C, SIGTERM or SIGHUP stops the reply; a second one ends the program where it stands."""
        loop = asyncio.get_running_loop()
        heeded = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]

        def heed(number: int, _frame: object) -> None:
            for each in heeded:
                signal.signal(each, signal.SIG_DFL)
            loop.call_soon_threadsafe(self._stop, number)

        before = {number: signal.signal(number, heed) for number in heeded}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _observe(self, _conversation: Conversation, message: Message | None, change: Change) -> None:
        if self.manner.ndjson and message is not None and (told := event(change)) is not None:
            asked = message.timing.asked or change.at
            self._output.write(json_line({"event": told["event"], "t": round(change.at - asked, 4), **told}))
        match change:
            case TextDelta(text) | RefusalDelta(text):
                self.notes.end_thinking()
                if self._live:
                    self._output.write(text)
            case ReasoningDelta():
                self.notes.begin_thinking()
            case Retrying(attempt, of, wait, why):
                self.notes.remark(f"tui-chat: {why}; trying again in {wait:.1f} s ({attempt} of {of})")
            case _:
                pass

    def _print_rest(self, reply: Message) -> None:
        """What was not printed as it came."""
        if self.manner.json or self.manner.ndjson:
            object_ = result(reply, self.conversation.id)
            if self.manner.ndjson:
                seconds = {"t": round(reply.timing.total or 0.0, 4)}
                object_ = {"event": "result", **seconds, **object_}
            self._output.write(json_line(object_))
            return
        if not self._live:
            block = first_code_block(reply.shown) if self.manner.extract else None
            if self.manner.extract and block is None:
                self.notes.remark("tui-chat: there is no code block in the reply; this is all of it")
            self._output.write(reply.shown if block is None else block)
        if self._output.terminal and not self._output.at_line_start:
            self._output.write("\n")

    def _conclude(self, reply: Message) -> int:
        """Say what there is to say about the end, and give the exit status."""
        if self.manner.usage:
            self.notes.error(usage_line(reply, self.manner.prices))
        if self._output.error is not None and not isinstance(self._output.error, BrokenPipeError):
            self.notes.error(f"tui-chat: the answer cannot be written: {self._output.error.strerror}")
            return OTHER_FAILURE
        status = self._say_ending(reply)
        return status if self._signal is None else BY_SIGNAL + self._signal

    def _say_ending(self, reply: Message) -> int:
        match reply.ending:
            case Finished(reason, _, detail):
                for call in reply.tool_calls:
                    self.notes.remark(f"tui-chat: the model asks to call {call.name}({call.arguments}); it is not run")
                match outcome_of(reply):
                    case "length":
                        self.notes.error(f"tui-chat: the reply ended at the length limit ({reason}); it is not whole")
                        return CUT_OFF
                    case "filter":
                        self.notes.error(f"tui-chat: a content filter ended the reply ({reason}); it is not whole")
                        return CUT_OFF
                    case "paused":
                        self.notes.error(f"tui-chat: the provider paused the reply ({reason}); it is not whole")
                        return CUT_OFF
                    case "refusal":
                        self.notes.remark(f"tui-chat: the model refused{f': {detail}' if detail else ''}")
                    case _ if not reply.parts:
                        self.notes.remark("tui-chat: the reply is empty")
                    case _:
                        pass
                return WHOLE
            case CutOff(why):
                self.notes.error(f"tui-chat: the reply was cut off: {why}")
                return CUT_OFF
            case Failed() as failed:
                for line in failure_lines(failed):
                    self.notes.error(line)
                return BY_KIND[failed.kind]
            case Stopped() | None:
                if self._signal is not None:
                    self.notes.remark("tui-chat: stopped")
                return WHOLE  # the reader of our output had enough
            case _:
                assert_never(reply.ending)
