"""The commands for the context of a chat and for what was used: `/compact` and `/usage`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from tui_chat.chat.clean import clean_line
from tui_chat.chat.context import context_use
from tui_chat.chat.events import CutOff, Failed

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from textual.app import App
    from textual.worker import Worker

    from tui_chat.chat.history_ports import History
    from tui_chat.chat.message import Message
    from tui_chat.chat.session import Session
    from tui_chat.chat_manager.compaction import Compaction, CompactionOutcome
    from tui_chat.ui.chat.sender import Sender
    from tui_chat.ui.notify import Notify
    from tui_chat.ui.status_bar import StatusBar

RUNNING = "Compacting the chat; Esc stops that and leaves the chat unchanged."
OUTCOMES: dict[CompactionOutcome, str] = {
    "compacted": "The chat continues from the summary. The messages before it are kept: /older shows them.",
    "stopped": "Stopped: the chat is unchanged.",
    "failed": "No summary came, so the chat is unchanged.",
    "shortened": "The summary hit its length limit, so the chat is unchanged.",
    "changed": "The chat continued meanwhile, so it is unchanged; /compact again when no reply is running.",
}


def _why(reply: Message) -> str:
    """The sentence about the failure of a request for a summary; empty: there is nothing to say."""
    match reply.ending:
        case Failed(problem):
            return f" {problem}"
        case CutOff(why):
            return f" It was cut off: {why}."
        case _:
            return "" if reply.text.strip() else " The reply was empty."


class ContextConnections(Protocol):
    """The part of the connection controller that the commands use."""

    @property
    def session(self) -> Session | None:
        """Runs the turns of the shown chat; `None` until the settings are loaded."""
        ...

    def may_ask(self) -> bool:
        """Whether a question may be sent. False: a notice has said what to do first."""
        ...

    def show_header(self) -> None:
        """Show who answers, and how full the context is."""
        ...


class ContextScreen(Protocol):
    """The part of the screen that the commands use."""

    status: StatusBar
    sender: Sender

    @property
    def app(self) -> App[object]:
        """The app, which shows dialogs and knows the keys."""
        ...

    @property
    def connections(self) -> ContextConnections:
        """The controller that holds the session and its connection."""
        ...

    def run_worker(self, work: Callable[[], Coroutine[None, None, None]]) -> Worker[None]:
        """Run a coroutine that ends with the screen."""
        ...


class ContextCommands:
    """Compacts the shown chat, offers that when its context is nearly full, and shows what was used."""

    def __init__(self, screen: ContextScreen, notify: Notify) -> None:
        self._screen = screen
        self._notify = notify
        self._running: Compaction | None = None
        self._offered: set[str] = set()
        self.history: History | None = None
        """The history of chats, once the settings are loaded; `None`: chats are not kept."""

    def compact(self) -> None:
        """Have the model summarise the shown branch, and go on from the summary."""
        from tui_chat.chat_manager.compaction import Compaction

        session = self._screen.connections.session
        if session is None or self._running is not None:
            self._notify(RUNNING if self._running else "The settings are still being read.", bad=True)
        elif not Compaction.possible(session):
            why = "A reply is running: wait for it, or stop it with Esc." if session.busy else ""
            self._notify(why or "There is nothing to compact yet.", bad=True)
        elif self._screen.connections.may_ask():
            self._screen.run_worker(partial(self._compact, session))

    async def _compact(self, session: Session) -> None:
        from tui_chat.chat_manager.compaction import Compaction

        self._running = running = Compaction(session)
        self._screen.app.clear_notifications()  # the offer to do it would stand beside what came of it
        self._screen.status.show_work("Compacting the chat")
        queued = len(session.queue)
        session.queue_changed()  # it is held
        try:
            outcome = await running.run()
        finally:
            self._running = None
            self._screen.status.show_work("")
            session.queue_changed()  # it is no longer held
        reply = running.reply
        if outcome != "compacted" and reply is not None and self.history is not None and reply.deltas:
            self.history.keep_request(session.conversation.id, "compaction", reply)
        why = _why(reply) if outcome == "failed" and reply is not None else ""
        shown = session is self._screen.connections.session
        where = "" if shown else f"“{session.conversation.title}”: "
        said = clean_line(f"{where}{OUTCOMES[outcome]}{why}")
        self._notify(said, bad=outcome not in {"compacted", "stopped"}, seconds=5)
        if shown:
            self._screen.connections.show_header()
        if outcome == "compacted" and len(session.queue) > queued:
            self._ask_next(session)

    def _ask_next(self, session: Session) -> None:
        """Ask what was queued while the chat was compacted."""
        if session is self._screen.connections.session:
            self._screen.sender.submit("")
        elif not session.changes_host:
            session.ask_next()

    def holds(self, session: Session) -> bool:
        """Whether this chat is being compacted."""
        return self._running is not None and self._running.session is session

    def stop(self) -> bool:
        """Stop a compaction. False: none is running, or the shown chat is another one that has a reply to stop."""
        shown = self._screen.connections.session
        if self._running is None or (shown is not None and shown.busy and not self.holds(shown)):
            return False
        self._running.stop()
        return True

    def offer(self, session: Session) -> None:
        """Offer to compact a chat whose context is nearly full, once."""
        chat = session.conversation.id
        use = context_use(session.conversation, session.model_info.context)
        if not use.nearly_full:
            self._offered.discard(chat)
        elif chat not in self._offered and use.share is not None:
            self._offered.add(chat)
            self._notify(
                f"The context is {'about ' if use.estimated else ''}{use.share * 100:.0f} % full. "
                "/compact continues from a summary; nothing is deleted.",
                seconds=10,
            )

    def usage(self, by: str = "") -> None:
        """Show what all chats used in the last 30 days, by day, model or endpoint."""
        from tui_chat.ui.dialogs.usage_screen import UsageScreen, grouping

        if self.history is None:
            self._notify("Nothing is saved in this run, so there is nothing to add up.", bad=True)
        elif (group := grouping(by)) is None:
            self._notify("Type /usage day, /usage model or /usage endpoint.", bad=True)
        else:
            self._screen.app.push_screen(UsageScreen(self.history, group))
