"""Starts the full screen. Little is imported at the top, so that the first frame is not delayed."""

from __future__ import annotations

import gc
import os
import sys

from tui_chat.cli.command_line import (
    attachments_of,
    backend_of,
    prompt_of,
    start_cache,
    template_filled,
    with_masked_crashes,
)
from tui_chat.standard_streams import OTHER_FAILURE

TYPE_CHECKING = False  # importing typing takes time
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence

    from tui_chat.chat.inspection.replay_control import ReplayControl

REST = 0.03
"""Seconds between two reads of a reply on the screen, which shows some 30 frames a second."""
NO_SCREEN = frozenset({"dumb", "unknown"})
"""Values of TERM for terminals without escape sequences."""
HUNG_UP = 129
"""The exit status for a closed terminal, as shells define it."""


def possible() -> bool:
    """Whether the terminal has the escape sequences that the screen needs."""
    return os.environ.get("TERM") not in NO_SCREEN


def run(given: Namespace | None, words: Sequence[str], replay: ReplayControl | None = None) -> int:
    """Run the screen and return the exit status. `given`: the parsed command line; `None` if there were no arguments.
    `words`: those of the first prompt. `replay`: steps through the recorded response that is shown."""
    prompt = prompt_of(words)
    if sys.stdin is None or not sys.stdin.isatty():
        _keys_from_terminal()
    # Textual reads it on import; its default of 100 ms is for remote terminals.
    os.environ.setdefault("ESCDELAY", "100" if "SSH_CONNECTION" in os.environ else "15")
    with start_cache(given) as cache:
        return _run(given, prompt, cache.finish, replay)


def _run(
    given: Namespace | None, prompt: str, on_loaded: Callable[[], None], replay: ReplayControl | None = None
) -> int:
    from tui_chat.cli.renderer import choose_renderer, may_change_keys

    env_file = None if given is None else given.env_file
    choose_renderer(env_file)
    gc.disable()  # until the screen is ready: everything that is imported stays in use
    from tui_chat.terminal.late_imports import import_app

    import_app()
    from tui_chat.backend.backend import AppBackend
    from tui_chat.start_cache.last_theme import LastTheme, default_path
    from tui_chat.ui.app import ChatApp

    if given is None:
        backend = with_masked_crashes(AppBackend({}, rest=REST, inspect=True))
    else:
        backend = backend_of(given, rest=REST, inspect=True)
    backend.replay = replay
    if given is not None:
        prompt = template_filled(backend, given, prompt)
    attachments = attachments_of([] if given is None else given.attach)
    last_theme = LastTheme(default_path(), keep=given is None or not given.no_log)
    app = ChatApp(
        backend,
        prompt,
        attachments,
        first_theme=last_theme.name,
        own_keys=may_change_keys(env_file),
        on_loaded=on_loaded,
    )
    app.run()
    if app.theme != last_theme.name:
        last_theme.store(app.theme)
    if app.setup_error is not None:
        raise app.setup_error
    for problem in filter(None, (backend.history_error, backend.record_error)):
        from tui_chat.cli.paging import tell

        tell(problem)
    code = app.return_code or (OTHER_FAILURE if backend.unsaved else 0)
    if app.chat.switcher.way_back and code != HUNG_UP:
        from tui_chat.cli.output import called
        from tui_chat.cli.paging import put

        put([f"{called()} {app.chat.switcher.way_back}\n"])
    return code


def _keys_from_terminal() -> None:
    """Read keys from the terminal itself, because standard input was the prompt."""
    from tui_chat.chat.model_ports import SetupError

    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError as error:
        raise SetupError("there is no terminal to read keys from; `tui-chat ask` works without one") from error
    os.dup2(terminal, 0)
    os.close(terminal)
