"""config.toml is written whole or not at all, for its owner only, and never over another program's change."""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING

import pytest

from tui_chat.chat.model_ports import SetupError
from tui_chat.settings.config_file import ConfigFile

if TYPE_CHECKING:
    from pathlib import Path

VALUES = {"base_url": "https://h/v1", "key": "k" * 20}
BEFORE = '# mine\ntheme = "nord"\n'
AFTER = BEFORE + '\n[endpoints.new]\nbase_url = "https://h/v1"\nkey = "' + "k" * 20 + '"\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "tui-chat" / "config.toml"


def written(path: Path, text: str = BEFORE) -> ConfigFile:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return ConfigFile(path)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def left(path: Path) -> list[str]:
    """The names in the file's folder, so that no temporary file stays unseen."""
    return sorted(each.name for each in path.parent.iterdir())


def test_a_first_endpoint_makes_the_file_and_its_folder_for_the_owner_only(path: Path) -> None:
    ConfigFile(path).save_endpoint("new", VALUES)
    assert path.read_text().startswith("[endpoints.new]\n")
    assert (mode(path), mode(path.parent), left(path)) == (0o600, 0o700, ["config.toml"])


def test_a_file_that_others_could_read_is_for_the_owner_only_afterwards(path: Path) -> None:
    file = written(path)
    path.chmod(0o644)
    file.save_endpoint("new", VALUES)
    assert (path.read_text(), mode(path), left(path)) == (AFTER, 0o600, ["config.toml"])


def test_a_link_stays_a_link_and_its_target_is_written(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "dotfiles" / "tui-chat.toml"
    written(target)
    path.parent.mkdir(parents=True)
    path.symlink_to(target)
    ConfigFile(path).save_endpoint("new", VALUES)
    assert path.is_symlink()
    assert (target.read_text(), mode(target), left(target)) == (AFTER, 0o600, ["tui-chat.toml"])


def test_a_link_to_a_file_that_is_not_there_yet_makes_that_file(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.symlink_to(tmp_path / "dotfiles" / "tui-chat.toml")
    ConfigFile(path).save_endpoint("new", VALUES)
    assert path.is_symlink()
    assert "endpoints.new" in (tmp_path / "dotfiles" / "tui-chat.toml").read_text()


def test_a_circle_of_links_is_one_sentence(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.symlink_to(path)
    with pytest.raises(SetupError, match=r"config\.toml: cannot be read"):
        ConfigFile(path).save_endpoint("new", VALUES)


@pytest.mark.parametrize("text", ["theme = ", "[endpoints\n", "x = \udcff", "a = " + "[" * 100_000])
def test_a_file_that_cannot_be_parsed_is_one_sentence_and_stays(path: Path, text: str) -> None:
    content = text.encode("utf-8", "surrogateescape")
    written(path).path.write_bytes(content)
    with pytest.raises(SetupError) as told:
        ConfigFile(path).save_endpoint("new", VALUES)
    assert str(told.value).startswith(f"{path}: cannot be read: ")
    assert "\n" not in str(told.value)
    assert (path.read_bytes(), left(path)) == (content, ["config.toml"])


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs a folder that cannot be written")
def test_a_folder_that_cannot_be_written_is_one_sentence(path: Path) -> None:
    file = written(path)
    path.parent.chmod(0o500)
    try:
        with pytest.raises(SetupError, match=r"config\.toml: cannot be written: Permission denied"):
            file.save_endpoint("new", VALUES)
    finally:
        path.parent.chmod(0o700)
    assert (path.read_text(), left(path)) == (BEFORE, ["config.toml"])


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_disk_that_fails_while_it_is_written_is_one_sentence_and_loses_nothing(
    path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(path)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(SetupError, match=r"config\.toml: cannot be written: No space left on device"):
        file.save_endpoint("new", VALUES)
    assert (path.read_text(), left(path)) == (BEFORE, ["config.toml"])


def test_what_another_program_writes_meanwhile_is_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(path)
    theirs = BEFORE + 'system = "Be brief."\n'
    flush, meanwhile = os.fsync, [theirs]

    def fsync(descriptor: int) -> None:
        flush(descriptor)
        if meanwhile:
            path.write_text(meanwhile.pop())

    monkeypatch.setattr(os, "fsync", fsync)
    file.save_endpoint("new", VALUES)
    assert path.read_text() == AFTER.replace(BEFORE, theirs)
    assert left(path) == ["config.toml"]


def test_a_program_that_never_stops_writing_wins_and_that_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(path)
    numbers = iter(range(1000))
    monkeypatch.setattr(os, "fsync", lambda _: path.write_text(f"# {next(numbers)}\n"))
    with pytest.raises(SetupError, match="another program keeps writing it"):
        file.save_endpoint("new", VALUES)
    assert path.read_text().startswith("# ")
    assert left(path) == ["config.toml"]


def test_an_endpoint_that_was_changed_since_it_was_opened_is_not_overwritten(path: Path) -> None:
    file = written(path, '[endpoints.a]\nbase_url = "https://a"\n')
    known = file.read().endpoint("a")
    theirs = '[endpoints.a]\nbase_url = "https://other"\n'
    path.write_text(theirs)
    with pytest.raises(SetupError, match="a was changed there meanwhile; open it again"):
        file.save_endpoint("a", {"base_url": "https://mine"}, before="a", known=known)
    with pytest.raises(SetupError, match="there is an endpoint a already"):
        file.save_endpoint("a", VALUES)  # a new one of a name that another program has taken
    assert path.read_text() == theirs


def test_a_name_that_another_endpoint_has_is_refused(path: Path) -> None:
    text = '[endpoints.a]\nbase_url = "https://a"\n[endpoints.b]\nbase_url = "https://b"\n'
    file = written(path, text)
    with pytest.raises(SetupError, match="there is an endpoint b already"):
        file.save_endpoint("b", {}, before="a", known=file.read().endpoint("a"))
    assert path.read_text() == text


def test_the_default_follows_a_new_name_and_goes_with_its_endpoint(path: Path) -> None:
    file = written(path, 'endpoint = "a"\n\n[endpoints.a]\nbase_url = "https://a"\n')
    file.save_endpoint("b", {"model": "m"}, before="a", known=file.read().endpoint("a"))
    assert file.read().values == {"endpoint": "b", "endpoints": {"b": {"base_url": "https://a", "model": "m"}}}
    file.save_endpoint("c", VALUES)
    assert file.read().values["endpoint"] == "b"
    file.save_endpoint("d", VALUES, default=True)
    assert file.read().values["endpoint"] == "d"
    file.set_default("b", "m2")
    assert (file.read().values["endpoint"], file.read().values["endpoints"]["b"]["model"]) == ("b", "m2")
    file.remove_endpoint("b")
    assert file.read().values == {"endpoints": {"c": VALUES, "d": VALUES}}


def test_nothing_is_written_where_nothing_changes(path: Path) -> None:
    file = written(path)
    before = path.stat().st_mtime_ns
    file.remove_endpoint("nobody")
    assert path.stat().st_mtime_ns == before
