"""Damaged settings files: they are read or refused in sentences, and never changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from tests.fuzz.running import SECONDS, Target, shorter
from tests.fuzz.streams import with_bytes
from tui_chat.chat.model_ports import SetupError
from tui_chat.settings.config import Settings
from tui_chat.settings.loading import load

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable
    from pathlib import Path

CASES = 250

CONFIG = b'''\
endpoint = "work"
base_url = "http://localhost:8000/v1"
api_key = "CANARY-key"
model = "m"
api = "auto"
system = """Be
brief."""
theme = "ansi"
max_retries = 2
connect_timeout = 10.5
idle_timeout = 300
send_unfinished = true
titles = "rule"
headers = {X-One = "1"}
extra_body = {top_k = 5, nested = {a = [1, 2]}}
prices = {input = 1.0, output = 2.0}

[options]
temperature = 0.2
stop = ["a", "b"]

[endpoints.work]
base_url = "https://h/v1"
key = "CANARY-work"
headers = {X = "y"}

[endpoints."other one"]
base_url = "https://i"
key_env = "OTHER"
'''

DOTENV = b"""\
TUI_CHAT_MODEL=m2
TUI_CHAT_API_KEY="CANARY-env"
TUI_CHAT_HEADERS={"X-Two": "2"}
OTHER='k'
"""

VALUES = (
    b"1e999", b"-1", b"nan", b"inf", b"-inf", b"true", b"[]", b"{}", b'""', b'"x"', b"[[[]]]", b"0x7fffffffffffff",
    b"9" * 400, b"9" * 5000, b"1979-05-27T07:32:00Z", b"[" * 90 + b"]" * 90, b"[" * 3000 + b"]" * 3000,
    b"{a=" * 900 + b"1" + b"}" * 900, b'"\\ud800"', b'"\\u0000"', b'"http://[::"',
    b'"' + b"x" * 100_000 + b'"', b'"\xff"',
    b"'''\n'''", b"", b"#", b"[{a=1},{b=2}]",
)  # fmt: skip
LINES = (
    b"[endpoints]", b"[endpoints.work]", b"[[endpoints]]", b"endpoints = 1", b"a.b.c.d = 1", b"[a.b]", b"\x00",
    b"\xef\xbb\xbf",
    b"=", b'"" = 1', b'"\\n" = 1', b"models = 'x'", b"[options.deep.er]", b"." * 500 + b" = 1",
    b"a" + b".a" * 2000 + b" = 1",
)  # fmt: skip


@dataclass(frozen=True)
class Files:
    config: tuple[bytes, ...]
    dotenv: tuple[bytes, ...]


def damaged(chance: random.Random) -> Files:
    files = {"config": CONFIG.splitlines(keepends=True), "dotenv": DOTENV.splitlines(keepends=True)}
    for _ in range(chance.choice((1, 1, 2, 5))):
        lines = files["config" if chance.random() < 0.8 else "dotenv"]
        at = chance.randrange(len(lines))
        line = lines[at]
        match chance.randrange(7):
            case 0 | 1 | 2:
                name, _, _ = line.partition(b"=")
                lines[at] = name + b"= " + chance.choice(VALUES) + b"\n"
            case 3:
                lines.insert(at, chance.choice(LINES) + b"\n")
            case 4:
                lines[at] = with_bytes(chance, line)
            case 5:
                lines.insert(chance.randrange(len(lines)), line)
            case _ if len(lines) > 1:
                del lines[at]
            case _:
                pass
    return Files(tuple(files["config"]), tuple(files["dotenv"]))


def smaller(case: Files) -> Iterable[Files]:
    for found in shorter(case.config):
        yield replace(case, config=tuple(found))
    for found in shorter(case.dotenv):
        yield replace(case, dotenv=tuple(found))


def target(home: Path) -> Target[Files]:
    folder = home / ".config" / "tui-chat"
    folder.mkdir(parents=True)

    def check(case: Files) -> None:
        written = {"config.toml": b"".join(case.config), ".env": b"".join(case.dotenv)}
        for name, data in written.items():
            (folder / name).write_bytes(data)
        try:
            loaded = load({})
            for name in Settings.model_fields:
                loaded.origin(name)
            loaded.for_later_choices()
        except SetupError as error:
            told = str(error)
            assert told.strip(), "no word of what is wrong"
            assert "Traceback" not in told
            for line in told.splitlines():
                assert 10 < len(line) < 2000, line
            assert "CANARY" not in told, "a key is told"
        for name, data in written.items():
            assert (folder / name).read_bytes() == data

    return Target(damaged, check, smaller, lambda case: repr(case))


def test_a_damaged_settings_file_is_refused_in_sentences(home: Path) -> None:
    assert target(home).run(cases=CASES) > 0


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_a_damaged_settings_file_is_refused_in_sentences_for_long(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tried = target(home).run(seconds=SECONDS)
    with capsys.disabled():
        print(f"\nsettings: {tried:,} cases in {SECONDS:.0f} CPU seconds")
