"""What is attached, and why something cannot be: the commands alone, and in the app."""

from __future__ import annotations

import os
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.ui.chat.fake_pane import Notices
from tests.ui.composer.attaching import PNG, is_said, names
from tests.ui.kept import toasts
from tests.ui.scripted import ScriptedBackend, running, until
from tui_chat.attachments.draft_files import DraftFiles
from tui_chat.chat.backend_ports import FetchedPage
from tui_chat.chat.events import Failed
from tui_chat.chat.message import Attachment
from tui_chat.chat.model_ports import Connection, ModelInfo
from tui_chat.chat.quick_dataclass import replace
from tui_chat.ui.chat.attachment_commands import AttachmentCommands

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from pathlib import Path

    from tui_chat.ui.dialogs.attachment_preview import AttachmentPreview

TEXT = Attachment("a.txt", "text/plain", b"a")
PICTURE = Attachment("b.png", "image/png", PNG)
ADDRESS = "https://example.org/page"
PAGE = FetchedPage("https://example.org/pa%1Bge", "text/html", b"<p>One &amp; two</p>")


class Composer:
    """A prompt without widgets; a test says when it reads what is attached."""

    def __init__(self) -> None:
        self.text = ""
        self.noted: list[object] = []
        self.chip_files: list[Attachment] = []
        self.arriving: list[Attachment] = []
        """Files that have been read and have no chips yet."""
        self.gone: list[str] = []
        """Pasted texts that do not stand in the box any more."""
        self._readings: list[Coroutine[None, None, Any]] = []

    def attach(self, reading: Coroutine[None, None, Attachment | None]) -> None:
        self._readings.append(reading)

    def attach_several(self, reading: Coroutine[None, None, Sequence[Attachment | None]]) -> None:
        self._readings.append(reading)

    async def read(self) -> list[str]:
        """Read everything now; returns the names of what could be read."""
        readings, self._readings = self._readings, []
        for reading in readings:
            found = await reading
            self.arriving += [file for file in (found if isinstance(found, list) else [found]) if file is not None]
        return [file.name for file in self.arriving]

    async def all_read(self) -> bool:
        self.chip_files += self.arriving
        self.arriving = []
        return True

    def take_out(self, shown: str) -> bool:
        if shown in self.gone:
            return False
        self.noted.append(("taken out", shown))
        return True

    def begin_file_word(self) -> None:
        self.noted.append("file word")

    def remove_attachment(self, index: int) -> None:
        self.noted.append(("removed", index))


class Case:
    """The commands of a screen that only notes what it is told."""

    def __init__(self, files: DraftFiles | None = None) -> None:
        self.composer = Composer()
        self.backend = ScriptedBackend()
        self.notices = Notices()
        self.connection: Connection | None = self.backend.load().connection
        self.dialogs: list[tuple[AttachmentPreview, Callable[[int | None], None]]] = []
        self.screen: Any = SimpleNamespace(run_worker=self._leave)
        self.screen.app = SimpleNamespace(
            screen=self.screen, push_screen=lambda dialog, done: self.dialogs.append((dialog, done))
        )
        self._left: list[tuple[str, bool, Callable[[], Coroutine[None, None, None]]]] = []
        self.commands = AttachmentCommands(
            self.screen, self.composer, self.backend, lambda: self.connection, lambda: files, self.notices
        )

    def _leave(self, work: Callable[[], Coroutine[None, None, None]], *, group: str, exclusive: bool = False) -> None:
        self._left.append((group, exclusive, work))

    async def work(self) -> list[tuple[str, bool]]:
        """Do what was left to workers, and what these leave to others; returns their groups and which are exclusive."""
        done = []
        while self._left:
            group, exclusive, work = self._left.pop(0)
            await work()
            done.append((group, exclusive))
        return done

    @property
    def looked_at(self) -> list[int]:
        """The index of the attachment that each preview began with."""
        return [dialog._at for dialog, _ in self.dialogs]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with some files."""
    (tmp_path / "notes.md").write_text("# Notes\n")
    (tmp_path / "bracket.png").write_bytes(PNG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


# Files


@pytest.mark.parametrize("words", ["{}", " {} ", '"{}"', "'{}'", "~/to do.txt", "'~/to do.txt'", "~/to\\ do.txt"])
async def test_a_path_is_attached_as_a_person_writes_it(home: Path, words: str) -> None:
    (home / "to do.txt").write_text("sleep")
    case = Case()
    case.commands.attach(words.format(home / "to do.txt"))
    assert await case.composer.read() == ["to do.txt"]
    assert case.notices.refusals == []


@pytest.mark.parametrize(
    ("words", "names", "refused"),
    [
        ("notes.md bracket.png", ["notes.md", "bracket.png"], []),
        ("'to do.txt' to\\ do.txt", ["to do.txt", "to do.txt"], []),
        ("file://{folder}/to%20do.txt", ["to do.txt"], []),
        ("it's.txt", ["it's.txt"], []),
        ("-rf", ["-rf"], []),
        ("~nobody-has-this-name", ["~nobody-has-this-name"], []),
        ("~nobody-else/x", [], ["~nobody-else/x cannot be read: No such file or directory."]),
        ("notes.md gone.md", [], ["notes.md gone.md cannot be read: No such file or directory."]),
        ("notes.md binary", ["notes.md"], ["binary is neither text nor a picture (PNG, JPEG, GIF, WebP) nor PDF."]),
        ("a\0b", [], ["a\ufffdb cannot be read: it is no path."]),
        ("x" * 5000, [], None),
    ],
)
async def test_what_a_command_names_is_attached_or_refused(
    folder: Path, words: str, names: list[str], refused: list[str] | None
) -> None:
    for name in ("to do.txt", "it's.txt", "-rf", "~nobody-has-this-name"):
        (folder / name).write_text("x")
    (folder / "binary").write_bytes(b"\0\xff")
    case = Case()
    case.commands.attach(words.format(folder=folder))
    assert await case.composer.read() == names
    assert (len(case.notices.refusals) == 1) if refused is None else (case.notices.refusals == refused)


async def test_an_address_is_fetched_also_by_the_command() -> None:
    case = Case()
    case.backend.pages[ADDRESS] = PAGE
    case.commands.attach(f" {ADDRESS} ")
    assert await case.composer.read() == ["example.org/pa\x1bge.txt"]


@pytest.mark.parametrize("words", ["", "  ", "''"])
async def test_without_a_path_the_menu_of_files_opens(words: str) -> None:
    case = Case()
    case.commands.attach(words)
    assert case.composer.noted == ["file word"]
    assert await case.composer.read() == []


async def test_several_files_are_attached_in_their_order_and_one_that_is_missing_is_told(folder: Path) -> None:
    case = Case()
    case.commands.attach_files([folder / "notes.md", folder / "gone", folder / "bracket.png"])
    assert await case.composer.read() == ["notes.md", "bracket.png"]
    assert case.notices.refusals == [f"{folder / 'gone'} cannot be read: No such file or directory."]


@pytest.mark.parametrize("keeps", [True, False])
async def test_a_copy_is_kept_for_the_next_start_where_there_is_a_folder_for_it(folder: Path, keeps: bool) -> None:
    case = Case(DraftFiles(folder / "kept") if keeps else None)
    case.commands.attach_file(folder / "notes.md")
    await case.composer.read()
    (notes,) = case.composer.arriving
    assert bool(notes.kept) == keeps
    without_data = replace(notes, data=b"")
    assert DraftFiles(folder / "kept").load([without_data]) == ((notes if keeps else without_data),)


async def test_a_pasted_path_of_a_file_is_attached_in_place_of_what_stands_for_it(folder: Path) -> None:
    case = Case()
    await case.commands.take_pasted(f"{folder / 'notes.md'}\n", "the folded paste")
    assert case.composer.noted == [("taken out", "the folded paste")]
    assert await case.composer.read() == ["notes.md"]


async def test_a_path_that_was_sent_before_the_disk_answered_is_not_attached_to_the_next_prompt(folder: Path) -> None:
    case = Case()
    case.composer.gone = ["the path"]
    await case.commands.take_pasted(f"{folder / 'notes.md'}", "the path")
    assert await case.composer.read() == []


async def test_a_pasted_text_that_names_no_file_stays(folder: Path) -> None:
    case = Case()
    await case.commands.take_pasted(f"{folder / 'notes.md'}\n/no/such/file", "the folded paste")
    assert case.composer.noted == []
    assert await case.composer.read() == []


async def test_the_picture_on_the_clipboard_is_attached(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = folder / "xclip"
    tool.write_text(f"#!/bin/sh\nexec cat '{folder / 'bracket.png'}'\n")
    tool.chmod(0o700)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    case = Case()
    case.commands.attach_image()
    await case.composer.read()
    assert [(file.mime, file.data) for file in case.composer.arriving] == [("image/png", PNG)]
    tool.write_text("#!/bin/sh\n")
    case.commands.attach_image()
    await case.composer.read()
    assert len(case.composer.arriving) == 1
    assert case.notices.refusals == ["There is no image on the clipboard."]


# The preview


@pytest.mark.parametrize(
    ("number", "first"),
    [("", 0), ("1", 0), ("2", 1), ("3", 2), ("4", 2), ("9999", 2), ("99999", 0), ("0", 0), ("-2", 0), ("two", 0),
     ("²", 0), ("٢", 0)],
)  # fmt: skip
def test_the_preview_begins_with_the_first_or_with_that_number(number: str, first: int) -> None:
    case = Case()
    case.composer.chip_files = [TEXT, PICTURE, TEXT]
    case.commands.preview(number)
    assert case.looked_at == [first]


def test_nothing_is_shown_where_nothing_is_attached() -> None:
    case = Case()
    case.commands.preview()
    assert case.looked_at == []
    assert case.notices.refusals == ["Nothing is attached: @ finds files."]


def test_what_is_removed_in_the_preview_is_attached_no_longer() -> None:
    case = Case()
    case.composer.chip_files = [TEXT, PICTURE]
    case.commands.preview()
    ((_, done),) = case.dialogs
    done(None)  # it was only looked at
    assert case.composer.noted == []
    done(0)
    assert case.composer.noted == [("removed", 0)]


# Pages of the web


async def fetched(case: Case) -> None:
    """Attach the page, behind a file that is attached already."""
    case.composer.text = "see"
    case.composer.chip_files = [TEXT]
    case.backend.pages[ADDRESS] = PAGE
    case.commands.attach_address(ADDRESS)
    assert await case.composer.read() == ["example.org/pa\x1bge.txt"]


async def test_a_page_that_was_fetched_is_shown_once_it_is_among_the_attachments() -> None:
    case = Case()
    await fetched(case)
    assert case.looked_at == []
    assert await case.work() == [("fetched", False)]
    assert case.looked_at == [1]
    assert case.notices.sentences == []


@pytest.mark.parametrize("busy", ["writes on", "has a dialog open"])
async def test_a_page_takes_no_keys_of_a_person_who_is_busy(busy: str) -> None:
    case = Case()
    await fetched(case)
    if busy == "writes on":
        case.composer.text = "see and"
    else:
        case.screen.app.screen = "a dialog"
    await case.work()
    assert case.looked_at == []
    assert case.notices.sentences == ["example.org/pa\ufffdge.txt is attached; Alt+P shows what is sent of it."]


async def test_a_page_that_was_removed_before_it_could_be_shown_is_not_shown() -> None:
    case = Case()
    await fetched(case)
    case.composer.arriving.clear()
    await case.work()
    assert (case.looked_at, case.notices.sentences) == ([], [])


@pytest.mark.parametrize(
    ("page", "why"),
    [
        (Failed("The server said 404."), "The server said 404."),
        (Failed("The server said \x1b404.", "Look at the address."), "The server said \ufffd404. Look at the address."),
    ],
)
async def test_why_a_page_cannot_be_fetched_is_told(page: Failed, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fetch(_: str) -> Failed:
        return page

    case = Case()
    monkeypatch.setattr(case.backend, "fetch", fetch)
    case.commands.attach_address(ADDRESS)
    assert await case.composer.read() == []
    assert case.notices.refusals == [f"{ADDRESS} cannot be attached: {why}"]
    assert await case.work() == []


async def test_a_page_that_is_nothing_for_a_model_is_told_and_not_shown() -> None:
    case = Case()
    case.backend.pages[ADDRESS] = FetchedPage(ADDRESS, "application/zip", b"PK\x03\x04\x00\xff")
    case.commands.attach_address(ADDRESS)
    assert await case.composer.read() == []
    assert [sentence.startswith("example.org/page is neither text") for sentence in case.notices.refusals] == [True]
    assert await case.work() == []


# What the recipient does not take


async def test_a_change_of_the_recipient_checks_all_attachments_and_only_the_newest_check_goes_on() -> None:
    case = Case()
    case.commands.check()
    assert await case.work() == []
    case.composer.chip_files = [TEXT, PICTURE]
    case.connection = Connection(case.backend.model, "m", refusal=lambda file: f"{file.name}\x1b cannot be sent.")
    case.commands.check()
    assert await case.work() == [("check", True)]
    assert case.notices.refusals == [
        f"{name}\ufffd cannot be sent. Choose another model, or remove it." for name in ("a.txt", "b.png")
    ]


async def test_nothing_is_refused_before_there_is_a_recipient() -> None:
    case = Case()
    case.connection = None
    case.composer.chip_files = [PICTURE]
    case.commands.check()
    assert await case.work() == [("check", True)]
    assert case.notices.refusals == []


async def test_a_server_is_asked_about_its_model_for_pictures_alone_and_once() -> None:
    case = Case()
    case.composer.chip_files = [TEXT]
    case.backend.facts["tiny-model"] = ModelInfo("tiny-model", 1000)  # and nothing of pictures
    case.commands.check()
    assert await case.work() == [("check", True)]
    case.composer.chip_files = [PICTURE]
    case.commands.check()
    assert await case.work() == [("check", True), ("images", False), ("images", False)]  # the second time in vain
    assert case.notices.refusals == []


async def test_a_refused_picture_is_told_once_and_the_model_is_not_asked_about() -> None:
    case = Case()
    case.backend.refusal = "b.png cannot be sent."
    case.backend.learned["tiny-model"] = ModelInfo("tiny-model", images=False)
    case.composer.chip_files = [PICTURE]
    case.commands.check()
    assert await case.work() == [("check", True)]
    assert case.notices.refusals == ["b.png cannot be sent. Choose another model, or remove it."]


# In the app


async def test_what_cannot_be_attached_is_said(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "binary").write_bytes(b"\x00\x01\xff\xfe\x00")
    async with running(ScriptedBackend()) as (app, pilot):
        for name, why in (("missing", "cannot be read"), ("binary", "neither text nor a picture"), ("pipe", "pipe")):
            app.chat.commands.attaching.attach(name)
            await until(pilot, partial(is_said, app, f"{name} ", why), why)
        assert names(app) == []


async def test_what_an_endpoint_does_not_take_is_said_before_it_is_sent(folder: Path) -> None:
    model = ScriptedBackend()
    model.refusal = "bracket.png cannot be sent: this endpoint takes nothing but text."
    async with running(model) as (app, pilot):
        app.chat.commands.attaching.attach_file(folder / "bracket.png")
        await until(pilot, lambda: "takes nothing but text" in toasts(app))
        await until(pilot, lambda: names(app) == ["bracket.png"])


@pytest.mark.parametrize(("images", "said"), [(False, True), (None, False), (True, False)])
async def test_a_picture_for_a_model_that_takes_none_is_said_at_once(
    folder: Path, *, images: bool | None, said: bool
) -> None:
    backend = ScriptedBackend()
    backend.learned["tiny-model"] = ModelInfo("tiny-model", images=images)
    async with running(backend) as (app, pilot):
        await app.chat.mount_late_parts()
        app.chat.commands.attaching.attach_file(folder / "bracket.png")
        await until(pilot, lambda: names(app) == ["bracket.png"], "the picture")
        await pilot.pause()
        assert any("takes no pictures" in str(note.message) for note in app._notifications) == said


async def test_a_server_is_asked_whether_its_model_takes_pictures_before_the_first_question(folder: Path) -> None:
    backend = ScriptedBackend()
    backend.facts["tiny-model"] = ModelInfo("tiny-model", images=False)
    async with running(backend) as (app, pilot):
        await app.chat.mount_late_parts()
        app.chat.commands.attaching.attach_file(folder / "bracket.png")
        await until(pilot, lambda: "tiny-model takes no pictures" in toasts(app))
        await until(pilot, lambda: names(app) == ["bracket.png"])
        assert backend.model.questions == []


async def test_another_model_that_takes_no_pictures_says_so_while_one_is_attached() -> None:
    backend = ScriptedBackend()
    backend.learned["blind"] = ModelInfo("blind", images=False)
    async with running(backend) as (app, pilot):
        await app.chat.mount_late_parts()
        app.chat.composer.give_back("", [Attachment("b.png", "image/png", PNG)])
        assert not app._notifications
        app.chat.connections.choose_model("blind")
        await until(pilot, lambda: any("blind takes no pictures" in str(note.message) for note in app._notifications))
