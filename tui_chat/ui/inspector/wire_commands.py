"""The commands of the wire inspector: open and close it, and go from a message to its frames and back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from tui_chat.chat.message import TextPart
from tui_chat.ui.key_hints import key_hint

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from textual.app import App
    from textual.geometry import Size
    from textual.widget import Widget

    from tui_chat.chat.backend_ports import Backend
    from tui_chat.chat.inspection.replay_control import ReplayControl
    from tui_chat.chat.inspection.wire_ports import WireExchange, WireFrame
    from tui_chat.chat.message import Message, PartKind
    from tui_chat.ui.inspector.inspector import Inspector
    from tui_chat.ui.inspector.owner import InspectorTools, Neighbour
    from tui_chat.ui.notify import Notify
    from tui_chat.ui.transcript.text.text_tint import TextTint
    from tui_chat.ui.transcript.transcript import Transcript

BESIDE: Final = 100
"""Columns of the window from which the inspector stands beside the chat; below, it covers it."""


_HEAT_LIMIT: Final = 0.2
"""Seconds that the frames of one reply may take to decode for its heat."""


class WireScreen(Protocol):
    """The parts of the chat screen that the commands use."""

    @property
    def app(self) -> App[object]:
        """The app, which shows dialogs."""
        ...

    @property
    def size(self) -> Size:
        """The size of the window."""
        ...

    @property
    def ready(self) -> bool:
        """Whether the settings are loaded."""
        ...

    def mount(self, widget: Widget, /) -> Awaitable[None]:
        """Mount the inspector in the screen."""
        ...


class WireCommands:
    """Opens the inspector, and does for it what it cannot do by itself."""

    def __init__(
        self, screen: WireScreen, pane: Transcript, backend: Backend, focus_prompt: Callable[[], None], notify: Notify
    ) -> None:
        """`focus_prompt` gives the focus back to the prompt."""
        self._screen = screen
        self._pane = pane
        self._backend = backend
        self._focus_prompt = focus_prompt
        self._notify = notify
        self.inspector: Inspector | None = None
        """The inspector while it is open."""

    async def toggle(self, word: str = "") -> None:
        """Open the inspector, or close it; with the word `share` save a report of the chat's last request instead."""
        if word.strip().lower() == "share":
            await self._share()
        elif self.inspector is not None:
            self.close_inspector()
        else:
            await self._open()

    async def _share(self) -> None:
        found = [each for each in self._backend.wire.exchanges() if self._is_of_this_chat(each)]
        if found:
            await self._tools.save(found[-1].number, "report")
        else:
            self._notify("No request of this chat is kept that a report could be made of.", bad=True)

    async def _open(self) -> Inspector | None:
        if not self._screen.ready:
            return None
        if not self._backend.wire.kept:
            self._notify("Nothing is kept of the wire: set wire_memory to some MiB.", bad=True)
            return None
        from tui_chat.ui.inspector.inspector import Inspector

        close = key_hint(self._screen.app, "wire")
        inspector = self.inspector = Inspector(
            self._backend.wire, self, self._is_of_this_chat, close=(close, "close"), signs=self._pane.maker.signs
        )
        self.fit(self._screen.size)
        await self._screen.mount(inspector)
        inspector.focus_list()
        return inspector

    @property
    def _tools(self) -> InspectorTools:
        from tui_chat.ui.inspector.owner import InspectorTools

        return InspectorTools(self._screen.app, self._backend.wire, self._notify)

    def _is_of_this_chat(self, exchange: WireExchange) -> bool:
        return exchange.question in self._pane.conversation.messages

    def fit(self, window: Size) -> None:
        """Stand beside the chat, or cover it where the window is narrow."""
        if self.inspector is not None:
            beside = window.width >= BESIDE
            self.inspector.set_class(beside, "-beside")
            self.inspector.set_class(not beside, "-full")

    def close_something(self) -> bool:
        """Esc: close the inspector's filter, or the inspector, if it has the focus. Returns False if it has not."""
        inspector = self.inspector
        if inspector is None or not inspector.has_focus_within:
            return False
        if not inspector.close_filter():
            self.close_inspector()
        return True

    # What the inspector asks for

    def close_inspector(self) -> None:
        """Take the inspector away."""
        inspector, self.inspector = self.inspector, None
        if inspector is not None:
            inspector.remove()
            self._focus_prompt()

    def open_frame(self, frame: WireFrame, raw: bytes, neighbour: Neighbour) -> None:
        """Show all of a frame."""
        self._tools.open_frame(frame, raw, neighbour)

    def open_guide(self, *, in_chat: bool) -> None:
        """Explain the inspector's words and keys."""
        self._tools.open_guide(in_chat=in_chat)

    def open_text(self, text: str) -> None:
        """Show all of a long text."""
        self._tools.open_text(text)

    def copy_curl(self, number: int) -> None:
        """Copy a request as a shell command."""
        self._tools.copy_curl(number)

    def save_exchange(self, number: int) -> None:
        """Ask for a format, and save a request and its response."""
        self._tools.save_exchange(number)

    def show_place(self, exchange: WireExchange, frame: WireFrame) -> None:
        """Show where the text of a frame stands in the reply, and mark it."""
        reply = self._reply_of(exchange)
        if reply is None or self._pane.path.index_of(self._pane.path.entry_of(reply)) is None:
            self._notify("That reply is not on the branch that is shown.", bad=True)
            return
        if not frame.length:
            self._notify("This frame adds nothing to the reply's text.", bad=True)
            return
        from tui_chat.chat.inspection.heat import HeatSpan
        from tui_chat.ui.transcript.text.text_tint import TextTint

        if self.inspector is not None and self.inspector.has_class("-full"):
            self.close_inspector()
        path = self._pane.path
        entry = path.entry_of(reply)
        kind: PartKind = "reasoning" if frame.kind == "reasoning" else "text"
        if kind == "reasoning":
            self._pane.unfold(entry)
        start = frame.offset + _length_before(path.messages_of(entry), reply, kind)
        self._pane.mark_place(reply, TextTint({kind: [HeatSpan(start, start + frame.length, 1)]}))

    # A replay

    def step(self) -> None:
        """Show the next piece of a replay, and pause behind it."""
        if (replay := self._replay) is not None:
            if not replay.paused:
                self._notify(f"The replay is paused: {key_hint(self._screen.app, 'replay_pause')} goes on.")
            replay.step()

    def pause(self) -> None:
        """Pause a replay, or go on."""
        if (replay := self._replay) is not None:
            replay.pause(paused=not replay.paused)
            paused = f"The replay is paused: {key_hint(self._screen.app, 'replay_step')} shows piece by piece."
            self._notify(paused if replay.paused else "The replay continues.")

    @property
    def _replay(self) -> ReplayControl | None:
        if self._backend.replay is None:
            self._notify("Nothing is replayed here: tui-chat replay TAPE does it.", bad=True)
        return self._backend.replay

    # Heat

    def heat(self, by: str = "") -> None:
        """Tint replies by the gap before each piece, or by how unlikely each token was; the word alone turns it on or
        off."""
        tints = self._pane.maker.tints
        by = by.strip().lower()
        if by not in {"", "off", "gap", "logprob"}:
            self._notify("There are /heat gap, /heat logprob and /heat off.", bad=True)
            return
        if by == "off" or (not by and tints.heat_of is not None):
            tints.heat_of = None
            self._notify("Heat is off.")
        else:
            tints.heat_of = partial(self._heat_of, by or "gap")
            what = "how unlikely each token was" if by == "logprob" else "the silence before each piece"
            self._notify(f"Replies of this run are tinted by {what}: /heat turns it off.")
        for view in self._pane.views:
            tints.apply(view)

    def _heat_of(self, by: str, messages: Sequence[Message]) -> TextTint | None:
        """The heat of messages that are shown as one, as far as their frames are kept."""
        from tui_chat.chat.inspection.heat import HeatSpan, gap_heat, probability_heat
        from tui_chat.ui.transcript.text.text_tint import TextTint

        spans: dict[PartKind, list[HeatSpan]] = {"text": [], "reasoning": []}
        for message in messages:
            exchange = next((each for each in reversed(self._exchanges_of(message)) if each.size), None)
            if exchange is None or exchange.dropped:
                continue
            log = self._backend.wire.frames(exchange.number)
            log.update(_HEAT_LIMIT)
            heat = gap_heat(log.frames) if by == "gap" else probability_heat(log.frames, log.scores)
            if heat is not None:
                for kind, found in zip(spans, heat, strict=True):
                    before = _length_before(messages, message, kind)
                    spans[kind] += [HeatSpan(at + before, end + before, level) for at, end, level in found]
        return TextTint(spans) if any(spans.values()) else None

    def _exchanges_of(self, reply: Message) -> list[WireExchange]:
        """The requests that were made for a reply, oldest first."""
        return [
            each
            for each in self._backend.wire.exchanges()
            if each.question == reply.parent and self._reply_of(each) is reply
        ]

    def _reply_of(self, exchange: WireExchange) -> Message | None:
        """The reply that an exchange became: the one whose request was sent in the same moment, since several models
        may be asked at once; else the last one that had been begun when the request was."""
        replies = [
            message
            for message in self._pane.conversation.messages.values()
            if message.parent == exchange.question and message.role == "assistant"
        ]
        same = [each for each in replies if exchange.sent is not None and each.timing.sent == exchange.sent]
        if same:
            return same[0]
        asked = [(message.timing.asked, message) for message in replies]
        before = [(at, message) for at, message in asked if at is not None and at <= exchange.began]
        return max(before, key=lambda each: each[0], default=(0.0, None))[1]

    # What a message asks for

    async def show_message(self) -> None:
        """Show the request of the focused reply, or else of the last one, and its first frame with text."""
        view = self._pane.focused_view
        reply = view.message if view is not None else self._pane.conversation.last_reply
        if reply is not None and reply.role == "user":
            reply = next((each for each in self._pane.conversation.messages.values() if each.parent == reply.id), None)
        found = self._exchanges_of(reply) if reply is not None and self._screen.ready else []
        if not found:
            self._notify("The request of this message is no longer kept, or was made in an earlier run.", bad=True)
            return
        inspector = self.inspector or await self._open()
        if inspector is None:
            return
        number = found[-1].number
        log = self._backend.wire.frames(number)
        log.update(0.1)
        first = next((frame.start for frame in log.frames if frame.kind in {"text", "reasoning"}), 0)
        inspector.show_frame(number, first)
        inspector.focus_list()


def _length_before(messages: Sequence[Message], message: Message, kind: PartKind) -> int:
    """The characters of the text or reasoning of the messages that are shown before one of them."""
    length = 0
    for each in messages:
        if each is message:
            break
        length += sum(len(part) for part in each.parts if isinstance(part, TextPart) and part.kind == kind)
    return length
