"""The cache of what Python would compile at each start: same results, no file of others, no damage."""

from __future__ import annotations

import collections
import dataclasses
import re
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.start_cache.harms import HARMS, harm
from tui_chat.start_cache.compiled_texts import CompiledTexts, default_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATTERNS: list[tuple[str | bytes, int]] = [
    (r"(?P<year>\d{4})-(?P<month>\d\d)|(no)", 0),
    (r"[^\W\d_]+|ſ", re.IGNORECASE),
    (rb"[\x80-\xff]+(a|b)*?", re.DOTALL),
    (r"(?<=a)b(?!c)\Z", re.MULTILINE | re.VERBOSE),
    ("", 0),
    (r"(?x) a b # a comment", 0),
    ("[" + "".join(map(chr, range(0x100, 0x3000, 3))) + "]", re.IGNORECASE),
]
TEXT = "2026-11 no\nſS äÖ ab abc ĀāȀ"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    originals = re._compiler.compile, re._compiler._sre.compile  # type: ignore[attr-defined]
    yield tmp_path / "cache" / "compiled"
    assert originals == (re._compiler.compile, re._compiler._sre.compile)  # type: ignore[attr-defined]
    assert "exec" not in vars(dataclasses)
    assert "eval" not in vars(collections)


def work() -> list[object]:
    """Compile expressions, a dataclass and a named tuple anew, and say what they do."""
    re.purge()
    made: list[object] = []
    for pattern, flags in PATTERNS:
        compiled: re.Pattern[str] | re.Pattern[bytes] = re.compile(pattern, flags)
        found = [match.span() for match in compiled.finditer(TEXT if isinstance(pattern, str) else TEXT.encode())]  # type: ignore[arg-type]
        made += [compiled.pattern, compiled.flags, compiled.groups, dict(compiled.groupindex), found]
    point = dataclasses.make_dataclass("Point", [("x", int), ("y", list, dataclasses.field(default_factory=list))])
    pair = collections.namedtuple("pair", "left right")
    return [*made, repr(point(1)), point(1) == point(1), pair(1, right=2)]


def cached(path: Path, *, keep: bool = True) -> tuple[list[object], int]:
    """What `work` gives with the cache, and how many new entries there were."""
    with CompiledTexts(str(path), keep=keep) as cache:
        return work(), len(cache._new)


def test_what_comes_out_of_the_file_is_what_python_would_compile(path: Path) -> None:
    plain = work()
    first, added = cached(path)
    second, added_again = cached(path)
    assert first == second == plain
    assert added >= len(PATTERNS) + 2
    assert added_again == 0


def test_what_cannot_be_compiled_fails_as_always_and_is_not_kept(path: Path) -> None:
    cache = CompiledTexts(str(path))
    cache.install()
    with pytest.raises(re.error):
        re.compile("(open")
    assert re.compile(rb"(?L)a", 0).match(b"a")
    cache.finish()
    assert not path.exists()


def test_the_file_is_for_its_owner_only(path: Path) -> None:
    cached(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [*path.parent.iterdir()] == [path]


@pytest.mark.parametrize("kind", HARMS)
def test_a_file_that_cannot_be_trusted_is_not_used(kind: str, path: Path) -> None:
    cached(path)
    harm(path, kind)
    again, added = cached(path)
    assert again == work()
    assert added > 0


def test_nothing_is_written_where_that_is_not_wanted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cached(path, keep=False)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    cached(path)
    assert not path.exists()


def test_a_folder_that_cannot_be_written_is_no_trouble(path: Path) -> None:
    path.parent.touch()  # a file in the folder's place
    assert cached(path)[0] == work()


def test_a_relative_cache_folder_is_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    assert default_path().startswith(str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "there"))
    assert default_path().startswith(str(tmp_path / "there" / "tui-chat"))


def test_the_second_start_compiles_no_expression(tmp_path: Path) -> None:
    code = (
        "import sys; from tui_chat.start_cache.compiled_texts import CompiledTexts; sys.dont_write_bytecode = False\n"
        "cache = CompiledTexts(sys.argv[1]); cache.install(); import tui_chat.ui.app\n"
        "print(len(cache._new)); cache.finish()"
    )
    counts = [
        int(subprocess.check_output([sys.executable, "-c", code, str(tmp_path / "compiled")], text=True))
        for _ in range(2)
    ]
    assert counts[0] > 100
    assert counts[1] == 0
