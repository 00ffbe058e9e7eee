"""When the find bar opens and closes, and where a search begins, decided without the app."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.ui.host import Chat
from tui_chat.ui.find import controller
from tui_chat.ui.find.controller import FindController
from tui_chat.ui.transcript.branch_path import BranchPath

if TYPE_CHECKING:
    from textual.widget import Widget

    from tui_chat.chat.message import Message
    from tui_chat.ui.transcript.transcript import Transcript


class FakeBar:
    """The bar and its box in one."""

    def __init__(self, *_: object) -> None:
        self.display = False
        self.text = ""
        self.box = self

    def open(self, text: str) -> None:
        """Note that the bar is open."""
        self.display, self.text = True, text or self.text

    def show(self, *_: object) -> None:
        """Ignore the progress; nothing is shown."""


class FakeFinder:
    """Notes the calls of the controller."""

    def __init__(self, *_: object) -> None:
        self.calls: list[tuple[object, ...]] = []

    def begin(self, entry: Message | None = None) -> None:
        """Note where the search begins."""
        self.calls.append(("begin", entry.text if entry else None))

    def search(self, text: str) -> None:
        """Note the pattern."""
        self.calls.append(("search", text))

    def end(self) -> None:
        """Note the call."""
        self.calls.append(("end",))

    def changed(self, *_: object) -> None:
        """Note the call."""
        self.calls.append(("changed",))


class FakePane:
    """A path; what is unfolded is not hidden from the search any more."""

    def __init__(self) -> None:
        self.chat = Chat()
        self.chat.answer("a question", "a needle in the hay")
        self.conversation = self.chat.conversation
        self.path = BranchPath()
        self.path.show(self.conversation)
        self.revealed: list[str] = []
        self.unfolded: list[str] = []

    def reveal(self, entry: Message) -> None:
        """Note the call."""
        self.revealed.append(entry.text)

    def unfold(self, entry: Message) -> None:
        """Note the call."""
        self.unfolded.append(entry.text)


class Finding:
    """A controller, and what is around it."""

    def __init__(self) -> None:
        self.pane = FakePane()
        self.mounted = 0
        self.status = SimpleNamespace(display=True)
        self.left = 0
        pane, status = cast("Transcript", self.pane), cast("Widget", self.status)
        self.controller = FindController(pane, self.mount, status, self.leave)
        self.bar = cast("FakeBar", self.controller.bar)
        self.calls: list[Any] = cast("FakeFinder", self.controller.finder).calls

    async def mount(self) -> None:
        """Note the call."""
        self.mounted += 1

    def leave(self) -> None:
        """Note the call."""
        self.left += 1


@pytest.fixture(autouse=True)
def without_widgets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controller, "FindBar", FakeBar)
    monkeypatch.setattr(controller, "Finder", FakeFinder)


async def test_the_bar_is_mounted_before_it_opens_and_looks_again_for_what_stands_in_it() -> None:
    finding = Finding()
    await finding.controller.open("hay")
    await finding.controller.open()
    assert (finding.mounted, finding.bar.display) == (2, True)
    assert finding.calls == [("begin", None), ("search", "hay"), ("search", "hay")]


async def test_the_conversation_is_watched_only_while_the_bar_is_open() -> None:
    finding = Finding()
    assert not finding.controller.close()
    await finding.controller.open("hay")
    assert not finding.status.display
    finding.pane.chat.answer("more?", "yes")
    seen = finding.calls.count(("changed",))
    assert seen > 0
    assert finding.controller.close()
    assert not finding.bar.display
    assert finding.status.display
    finding.pane.chat.answer("and more?", "no")
    assert finding.calls.count(("changed",)) == seen
    assert finding.calls[-1] == ("end",)


async def test_text_that_is_typed_while_the_bar_is_closed_is_not_looked_for() -> None:
    finding = Finding()
    finding.controller.search()
    assert finding.calls == []


async def test_a_text_is_looked_for_from_the_message_that_has_it() -> None:
    finding = Finding()
    reply = finding.pane.conversation.path()[-1]
    await finding.controller.find_from(reply, "needle")
    assert (finding.pane.revealed, finding.pane.unfolded) == ([reply.text], [])
    assert finding.calls[-2:] == [("begin", reply.text), ("search", "needle")]


@pytest.mark.parametrize("text", ["not in there", "", "  "])
async def test_a_message_without_the_text_is_only_shown(text: str) -> None:
    finding = Finding()
    reply = finding.pane.conversation.path()[-1]
    await finding.controller.find_from(reply, text)
    assert (finding.pane.revealed, finding.bar.display, finding.calls) == ([reply.text], False, [])
    assert finding.pane.unfolded == ([reply.text] if text.strip() else [])
