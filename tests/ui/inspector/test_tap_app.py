"""The screen of `tui-chat tap` over a proxy that a test plays: what it says, how it ends, and what its keys do."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from rich.traceback import Traceback

from tests.ui.host import until
from tests.ui.inspector.wires import DONE, KEY, Clock, Response, answered, delta
from tui_chat.backend.kept_wire import KeptWire
from tui_chat.backend.recording import RunRecording
from tui_chat.chat.model_ports import SetupError
from tui_chat.terminal.job_control import ENDING, ENDING_UNLESS_USED
from tui_chat.ui.dialogs.choice_dialog import ChoiceDialog
from tui_chat.ui.inspector.frame_dialog import FrameDialog, TextDialog
from tui_chat.ui.inspector.tap_app import TapApp
from tui_chat.ui.themes import THEMES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from textual.pilot import Pilot

SERVER = "https://api.example/v1"
BASE_URL = "http://127.0.0.1:4242/v1"
SIGNALS = [getattr(signal, name) for name in (*ENDING, *ENDING_UNLESS_USED) if hasattr(signal, name)]


class FakeTap:
    """A proxy that begins to listen when a test lets it, or cannot."""

    def __init__(self) -> None:
        self.may_start = asyncio.Event()
        self.error: SetupError | None = None
        self.closed = 0

    async def start(self) -> str:
        await self.may_start.wait()
        if self.error is not None:
            raise self.error
        return BASE_URL

    async def close(self) -> None:
        self.closed += 1


class TappedApp(TapApp):
    """The screen with a proxy and a tape that a test can reach."""

    def __init__(self, url: str = SERVER, theme: str = "") -> None:
        recording = RunRecording("", 64 << 20)
        assert recording.tape is not None
        self.tape = recording.tape
        self.proxy = FakeTap()
        super().__init__(KeptWire(recording), self.proxy, url, theme, lambda text: text.replace(KEY, "[masked]"))

    def rows(self) -> list[str]:
        return [strip.text.rstrip() for strip in self.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        return "\n".join(self.rows())

    def notices(self) -> list[tuple[str, str, bool]]:
        """Each notice with its severity, and whether it is read as markup."""
        return [(each.message, each.severity, each.markup) for each in self._notifications]


@asynccontextmanager
async def tapping(app: TappedApp) -> AsyncIterator[Pilot[None]]:
    """Run the app; afterwards signals do what they did before."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        async with app.run_test(size=(100, 24)) as pilot:
            yield pilot
    finally:
        for number, handler in before.items():
            asyncio.get_running_loop().remove_signal_handler(number)
            signal.signal(number, handler)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


async def test_the_title_names_the_server_and_once_it_listens_the_url_to_use_instead() -> None:
    app = TappedApp(f"{SERVER}\x1b[2J")
    async with tapping(app):
        await until(lambda: f"tap of {SERVER}\ufffd[2J" in app.rows()[0])
        assert "Nothing has passed yet." in app.text
        app.proxy.may_start.set()
        await until(lambda: f"{BASE_URL} → {SERVER}\ufffd[2J" in app.rows()[0])


async def test_a_proxy_that_cannot_begin_ends_the_screen_with_its_reason() -> None:
    app = TappedApp()
    app.proxy.error = SetupError("tap: port 1 cannot be used.")
    app.proxy.may_start.set()
    async with tapping(app):
        await until(lambda: not app.is_running)
    assert app.return_code == 2
    assert app.setup_error is app.proxy.error


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_keys_end_it_in_order_and_it_hangs_up(key: str) -> None:
    app = TappedApp()
    async with tapping(app):
        await until(lambda: app.focused is app.inspector.text)
        app.simulate_key(key)
        await until(lambda: not app.is_running)
    assert (app.return_code, app.setup_error, app.proxy.closed) == (0, None, 1)


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_responses_that_are_running_are_cut_off_only_by_a_second_press(key: str, clock: Clock) -> None:
    app = TappedApp()
    async with tapping(app):
        running = Response(app.tape, clock)
        await until(lambda: "running" in app.text)
        app.simulate_key(key)
        await until(lambda: any("1 response is still running" in words for words, _, _ in app.notices()))
        assert app.is_running
        app.simulate_key(key)
        await until(lambda: not app.is_running)
        running.end()
    assert (app.return_code, app.proxy.closed) == (0, 1)


async def test_before_anything_has_passed_it_says_how_another_program_comes_to_use_it() -> None:
    app = TappedApp()
    async with tapping(app):
        app.proxy.may_start.set()
        await until(lambda: f"OPENAI_BASE_URL={BASE_URL} your-program" in app.text)


@pytest.mark.parametrize("number", SIGNALS)
async def test_a_signal_ends_it_with_the_status_that_names_it(number: signal.Signals) -> None:
    app = TappedApp()
    unhandled: list[int] = []
    earlier = signal.signal(number, signal.SIG_DFL)  # which would end the test
    if number.name in ENDING:
        signal.signal(number, lambda received, _: unhandled.append(received))
    try:
        async with tapping(app):
            os.kill(os.getpid(), number)
            await until(lambda: unhandled or not app.is_running)
    finally:
        signal.signal(number, earlier)
    assert unhandled == []
    assert (app.return_code, app.proxy.closed) == (128 + number, 1)


@pytest.mark.parametrize(("wanted", "shown"), [("tui-chat-light", "tui-chat-light"), ("purple", THEMES[0].name)])
async def test_the_wanted_theme_is_shown_if_there_is_one_of_that_name(wanted: str, shown: str) -> None:
    app = TappedApp(theme=wanted)
    async with tapping(app):
        assert app.theme == shown


async def test_esc_closes_the_filter_and_nothing_else(clock: Clock) -> None:
    app = TappedApp()
    async with tapping(app) as pilot:
        answered(app.tape, clock, [delta("Every "), DONE])
        await until(lambda: app.focused is app.inspector.frames)
        await pilot.press("slash", "x")
        await until(lambda: app.inspector.filter.text == "x")
        await pilot.press("escape")
        await until(lambda: not app.inspector.filter_row.display)
        await pilot.press("escape")
        assert app.is_running
        assert app.focused is app.inspector.frames


async def test_a_frame_and_a_long_text_are_opened_in_dialogs(clock: Clock) -> None:
    app = TappedApp()
    async with tapping(app) as pilot:
        answered(app.tape, clock, [delta("Every "), DONE])
        await until(lambda: "body complete" in app.text)
        await pilot.press("up", "up", "enter")
        await until(lambda: isinstance(app.screen, FrameDialog) and app.screen.is_mounted)
        await until(lambda: 'content: "Every "' in app.text)
        await pilot.press("escape")
        await until(lambda: app.screen is app.screen_stack[0])
        await pilot.press("2")
        await until(lambda: 'model: "m"' in app.text)
        await pilot.press("end", "enter")  # the text of the last message
        await until(lambda: isinstance(app.screen, TextDialog) and app.screen.title == "Text")
        await until(lambda: "my key is" in app.text)


async def test_there_is_no_chat_in_which_a_place_could_be_shown(clock: Clock) -> None:
    app = TappedApp()
    async with tapping(app):
        answered(app.tape, clock, [delta("Every ")])
        await until(lambda: "body complete" in app.text)
        assert "pause" in app.rows()[-1]
        assert "in reply" not in app.rows()[-1]
        assert app.rows()[0].endswith("q quit")


async def test_a_copied_request_is_told_in_words_that_are_not_read_as_markup(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []

    def copy(_: object, text: str, what: str) -> str:
        copied.append(text)
        return f"[/] {what}"

    monkeypatch.setattr("tui_chat.ui.clipboard.copy", copy)
    app = TappedApp()
    async with tapping(app) as pilot:
        answered(app.tape, clock, [delta("Every ")])
        await until(lambda: "body complete" in app.text)
        await pilot.press("y")
        await until(lambda: app.notices() == [("[/] the request as a curl command", "information", False)])
    assert ["curl" in text for text in copied] == [True]


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_a_request_is_saved_in_the_chosen_format_and_a_failure_is_a_warning(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def save(pilot: Pilot[None]) -> None:
        await pilot.press("s")
        await until(lambda: isinstance(app.screen, ChoiceDialog) and app.screen.is_mounted)
        await pilot.press(*"csv", "enter")

    monkeypatch.chdir(tmp_path)
    app = TappedApp()
    async with tapping(app) as pilot:
        answered(app.tape, clock, [delta("Every ")])
        await until(lambda: "body complete" in app.text)
        await save(pilot)
        await until(lambda: app.notices())
        ((told, severity, _),) = app.notices()
        (name,) = names(tmp_path)
        assert (severity, name.endswith(".csv")) == ("information", True)
        assert name in told

        async def fail(*_: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(KeptWire, "save", fail)
        await save(pilot)
        await until(lambda: len(app.notices()) == 2)
        assert app.notices()[-1][1] == "warning"


async def test_a_crash_is_logged_and_shows_neither_secrets_nor_local_variables(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = TappedApp()

    def crash() -> None:
        local = "-".join(["a", "local", "value"])
        raise RuntimeError(f"about {len(local)} characters of {KEY}")

    try:
        crash()
    except RuntimeError:
        printed = "".join(segment.text for segment in app.console.render(Traceback(show_locals=True)))
    assert "about 13 characters of [masked]" in printed
    assert KEY not in printed
    assert "a-local-value" not in printed
    assert "tui-chat tap crashed" in caplog.text
