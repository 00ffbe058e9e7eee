"""The entry point: parses the command line, builds the parts and runs one command.

Only little of the standard library is imported at the top, so that the screen's first frame is not delayed.
"""

from __future__ import annotations

import gc
import os
import sys

from tui_chat.standard_streams import OTHER_FAILURE, fill_closed, written

TYPE_CHECKING = False  # typing itself is dear to import
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tui_chat.backend.backend import AppBackend
    from tui_chat.chat.conversation import Origin
    from tui_chat.chat.message import Attachment
    from tui_chat.compile_cache import CompileCache
    from tui_chat.history.store import Store

USAGE_OR_CONFIG = 2
REST = 0.03
"""Seconds between two reads of a reply on the screen, which shows some 30 frames a second."""
NO_SCREEN = frozenset({"dumb", "unknown"})
"""Values of TERM for terminals without escape sequences."""
HUNG_UP, INTERRUPTED = 129, 130
"""Exit statuses as shells define them, for a closed terminal and for Ctrl+C."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program with `arguments` (by default those of the command line) and return its exit status."""
    fill_closed()
    status = OTHER_FAILURE
    try:
        status = _run([_text(word) for word in (sys.argv[1:] if arguments is None else arguments)])
    except Exception as error:  # its name is imported where it is needed, because --version needs nothing
        from tui_chat.chat.model_ports import SetupError

        if not isinstance(error, SetupError):
            raise
        for line in str(error).splitlines():
            _complain(line)
        status = USAGE_OR_CONFIG
    except KeyboardInterrupt:
        status = INTERRUPTED
    except SystemExit as ended:  # --help and --version have been printed
        if ended.code or not written(0):
            raise
    return written(status)


def _text(word: str) -> str:
    """Return an argument as valid text: bytes that are not text arrive as lone surrogates, which no request can
    carry."""
    return word.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _complain(line: str) -> None:
    from tui_chat.cli.paging import tell

    tell(line)


def _run(words: list[str]) -> int:
    on_terminal = sys.stdout is not None and sys.stdout.isatty()
    line_by_line = os.environ.get("TERM") in NO_SCREEN
    if words == ["--version"]:  # without the parsers, which take longer than the rest
        from tui_chat import __version__

        if sys.stdout is not None:
            sys.stdout.write(f"tui-chat {__version__}\n")
        raise SystemExit(0)
    if not words and on_terminal and not line_by_line:
        return _screen(None, [])
    from tui_chat.cli.arguments import parse

    command, given = parse(words, on_terminal=on_terminal)
    if command == "chat" and line_by_line:
        return _chat_without_screen(given)
    return COMMANDS[command](given)


def _prompt(words: Sequence[str]) -> str:
    """Return what is piped in, followed by the words of the command line."""
    piped = ""
    if sys.stdin is not None and not sys.stdin.isatty():
        piped = sys.stdin.buffer.read().decode("utf-8-sig", "replace").strip("\r\n")
    return "\n\n".join(part for part in (piped, " ".join(words)) if part.strip())


def _chat_without_screen(given: Namespace) -> int:
    from tui_chat.cli.chat_commands import converse

    _complain(
        f"the screen needs more than this terminal has (TERM={os.environ['TERM']}), so the chat goes line by line"
    )
    backend = _backend(given)
    return converse(backend, quiet=False, first=_from_template(backend, given, _prompt(given.prompt)))


def _chat(given: Namespace) -> int:
    return _screen(given, given.prompt)


def _screen(given: Namespace | None, words: Sequence[str]) -> int:
    prompt = _prompt(words)
    if sys.stdin is None or not sys.stdin.isatty():
        _keys_from_terminal()
    # Textual reads it on import; its default of 100 ms is for remote terminals.
    os.environ.setdefault("ESCDELAY", "100" if "SSH_CONNECTION" in os.environ else "15")
    with _compile_cache(given) as cache:
        return _full_screen(given, prompt, cache.finish)


def _full_screen(given: Namespace | None, prompt: str, on_loaded: Callable[[], None]) -> int:
    from tui_chat.cli.renderer import choose_renderer, may_change_keys

    env_file = None if given is None else given.env_file
    choose_renderer(env_file)
    gc.disable()  # until the screen is ready: everything that is imported stays in use
    from tui_chat.terminal.late_imports import import_app

    import_app()
    from tui_chat.backend.backend import AppBackend
    from tui_chat.ui.app import ChatApp

    backend = _watched(AppBackend({}, rest=REST)) if given is None else _backend(given, rest=REST)
    if given is not None:
        prompt = _from_template(backend, given, prompt)
    attachments = _attachments([] if given is None else given.attach)
    app = ChatApp(backend, prompt, attachments, own_keys=may_change_keys(env_file), on_loaded=on_loaded)
    app.run()
    if app.setup_error is not None:
        raise app.setup_error
    for problem in filter(None, (backend.history_error, backend.record_error)):
        _complain(problem)
    code = app.return_code or (OTHER_FAILURE if backend.unsaved else 0)
    if app.chat.switcher.way_back and code != HUNG_UP:
        from tui_chat.cli.output import called
        from tui_chat.cli.paging import put

        put([f"{called()} {app.chat.switcher.way_back}\n"])
    return code


def _compile_cache(given: Namespace | None) -> CompileCache:
    """Return the cache of compiled texts, to be used in a `with` block; with `--no-log` nothing is added to it."""
    from tui_chat.compile_cache import CompileCache, default_path

    return CompileCache(default_path(), keep=given is None or not given.no_log)


def _backend(given: Namespace, *, stream: bool = True, rest: float = 0.0, origin: Origin = "") -> AppBackend:
    from tui_chat.backend.backend import AppBackend
    from tui_chat.cli.arguments import flags, history_options, options

    kept = history_options(given, origin)
    return _watched(
        AppBackend(
            flags(given),
            given.env_file,
            stream=stream,
            rest=rest,
            options=options(given),
            history_options=kept,
        )
    )


def _watched(backend: AppBackend) -> AppBackend:
    """Return `backend`, after arranging that a crash's traceback does not show its keys."""
    from tui_chat.chat.secrets import mask_crashes

    mask_crashes(backend.masked)
    return backend


def _keys_from_terminal() -> None:
    """Read keys from the terminal itself, because standard input was the prompt."""
    from tui_chat.chat.model_ports import SetupError

    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError as error:
        raise SetupError("there is no terminal to read keys from; `tui-chat ask` works without one") from error
    os.dup2(terminal, 0)
    os.close(terminal)


def _attachments(paths: Sequence[Path]) -> list[Attachment]:
    """Read the files given with --attach."""
    if not paths:
        return []
    from tui_chat.attachments.reading import AttachmentError, read_attachment
    from tui_chat.chat.model_ports import SetupError

    try:
        return [read_attachment(path) for path in paths]
    except AttachmentError as error:
        raise SetupError(f"--attach: {error}") from error


def _from_template(backend: AppBackend, given: Namespace, prompt: str) -> str:
    """Return the prompt, put into a template if the command line names one. Raises `SetupError`."""
    if not given.template:
        if given.set:
            from tui_chat.chat.model_ports import SetupError

            raise SetupError("--set: it fills the blanks of a template, and none is given with -t")
        return prompt
    from tui_chat.cli.chat_commands import from_template

    return from_template(backend, given.template, given.set, prompt)


def _ask(given: Namespace) -> int:
    with _compile_cache(given):
        return _answer(given)


def _answer(given: Namespace) -> int:
    from tui_chat.chat.model_ports import SetupError

    if sys.stdout is None:
        raise SetupError("standard output is closed")
    prompt = _prompt(given.prompt)
    if not prompt and not given.template:
        raise SetupError("there is no prompt: give one, or pipe text in (see tui-chat ask --help)")
    from tui_chat.cli.ask import AskOptions
    from tui_chat.cli.chat_commands import answer

    attachments = _attachments(given.attach)
    stream = not given.no_stream
    backend = _backend(given, stream=stream, origin="ask")
    prompt = _from_template(backend, given, prompt)
    if given.dry_run:
        from tui_chat.cli.dry_run import dry_run

        return dry_run(backend, prompt, attachments)
    options = AskOptions(given.usage, given.extract, stream, given.json, given.ndjson, given.quiet)
    return answer(backend, prompt, attachments, options)


def _plain(given: Namespace) -> int:
    with _compile_cache(given):
        from tui_chat.chat.model_ports import SetupError
        from tui_chat.cli.chat_commands import converse

        if sys.stdout is None:
            raise SetupError("standard output is closed")
        return converse(_backend(given), quiet=given.quiet)


def _replay(given: Namespace) -> int:
    from tui_chat.cli.arguments import PARSERS
    from tui_chat.cli.streams.replay import arguments_for, read, server_for

    tape = read(given.tape)
    server = server_for(given.tape, given.speed)
    server.start()
    try:
        command = "chat" if sys.stdout is not None and sys.stdout.isatty() else "ask"
        return COMMANDS[command](PARSERS[command]().parse_args(arguments_for(given.tape, tape, server.base_url)))
    finally:
        server.stop()


def _models(given: Namespace) -> int:
    from tui_chat.backend.backend import AppBackend
    from tui_chat.cli.arguments import flags
    from tui_chat.cli.models import list_models

    return list_models(_watched(AppBackend(flags(given), given.env_file)), as_json=given.json)


def _with_history(given: Namespace, use: Callable[[Store], int]) -> int:
    from contextlib import closing

    from tui_chat.chat.history_ports import HistoryError
    from tui_chat.history.store import Store
    from tui_chat.settings import loading

    with closing(Store(loading.load({}, given.env_file).folders.data)) as history:
        try:
            return use(history)
        except HistoryError as error:
            _complain(str(error))
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
    from tui_chat.cli.history_arguments import export_options

    return _with_history(given, lambda history: export(history, export_options(given)))


def _import(given: Namespace) -> int:
    from tui_chat.cli.export import import_files

    return _with_history(given, lambda history: import_files(history, given.files))


def _usage(given: Namespace) -> int:
    from tui_chat.cli.history.usage import show_usage

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
    from tui_chat.cli.shell.completion import print_completion

    return print_completion(given.shell)


def _of_streams(name: str) -> Callable[[Namespace], int]:
    """One of the commands that show what goes over the wire, which are imported when they are run."""

    def run(given: Namespace) -> int:
        from tui_chat.cli.streams import commands

        return commands.COMMANDS[name](given)

    return run


COMMANDS: Mapping[str, Callable[[Namespace], int]] = {
    "chat": _chat,
    "ask": _ask,
    "plain": _plain,
    "listen": _of_streams("listen"),
    "chats": _chats,
    "search": _search,
    "export": _export,
    "import": _import,
    "usage": _usage,
    "doctor": _of_streams("doctor"),
    "tap": _of_streams("tap"),
    "replay": _replay,
    "serve": _serve,
    "models": _models,
    "config": _config,
    "keys": _keys,
    "completion": _completion,
}
