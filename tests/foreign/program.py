"""`tui-chat ask` as a process, and what it found."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

WAIT = 120.0
"""Seconds."""


@dataclass(frozen=True)
class Asked:
    """One question and how it ended."""

    code: int
    result: dict[str, Any] = field(default_factory=dict)
    stderr: str = ""

    @property
    def text(self) -> str:
        return str(self.result.get("text") or "")

    @property
    def outcome(self) -> str:
        return str(self.result.get("outcome") or "")

    @property
    def error(self) -> str:
        """What happened and what to do, as the program says it."""
        error = self.result.get("error") or {}
        return f"{error.get('message', '')} {error.get('hint', '')}".strip() or self.stderr.strip()


def environment(home: Path, base_url: str, **more: str) -> dict[str, str]:
    """A person's environment with nothing but an endpoint set."""
    names = ("PATH", "LANG", "LD_LIBRARY_PATH")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return {**kept, "HOME": str(home), "TUI_CHAT_BASE_URL": base_url, "TUI_CHAT_MAX_RETRIES": "0", **more}


def ask(home: Path, base_url: str, prompt: str = "hello", model: str = "markdown", **more: str) -> Asked:
    """Ask a question with `--json` and return how it ended."""
    command = [sys.executable, "-m", "tui_chat", "ask", "--json", "-m", model, prompt]
    done = subprocess.run(
        command, env=environment(home, base_url, **more), capture_output=True, text=True, timeout=WAIT, check=False
    )
    result = json.loads(done.stdout) if done.stdout.strip() else {}
    return Asked(done.returncode, result, done.stderr)


def stop_in_the_midst(home: Path, base_url: str, prompt: str, model: str, **more: str) -> Asked:
    """Ask something long, press Ctrl+C when text has come, and see what is left."""
    command = [sys.executable, "-m", "tui_chat", "ask", "--ndjson", "-m", model, prompt]
    with subprocess.Popen(
        command,
        env=environment(home, base_url, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            if json.loads(line)["event"] == "text":
                process.send_signal(signal.SIGINT)
                break
        rest = process.stdout.read().splitlines()
        last = json.loads(rest[-1]) if rest else {}
        return Asked(process.wait(WAIT), last, process.stderr.read())


def models(home: Path, base_url: str, **more: str) -> list[str]:
    """What `tui-chat models` lists."""
    done = subprocess.run(
        [sys.executable, "-m", "tui_chat", "models", "--json"],
        env=environment(home, base_url, **more),
        capture_output=True,
        text=True,
        timeout=WAIT,
        check=False,
    )
    return [str(each["name"]) for each in json.loads(done.stdout)] if done.returncode == 0 and done.stdout else []
