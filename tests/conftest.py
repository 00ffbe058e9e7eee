"""Every test runs as a person with empty folders and an environment that says nothing."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tui_chat.start_cache import compiled_texts, module_code

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

# Otherwise each process that runs tests rewrites all their asserts anew, and each program that a test starts compiles
# the whole package, which is half of its time.
sys.dont_write_bytecode = False

if importlib.util.find_spec("sniffio") is None:
    # httpcore tries to import it for every lock, and each time all folders of packages are searched in vain.
    sys.modules["sniffio"] = None  # type: ignore[assignment]

settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("any machine")  # how fast an example is says how busy the machine is

RENDERER = os.environ.get("TUI_CHAT_TEST_RENDERER", "")
"""`textual` has every test run without what reaches into Textual's private parts."""

own_renderer = pytest.mark.skipif(RENDERER == "textual", reason="tests what the renderer `textual` does not use")

_SPEAKING = re.compile(
    r"TUI_CHAT_.*|OPENAI_.*|OLLAMA_HOST|(ANTHROPIC|GEMINI|OPENROUTER|DEEPSEEK|SILICONFLOW|GROQ|MISTRAL)_API_KEY"
    r"|(HTTPS?|ALL|NO)_PROXY|SSL_CERT_(FILE|DIR)|NO_COLOR|VISUAL|EDITOR|ESCDELAY|SSH_CONNECTION|PYTHONDONTWRITEBYTECODE",
    re.IGNORECASE,
)


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty home; the XDG folders are below it. Programs that a test starts inherit all of it."""
    for name in [name for name in os.environ if _SPEAKING.fullmatch(name)]:
        monkeypatch.delenv(name)
    for name in ("COLUMNS", "LINES"):  # pytest-xdist sets them, and Textual would take them for the terminal's size
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLORTERM", "truecolor")  # whatever terminal the tests run in
    if RENDERER:
        monkeypatch.setenv("TUI_CHAT_RENDERER", RENDERER)
    # Not `mktemp`, which reads the names of all the folders before to number the next one.
    homes = tmp_path_factory.getbasetemp() / "homes"
    homes.mkdir(exist_ok=True)
    home = Path(tempfile.mkdtemp(dir=homes))
    monkeypatch.setenv("HOME", str(home))
    for variable, folder in {
        "XDG_CONFIG_HOME": ".config",
        "XDG_DATA_HOME": ".local/share",
        "XDG_STATE_HOME": ".local/state",
        "XDG_CACHE_HOME": ".cache",
    }.items():
        monkeypatch.setenv(variable, str(home / folder))
    files = [Path(module_code.default_path()), Path(compiled_texts.default_path())]
    kept = {file: tmp_path_factory.getbasetemp() / file.name for file in files}
    for file, earlier in kept.items():
        if earlier.exists():  # the programs of the tests before have written it, as an earlier start has for a person
            file.parent.mkdir(parents=True, exist_ok=True)
            file.hardlink_to(earlier)
    yield home
    for file, earlier in kept.items():
        if file.is_file() and not (earlier.exists() and file.samefile(earlier)):
            file.replace(earlier)


@pytest.fixture(autouse=True)
def hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Crashes of threads are pytest's to note, whatever a program that ran in a test has set."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """How many processes `-n auto` means: most tests of a screen or a program wait for half of their time."""
    processors = os.cpu_count() or 1
    return max(processors, min(2 * processors, 8))


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, object, object]:
    """Tests write text with lone surrogates, and processes that run tests side by side tell of it in UTF-8."""
    return _encodable((yield))


def _encodable(told: object) -> object:
    match told:
        case str():
            return told.encode("utf-8", "backslashreplace").decode()
        case dict():
            return {key: _encodable(value) for key, value in told.items()}
        case list() | tuple():
            return type(told)(_encodable(value) for value in told)
        case _:
            return told
