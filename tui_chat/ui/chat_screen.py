"""The screen: conversation pane, prompt, Send/Stop button, status bar, and the commands that join them."""

from __future__ import annotations

import re
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static, TextArea

from tui_chat.chat.clean import clean_line
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Added, CutOff, Failed, Finished, Selected, Stopped
from tui_chat.chat.session import Session
from tui_chat.commands import COMMANDS, by_slash
from tui_chat.ui import clipboard, editor
from tui_chat.ui.line_screen import LineScreen
from tui_chat.ui.message_view import MessageView
from tui_chat.ui.prompt import Prompt
from tui_chat.ui.prompt_history import PromptHistory
from tui_chat.ui.queue_bar import QueueBar
from tui_chat.ui.reading_screen import ReadingScreen
from tui_chat.ui.slash_menu import SlashMenu
from tui_chat.ui.status_bar import StatusBar
from tui_chat.ui.title_bar import TitleBar
from tui_chat.ui.welcome import ConnectHelp, ConnectScreen, Welcome

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui_chat.chat.events import Change
    from tui_chat.chat.message import Message
    from tui_chat.chat.ports import Connection, House, LocalServer, Setup

SLASH_LINE = re.compile(r"/([a-z]+)(?:\s+(.*))?", re.DOTALL)
"""A whole prompt that is a command, without a blank in front. `/usr/bin` is none: a path goes on with a slash."""

QUIT_ARMED_FOR = 2.0
"""Seconds in which a second Ctrl+C quits."""

DEAF_AFTER_CLOSING = 0.3
"""Seconds in which Esc does nothing after it closed something, so that a held key does not stop a reply too."""


def _bindings() -> list[BindingType]:
    """The keys of all commands that work on the whole screen or on a message.

    Those of the whole screen have priority, or the prompt would take them for its text; letters never have.
    """
    return [
        Binding(
            ",".join(command.keys),
            command.id,
            command.title,
            id=command.id,
            show=False,
            priority=command.place != "message",
        )
        for command in COMMANDS
        if command.keys and command.place != "prompt"
    ]


class ChatScreen(ReadingScreen):
    """One conversation."""

    DEFAULT_CSS = """
    ChatScreen {
        #below { height: auto; border-top: solid $panel; }
        #write { height: auto; padding: 0 1; }
        #write > Static { width: 2; height: 1; color: $accent; }
        #send-stop { width: 10; min-width: 10; height: 1; }
        #send-stop.stop { background: $error; color: $background; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = _bindings()

    def __init__(self, house: House, prompt: str = "") -> None:
        """`prompt` is sent as soon as there is somebody to answer."""
        super().__init__()
        self._house = house
        self._first_prompt = prompt
        self._setup: Setup | None = None
        self._connection: Connection | None = None
        self._session: Session | None = None
        self._history = PromptHistory()
        self._quit_armed_until = 0.0
        self._deaf_until = 0.0
        self.menu = SlashMenu()
        self.prompt = Prompt(self.menu)
        self.queue_bar = QueueBar()
        self.status = StatusBar()
        self.title_bar = TitleBar()
        self.button = Button("Send", id="send-stop", compact=True)

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        yield self.title_bar
        yield self.pane
        with Vertical(id="below"):
            yield self.menu
            yield self.queue_bar
            with Horizontal(id="write"):
                yield Static("❯", markup=False)
                yield self.prompt
                yield self.button
        yield self.status

    def on_mount(self) -> None:
        """Ready to be typed into."""
        self.prompt.focus()

    @property
    def ready(self) -> bool:
        """Whether the settings have come."""
        return self._session is not None

    # What the rooms below tell.

    async def begin(self, setup: Setup) -> None:
        """Take what the settings gave; what was typed meanwhile stays, and is sent if Enter was pressed."""
        self._setup = setup
        if setup.state_folder is not None:
            self._history = PromptHistory(setup.state_folder / "prompts.jsonl")
        self._connect(setup.connection)
        await self._open(Conversation(setup.system))
        if self._first_prompt:
            first, self._first_prompt = self._first_prompt, ""
            self._send(first)

    def _connect(self, connection: Connection) -> None:
        self._connection = connection
        if self._session is not None:
            self._session.model, self._session.model_name = connection.model, connection.model_name
        self._show_where()

    async def _open(self, conversation: Conversation) -> None:
        connection = self._connection
        if connection is None:
            return
        log_path = self._setup.log_path if self._setup else None
        hint = f"The traceback is in {log_path}." if log_path else ""
        self.conversation = conversation
        self._session = Session(conversation, connection.model, connection.model_name, hint)
        self._session.queue_changed = self._show_queue
        self.pane.show(conversation)
        for observer in (self.pane.changed, self.status.changed, self._changed):
            conversation.subscribe(observer)
        self._show_where()
        self._show_queue()
        self._show_title()
        await self._welcome()

    async def _welcome(self) -> None:
        if self._connection is not None:
            await self.pane.set_welcome(Welcome(self._connection))

    def _changed(self, conversation: Conversation, message: Message | None, change: Change) -> None:
        match change:
            case Added() | Selected() | Finished() | CutOff() | Failed() | Stopped():
                self.button.label = "Stop" if conversation.replying else "Send"
                self.button.set_class(conversation.replying, "stop")
                self._show_queue()
                self._show_title()
            case _:
                pass

    def _show_where(self) -> None:
        if self._connection is not None:
            prices = self._setup.prices if self._setup else None
            model = self._session.model_name if self._session else ""
            self.status.show(self.conversation, model, self._connection.model.endpoint, prices)

    def _show_title(self) -> None:
        first = next(iter(self.conversation.messages.values()), None)
        self.title_bar.left = clean_line(first.text[:200]) if first else "New chat"
        reply = self.conversation.last_reply
        model = reply.model if reply else (self._session.model_name if self._session else "")
        demo = "demo" if self._connection is not None and self._connection.demo else ""
        self.title_bar.right = " · ".join(dict.fromkeys(word for word in (demo, clean_line(model)) if word))

    def _show_queue(self) -> None:
        session = self._session
        if session is not None:
            self.queue_bar.show(session.queue, held=not session.busy)

    # Sending.

    def _send(self, text: str) -> None:
        if self._session is None:
            self._first_prompt = text
            return
        self._history.add(text)
        self._session.send(text)
        self.pane.resume()
        self._follow_turn()

    def _follow_turn(self) -> None:
        if self._session is not None:
            # The worker only waits: the session owns the turn's task, and cancels it at most once.
            self.run_worker(self._session.idle(), group="turn", exclusive=True)

    @on(Prompt.Submitted)
    async def take_prompt(self, event: Prompt.Submitted) -> None:
        """Run a slash word, or send; what cannot be taken goes back into the box."""
        text = event.text
        if (line := SLASH_LINE.fullmatch(text.rstrip())) is not None:
            command = by_slash(line[1])
            if command is None:
                self.prompt.give_back(text)
                self.say(f"There is no command /{line[1]}. Put a space in front to send it as text.", bad=True)
                return
            self._history.add(text)
            await self.action_command(command.id, line[2] or "")
        elif text.strip():
            self._send(text)
        elif self._session is not None and not self._session.hurry() and self._session.queue:
            self._send(self._session.unqueue(0))

    async def action_command(self, name: str, argument: str = "") -> None:
        """What a slash word or a palette entry says; unlike Esc, `/stop` has nothing to close first."""
        action = "stop_now" if name == "stop" else name
        takes_argument = any(command.id == name and command.argument for command in COMMANDS)
        await self.run_action(f"{action}({argument!r})" if argument and takes_argument else action)

    @on(TextArea.Changed, "#prompt")
    def typed(self) -> None:
        """The menu follows what is typed."""
        self.menu.show_for(self.prompt.text)

    @on(Button.Pressed, "#send-stop")
    def pressed(self) -> None:
        """Send or stop, as it says; the prompt keeps the focus."""
        if self._session is not None and self._session.busy:
            self._stop_reply()
        else:
            self.prompt.done()
        self.prompt.focus()

    @on(QueueBar.Back)
    def queued_back(self, event: QueueBar.Back) -> None:
        """Into the box, in front of what stands there."""
        if self._session is not None:
            self.prompt.give_back(self._session.unqueue(event.index))
            self.prompt.focus()

    @on(QueueBar.Dropped)
    def queued_dropped(self, event: QueueBar.Dropped) -> None:
        """Out of the queue; Up brings it back."""
        if self._session is not None:
            self._history.add(self._session.unqueue(event.index))

    @on(Prompt.Earlier)
    def earlier(self) -> None:
        """The prompt before."""
        if (text := self._history.earlier(self.prompt.text)) is not None:
            self.prompt.put(text)

    @on(Prompt.Later)
    def later(self) -> None:
        """The prompt after."""
        if (text := self._history.later()) is not None:
            self.prompt.put(text)

    @on(Prompt.EditorWanted)
    async def edit(self) -> None:
        """Go on in an editor; a reply goes on meanwhile."""
        edited = await editor.edit(self.app, self.prompt.text)
        if isinstance(edited, editor.NoEditor):
            self.say(edited.problem, bad=True)
        else:
            self.prompt.put(edited)

    @on(MessageView.RetryRequested)
    def retry_wanted(self) -> None:
        """The Retry under a reply."""
        self.action_retry()

    # Commands.

    def action_stop(self) -> None:
        """Esc: close what is open, bring a reader back to the prompt, or stop the reply."""
        now = monotonic()
        if now < self._deaf_until:
            return
        if self.menu.close():
            self._deaf_until = now + DEAF_AFTER_CLOSING
        elif self.focused is not self.prompt:
            self.focus_writing()
        else:
            self._stop_reply()

    def action_stop_now(self) -> None:
        """`/stop` and the button: nothing else first."""
        self._stop_reply()

    def _stop_reply(self) -> None:
        if self._session is not None:
            self._session.stop()

    def action_retry(self) -> None:
        """Ask the last question once more."""
        if self._session is not None and self._session.retry():
            self.pane.resume()
            self._follow_turn()
        else:
            self.say("There is nothing to ask again right now.", bad=True)

    action_message_retry = action_retry

    async def action_new(self) -> None:
        """An empty conversation with the same endpoint and system prompt."""
        if self._session is None:
            return
        await self._session.close()
        await self._open(Conversation(self.conversation.system))
        self.prompt.focus()

    @work
    async def action_model(self, name: str = "") -> None:
        """Set the model for the questions to come."""
        if self._session is None:
            return
        if not name:
            hint = "Enter takes it, Esc leaves it; empty: the endpoint's own choice."
            answer = await self.app.push_screen_wait(LineScreen("Model", hint, self._session.model_name))
            if answer is None:
                return
            name = answer
        self._session.model_name = name.strip()
        self._show_where()
        self._show_title()

    @work
    async def action_system(self, text: str = "") -> None:
        """Set the system prompt of this chat."""
        if not text:
            hint = "Enter takes it, Esc leaves it, Ctrl+J is a new line; empty removes it."
            answer = await self.app.push_screen_wait(LineScreen("System prompt", hint, self.conversation.system))
            if answer is None:
                return
            text = answer
        self.conversation.instruct("" if text.strip() == "none" else text.strip())
        self.say("The system prompt is set." if self.conversation.system else "There is no system prompt.")

    @work
    async def action_connect(self) -> None:
        """Show how to connect an endpoint."""
        server = await self.app.push_screen_wait(ConnectScreen())
        if server is not None:
            await self._choose(server)

    @on(ConnectHelp.LookWanted)
    def look(self, event: ConnectHelp.LookWanted) -> None:
        """Ask this machine's usual ports; only here, only when asked."""
        self.run_worker(self._look(event.help), group="look", exclusive=True)

    async def _look(self, asking: ConnectHelp) -> None:
        found = await self._house.look_for_local_servers()
        if asking.is_attached:
            await asking.show_found(found)

    @on(ConnectHelp.Chosen)
    async def chosen(self, event: ConnectHelp.Chosen) -> None:
        """Chat with a server that was found."""
        await self._choose(event.server)

    async def _choose(self, server: LocalServer) -> None:
        self._connect(self._house.connect(server))
        if not self.conversation.messages:
            await self._welcome()
        self._show_title()
        self.prompt.focus()
        if self._session is not None and not self._session.model_name:
            self.action_model()

    def action_queue(self) -> None:
        """The last queued text back into the box."""
        if self._session is not None and self._session.queue:
            self.queued_back(QueueBar.Back(len(self._session.queue) - 1))

    def action_editor(self) -> None:
        """`/editor`: with an empty box."""
        self.prompt.post_message(Prompt.EditorWanted())

    def action_history_previous(self) -> None:
        """`/earlier`: the prompt before."""
        self.earlier()

    def action_history_next(self) -> None:
        """`/later`: the prompt after."""
        self.later()

    def action_theme(self, name: str = "") -> None:
        """Take a theme by name, or show the list."""
        if not name:
            self.app.search_themes()
        elif name in self.app.available_themes:
            self.app.theme = name
        else:
            self.say(f"There is no theme {name}; /theme shows the list.", bad=True)

    def action_suspend(self) -> None:
        """To the shell; `fg` comes back."""
        self.app.action_suspend_process()

    def action_interrupt(self) -> None:
        """Ctrl+C: copy a selection, else stop, else clear the box, else arm quit. One press never quits."""
        now = monotonic()
        if selected := self.get_selected_text():
            self.say(clipboard.copy(self.app, selected, "the selection"))
            self.clear_selection()
        elif selected := self.prompt.selected_text:
            self.say(clipboard.copy(self.app, selected, "the selection"))
            self.prompt.move_cursor(self.prompt.cursor_location)
        elif self._session is not None and self._session.busy:
            self._session.stop()
        elif self.prompt.text:
            self.prompt.put("")
        elif now < self._quit_armed_until:
            self.run_worker(self.action_quit())
        else:
            self._quit_armed_until = now + QUIT_ARMED_FOR
            self.say("Press Ctrl+C again to quit.")

    async def action_quit(self) -> None:
        """Stop what runs, keep what is typed, and end."""
        await self.leave()
        self.app.exit()

    async def leave(self) -> None:
        """Whatever ends the program: stop the reply, keep the text in the box for the next start."""
        self._history.add(self.prompt.text)
        if self._session is not None:
            await self._session.close()

    def focus_writing(self) -> None:
        """To the prompt."""
        self.prompt.focus()
