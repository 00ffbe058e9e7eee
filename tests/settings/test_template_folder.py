from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tui_chat.chat.model_ports import SetupError
from tui_chat.settings.template_folder import TemplateFolder

if TYPE_CHECKING:
    from pathlib import Path


def folder(path: Path, **files: bytes) -> TemplateFolder:
    for name, content in files.items():
        (path / f"{name}.md").write_bytes(content)
    return TemplateFolder(path, lambda word: word == "model")


def test_a_template_is_read_exactly_when_it_is_used(tmp_path: Path) -> None:
    templates = folder(tmp_path, Review=b"\xef\xbb\xbfa\r\n\tb  \n\n")
    assert templates.names == ("review",)
    assert templates.text("review").encode() == b"a\r\n\tb  \n\n", "without the mark that Windows puts in front"
    (tmp_path / "Review.md").write_text("later")
    assert templates.text("REVIEW") == "later"


def test_names_that_cannot_be_used_are_said(tmp_path: Path) -> None:
    templates = folder(tmp_path, model=b"x", **{"my file": b"x", "ok-1": b"x", "OK-1": b"x"})
    assert templates.names == ("ok-1",)
    assert ["/model is a command" in notice for notice in templates.notices].count(True) == 1
    assert sum("must begin with a letter" in notice for notice in templates.notices) == 1
    assert sum("has the same name" in notice for notice in templates.notices) == 1


def test_no_folder_is_no_template(tmp_path: Path) -> None:
    templates = TemplateFolder(tmp_path / "absent")
    assert (templates.names, templates.notices) == ((), [])


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"\xff\xfe", "it is not UTF-8 text"), (b"x" * 1_000_001, "larger than"), (None, "No such file")],
)
def test_a_template_that_cannot_be_read_is_one_sentence(tmp_path: Path, content: bytes | None, says: str) -> None:
    templates = folder(tmp_path, t=content or b"")
    if content is None:
        (tmp_path / "t.md").unlink()
    with pytest.raises(SetupError, match=says) as caught:
        templates.text("t")
    assert "\n" not in str(caught.value)


def test_a_pipe_in_the_folder_holds_nothing_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "p.md")
    with pytest.raises(SetupError, match="named pipe"):
        TemplateFolder(tmp_path).text("p")


def test_an_unknown_template_is_named_with_the_near_one(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="did you mean review"):
        folder(tmp_path, review=b"x").text("reveiw")
