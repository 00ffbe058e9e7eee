"""`tui-chat plain`: the chat line by line, in plain sentences, for dumb terminals, screen readers and pipes."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from tui_chat.chat.clean import Cleaner, clean_line
from tui_chat.chat.endings import may_continue, unfinished
from tui_chat.chat.events import Failed, Grown, ReasoningDelta, RefusalDelta, Retrying, Stopped, TextDelta
from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import replace
from tui_chat.chat.recipient import change_of_host
from tui_chat.chat.session import Session
from tui_chat.chat.wording.hints import in_plain
from tui_chat.chat.wording.sentences import ended
from tui_chat.chat.wording.slash_line import no_command, slash_line
from tui_chat.chat.wording.spelling import meant
from tui_chat.cli.lines.choices import effort_set, filled_by_lines, persona_set
from tui_chat.cli.lines.help import HELP, HOW, WORDS
from tui_chat.cli.output import PATIENCE, Notes, Output, called
from tui_chat.cli.reporting import OTHER_FAILURE, WHOLE, failure, usage_line, verdict
from tui_chat.signals import BY_SIGNAL, ENDING, woken_by_signals

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Sequence

    from tui_chat.chat.backend_ports import Backend, Setup
    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.events import Change
    from tui_chat.chat.message import Message
    from tui_chat.chat.model_ports import ModelInfo
    from tui_chat.cli.lines.line_input import LineInput

WORDS_OF_LEAVING: Final = frozenset({"exit", "quit"})

SHORT_ID: Final = 12
"""Characters of a chat's id that suffice to find it."""

STILL_WAITING: Final = 10.0
"""Seconds without an answer after which a notice is written, once."""

Result = TypeVar("Result")


class Plain:
    """A chat with a person who types, or with a pipe. Replies go to standard output, everything else to standard
    error."""

    def __init__(
        self,
        backend: Backend,
        setup: Setup,
        lines: LineInput,
        conversation: Conversation,
        new_conversation: Callable[[], Conversation],
        *,
        quiet: bool = False,
    ) -> None:
        """`conversation` is the first one, `new_conversation` creates the next ones; both are already being recorded.
        `quiet` prints only replies and errors."""
        self._backend = backend
        self._setup = setup
        self._lines = lines
        self._new_conversation = new_conversation
        self._notes = Notes(quiet)
        self._on_screen = sys.stdout.isatty()
        self._session = self._begin(conversation, setup.connection.model_name)
        self._status = WHOLE
        self._output: Output | None = None
        self._cleaner = Cleaner()
        self._labelled = self._began = False
        self._stop: Callable[[], object] | None = None
        """Stops what is running, when called in its event loop; `None` while input is awaited."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._reading = False
        """Whether input is awaited: the only time at which a signal may raise an exception, and only once."""
        self._stopped = False
        """Whether Ctrl+C was pressed during this reply."""
        self._ended_by: int | None = None
        """The signal that ends the chat."""
        self._gone = False
        """Whether the reader of standard output has gone."""

    @property
    def conversation(self) -> Conversation:
        """The chat that is going on."""
        return self._session.conversation

    def run(self, runner: asyncio.Runner, first: str = "") -> int:
        """Ask `first` if it is given, then what is typed, until the input ends; return the exit status. For a pipe that
        is the status of the last reply that was incomplete."""
        try:
            self._introduce()
            if first.strip():
                self._answer(runner, lambda: self._session.send(first))
            while not self._gone and self._ended_by is None and self._take_next(runner):
                pass
        except _EndedError:
            pass
        finally:
            runner.run(self._session.close())
        if self._ended_by is not None:
            return BY_SIGNAL + self._ended_by
        if self._lines.person and self._setup.history is not None and self.conversation.messages:
            self._note(f"To continue this chat: {called()} plain --cid {self.conversation.id[:SHORT_ID]}")
        return WHOLE if self._lines.person else self._status

    def _take_next(self, runner: asyncio.Runner) -> bool:
        """Handle the next text; return false if there is none or it ends the chat."""
        try:
            text = self._typed("You: " if self._lines.person else "")
        except KeyboardInterrupt:
            self._note("\nThe line is cleared. exit or Ctrl+D quits.", error=True)
            return True
        except OSError:
            self._gone = True  # the terminal, or the reader of standard output
            return False
        if text is None:
            if self._lines.person:
                self._note("", error=True)  # Ctrl+D leaves the cursor behind the prompt
            return False
        return text.strip().lower() not in WORDS_OF_LEAVING and self._take(text, runner)

    def _typed(self, prompt: str) -> str | None:
        self._reading = True
        text = self._lines.text(prompt)
        self._reading = False
        return text

    # ---- commands

    def _take(self, text: str, runner: asyncio.Runner) -> bool:
        """Ask a question or run a slash command; return false if it ends the chat."""
        line = slash_line(text)
        if line is None:
            if text.strip():
                self._answer(runner, lambda: self._session.send(text))
            return True
        argument = line.argument.strip()
        match line.word.lower():
            case "quit" | "exit" | "q":
                return False
            case "help":
                self._note(HELP, error=True)
            case "new" | "clear":
                self._session = self._begin(self._new_conversation(), self._session.model_name)
                self._note("This is a new chat.")
            case "model":
                self._choose_model(argument, runner)
            case "system":
                self._instruct(argument)
            case "effort":
                self._note(*effort_set(self._session, argument.lower()))
            case "persona":
                self._note(*persona_set(self._session, argument, self._setup))
            case "usage":
                self._tell_usage()
            case "retry":
                self._answer(runner, self._session.retry, otherwise="There is no question to ask again.")
            case "continue":
                whole = "There is nothing to continue: the last reply is complete, or there is none."
                self._answer(runner, self._session.continue_, otherwise=whole)
            case other if other in self._setup.templates:
                self._use_template(other, line.argument, runner)
            case other:
                self._note(no_command(other, meant(other, (*WORDS, *self._setup.templates))), error=True)
        return True

    def _choose_model(self, name: str, runner: asyncio.Runner) -> None:
        if name:
            self._session.model_name = name
            self._note(f"The next questions go to {name}.")
            return
        listed = self._run(runner, self._models())
        if listed is None:
            return
        if isinstance(listed, Failed):
            self._note("\n".join(failure(listed)), error=True)
            return
        chosen = self._session.model_name
        names = [f"{model.name}{' (chosen)' if model.name == chosen else ''}" for model in listed]
        self._note("\n".join(names) or "The server lists no models.", error=True)

    async def _models(self) -> Sequence[ModelInfo] | Failed | None:
        """Return the endpoint's models; `None` after Ctrl+C."""
        asking = asyncio.ensure_future(self._backend.models())
        self._stop = asking.cancel
        await asyncio.wait({asking})
        return None if asking.cancelled() else asking.result()

    def _instruct(self, text: str) -> None:
        if text:
            self.conversation.set_system("" if text == "none" else text)
        system = self.conversation.system
        self._note(f"The system prompt is: {system}" if system else "There is no system prompt.", error=not text)

    def _use_template(self, name: str, text: str, runner: asyncio.Runner) -> None:
        try:
            template = self._backend.template(name)
            prompt = filled_by_lines(name, template, text, self._typed if self._lines.person else None)
        except SetupError as error:
            self._note(clean_line(_sentence(str(error))), error=True)
            return
        except KeyboardInterrupt:
            self._note("\nNothing is sent.", error=True)
            return
        if prompt is not None:
            self._answer(runner, lambda: self._session.send(prompt))

    def _tell_usage(self) -> None:
        replies = [message for message in self.conversation.path() if message.role == "assistant"]
        if not replies:
            self._note("There is no reply yet.", error=True)
            return
        counted = [message.usage for message in replies if message.usage]
        whole = "n/a"
        if counted:
            whole = (
                f"{sum(usage.input or 0 for usage in counted)} in, {sum(usage.output or 0 for usage in counted)} out"
            )
            if missing := len(replies) - len(counted):
                whole += f" ({missing} of {len(replies)} replies reported none)"
        self._note(f"{usage_line(replies[-1])}\nThe whole chat: {whole}", error=True)

    # ---- a reply

    def _begin(self, conversation: Conversation, model_name: str) -> Session:
        setup = self._setup
        hint = f"The traceback is in {setup.log_path}." if setup.log_path else ""
        conversation.subscribe(self._observe)
        session = Session(conversation, setup.connection.model, bug_hint=hint)
        session.connect(replace(setup.connection, model_name=model_name))
        return session

    def _answer(self, runner: asyncio.Runner, ask: Callable[[], bool | None], otherwise: str = "") -> None:
        asked = self._run(runner, self._reply(ask))
        reply = self.conversation.last_reply
        if not asked or reply is None:
            self._note(otherwise, error=True)
            return
        self._conclude(reply)

    async def _reply(self, ask: Callable[[], bool | None]) -> bool:
        """Let `ask` begin a reply and print it until it ends; return false if there was nothing to ask."""
        loop = asyncio.get_running_loop()
        if ask() is False:
            return False
        self._labelled = self._began = False
        self._cleaner = Cleaner()
        output = self._output = Output(sys.stdout.fileno(), on_broken=self._reader_has_gone)
        waiting = loop.call_later(STILL_WAITING, self._still_waiting)
        self._stop = self._session.stop
        if self._stopped:
            self._stop()  # Ctrl+C came before there was anything to stop
        await self._session.idle()
        waiting.cancel()
        if not output.at_line_start:
            output.write("\n")
        written = loop.create_task(output.finish())
        while not (await asyncio.wait({written}, timeout=PATIENCE))[0] and not self._stopped:
            pass  # the reader is slow
        written.cancel()
        self._output = None
        return True

    def _observe(self, _conversation: Conversation, _message: Message | None, change: Change) -> None:
        for happened in change.deltas if isinstance(change, Grown) else (change,):
            match happened:
                case TextDelta(text) | RefusalDelta(text):
                    self._began = True
                    self._write(text)
                case ReasoningDelta():
                    if not self._began:
                        self._note("The model is thinking.")
                    self._began = True
                case Retrying(attempt, of, wait, why):
                    self._note(f"{ended(why)} Trying again in {wait:.1f} s ({attempt} of {of}).")
                case _:
                    pass

    def _write(self, text: str) -> None:
        if self._output is None:
            return
        if self._on_screen and not self._labelled:
            reply = self.conversation.last_reply
            name = clean_line(reply.model) if reply else ""
            self._output.write(f"{name or 'Reply'}: ")
        self._labelled = True
        self._output.write(self._cleaner.feed(text))

    def _still_waiting(self) -> None:
        if not self._began and self._lines.person:
            self._note("Still waiting for the answer. Ctrl+C stops it.")

    def _reader_has_gone(self) -> None:
        self._gone = True
        error = self._output.error if self._output is not None else None
        if error is not None and not isinstance(error, BrokenPipeError):
            self._note(f"Standard output cannot be written: {error.strerror}.", error=True)
            self._status = OTHER_FAILURE
        self._session.stop()

    def _conclude(self, reply: Message) -> None:
        summary = verdict(reply)
        for remark in summary.remarks:
            self._note(_sentence(remark))
        if summary.problem:
            first, *more = map(in_plain, summary.problem)
            self._note("\n".join([_sentence(first), *more]), error=True)
            self._status = summary.status
        if isinstance(reply.ending, Stopped) and not self._gone:
            self._note("The reply is stopped.")
        if self._lines.person:
            if may_continue(reply):
                self._note("/continue asks for the rest, /retry asks again.")
            elif unfinished(reply.ending):
                self._note("/retry asks again.")
        if reply.deltas:
            self._note(usage_line(reply))
        if self._lines.person:
            self._note("", error=True)  # a blank line between turns

    # ---- messages

    def _introduce(self) -> None:
        connection = self._setup.connection
        for notice in connection.notices:
            self._note(notice)
        if self._session.changes_host:
            self._note(clean_line(change_of_host(self.conversation, self._session.recipient)))
            self._session.agree()
        if not self._lines.person:
            return
        model = clean_line(self._session.model_name)
        whom = f"{model} at {connection.model.endpoint}" if model else connection.model.endpoint
        self._note(f"A plain chat with {clean_line(whom)}. {HOW}")
        if said := len(self.conversation.messages):
            title = clean_line(self.conversation.title)
            self._note(f"Continuing this chat{f': {title}' if title else ''} ({said} messages).")

    def _note(self, text: str, error: bool = False) -> None:
        """Print a sentence on standard error; in quiet mode only errors and what was asked for."""
        mark = "" if self._lines.person else "tui-chat: "
        if error:
            self._notes.error(f"{mark}{text}")
        else:
            self._notes.remark(f"{mark}{text}")

    # ---- signals

    def _run(self, runner: asyncio.Runner, work: Coroutine[None, None, Result]) -> Result:
        """Run a coroutine that a signal may stop."""
        self._stopped = False
        self._loop = runner.get_loop()
        try:
            with woken_by_signals(self._loop):
                return runner.run(work)
        finally:
            self._loop = self._stop = None

    @contextmanager
    def stopping_on_signals(self) -> Iterator[None]:
        """Let Ctrl+C stop a reply; SIGTERM, SIGHUP and, if input is piped, Ctrl+C stop it and end the program."""
        numbers = [getattr(signal, name) for name in ENDING if hasattr(signal, name)]
        before = {number: signal.signal(number, self._on_signal) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, number: int, _frame: object) -> None:
        ends = number != signal.SIGINT or not self._lines.person
        if ends:
            self._ended_by = number
        if self._loop is not None:
            self._stopped = True
            self._loop.call_soon_threadsafe(self._stop or _nothing)
        elif self._reading:
            self._reading = False
            raise _EndedError if ends else KeyboardInterrupt


def _nothing() -> None:
    """Do nothing: what runs checks by itself whether a signal came before it began."""


class _EndedError(BaseException):
    """A signal ends the chat. Like `KeyboardInterrupt` it is not an `Exception`, so that no handler for errors catches
    it."""


def _sentence(clause: str) -> str:
    return ended(clause[:1].upper() + clause[1:])
