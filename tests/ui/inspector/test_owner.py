from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, get_args

import pytest

from tui_chat.chat.inspection.wire_ports import SaveFormat
from tui_chat.ui.dialogs.choice_dialog import ChoiceDialog
from tui_chat.ui.inspector.frame_dialog import TextDialog
from tui_chat.ui.inspector.owner import InspectorTools

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class FakeApp:
    """Notes the dialogs that are opened, and what is done with their results."""

    def __init__(self) -> None:
        self.opened: list[object] = []
        self.answer: Callable[[str | None], Awaitable[None]] | None = None

    def push_screen(self, dialog: object, answer: Callable[[str | None], Awaitable[None]] | None = None) -> None:
        self.opened.append(dialog)
        self.answer = answer


class Case:
    """The tools with an app and a wire that note what they are asked for."""

    def __init__(self, error: OSError | None = None) -> None:
        self.app = FakeApp()
        self.saved: list[tuple[int, str, Path]] = []
        self.notices: list[tuple[str, bool]] = []
        self.error = error
        wire = SimpleNamespace(save=self._save, curl=lambda number: f"curl {number}")
        self.tools = InspectorTools(self.app, wire, self._notify)  # type: ignore[arg-type]

    async def _save(self, number: int, form: str, folder: Path) -> Path:
        if self.error is not None:
            raise self.error
        self.saved.append((number, form, folder))
        return folder / f"exchange\x1b-{number}"

    def _notify(self, text: str, *, bad: bool = False, seconds: float = 4) -> None:
        self.notices.append((text, bad))


def test_all_of_a_long_text_opens_in_a_dialog() -> None:
    case = Case()
    case.tools.open_text("line\n" * 9)
    (dialog,) = case.app.opened
    assert isinstance(dialog, TextDialog)
    assert dialog._text == "line\n" * 9


def test_every_format_is_offered_with_a_sentence() -> None:
    case = Case()
    case.tools.save_exchange(3)
    (dialog,) = case.app.opened
    assert isinstance(dialog, ChoiceDialog)
    rows = {row.value: row.notes for row in dialog.items("")}  # type: ignore[union-attr]
    assert list(rows) == list(get_args(SaveFormat))
    assert all(note for (note,) in rows.values())


@pytest.mark.parametrize(("chosen", "saved"), [("har", ["har"]), (None, []), ("no format", [])])
async def test_what_was_chosen_is_saved_in_the_working_folder(
    chosen: str | None, saved: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    case = Case()
    case.tools.save_exchange(3)
    assert case.app.answer is not None
    await case.app.answer(chosen)
    assert case.saved == [(3, form, Path.cwd()) for form in saved]
    assert len(case.notices) == len(saved)


async def test_the_notice_names_file_and_folder_and_cannot_drive_the_terminal() -> None:
    case = Case()
    await case.tools.save(3, "csv")
    ((text, bad),) = case.notices
    assert (bad, "\x1b" in text) == (False, False)
    assert "exchange" in text
    assert str(Path.cwd()) in text


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError("no room")])
async def test_a_file_that_cannot_be_written_is_an_error_with_its_reason(error: OSError) -> None:
    case = Case(error)
    await case.tools.save(3, "csv")
    ((text, bad),) = case.notices
    assert bad
    assert (error.strerror or str(error)) in text


def test_a_request_is_copied_and_the_notice_says_what(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case()
    monkeypatch.setattr("tui_chat.ui.inspector.owner.clipboard.copy", lambda _, text, what: f"{text} is {what}")
    case.tools.copy_curl(7)
    assert case.notices == [("curl 7 is the request as a curl command", False)]
