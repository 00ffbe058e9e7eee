"""The shells' completion is up to date, and completes in a real shell."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tui_chat.cli.arguments import PARSERS
from tui_chat.cli.main import main
from tui_chat.cli.shell.completion import SHELLS, script_of
from tui_chat.cli.shell.examples import EXAMPLES

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[3]
COMPLETE = r"""
source {script}
COMP_WORDBREAKS=$' \t\n"\'@><=;|&(:'
COMP_WORDS=({words}) COMP_CWORD={at}
_tui_chat 2>/dev/null
printf '%s\n' "${{COMPREPLY[@]}}"
"""


def writer() -> ModuleType:
    pytest.importorskip("shtab", reason="shtab writes the scripts; it is a package for developers")
    spec = importlib.util.spec_from_file_location("shell_files", ROOT / ".ci" / "shell_files.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A `PATH` with the program on it, which the scripts ask for names."""
    program = tmp_path_factory.mktemp("bin") / "tui-chat"
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m tui_chat "$@"\n')
    program.chmod(0o755)
    return f"{program.parent}:{os.environ['PATH']}"


def completed(*words: str, path: str | None = None) -> set[str]:
    """What bash offers for the last word."""
    script = COMPLETE.format(script=script_of("bash"), words=" ".join(f'"{word}"' for word in words), at=len(words) - 1)
    env = {**os.environ, "PATH": path or os.environ["PATH"]}
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, env=env)
    return {line.strip() for line in done.stdout.splitlines() if line.strip()}


def test_the_files_are_what_the_parsers_make_of_them() -> None:
    files: dict[Path, Any] = writer().files()
    assert len(files) == len(SHELLS) + 1 + (sys.version_info < (3, 13))
    old = [path.name for path, content in files.items() if path.read_text(encoding="utf-8") != content]
    assert old == [], "run .ci/shell_files.py"


def fish_completed(line: str, home: Path, path: str) -> list[str]:
    """What fish offers at the end of a line, without its descriptions."""
    command = f"source {script_of('fish')}; complete -C {line!r}"
    env = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home), "PATH": path}
    done = subprocess.run(["fish", "-N", "-c", command], capture_output=True, text=True, check=True, env=env, cwd=home)
    assert done.stderr == ""
    return [each.partition("\t")[0] for each in done.stdout.splitlines()]


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """A folder with settings, which has a template and an endpoint."""
    folder = tmp_path / "tui-chat"
    (folder / "templates").mkdir(parents=True)
    (folder / "templates" / "review.md").write_text("x {{input}}\n")
    (folder / "config.toml").write_text(
        '[endpoints.work]\nbase_url = "http://127.0.0.1:1"\n[endpoints."llama.cpp"]\n[endpoints."my box"]\n'
    )
    (tmp_path / "notes.md").write_text("")
    return tmp_path


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
def test_fish_completes_commands_flags_and_their_words(settings: Path, path: str) -> None:
    assert set(fish_completed("tui-chat ", settings, path)) >= PARSERS.keys() - {"chat"}
    assert fish_completed("tui-chat ask --mo", settings, path) == ["--model"]
    offered = set(fish_completed("tui-chat -e ", settings, path))  # fish orders them when it shows them
    assert offered == {"work", "my box", "llama.cpp", "demo"}
    assert fish_completed("tui-chat --endpoint=m", settings, path) == ["--endpoint=my box"]
    assert "every" in fish_completed("tui-chat serve --usage ", settings, path)
    assert fish_completed("tui-chat -t ", settings, path) == ["review"]
    assert "medium" in fish_completed("tui-chat --effort ", settings, path)
    assert fish_completed("tui-chat ask -a no", settings, path) == ["notes.md"]
    assert set(fish_completed("tui-chat completion ", settings, path)) == {"bash", "zsh", "fish"}


ZSH = """
autoload -Uz compinit; compinit -u -D
source {script}
print -r -- $_comps[tui-chat]
"""


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
def test_zsh_takes_the_script_by_source_eval_and_from_its_folder(settings: Path) -> None:
    script = script_of("zsh")
    for how in (f"source {script}", f'eval "$(cat {script})"'):
        done = subprocess.run(
            ["zsh", "-f", "-c", ZSH.replace("source {script}", how)], capture_output=True, text=True, check=True
        )
        assert (done.stdout, done.stderr) == ("_shtab_tui_chat\n", "")
    (settings / "_tui-chat").write_text(script.read_text(encoding="utf-8"))
    loaded = f"fpath=({settings} $fpath); autoload -Uz _tui-chat; _arguments() {{ print reached }}; _tui-chat"
    done = subprocess.run(["zsh", "-f", "-c", loaded], capture_output=True, text=True, check=False)
    assert "reached" in done.stdout


def test_zsh_takes_the_value_of_a_flag_after_an_equals_sign_too() -> None:
    script = script_of("zsh").read_text(encoding="utf-8")
    for command, make in PARSERS.items():
        for action in make()._actions:
            for flag in action.option_strings:
                if flag.startswith("--") and action.nargs is None and action.help != "==SUPPRESS==":
                    assert re.search(rf"{re.escape(flag)}=[\[}}]", script), (command, flag)


def test_bash_completes_commands_flags_and_their_words() -> None:
    assert completed("tui-chat", "") == PARSERS.keys() - {"chat"}
    assert completed("tui-chat", "se") == {"search", "serve"}
    assert {"--effort", "--endpoint", "--env-file"} <= completed("tui-chat", "ask", "--e")
    assert completed("tui-chat", "ask", "--effort", "m") == {"medium"}
    assert completed("tui-chat", "ask", "--api", "openai-") == {"openai-chat", "openai-responses"}
    assert completed("tui-chat", "completion", "") == set(SHELLS)
    assert completed("tui-chat", "keys", "--l") == {"--list"}
    assert completed("tui-chat", "serve", "--usage", "") == {"asked", "last", "every", "never"}
    assert completed("tui-chat", "serve", "--fault", "st") == {"stall"}
    assert completed("tui-chat", "ask", "--effort", "=", "h") == {"high"}


def test_bash_completes_the_names_of_the_settings(home: Path, path: str) -> None:
    folder = home / ".config" / "tui-chat"
    (folder / "templates").mkdir(parents=True)
    (folder / "templates" / "translate.md").write_text("")
    (folder / "config.toml").write_text(
        '[endpoints.work]\nbase_url = "x"\n[endpoints]\nhome.base_url = "x"\n[personas.strict]\n[endpoints."my box"]\n'
    )
    assert completed("tui-chat", "-e", "", path=path) == {"demo", "home", r"my\ box", "work"}
    assert completed("tui-chat", "-e", r"my\\ ", path=path) == {r"my\ box"}
    assert completed("tui-chat", "-e", "'my", path=path) == {"my box"}
    assert completed("tui-chat", "--endpoint", "=", path=path) == {"demo", "home", r"my\ box", "work"}
    assert completed("tui-chat", "ask", "--endpoint", "=", "w", path=path) == {"work"}
    assert completed("tui-chat", "ask", "--persona", "s", path=path) == {"strict"}
    assert completed("tui-chat", "ask", "-t", "", path=path) == {"translate"}


def test_bash_completes_models_with_colons_in_their_names(home: Path, path: str) -> None:
    cache = home / ".cache" / "tui-chat" / "models"
    cache.mkdir(parents=True)
    (cache / "1.json").write_text(
        json.dumps({"models": [{"name": "qwen3:8b"}, {"name": "qwen3:14b"}, {"name": "phi"}]})
    )
    assert completed("tui-chat", "-m", "q", path=path) == {"qwen3:8b", "qwen3:14b"}
    assert completed("tui-chat", "-m", "qwen3", ":", "8", path=path) == {"8b"}
    assert completed("tui-chat", "--model", "=", "qwen3", ":", "", path=path) == {"8b", "14b"}
    assert completed("tui-chat", "--base-url", "http", ":", "//x", "-m", "p", path=path) == {"phi"}


def test_bash_completes_files(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("")
    (tmp_path / "nothing").mkdir()
    assert completed("tui-chat", "ask", "-a", f"{tmp_path}/no") == {f"{tmp_path}/notes.md", f"{tmp_path}/nothing"}
    assert completed("tui-chat", "ask", "--record", f"{tmp_path}/no") == {f"{tmp_path}/nothing"}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_reads_its_script(shell: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    assert capfd.readouterr().out == script_of(shell).read_text(encoding="utf-8")
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")
    assert subprocess.run([shell, "-n", script_of(shell)], check=False).returncode == 0


def test_the_manual_is_read_without_complaint() -> None:
    if shutil.which("groff") is None:
        pytest.skip("there is no groff here")
    page = script_of("bash").with_name("tui-chat.1")
    done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", page], capture_output=True, text=True, check=True)
    assert done.stderr == ""


@pytest.mark.parametrize("command", PARSERS)
def test_the_help_of_each_command_has_examples(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")  # so that none is wrapped
    shown = PARSERS[command]().format_help()
    prog = "tui-chat" if command == "chat" else f"tui-chat {command}"
    assert all(example in shown for example in EXAMPLES[prog])
