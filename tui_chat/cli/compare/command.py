"""Runs `tui-chat compare`: asks all models at once and prints each reply when it has ended."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from tui_chat.chat.clean import clean_line
from tui_chat.chat.events import Retrying
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.chat.wording.sentences import clause
from tui_chat.cli.compare.report import document, label_of, section, table
from tui_chat.cli.output import Notes, Output
from tui_chat.cli.reporting import OTHER_FAILURE, WHOLE, json_line, verdict
from tui_chat.signals import BY_SIGNAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.events import Change
    from tui_chat.chat.message import Attachment, Message
    from tui_chat.chat_manager.comparison import Comparison


@dataclass(frozen=True, slots=True)
class CompareOptions:
    """The questions to ask and the form in which the answers are printed."""

    models: tuple[str, ...]
    """As they were named on the command line."""
    times: int = 1
    """The number of times that each model is asked."""
    json: bool = False
    """Print one JSON document at the end."""
    quiet: bool = False
    """Print nothing but errors on standard error."""


class CompareCommand:
    """Asks several models the same question and prints their replies and figures."""

    def __init__(self, comparison: Comparison, options: CompareOptions) -> None:
        self._comparison = comparison
        self._options = options
        self._notes = Notes(options.quiet)
        self._signal: int | None = None
        self._signalled = asyncio.Event()
        self._output = Output(sys.stdout.fileno(), on_broken=comparison.stop)
        comparison.conversation.subscribe(self._observe)

    async def ask(self, prompt: str, attachments: Sequence[Attachment] = ()) -> int:
        """Send the question to all models, print their replies and return the exit status: that of the first model
        whose reply is not whole."""
        comparison, options = self._comparison, self._options
        comparison.ask(prompt, attachments)
        if sys.stderr.isatty():
            names = ", ".join(label_of(side) for side in comparison.sides)
            self._notes.remark(f"tui-chat: asking {names}; Ctrl+C stops all and shows what came")
        async for side in comparison.ended(options.times):
            if not options.json and side.replies:
                self._output.write(section(side, options.times))
        asked = [side for side in comparison.sides if side.replies]
        if options.json:
            self._output.write(json_line(document(prompt, asked, comparison.conversation.id)))
        else:
            self._output.write(table(asked, options.times))
        comparison.keep_first()
        await self._output.finish_unless(self._signalled)
        return self._status()

    def stop(self, signal_number: int) -> None:
        """Stop all replies because of a signal; the text so far is printed and saved."""
        self._signal = signal_number
        self._signalled.set()
        self._comparison.stop()

    def _status(self) -> int:
        if self._output.error is not None and not isinstance(self._output.error, BrokenPipeError):
            self._notes.error(f"tui-chat: the replies cannot be written: {self._output.error.strerror}")
            return OTHER_FAILURE
        if self._signal is not None:
            self._notes.remark("tui-chat: stopped")
            return BY_SIGNAL + self._signal
        replies = [reply for side in self._comparison.sides for reply in side.replies]
        return next((status for reply in replies if (status := verdict(reply).status) != WHOLE), WHOLE)

    def _observe(self, _: Conversation, message: Message | None, change: Change) -> None:
        if isinstance(change, Retrying) and message is not None:
            who = clean_line(message.model or message.endpoint)
            again = f"trying again in {change.wait:.1f} s ({change.attempt} of {change.of})"
            self._notes.remark(f"tui-chat: {who}: {clause(change.why)}; {again}")
