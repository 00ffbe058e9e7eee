"""Runs the commands that chat outside the screen: `ask`, `compare` and `plain`.

The backend loads the settings, the chat is recorded, and everything is closed afterwards.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from tui_chat.backend.history_options import enter_chat, first_conversation
from tui_chat.chat.choices.templates import INPUT, blanks, filled
from tui_chat.chat.history_ports import OPEN_ELSEWHERE
from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import replace
from tui_chat.chat.wording.spelling import meant
from tui_chat.cli.paging import tell
from tui_chat.cli.reporting import OTHER_FAILURE
from tui_chat.signals import stopping_on_signals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tui_chat.backend.backend import AppBackend
    from tui_chat.chat.backend_ports import Setup
    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.message import Attachment
    from tui_chat.chat.model_ports import Connection
    from tui_chat.cli.ask import AskOptions
    from tui_chat.cli.compare.command import CompareOptions

DEMO_ANSWERS = "No endpoint is configured, so this is the demo; set TUI_CHAT_BASE_URL to ask a real one."


def from_template(backend: AppBackend, name: str, given: Sequence[str], prompt: str) -> str:
    """Return the prompt that a template makes of `prompt`. `given` are its blanks as `NAME=TEXT`. Raises `SetupError`
    for a template that cannot be read, an unknown blank, and one that is not given."""
    template = backend.template(name)
    wanted = [blank for blank in blanks(template) if blank != INPUT]
    values = {INPUT: prompt} if prompt else {}
    for each in given:
        blank, equals, text = each.partition("=")
        if not equals:
            raise SetupError(f"--set {each}: write it as BLANK=TEXT")
        if blank not in wanted:
            near = meant(blank, wanted)
            known = f"did you mean {near}?" if near else f"it has {', '.join(wanted) or 'none'}"
            raise SetupError(f"--set {blank}: the template {name} has no blank of this name; {known}")
        values[blank] = text
    if missing := [blank for blank in blanks(template) if blank not in values]:
        flags = [f"--set {blank}=TEXT" if blank != INPUT else "a prompt" for blank in missing]
        raise SetupError(f"the template {name} needs {', '.join(flags)}")
    text = filled(template, values)
    if not text.strip():
        raise SetupError(f"the template {name} is empty, and there is no prompt")
    return text


def answer(backend: AppBackend, prompt: str, attachments: Sequence[Attachment], options: AskOptions) -> int:
    """Ask once, print the answer and return the exit status. Raises `SetupError`."""
    setup = _setup(backend)
    for notice in [] if options.quiet else setup.connection.notices:
        tell(notice)
    status = asyncio.run(_answer(backend, setup, prompt, attachments, options))
    return _with_record_error(backend, status)


async def _answer(
    backend: AppBackend, setup: Setup, prompt: str, attachments: Sequence[Attachment], options: AskOptions
) -> int:
    from tui_chat.cli.ask import AskCommand

    hint = f"The traceback is in {setup.log_path}." if setup.log_path else ""
    with _recording(setup) as record, ExitStack() as signals:
        try:
            conversation = record(first_conversation(setup))
            asking = AskCommand(conversation, setup.connection, options, hint)
            signals.enter_context(stopping_on_signals(asking.stop))  # until everything is closed and saved
            return await asking.ask(prompt, attachments)
        finally:
            await backend.close()


def compare(backend: AppBackend, prompt: str, attachments: Sequence[Attachment], options: CompareOptions) -> int:
    """Ask several models once, print their replies and return the exit status. Raises `SetupError`."""
    from tui_chat.chat_manager.side_names import connections_to, side_names

    def asks_own(endpoints: Sequence[str]) -> bool:
        return not all(name.endpoint for name in side_names(options.models, endpoints))

    setup = _setup(backend, asks_own)
    try:
        names = side_names(options.models, backend.endpoints())
        connections = connections_to(names, setup.connection, backend.manager)
    except SetupError:
        asyncio.run(backend.close())
        raise
    current = setup.connection.notices if asks_own(backend.endpoints()) else ()
    for notice in dict.fromkeys([*current, *(each for to in connections for each in to.notices)]):
        if not options.quiet:
            tell(notice)
    status = asyncio.run(_compare(backend, setup, connections, prompt, attachments, options))
    return _with_record_error(backend, status)


async def _compare(
    backend: AppBackend,
    setup: Setup,
    connections: Sequence[Connection],
    prompt: str,
    attachments: Sequence[Attachment],
    options: CompareOptions,
) -> int:
    from tui_chat.chat_manager.comparison import Comparison
    from tui_chat.cli.compare.command import CompareCommand

    hint = f"The traceback is in {setup.log_path}." if setup.log_path else ""
    with _recording(setup) as record, ExitStack() as signals:
        try:
            conversation = record(first_conversation(setup))
            command = CompareCommand(Comparison(conversation, connections, bug_hint=hint, origin="ask"), options)
            signals.enter_context(stopping_on_signals(command.stop))  # until everything is closed and saved
            return await command.ask(prompt, attachments)
        finally:
            await backend.close()


def converse(backend: AppBackend, *, quiet: bool, first: str = "") -> int:
    """Chat line by line, starting with the question `first` if there is one, and return the exit status. Raises
    `SetupError`."""
    from tui_chat.cli.lines.line_input import LineInput
    from tui_chat.cli.lines.plain import Plain
    from tui_chat.prompt_history import PromptHistory

    setup = _setup(backend)
    with _recording(setup) as record, asyncio.Runner() as runner:
        status = 0
        try:
            earlier = PromptHistory(setup.state_folder / "prompts.jsonl") if setup.state_folder else None
            chat = record(first_conversation(setup))
            new_chat = replace(setup, chat="")
            plain = Plain(
                backend,
                setup,
                LineInput(earlier),
                chat,
                lambda: record(first_conversation(new_chat)),
                quiet=quiet,
            )
            with plain.stopping_on_signals():
                try:
                    status = plain.run(runner, first)
                finally:
                    runner.run(backend.close())
        finally:
            runner.run(backend.close())
    return _with_record_error(backend, status)


def _with_record_error(backend: AppBackend, status: int) -> int:
    """Say what could not be recorded, and return the exit status: a failure if anything could not be saved."""
    if backend.record_error:
        tell(backend.record_error)
    return status or (OTHER_FAILURE if backend.unsaved else status)


def _setup(backend: AppBackend, asks_own: Callable[[Sequence[str]], bool] | None = None) -> Setup:
    """Load the settings; `asks_own` as of `AppBackend.load`. Notices are added if the demo answers without being asked
    for, and if another program has the chat open."""
    setup = load_decided(backend, asks_own)
    notices = list(setup.connection.notices)
    if setup.connection.demo and not backend.demo_wanted:
        notices.append(DEMO_ANSWERS)
    if setup.history is not None and setup.chat and enter_chat(setup.history, setup.chat):
        notices.append(OPEN_ELSEWHERE)
    return replace(setup, connection=replace(setup.connection, notices=tuple(notices)))


def load_decided(backend: AppBackend, asks_own: Callable[[Sequence[str]], bool] | None = None) -> Setup:
    """Load the settings; `asks_own` as of `AppBackend.load`. Raises `SetupError`, also if a saved chat is to be
    continued and no endpoint is chosen."""
    setup = backend.load(asks_own)
    if setup.connection.undecided and setup.chat:
        asyncio.run(backend.close())
        names = ", ".join(backend.endpoints())
        raise SetupError(
            f"{setup.connection.why_undecided} Nothing was sent; choose an endpoint with -e NAME (there are: {names})"
        )
    return setup


@contextmanager
def _recording(setup: Setup) -> Iterator[Callable[[Conversation], Conversation]]:
    """Provide a function that records a conversation and returns it. At the end, say what could not be saved."""
    history = setup.history
    problems = [""]

    def record(conversation: Conversation) -> Conversation:
        if history is not None:
            history.record(conversation)
        return conversation

    if history is not None:
        history.watch(problems.append)
    try:
        yield record
    finally:
        if problems[-1]:  # errors that were over before the end do not matter
            tell(problems[-1])
