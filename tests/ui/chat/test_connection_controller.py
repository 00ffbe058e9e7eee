"""Who answers, and whether a question may go there, decided without the app."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import patch

import pytest

from tests.ui.chat.fake_pane import Notices
from tests.ui.host import Chat
from tests.ui.scripted import ScriptedBackend
from tui_chat.chat.clean import clean_line
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.model_ports import Connection, KnownModels, ModelInfo
from tui_chat.chat.session import Session
from tui_chat.terminal.window import TerminalWindow
from tui_chat.ui.chat import connection_controller
from tui_chat.ui.chat.connection_controller import HELD_KEY, ConnectionController

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.context import ContextUse
    from tui_chat.ui.chat.connection_screen import ConnectionScreen


class FakeScreen:
    """A screen, its pane, its composer and their parts in one; it runs no worker, but counts them."""

    def __init__(self) -> None:
        self.title_bar = self.status = self.size = self.host_line = self.switcher = self.frame = self
        self.written: list[str] = []
        self.window = TerminalWindow(self.written.append, {})
        self.left = self.right = self.running_elsewhere = self.endpoint = self.warning = ""
        self.tried = False
        self.region: Any = None
        self.conversation: Conversation | None = None
        self.said = Notices()
        self.workers: list[str] = []
        self.resumed = 0
        self.recipient: tuple[str, ...] = ()
        self.context: ContextUse | None = None
        self.app: Any = None

    def show(self, *what: object, tried: bool | None = None) -> None:
        """What the pane, the status bar and the line about the host are given."""
        if tried is not None:
            self.warning, self.tried = str(what[0]), tried
        elif len(what) > 1:
            self.endpoint = str(what[2])
        else:
            self.conversation = cast("Conversation", what[0])

    def show_recipient(self, model: str, notes: Sequence[str]) -> None:
        """What the frame around the prompt is given."""
        self.recipient = (model, *notes)

    def show_context(self, use: ContextUse) -> None:
        """Note what the gauge would show."""
        self.context = use

    def changed(self, *_: object) -> None:
        """Ignore the change; nothing is shown."""

    def paint(self, *_: object) -> None:
        """Ignore the call; nothing is shown."""

    def show_notice(self, text: str, **_: object) -> None:
        """Note the sentence."""
        self.said(text)

    def resume(self) -> None:
        """Note the call."""
        self.resumed += 1

    def run_worker(self, work: Any, *, group: str = "default", exclusive: bool = False) -> None:
        """Note the name of what would be run."""
        self.workers.append((work.func if isinstance(work, partial) else work).__name__)


class Clock:
    """Moves when the test says."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(connection_controller, "monotonic", clock)
    return clock


class Parts:
    """A controller over a chat with one answer from `here.example`."""

    def __init__(self, **options: Any) -> None:
        self.screen = FakeScreen()
        self.backend = ScriptedBackend(host="here.example", **options)
        parts: Any = self.screen
        self.controller = ConnectionController(cast("ConnectionScreen", parts), parts, parts, self.backend)

    async def begin(self) -> Session:
        """The settings are loaded, and a chat is shown."""
        setup = self.backend.load()
        self.controller.begin(setup)
        chat = Chat()
        chat.answer("question", "answer")
        session = Session(chat.conversation, setup.connection.model)
        session.agree()
        await self.controller.show_session(session)
        return session


async def test_before_the_settings_have_come_nothing_is_asked() -> None:
    parts = Parts()
    assert not parts.controller.may_ask()
    assert not parts.controller.needs_model
    parts.controller.show_header()
    assert (parts.screen.left, parts.screen.workers) == ("", [])


async def test_the_header_says_what_the_chat_is_about_and_who_answers() -> None:
    parts = Parts(demo=True)
    parts.screen.running_elsewhere = "1 reply running in another chat"
    session = await parts.begin()
    session.conversation.rename("A title\x1b[31m")
    parts.controller.show_header()
    assert parts.screen.left == clean_line("A title\x1b[31m") != "A title\x1b[31m"
    assert parts.screen.right == "1 reply running in another chat"
    assert parts.screen.endpoint == "test.example"


async def test_where_nobody_is_chosen_the_list_opens_in_place_of_a_question() -> None:
    parts = Parts(undecided=True)
    await parts.begin()
    assert not parts.controller.may_ask()
    assert parts.screen.workers == ["_show_list"]


async def test_a_change_of_host_is_said_and_the_next_try_sends(clock: Clock) -> None:
    parts = Parts()
    session = await parts.begin()
    session.connect(Connection(parts.backend.model, "large", host="there.example"))
    assert not parts.controller.may_ask()
    assert "there.example" in parts.screen.warning
    assert parts.screen.tried
    clock.now += HELD_KEY / 2
    assert not parts.controller.may_ask()  # a held key is not a second try
    clock.now += HELD_KEY * 2
    assert parts.controller.may_ask()
    assert parts.screen.warning == ""


async def test_a_try_for_another_host_is_no_second_try(clock: Clock) -> None:
    parts = Parts()
    session = await parts.begin()
    for host in ("there.example", "elsewhere.example"):
        session.connect(Connection(parts.backend.model, "large", host=host))
        clock.now += 10
        assert not parts.controller.may_ask()
        assert host in parts.screen.warning


async def test_where_no_model_is_chosen_the_endpoint_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = Parts()
    session = await parts.begin()
    session.model_name = ""
    several = True

    async def must_choose() -> bool:
        return several

    monkeypatch.setattr(parts.backend, "must_choose", must_choose)
    assert parts.controller.needs_model
    assert not await parts.controller.find_model()
    assert parts.screen.workers == ["_show_list"]
    several = False
    assert await parts.controller.find_model()
    assert not parts.controller.needs_model


async def test_an_endpoint_that_does_not_tell_its_models_in_time_is_asked_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parts = Parts()
    session = await parts.begin()
    session.model_name = ""

    async def must_choose() -> bool:
        raise TimeoutError

    monkeypatch.setattr(parts.backend, "must_choose", must_choose)
    assert await parts.controller.find_model()
    assert not parts.controller.needs_model


class Focus:
    """The app, as far as it knows about the focus of its window."""

    def __init__(self, *, app_focus: bool) -> None:
        self.app_focus = app_focus


@pytest.mark.parametrize("shown", [True, False])
async def test_a_long_reply_is_told_when_the_window_has_no_focus(*, shown: bool) -> None:
    parts = Parts()
    session = await parts.begin()
    reply = Chat().ask("q")
    reply.timing.asked = 0.0
    if not shown:
        session = Session(Chat().conversation, session.model, "m")
    window, written = parts.screen.window, parts.screen.written
    window.configure(title=False, progress="off", notify="bell")
    with patch.object(Conversation, "last_reply", reply):
        for seconds, focused, bells in ((4.0, False, 0), (6.0, True, 0), (6.0, False, 1)):
            parts.screen.app = Focus(app_focus=focused)
            reply.timing.ended = seconds
            parts.controller.tell(session)
            assert written.count("\a") == bells


async def test_progress_is_shown_as_long_as_a_reply_comes_in_any_chat() -> None:
    parts = Parts()
    session = await parts.begin()
    window, written = parts.screen.window, parts.screen.written
    window.configure(title=False, progress="on", notify="off")
    window.set_busy(busy=True)
    written.clear()
    parts.screen.running_elsewhere = "1 reply running in another chat"
    parts.controller.tell(session)
    assert written == []
    parts.screen.running_elsewhere = ""
    parts.controller.tell(session)
    assert len(written) == 1


@pytest.mark.parametrize(
    ("name", "model", "said"),
    [
        ("m@nowhere", "m@nowhere", ["No endpoint is called nowhere: all of m@nowhere is taken for a model's name."]),
        ("m@q4", "m@q4", []),  # the endpoint lists it
        ("plain", "plain", []),
        ("m@test.example", "m", []),
    ],
)
async def test_an_endpoint_that_does_not_exist_is_said_though_a_models_name_may_have_an_at(
    name: str, model: str, said: list[str]
) -> None:
    parts = Parts()
    parts.backend.known = KnownModels((ModelInfo("m@q4"),), 1.0)
    session = await parts.begin()
    await parts.controller._take_named(name)
    assert session.model_name == model
    assert parts.screen.said.sentences == said
