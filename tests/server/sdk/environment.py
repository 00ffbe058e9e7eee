"""Run the providers' own SDKs against the endpoint, in an environment of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tui_chat.server.testing import ChatEndpoint

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
PROJECT = HERE.parents[2]

CHECKS = ("openai_chat", "openai_responses", "anthropic", "gemini", "ollama")
"""The scripts, without `check_`."""

PATIENCE = 120.0
"""Seconds for one script."""


@dataclass(frozen=True)
class Found:
    """The result of one check."""

    check: str
    said: str
    problem: str
    noticed: float | None = None
    """For a check that hangs up: milliseconds from then until the endpoint had noticed."""


def environment() -> Path:
    """The Python that has the SDKs, in `.venv-sdk` or the folder in `TUI_CHAT_SDK_ENV`; created on first use."""
    folder = Path(os.environ.get("TUI_CHAT_SDK_ENV") or PROJECT / ".venv-sdk")
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    wanted = HERE / "requirements.txt"
    done = folder / "installed.txt"
    if not done.exists() or done.read_text(encoding="utf-8") != wanted.read_text(encoding="utf-8"):
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(wanted)]
        subprocess.run(pip, check=True)
        done.write_text(wanted.read_text(encoding="utf-8"), encoding="utf-8")
    return python


@contextmanager
def tapped(url: str, folder: Path) -> Iterator[str]:
    """`tui-chat tap` in front of a server, as a program of its own; gives the URL to ask instead. Everything is
    recorded into `folder`."""
    command = [sys.executable, "-m", "tui_chat", "tap", url, "--port", "0", "--record", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as tap:
        try:
            assert tap.stderr is not None
            yield tap.stderr.readline().split()[1]
        finally:
            tap.terminate()


def run(python: Path, name: str, tapes: Path | None = None) -> list[Found]:
    """Run the checks of one script against an endpoint of its own; with a folder for tapes, through `tui-chat tap`."""
    with ChatEndpoint(keep_bodies=True) as endpoint, ExitStack() as stack:
        url = endpoint.root_url if tapes is None else stack.enter_context(tapped(endpoint.root_url, tapes))
        command = [str(python), "-m", f"tests.server.sdk.check_{name}", url, endpoint.key]
        surroundings = {key: value for key, value in os.environ.items() if not key.upper().endswith("_PROXY")}
        done = subprocess.run(
            command, cwd=PROJECT, env=surroundings, stdout=subprocess.PIPE, text=True, timeout=PATIENCE, check=False
        )
        stops = iter([request for request in endpoint.requests if b"told to stop" in (request.body or b"")])
        found: list[Found] = []
        for line in done.stdout.splitlines():
            told = json.loads(line)
            noticed, problem = None, told["problem"]
            if told["said"].startswith('{"stopped"'):
                request = next(stops)
                endpoint.wait_until(lambda request=request: request.ended)  # type: ignore[misc]
                if request.outcome != "hang-up":
                    problem = f"the endpoint takes it for {request.outcome}"
                # Both clocks are the system's monotonic one.
                noticed = ((request.access.ended or 0.0) - json.loads(told["said"])["stopped"]) * 1000
            found.append(Found(told["check"], told["said"], problem, noticed))
    if not found:
        raise RuntimeError(f"check_{name} said nothing; it ended with {done.returncode}")
    return found


def main() -> int:
    """Run them all and print what they found; 1 if anything was not as expected."""
    python = environment()
    failed = False
    for name in CHECKS:
        print(name)
        for each in run(python, name):
            failed = failed or bool(each.problem)
            said = each.said if each.noticed is None else f"the endpoint noticed within {max(0.1, each.noticed):.1f} ms"
            print(f"  {'FAILED' if each.problem else 'ok    '} {each.check.replace('_', ' ')}: {each.problem or said}")
    return int(failed)
