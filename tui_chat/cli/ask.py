"""`tui-chat ask`: one reply on standard output as it streams in, everything else on standard error."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from tui_chat.chat.clean import clean_line
from tui_chat.chat.events import Grown, ReasoningDelta, RefusalDelta, Retrying, Stopped, TextDelta
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.chat.recipient import change_of_host
from tui_chat.chat.session import Session
from tui_chat.chat.titles import title_from
from tui_chat.chat.wording.sentences import clause
from tui_chat.cli.output import Notes, Output
from tui_chat.cli.reporting import OTHER_FAILURE, event, first_code_block, json_line, result, usage_line, verdict
from tui_chat.signals import BY_SIGNAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.events import Change
    from tui_chat.chat.message import Attachment, Message
    from tui_chat.chat.model_ports import Connection


@dataclass(frozen=True, slots=True)
class AskOptions:
    """The form in which the answer is printed."""

    usage: bool = False
    """Print token counts and times on standard error."""
    extract: bool = False
    """Print only the first code block."""
    stream: bool = True
    """Print the reply as it streams in; otherwise as a whole at its end."""
    json: bool = False
    """Print one JSON object at the end."""
    ndjson: bool = False
    """Print each event as a line of JSON, and the result object last."""
    quiet: bool = False
    """Print nothing but errors on standard error."""
    title: str = ""
    """The words that a new chat is called by; empty: the beginning of its question."""


class AskCommand:
    """Asks one question and prints the answer."""

    def __init__(
        self, conversation: Conversation, connection: Connection, options: AskOptions, bug_hint: str = ""
    ) -> None:
        """The question is added below the conversation's leaf."""
        self.conversation = conversation
        self.session = Session(self.conversation, connection.model, bug_hint=bug_hint, origin="ask")
        self.session.connect(connection)
        self.options = options
        self.notes = Notes(options.quiet)
        self._signal: int | None = None
        self._signalled = asyncio.Event()
        self._output = Output(sys.stdout.fileno(), on_broken=self._stop)
        self._live = options.stream and not (options.json or options.ndjson or options.extract)
        self.conversation.subscribe(self._observe)

    async def ask(self, prompt: str, attachments: Sequence[Attachment] = ()) -> int:
        """Send the question, print the reply and return the exit status."""
        if self.session.changes_host:
            self.notes.remark(f"tui-chat: {clean_line(change_of_host(self.conversation, self.session.recipient))}")
            self.session.agree()
        if self.options.title and not self.conversation.messages and not self.conversation.named:
            self.conversation.rename(title_from(self.options.title))
        self.session.send(prompt, attachments)
        await self.session.idle()
        self.notes.end_thinking()
        reply = self.conversation.last_reply
        if reply is None:
            raise RuntimeError("a turn ended without a reply")
        self._print_rest(reply)
        await self._output.finish_unless(self._signalled)
        return self._conclude(reply)

    def stop(self, signal_number: int) -> None:
        """Stop the reply because of a signal; everything else is closed as usual."""
        self._stop(signal_number)

    def _stop(self, signal_number: int | None = None) -> None:
        self._signal = signal_number or self._signal
        if signal_number is not None:
            self._signalled.set()
        self.session.stop()

    def _observe(self, _conversation: Conversation, message: Message | None, change: Change) -> None:
        for happened in change.deltas if isinstance(change, Grown) else (change,):
            if self.options.ndjson and message is not None and (fields := event(happened)) is not None:
                asked = message.timing.asked or happened.at
                self._output.write(json_line({"event": fields["event"], "t": round(happened.at - asked, 4), **fields}))
            match happened:
                case TextDelta(text) | RefusalDelta(text):
                    self.notes.end_thinking()
                    if self._live:
                        self._output.write(text)
                case ReasoningDelta():
                    self.notes.begin_thinking()
                case Retrying(attempt, of, wait, why):
                    self.notes.remark(f"tui-chat: {clause(why)}; trying again in {wait:.1f} s ({attempt} of {of})")
                case _:
                    pass

    def _print_rest(self, reply: Message) -> None:
        """Print what was not printed while streaming."""
        if self.options.json or self.options.ndjson:
            object_ = result(reply, self.conversation.id)
            if self.options.ndjson:
                seconds = {"t": round(reply.timing.total or 0.0, 4)}
                object_ = {"event": "result", **seconds, **object_}
            self._output.write(json_line(object_))
            return
        if not self._live:
            block = first_code_block(reply.shown) if self.options.extract else None
            if self.options.extract and block is None:
                self.notes.remark("tui-chat: there is no code block in the reply; this is all of it")
            self._output.write(reply.shown if block is None else block)
        if self._output.terminal and not self._output.at_line_start:
            self._output.write("\n")

    def _conclude(self, reply: Message) -> int:
        """Print remarks and errors about the ending, and return the exit status."""
        if self.options.usage:
            self.notes.error(usage_line(reply))
        if self._output.error is not None and not isinstance(self._output.error, BrokenPipeError):
            self.notes.error(f"tui-chat: the answer cannot be written: {self._output.error.strerror}")
            return OTHER_FAILURE
        summary = verdict(reply)
        for remark in summary.remarks:
            self.notes.remark(f"tui-chat: {remark}")
        if summary.problem:
            first, *more = summary.problem
            self.notes.error("\n  ".join([f"tui-chat: {first}", *more]))
        if self._signal is None:
            return summary.status
        if isinstance(reply.ending, Stopped):
            self.notes.remark("tui-chat: stopped")
        return BY_SIGNAL + self._signal
