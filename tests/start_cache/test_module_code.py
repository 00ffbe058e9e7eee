"""The file of modules' code: what is imported from it is what Python would import, and nothing that is out of date."""

from __future__ import annotations

import importlib
import inspect
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.start_cache.harms import HARMS, harm
from tui_chat.start_cache.module_code import WORTH_WRITING, ModuleCode, default_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGE = "kept_package"
NAMES = [f"{PACKAGE}.m{number}" for number in range(WORTH_WRITING)]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file, and a package whose modules say where they are from."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    package = tmp_path / "lib" / PACKAGE
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("'''The package.'''\n")
    for name in NAMES:
        (package / f"{name.rpartition('.')[2]}.py").write_text(f"NAME = {name!r}\ndef fail():\n    raise OSError\n")
    monkeypatch.syspath_prepend(package.parent)
    finders = [*sys.meta_path]
    yield tmp_path / "cache" / "modules"
    assert sys.meta_path == finders
    forget()


def forget() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]
    importlib.invalidate_caches()


def imported(path: Path, *, keep: bool = True) -> dict[str, Any]:
    """Import all modules anew with the file, and return them."""
    forget()
    cache = ModuleCode(str(path), keep=keep)
    cache.install()
    try:
        modules = {name: importlib.import_module(name) for name in (PACKAGE, *NAMES)}
    finally:
        cache.finish()
    return modules


def from_file(modules: dict[str, Any]) -> list[str]:
    """Return the names of those that were taken from the file."""
    return [name for name, each in modules.items() if type(each.__spec__.loader).__module__.startswith("tui_chat.")]


def test_the_second_import_takes_the_code_from_the_file_and_gives_the_same_modules(path: Path) -> None:
    first = imported(path)
    assert from_file(first) == []
    second = imported(path)
    assert from_file(second) == [PACKAGE, *NAMES]
    for name in NAMES:
        ours, theirs = second[name], first[name]
        assert name == ours.NAME
        for attribute in ("__file__", "__cached__", "__package__", "__doc__"):
            assert getattr(ours, attribute) == getattr(theirs, attribute)
        assert ours.fail.__code__.co_code == theirs.fail.__code__.co_code
    assert [*second[PACKAGE].__path__] == [*first[PACKAGE].__path__]
    assert inspect.getsource(second[NAMES[0]]) == inspect.getsource(first[NAMES[0]])
    assert NAMES[0] == importlib.reload(second[NAMES[0]]).NAME


def test_a_module_that_was_edited_is_read_anew_and_kept_anew(path: Path) -> None:
    imported(path)
    for name in NAMES:
        source = path.parent.parent / "lib" / f"{name.replace('.', '/')}.py"
        source.write_text("NAME = 'edited, and longer than before'\n")
    edited = imported(path)
    assert from_file(edited) == [PACKAGE]
    assert {edited[name].NAME for name in NAMES} == {"edited, and longer than before"}
    again = imported(path)
    assert from_file(again) == [PACKAGE, *NAMES]
    assert {again[name].NAME for name in NAMES} == {"edited, and longer than before"}


def test_an_edit_of_the_same_length_is_seen_by_its_time(path: Path) -> None:
    imported(path)
    source = path.parent.parent / "lib" / f"{NAMES[0].replace('.', '/')}.py"
    before = source.stat()
    source.write_text(source.read_text().replace(NAMES[0], NAMES[0].upper()))
    os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns + 2_000_000_000))
    assert NAMES[0].upper() == imported(path)[NAMES[0]].NAME


def test_a_package_of_the_same_name_in_another_folder_is_not_mistaken_for_the_kept_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(path)
    other = path.parent / "other" / PACKAGE
    other.mkdir(parents=True)
    for name in ("__init__", *(name.rpartition(".")[2] for name in NAMES)):
        (other / f"{name}.py").write_text("NAME = 'other'\n")
    monkeypatch.syspath_prepend(other.parent)
    modules = imported(path, keep=False)
    assert {module.NAME for module in modules.values()} == {"other"}
    assert from_file(modules) == []


def test_a_module_that_is_gone_is_not_imported(path: Path) -> None:
    imported(path)
    source = path.parent.parent / "lib" / f"{NAMES[0].replace('.', '/')}.py"
    source.unlink()
    with pytest.raises(ModuleNotFoundError):
        imported(path)


@pytest.mark.parametrize("kind", HARMS)
def test_a_file_that_cannot_be_trusted_is_not_used(kind: str, path: Path) -> None:
    imported(path)
    harm(path, kind)
    modules = imported(path)
    assert [modules[name].NAME for name in NAMES] == NAMES
    assert from_file(modules) == []


def test_code_that_is_damaged_is_not_used_and_other_code_is(path: Path) -> None:
    imported(path)
    path.write_bytes(path.read_bytes().replace(b"OSError", b"0SError"))  # a word in the code of all but the package
    modules = imported(path)
    assert [modules[name].NAME for name in NAMES] == NAMES
    assert from_file(modules) == [PACKAGE]


def test_nothing_is_written_where_that_is_not_wanted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    imported(path, keep=False)
    assert not path.exists()
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    imported(path)
    assert not path.exists()


def test_a_few_new_modules_are_not_worth_writing_the_file_again(path: Path) -> None:
    imported(path)
    before = path.stat()
    (path.parent.parent / "lib" / PACKAGE / "m0.py").write_text("NAME = 'edited'\n")
    assert imported(path)[NAMES[0]].NAME == "edited"
    assert path.stat().st_ino == before.st_ino


def test_a_folder_that_cannot_be_written_is_no_trouble(path: Path) -> None:
    path.parent.touch()  # a file in the folder's place
    assert NAMES[0] == imported(path)[NAMES[0]].NAME


def test_each_installation_has_a_file_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    before = default_path()
    monkeypatch.setattr(sys, "prefix", "/elsewhere")
    assert default_path() != before


def test_the_second_start_takes_the_modules_of_the_screen_from_the_file(tmp_path: Path) -> None:
    code = (
        "import sys; from tui_chat.start_cache.module_code import ModuleCode; sys.dont_write_bytecode = False\n"
        "cache = ModuleCode(sys.argv[1]); cache.install(); import tui_chat.ui.app\n"
        "loaders = [type(getattr(module, '__loader__', None)).__module__ for module in sys.modules.values()]\n"
        "print(sum(name.startswith('tui_chat.') for name in loaders)); cache.finish()"
    )
    counts = [
        int(subprocess.check_output([sys.executable, "-c", code, str(tmp_path / "modules")], text=True))
        for _ in range(2)
    ]
    assert counts[0] == 0
    assert counts[1] > 200
