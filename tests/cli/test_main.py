from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.patience import PATIENCE
from tests.pty_terminal import Terminal
from tui_chat import __version__
from tui_chat.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = (sys.executable, "-m", "tui_chat")


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line that says what is wrong."""
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("tui-chat: ")
    assert err.count("\n") == 1
    return err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"tui-chat {__version__}\n"


@pytest.mark.parametrize("command", ["", "ask", "plain", "listen", "serve", "models", "config"])
def test_help_tells_of_every_flag(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--help"])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert "--env-file" in out
    assert ("commands:" in out) == (command == "")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["ask", "--sprechen"], "--sprechen"),
        (["ask", "--mod", "x"], "--mod"),
        (["ask", "-m"], "-m/--model"),
        (["ask", "-x", "--json", "?"], "not allowed with"),
        (["config", "surplus"], "surplus"),
        (["serve", "--port", "high"], "--port"),
        (["serve", "--rate", "-1"], "--rate"),
        (["asl"], "did you mean 'ask'?"),
        (["-m", "x", "confg"], "did you mean 'config'?"),
        (["compare"], "no command 'compare'"),
        (["comprae"], "there is no command 'comprae'; nor has it 'compare' yet"),
        (["doctr"], "did you mean 'doctor'?"),
        (["doctr", "--json"], "there is no command 'doctr'"),
        (["completon", "zsh"], "there is no command 'completon'"),
        (["serach"], "did you mean 'search'?"),
        (["modles"], "did you mean 'models'?"),
        (["exprot"], "did you mean 'export'?"),
        (["plian"], "did you mean 'plain'?"),
        (["help"], "did you mean '--help'?"),
        (["ask", "--api", "simple-get", "--base-url", "localhost", "?"], "has no {message} in its path or query"),
        (["ask", "--api", "gemini", "--base-url", "localhost/?q={message}", "?"], "is for the API simple-get"),
        (["ask", "--env-file", "/nowhere/.env", "?"], "there is no file /nowhere/.env"),
        (["ask", "--base-url", "ftp://x", "?"], "--base-url: "),
    ],
)
def test_bad_usage_is_one_line_and_status_2(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open(os.devnull) as nothing:  # noqa: PTH123
        monkeypatch.setattr(sys, "stdin", nothing)
        assert says in refused(capsys, *arguments)


def test_ask_without_a_prompt_is_bad_usage(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert "there is no prompt" in refused(capsys, "ask")


def test_several_bad_settings_are_a_line_each(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUI_CHAT_MODLE", "x")
    monkeypatch.setenv("TUI_CHAT_MAX_RETRIES", "x")
    assert main(["config"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[1] for line in lines] == [" TUI_CHAT_MODLE", " TUI_CHAT_MAX_RETRIES"]


@pytest.mark.parametrize(
    "arguments", [["ask", "-m", "echo", "--", "-5"], ["-m", "echo", "ask", "-5 is"], ["-m", "echo", "--", "models"]]
)
def test_flags_may_stand_before_the_command_and_anything_after_two_dashes_is_a_prompt(arguments: list[str]) -> None:
    done = subprocess.run(
        [*PROGRAM, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    assert arguments[-1] in done.stdout


def test_config_shows_values_sources_and_paths_and_no_secret(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setenv("TUI_CHAT_BASE_URL", "https://gateway.example/v1?key=urlsecret")
    monkeypatch.setenv("TUI_CHAT_API_KEY", "sk-0123456789abcdefWXYZ")
    monkeypatch.setenv("TUI_CHAT_HEADERS", '{"X-Pass": "headersecret"}')
    monkeypatch.setenv("TUI_CHAT_SYSTEM", "be \x1b[31mred")
    assert main(["config"]) == 0
    out = capsys.readouterr().out
    assert 'api_key = "••••WXYZ"   (TUI_CHAT_API_KEY)' in out
    assert "max_retries = 2   (default)" in out
    assert "gateway.example" in out
    assert str(home / ".config/tui-chat/config.toml") in out
    for secret in ("0123456789", "urlsecret", "headersecret", "\x1b"):
        assert secret not in out


def test_config_shows_the_settings_although_they_do_not_go_together(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a")
    monkeypatch.setenv("GROQ_API_KEY", "b")
    assert main(["config"]) == 2
    out, err = capsys.readouterr()
    assert "none: the settings contradict one another" in out
    assert "several keys" in err


def test_config_says_whom_a_lone_key_makes_us_ask(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPSEEK_API_KEY", "sk-0123456789abcdefWXYZ")
    assert main(["config"]) == 0
    out = capsys.readouterr().out
    assert "https://api.deepseek.com   (the provider of DEEPSEEK_API_KEY)" in out
    assert "key = ••••WXYZ   (DEEPSEEK_API_KEY)" in out


def test_config_shows_endpoints_with_masked_keys_and_what_flags_change(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    path = home / ".config" / "tui-chat" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(
        'endpoint = "work"\n'
        '[endpoints.work]\nbase_url = "https://work.example/v1?token=urlsecret"\nkey = "sk-0123456789abcdefWXYZ"\n'
        'headers = { X-Pass = "headersecret" }\n'
        '[endpoints.home]\nbase_url = "http://box.local"\nkey_command = "echo commandsecret"\n'
    )
    assert main(["config"]) == 0
    out = capsys.readouterr().out
    assert '        key = "••••WXYZ"\n' in out
    assert f"    key = ••••WXYZ   (endpoints.work.key in {path})\n" in out
    assert "    endpoint = work\n" in out
    assert main(["config", "-e", "home", "-m", "other"]) == 0
    changed = capsys.readouterr().out
    assert 'endpoint = "home"   (--endpoint)\n' in changed
    assert "    endpoint = home\n" in changed
    assert "    model = other   (--model)\n" in changed
    assert f"    key = what echo prints; it is not run here   (endpoints.home.key_command in {path})\n" in changed
    for secret in ("0123456789", "urlsecret", "headersecret", "commandsecret"):
        assert secret not in out + changed


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


def screen(*arguments: str, **variables: str) -> Terminal:
    return Terminal(arguments, {**os.environ, "TERM": "xterm-256color", **variables})


def test_a_prompt_on_the_command_line_opens_the_screen_and_is_asked() -> None:
    with screen(*PROGRAM, "-m", "echo", "ping pong") as terminal:
        terminal.until(lambda: terminal.text.count("ping pong") == 3, "title, question and echo")
        terminal.send("\x11")
        assert terminal.wait() == 0
        assert terminal.modes_left_on() == []


def test_piped_text_is_the_prompt_and_the_keys_come_from_the_terminal() -> None:
    with screen("sh", "-c", f"echo piped words | {sys.executable} -m tui_chat -m echo") as terminal:
        terminal.until(lambda: terminal.text.count("piped words") == 3, "title, question and echo")
        terminal.send("typed words\r")
        terminal.until(lambda: terminal.text.count("typed words") == 2, "question and echo")
        terminal.send("\x11")
        assert terminal.wait() == 0


def test_a_bad_setting_closes_the_screen_and_prints_its_line() -> None:
    with screen(*PROGRAM, TUI_CHAT_MODLE="x") as terminal:
        assert terminal.wait() == 2
        terminal.until_text("tui-chat: TUI_CHAT_MODLE: there is no such setting; did you mean TUI_CHAT_MODEL?")
        assert terminal.modes_left_on() == []
