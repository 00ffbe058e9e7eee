from __future__ import annotations

import os
import signal
import subprocess
import sys

from tests.patience import PATIENCE

PROGRAM = (sys.executable, "-m", "tui_chat")


def test_the_demo_that_was_chosen_needs_no_explanation() -> None:
    done = subprocess.run(
        [*PROGRAM, "ask", "-e", "demo", "-m", "echo", "ping"],
        env={**os.environ, "TUI_CHAT_BASE_URL": "http://127.0.0.1:9"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "ping", "")


def test_serve_serves_until_it_is_told_to_end_and_asks_for_its_key() -> None:
    environment = {**os.environ, "TUI_CHAT_SERVE_KEY": "house-key"}
    with subprocess.Popen(
        [*PROGRAM, "serve", "--port", "0", "--rate", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        text=True,
    ) as serving:
        assert serving.stdout is not None
        url = serving.stdout.readline().strip()

        def ask(key: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [*PROGRAM, "ask", "--base-url", url, "-m", "echo", "ping"],
                env={**os.environ, "TUI_CHAT_API_KEY": key},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )

        try:
            assert ask("wrong").returncode == 3
            right = ask("house-key")
            assert (right.returncode, "ping" in right.stdout) == (0, True), right.stderr
            serving.send_signal(signal.SIGTERM)
            assert serving.wait(PATIENCE) == 143
        finally:
            serving.kill()  # leaving the block waits for it
