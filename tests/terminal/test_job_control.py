"""Which signals end the program, and whether a stopped program would be continued."""

from __future__ import annotations

import signal
import subprocess
import sys

from tui_chat.terminal.job_control import end_signals

SHOWN = "from tui_chat.terminal.job_control import has_shell; print(has_shell())"


def shown(*, own_session: bool) -> str:
    done = subprocess.run(
        [sys.executable, "-c", SHOWN], capture_output=True, text=True, check=True, start_new_session=own_session
    )
    return done.stdout.strip()


def test_a_program_that_a_shell_started_can_be_continued_by_it() -> None:
    assert shown(own_session=False) == "True"


def test_a_program_that_leads_its_session_has_no_shell_to_go_to() -> None:
    assert shown(own_session=True) == "False"


def test_a_signal_that_others_use_is_left_to_them() -> None:
    assert signal.SIGUSR1 in end_signals()
    before = signal.signal(signal.SIGUSR1, lambda _number, _frame: None)
    try:
        assert signal.SIGUSR1 not in end_signals()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT} <= set(end_signals())
