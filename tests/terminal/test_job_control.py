"""Whether a stopped program would be continued."""

from __future__ import annotations

import subprocess
import sys

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
