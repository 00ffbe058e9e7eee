"""The page of an empty chat, with a screen that only notes what it is told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.chat.models import ListModel
from tui_chat.chat.history_ports import HistoryError
from tui_chat.chat.model_ports import Connection, LocalServer
from tui_chat.ui.chat.start_commands import RECENT, StartCommands
from tui_chat.ui.dialogs.start_page import Ask, ConnectServer, ContinueChat, StartPage

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

SERVER = LocalServer("Ollama", "http://127.0.0.1:11434/v1", ("m",))
CLOSED = LocalServer("vLLM", "http://127.0.0.1:8000/v1", (), wants_key=True)


class Page:
    """A start page that is on the screen, and has a row that can be picked."""

    def __init__(self, *, attached: bool = True) -> None:
        self.is_attached = attached
        self.noted: list[object] = []
        self.pick_region = "the row"
        self.list = SimpleNamespace(
            shows_pick=True,
            picked=object(),
            set_shows_pick=self._set,
            move=self._note("move"),
            focus=self._note("focus"),
        )

    def _set(self, *, shown: bool) -> None:
        self.list.shows_pick = shown

    def _note(self, name: str) -> Callable[..., None]:
        return lambda *words: self.noted.append((name, *words))

    def choose(self) -> bool:
        self.noted.append("chosen")
        return True

    def show_looking(self) -> None:
        self.noted.append("looking")

    def show_servers(self, servers: Sequence[LocalServer]) -> None:
        self.noted.append(servers)

    def show_recent(self, chats: Sequence[object]) -> None:
        self.noted.append(chats)


class Case:
    """The commands of a screen with this page, in a chat in which nothing was typed or said."""

    def __init__(self, page: Page | None = None, chats: Sequence[object] | HistoryError = ("a chat",)) -> None:
        self.noted: list[object] = []
        self.limits: list[int] = []
        self.work: list[Callable[[], Coroutine[None, None, None]]] = []
        self.page = page
        self._chats = chats
        self.composer = SimpleNamespace(
            text="",
            history=SimpleNamespace(empty=True),
            focus_prompt=self._note("focus"),
            prompt=SimpleNamespace(insert=self._note("insert")),
        )
        self.conversation = SimpleNamespace(messages={})
        screen: Any = SimpleNamespace(
            composer=self.composer,
            conversation=self.conversation,
            pane=SimpleNamespace(scroll_to_region=lambda region, *, animate: self.noted.append(region)),
            sender=SimpleNamespace(submit=self._note("submit")),
            switcher=SimpleNamespace(
                open_chat=self._later("open"), manager=SimpleNamespace(history=SimpleNamespace(chats=self._recent))
            ),
            connections=SimpleNamespace(
                connect_server=self._later("server"),
                connect=self._note("connect"),
                choose_model=self._note("choose model"),
            ),
            run_worker=lambda work, **_: self.work.append(work),
        )
        self.screen = screen
        self.commands = StartCommands(screen, self._find)
        self.commands._page = page  # type: ignore[assignment]

    def _note(self, name: str) -> Callable[..., None]:
        return lambda *words: self.noted.append((name, *words))

    def _later(self, name: str) -> Callable[..., Coroutine[None, None, None]]:
        async def note(*words: object) -> None:
            self.noted.append((name, *words))

        return note

    def _recent(self, words: str, *, limit: int) -> Sequence[object]:
        self.limits.append(limit)
        if isinstance(self._chats, HistoryError):
            raise self._chats
        return self._chats

    async def _find(self) -> Sequence[LocalServer]:
        return [SERVER]


@pytest.mark.parametrize(
    ("action", "done"),
    [
        (Ask("why?"), ("submit", "why?")),
        (ContinueChat("a1b2"), ("open", "a1b2")),
        (ConnectServer(SERVER), ("server", SERVER)),
        (ConnectServer(CLOSED), ("connect", CLOSED.base_url)),
        ("connect", ("connect",)),
        ("choose_model", ("choose model",)),
    ],
)
async def test_what_is_chosen_is_done_and_the_prompt_gets_the_focus(action: Any, done: tuple[object, ...]) -> None:
    case = Case(Page())
    await case.commands.run(action)
    assert case.noted == [("focus",), done]


async def test_servers_are_looked_for_when_that_is_chosen_and_shown_if_the_page_is_still_there() -> None:
    page = Page()
    case = Case(page)
    await case.commands.run("find_servers")
    assert page.noted == ["looking"]
    (look,) = case.work
    await look()
    assert page.noted == ["looking", [SERVER]]
    page.is_attached = False
    await look()
    assert len(page.noted) == 2


async def test_nothing_is_looked_for_without_a_page() -> None:
    case = Case(Page(attached=False))
    await case.commands.run("find_servers")
    assert case.work == []


@pytest.mark.parametrize(
    ("chats", "attached", "shown"),
    [(("a chat",), True, [("a chat",)]), ((), True, []), (("a chat",), False, []), (HistoryError("no disk"), True, [])],
)
async def test_the_newest_chats_are_offered_where_there_are_some(
    chats: Sequence[object] | HistoryError, attached: bool, shown: list[object]
) -> None:
    page = Page(attached=attached)
    case = Case(page, chats)
    await case.commands._show_recent(page)  # type: ignore[arg-type]
    assert (page.noted, case.limits) == (shown, [RECENT])


@pytest.mark.parametrize("demo", [True, False])
async def test_an_empty_chat_gets_a_page_and_recent_chats_beside_a_real_endpoint(*, demo: bool) -> None:
    case = Case()
    put: list[object] = []

    async def note(page: object) -> None:
        put.append(page)

    case.screen.pane.welcome = SimpleNamespace(put=note)
    case.screen.pane.maker = SimpleNamespace(widest=100)
    await case.commands.show(Connection(ListModel([]), "m", demo=demo))
    (page,) = put
    assert isinstance(page, StartPage)
    assert page.list.shows_pick, "the prompt's keys move the pick where nothing is typed"
    assert len(case.work) == (not demo)
    assert case.commands.shown is None, "it is not on the screen yet"


@pytest.mark.parametrize("busy", ["typed", "sent before", "messages", ""])
def test_the_prompts_keys_choose_on_the_page_only_as_long_as_nothing_is_typed_or_said(busy: str) -> None:
    case = Case(page := Page())
    case.composer.text = "words" if busy == "typed" else ""
    case.composer.history.empty = busy != "sent before"
    case.conversation.messages = {"1": "a message"} if busy == "messages" else {}
    assert case.commands.choose() is not bool(busy)
    assert page.noted == ([] if busy else ["chosen"])


def test_a_page_that_is_not_on_the_screen_takes_no_key() -> None:
    for page in (None, Page(attached=False)):
        case = Case(page)
        case.commands.move(1)
        assert not case.commands.choose()
        assert not case.commands.focus()
        assert case.noted == []
    assert page is not None
    assert page.noted == []


def test_up_and_down_move_the_pick_and_keep_it_in_sight() -> None:
    case = Case(page := Page())
    case.commands.move(-1)
    assert page.noted == [("move", -1)]
    assert case.noted == ["the row"]


def test_the_list_gets_the_focus_if_it_has_a_row_to_pick() -> None:
    case = Case(page := Page())
    assert case.commands.focus()
    page.list.picked = None
    assert not case.commands.focus()
    assert page.noted == [("focus",)]


def test_a_character_that_was_typed_on_the_list_goes_into_the_prompt() -> None:
    case = Case(Page())
    case.commands.type("x")
    assert case.noted == [("focus",), ("insert", "x")]
