"""`tui-chat serve` with options for its replies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.patience import PATIENCE
from tui_chat.cli.main import main
from tui_chat.server.scripted.behaviour import OPTIONS
from tui_chat.server.scripted.faults import FAULTS
from tui_chat.server.scripted.scripts import SCRIPTS

if TYPE_CHECKING:
    from pathlib import Path


def test_the_list_names_everything_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    names = [line.split()[0] for line in lines if line.startswith("  ")]
    assert names == [*SCRIPTS, *OPTIONS, "400", *FAULTS]
    assert max(map(len, lines)) <= 120


def test_help_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--help"])
    said = capsys.readouterr().out
    assert all(f"--{name} " in said for name in (*OPTIONS, "fault", "replay", "list"))


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--usage", "always"], "--usage: The option `usage` has to be asked or last or every or never, not `always`."),
        (["--fault", "cot"], "--fault: There is no fault `cot`; there are 400 to 599, redirect"),
        (["--fault", "cut?befor=3"], "--fault: There is no option `befor`"),
        (["--replay", "nowhere"], "--replay nowhere: No such file or directory."),
    ],
)
def test_what_cannot_be_is_one_line(flags: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", *flags]) == 2
    said = capsys.readouterr().err
    assert f"tui-chat: serve: {says}" in said
    assert said.count("\n") == 1


def test_flags_are_for_all_requests_and_a_request_may_say_otherwise(tmp_path: Path) -> None:
    recording = tmp_path / "hello.sse"
    recording.write_bytes(b"data: hello\n\n")
    reader, writer = os.pipe()
    flags = ["--port", "0", "--ready-fd", str(writer), "--rate", "0", "--first", "0", "--usage", "every"]
    flags += ["--fault", "cut?after=2", "--replay", str(tmp_path)]
    command = [sys.executable, "-m", "tui_chat", "serve", *flags]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, pass_fds=[writer], stdout=quiet, stderr=quiet) as process:
        try:
            os.close(writer)
            with os.fdopen(reader) as ready:
                url = f"{ready.read().strip()}/chat/completions"

            def lines(model: str) -> list[str]:
                asked = {"model": model, "stream": True, "messages": [{"role": "user", "content": "count to 3"}]}
                body = httpx.post(url, json=asked, trust_env=False, timeout=PATIENCE).text
                return [line.removeprefix("data: ") for line in body.split("\n") if line]

            first, second = map(json.loads, lines("count"))
            assert [each["usage"]["completion_tokens"] for each in (first, second)] == [1, 2]
            assert lines("count?fault=none&usage=never")[-1] == "[DONE]"
            assert lines("hello?fault=none") == ["hello"]
        finally:
            process.kill()
