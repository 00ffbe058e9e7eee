"""Pictures come from the clipboard with the tool of the desktop, and what is wrong with it is said."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.ui.composer.attaching import PNG
from tui_chat.attachments import clipboard_image as module
from tui_chat.attachments.clipboard_image import clipboard_image, clipboard_tool
from tui_chat.attachments.reading import AttachmentError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the tools are shell scripts")


class Tools:
    """A PATH with nothing but the tools of a test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "picture").write_bytes(PNG)

    def add(self, name: str, script: str = "exit 0") -> None:
        tool = self._folder / name
        tool.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script.format(folder=self._folder)}\n")
        tool.chmod(0o700)


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tools:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("WAYLAND_DISPLAY", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    return Tools(tmp_path)


@pytest.mark.parametrize(
    ("variables", "platform", "installed", "chosen"),
    [
        (("WAYLAND_DISPLAY", "DISPLAY"), "linux", ("wl-paste", "xclip"), "wl-paste"),
        (("WAYLAND_DISPLAY", "DISPLAY"), "linux", ("xclip",), "xclip"),
        (("DISPLAY",), "linux", ("wl-paste", "xclip"), "xclip"),
        ((), "linux", ("powershell.exe",), "powershell.exe"),
        (("WAYLAND_DISPLAY", "DISPLAY"), "linux", ("powershell.exe",), "powershell.exe"),
        ((), "darwin", ("pngpaste",), "pngpaste"),
        (("DISPLAY",), "darwin", ("pngpaste", "xclip"), "pngpaste"),
    ],
)
def test_the_tool_is_one_of_the_desktop_that_is_installed(
    tools: Tools,
    monkeypatch: pytest.MonkeyPatch,
    variables: tuple[str],
    platform: str,
    installed: tuple[str],
    chosen: str,
) -> None:
    for name in variables:
        monkeypatch.setenv(name, ":0")
    for name in installed:
        tools.add(name)
    monkeypatch.setattr("sys.platform", platform)
    assert clipboard_tool()[0] == chosen


@pytest.mark.parametrize(
    ("variables", "platform", "says"),
    [
        (("WAYLAND_DISPLAY", "DISPLAY"), "linux", "wl-paste (the package wl-clipboard) is needed"),
        (("DISPLAY",), "linux", "xclip is needed"),
        ((), "darwin", "pngpaste (brew install pngpaste) is needed"),
        ((), "linux", "neither Wayland nor X11 is running"),
    ],
)
def test_the_tool_that_is_missing_is_named(
    tools: Tools, monkeypatch: pytest.MonkeyPatch, variables: tuple[str], platform: str, says: str
) -> None:
    for name in variables:
        monkeypatch.setenv(name, ":0")
    monkeypatch.setattr("sys.platform", platform)
    with pytest.raises(AttachmentError) as caught:
        clipboard_tool()
    assert says in str(caught.value)


def test_the_picture_is_what_the_tool_writes(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    tools.add("xclip", "cat {folder}/picture")
    found = clipboard_image()
    assert (found.mime, found.data) == ("image/png", PNG)


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo words", "There is no image on the clipboard"),
        ("exit 0", "There is no image on the clipboard"),
        ("printf 'Error: target image/png\\n not \\033[1mavailable.' >&2; exit 1",
         "There is no image on the clipboard (xclip: Error: target image/png not \ufffd[1mavailable)"),
        ("cat {folder}/picture; yes", "The image on the clipboard is larger than 20 MB"),
        ("exec sleep 600", "xclip did not answer within 1 seconds"),
        ("sleep 600 & sleep 600", "xclip did not answer within 1 seconds"),
    ],
)  # fmt: skip
def test_why_there_is_no_picture_is_said(tools: Tools, monkeypatch: pytest.MonkeyPatch, script: str, says: str) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(module, "SECONDS", 1.0 if "sleep" in script else 60.0)
    tools.add("xclip", script)
    with pytest.raises(AttachmentError) as caught:
        clipboard_image()
    assert str(caught.value) == says


def test_a_tool_that_cannot_be_run_is_named(tools: Tools, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    (tmp_path / "xclip").write_bytes(b"\x7fELF")
    (tmp_path / "xclip").chmod(0o700)
    with pytest.raises(AttachmentError, match=r"^xclip cannot be run: Exec format error$"):
        clipboard_image()
