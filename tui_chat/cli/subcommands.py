"""The subcommands: each takes its parsed arguments, imports what it needs and returns an exit status."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING, Final

from tui_chat.cli import full_screen
from tui_chat.cli.command_line import (
    attachments_of,
    backend_of,
    prompt_of,
    start_cache,
    template_filled,
    with_masked_crashes,
)
from tui_chat.cli.paging import tell
from tui_chat.standard_streams import OTHER_FAILURE

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping

    from tui_chat.history.store import Store


def _chat(given: Namespace) -> int:
    return full_screen.run(given, given.prompt) if full_screen.possible() else _chat_without_screen(given)


def _chat_without_screen(given: Namespace) -> int:
    from tui_chat.cli.chat_commands import converse

    tell(f"the screen needs more than this terminal has (TERM={os.environ['TERM']}), so the chat goes line by line")
    backend = backend_of(given)
    return converse(backend, quiet=False, first=template_filled(backend, given, prompt_of(given.prompt)))


def _ask(given: Namespace) -> int:
    with start_cache(given):
        return _answer(given)


def _answer(given: Namespace) -> int:
    from tui_chat.chat.model_ports import SetupError

    prompt = prompt_of(given.prompt)
    if not prompt and not given.template:
        raise SetupError("there is no prompt: give one, or pipe text in (see tui-chat ask --help)")
    words = " ".join(given.prompt)
    title = words if prompt != words else ""  # what is piped in stands first, and says less of the chat
    from tui_chat.cli.ask import AskOptions
    from tui_chat.cli.chat_commands import answer

    attachments = attachments_of(given.attach)
    stream = not given.no_stream
    backend = backend_of(given, stream=stream, origin="ask")
    prompt = template_filled(backend, given, prompt)
    if given.dry_run:
        from tui_chat.cli.dry_run import dry_run

        return dry_run(backend, prompt, attachments)
    options = AskOptions(given.usage, given.extract, stream, given.json, given.ndjson, given.quiet, title)
    return answer(backend, prompt, attachments, options)


def _compare(given: Namespace) -> int:
    from tui_chat.chat.model_ports import SetupError

    prompt = prompt_of(given.prompt)
    if not prompt and not given.template:
        raise SetupError("there is no prompt: give one, or pipe text in (see tui-chat compare --help)")
    if not given.models:
        as_prompt = shlex.join(["compare", *given.prompt])
        raise SetupError(f"name the models to compare with -m (to send it as a prompt: tui-chat -- {as_prompt})")
    with start_cache(given):
        from tui_chat.cli.chat_commands import compare
        from tui_chat.cli.compare.command import CompareOptions

        attachments = attachments_of(given.attach)
        backend = backend_of(given, origin="ask")
        prompt = template_filled(backend, given, prompt)
        options = CompareOptions(tuple(given.models), given.repeat, given.json, given.quiet)
        return compare(backend, prompt, attachments, options)


def _plain(given: Namespace) -> int:
    with start_cache(given):
        from tui_chat.cli.chat_commands import converse

        return converse(backend_of(given), quiet=given.quiet)


def _replay(given: Namespace) -> int:
    from tui_chat.cli.arguments import PARSERS
    from tui_chat.cli.streams.replay import arguments_for, server_for
    from tui_chat.tape_file import read_given_tape

    tape = read_given_tape(given.tape, "replay:")
    control = None
    if sys.stdout is not None and sys.stdout.isatty():
        from tui_chat.chat.inspection.replay_control import ReplayControl

        control = ReplayControl()
        control.pause(paused=given.step)
    server = server_for(given.tape, given.speed, control)
    server.start()
    try:
        words = arguments_for(given.tape, tape, server.base_url)
        asked = PARSERS["ask" if control is None else "chat"]().parse_args(words)
        asked.patient = True
        if control is None:
            return COMMANDS["ask"](asked)
        from tui_chat.cli import full_screen

        return full_screen.run(asked, asked.prompt, control)
    finally:
        server.stop()


def _models(given: Namespace) -> int:
    from tui_chat.backend.backend import AppBackend
    from tui_chat.cli.arguments import flags
    from tui_chat.cli.models import list_models

    return list_models(with_masked_crashes(AppBackend(flags(given), given.env_file)), as_json=given.json)


def _with_history(given: Namespace, use: Callable[[Store], int]) -> int:
    from contextlib import closing

    from tui_chat.chat.history_ports import HistoryError
    from tui_chat.history.store import Store
    from tui_chat.settings import loading

    with closing(Store(loading.load({}, given.env_file).folders.data)) as history:
        try:
            return use(history)
        except HistoryError as error:
            tell(str(error))
            return OTHER_FAILURE


def _chats(given: Namespace) -> int:
    from tui_chat.cli.history.chats import list_chats

    return _with_history(
        given,
        lambda history: list_chats(history, given.query, limit=given.limit, as_json=given.json, origin=given.origin),
    )


def _search(given: Namespace) -> int:
    from tui_chat.cli.history.search import search

    return _with_history(
        given,
        lambda history: search(history, given.words, limit=given.limit, offset=given.offset, as_json=given.json),
    )


def _export(given: Namespace) -> int:
    from tui_chat.cli.export import export
    from tui_chat.cli.history.arguments import export_options

    return _with_history(given, lambda history: export(history, export_options(given)))


def _import(given: Namespace) -> int:
    from tui_chat.cli.export import import_files

    return _with_history(given, lambda history: import_files(history, given.files))


def _usage(given: Namespace) -> int:
    from tui_chat.cli.history.speed import show_speed
    from tui_chat.cli.history.usage import show_usage

    if given.speed:
        return _with_history(given, lambda history: show_speed(history, given.by, given.since, given.form))
    return _with_history(given, lambda history: show_usage(history, given.by, given.since, given.form))


def _serve(given: Namespace) -> int:
    from tui_chat.chat.model_ports import SetupError
    from tui_chat.cli.arguments import reply_options
    from tui_chat.cli.paging import put
    from tui_chat.server import serve
    from tui_chat.server.replay import recordings
    from tui_chat.server.scripted.behaviour import OptionError, ResponseOptions
    from tui_chat.server.scripted.catalogue import catalogue
    from tui_chat.server.scripted.replies import Replies
    from tui_chat.settings import loading

    if given.list:
        return put([catalogue()])
    response_options = ResponseOptions()
    for name, text in reply_options(given).items():
        try:
            response_options = response_options.with_option(name, text)
        except OptionError as error:
            raise SetupError(f"serve: --{name}: {error}") from error
    replies = Replies(response_options, recordings(given.replay) if given.replay else None)
    key = loading.load({}, given.env_file).settings.serve_key.get_secret_value()
    return serve.run(
        host=given.host,
        port=given.port,
        key=key or None,
        replies=replies,
        file=given.file,
        cors=given.cors,
        ready_fd=given.ready_fd,
    )


def _config(given: Namespace) -> int:
    from tui_chat.backend.target_endpoints import host_of
    from tui_chat.cli.arguments import flags
    from tui_chat.cli.config import page
    from tui_chat.cli.paging import put
    from tui_chat.settings import loading

    lines, problem = page(loading.load(flags(given), given.env_file), host_of)
    status = put(f"{line}\n" for line in lines)
    if problem is not None:
        raise problem
    return status


def _keys(given: Namespace) -> int:
    from tui_chat.cli.shell.keys import keymap_of, list_keys, show_keys
    from tui_chat.settings import loading

    keymap = keymap_of(loading.load({}, given.env_file))
    return list_keys(keymap) if given.list else show_keys(keymap)


def _completion(given: Namespace) -> int:
    if given.names:
        from tui_chat.cli.shell.names import print_names

        return print_names(given.names)
    if not given.shell:
        from tui_chat.chat.model_ports import SetupError

        raise SetupError("for which shell? bash, zsh or fish (see tui-chat completion --help)")
    from tui_chat.cli.shell.completion import print_completion

    return print_completion(given.shell)


def _of_streams(name: str) -> Callable[[Namespace], int]:
    """One of the commands that show what goes over the wire, which are imported when they are run."""

    def run(given: Namespace) -> int:
        from tui_chat.cli.streams import commands

        return commands.COMMANDS[name](given)

    return run


OUTPUT_OPTIONAL: Final = frozenset({"serve", "export", "import", "tape"})
"""Commands that work, or may work, without a standard output: they write files, or print an address."""

COMMANDS: Mapping[str, Callable[[Namespace], int]] = {
    "chat": _chat,
    "ask": _ask,
    "compare": _compare,
    "plain": _plain,
    "listen": _of_streams("listen"),
    "chats": _chats,
    "search": _search,
    "export": _export,
    "import": _import,
    "usage": _usage,
    "doctor": _of_streams("doctor"),
    "tap": _of_streams("tap"),
    "tape": _of_streams("tape"),
    "replay": _replay,
    "serve": _serve,
    "models": _models,
    "config": _config,
    "keys": _keys,
    "completion": _completion,
}
