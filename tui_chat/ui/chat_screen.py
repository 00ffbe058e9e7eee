"""The screen: conversation pane, prompt, Send/Stop button, status bar, and the commands that join them."""

from __future__ import annotations

import re
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Button, Static, TextArea

from tui_chat.chat.conversation import Conversation
from tui_chat.chat.endings import may_continue
from tui_chat.chat.events import Added, CutOff, Failed, Finished, Selected, Stopped
from tui_chat.commands import COMMANDS, by_slash
from tui_chat.ui import clipboard
from tui_chat.ui.answering_screen import AnsweringScreen
from tui_chat.ui.message_view import MessageView
from tui_chat.ui.prompt import Prompt
from tui_chat.ui.prompt_history import PromptHistory
from tui_chat.ui.queue_bar import QueueBar
from tui_chat.ui.slash_menu import SlashMenu

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui_chat.chat.events import Change
    from tui_chat.chat.message import Message as ChatMessage
    from tui_chat.chat.ports import House, Setup

SLASH_LINE = re.compile(r"/([a-z]+)(?:\s+(.*))?", re.DOTALL)
"""A whole prompt that is a command, without a blank in front. `/usr/bin` is none: a path goes on with a slash."""

QUIT_ARMED_FOR = 2.0
"""Seconds in which a second Ctrl+C quits."""

WARM_FOR = 100.0
"""Seconds that a connection is taken to stay open; it is kept a little longer than that."""

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


class ChatScreen(AnsweringScreen):
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

    class KeysWelcome(Message):
        """The prompt has the focus for the first time: from here on no key is lost."""

    def __init__(self, house: House, prompt: str = "") -> None:
        """`prompt` is sent as soon as there is somebody to answer."""
        super().__init__(house)
        self._waiting = [prompt] if prompt else []
        """Sent before there was somebody to answer."""
        self._history = PromptHistory()
        self._quit_armed_until = 0.0
        self._deaf_until = 0.0
        self._warm_until = 0.0
        self.menu = SlashMenu()
        self.prompt = Prompt(self.menu)
        self.queue_bar = QueueBar()
        self.button = Button("Send", id="send-stop", compact=True)

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        yield self.title_bar
        yield self.pane
        with Vertical(id="below"):
            yield self.find_bar
            yield self.menu
            yield self.queue_bar
            with Horizontal(id="write"):
                yield Static("❯", markup=False)
                yield self.prompt
                yield self.button
        yield self.status

    def on_mount(self) -> None:
        """Ready to be typed into."""
        self.set_focus(self.prompt)
        self.post_message(self.KeysWelcome())

    # What the rooms below tell.

    async def begin(self, setup: Setup) -> None:
        """Take what the settings gave; what was typed meanwhile stays, and is sent if Enter was pressed."""
        await super().begin(setup)
        if setup.state_folder is not None:
            self._history = PromptHistory(setup.state_folder / "prompts.jsonl")
        await self.open_conversation(Conversation(setup.system))
        waiting, self._waiting = self._waiting, []
        for text in waiting:
            self._send(text)

    async def open_conversation(self, conversation: Conversation) -> None:
        """Show a conversation, and watch its session's queue."""
        self.close_find()
        conversation.subscribe(self._changed)
        await super().open_conversation(conversation)
        if self.session is not None:
            self.session.queue_changed = self._show_queue
        self._show_queue()

    def _changed(self, conversation: Conversation, message: ChatMessage | None, change: Change) -> None:
        match change:
            case Added() | Selected() | Finished() | CutOff() | Failed() | Stopped():
                self.button.label = "Stop" if conversation.replying else "Send"
                self.button.set_class(conversation.replying, "stop")
                self._show_queue()
                self.show_who()
            case _:
                pass

    def _show_queue(self) -> None:
        session = self.session
        if session is not None:
            self.queue_bar.show([each.text for each in session.queue], held=not session.busy)

    # Sending.

    def _send(self, text: str) -> None:
        if self.session is None:
            self._waiting.append(text)
            return
        self._history.add(text)
        self.session.send(text)
        self.pane.resume()
        self._follow_turn()

    def _follow_turn(self) -> None:
        if self.session is not None:
            # The worker only waits: the session owns the turn's task, and cancels it at most once.
            self.run_worker(self.session.idle(), group="turn", exclusive=True)

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
        elif self.session is not None and not self.session.hurry() and self.session.ask_next():
            self.pane.resume()
            self._follow_turn()

    async def action_command(self, name: str, argument: str = "") -> None:
        """What a slash word or a palette entry says; unlike Esc, `/stop` has nothing to close first."""
        action = "stop_now" if name == "stop" else name
        takes_argument = any(command.id == name and command.argument for command in COMMANDS)
        await self.run_action(f"{action}({argument!r})" if argument and takes_argument else action)

    @on(TextArea.Changed, "#prompt")
    def typed(self) -> None:
        """The menu follows what is typed, and the connection is opened while a first word is."""
        self.menu.show_for(self.prompt.text)
        if self.ready and self.prompt.text and monotonic() > self._warm_until:
            self._warm_until = monotonic() + WARM_FOR
            self.run_worker(self._house.warm(), group="warm", exclusive=True)

    @on(Button.Pressed, "#send-stop")
    def pressed(self) -> None:
        """Send or stop, as it says; the prompt keeps the focus."""
        if self.session is not None and self.session.busy:
            self._stop_reply()
        else:
            self.prompt.done()
        self.focus_writing()

    @on(QueueBar.Back)
    def queued_back(self, event: QueueBar.Back) -> None:
        """Into the box, in front of what stands there."""
        if self.session is not None:
            self.prompt.give_back(self.session.unqueue(event.index).text)
            self.focus_writing()

    @on(QueueBar.Dropped)
    def queued_dropped(self, event: QueueBar.Dropped) -> None:
        """Out of the queue; Up brings it back."""
        if self.session is not None:
            self._history.add(self.session.unqueue(event.index).text)

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
        from tui_chat.ui import editor  # brings subprocess and tempfile with it

        edited = await editor.edit(self.app, self.prompt.text)
        if isinstance(edited, editor.NoEditor):
            self.say(edited.problem, bad=True)
        else:
            self.prompt.put(edited)

    @on(MessageView.RetryRequested)
    def retry_wanted(self, event: MessageView.RetryRequested) -> None:
        """The Retry under a reply."""
        self._retry(event.view.message)

    @on(MessageView.ContinueRequested)
    def continue_wanted(self, event: MessageView.ContinueRequested) -> None:
        """The Continue under a reply."""
        self._continue(event.view)

    # Commands.

    def action_stop(self) -> None:
        """Esc: close what is open, bring a reader back to the prompt, or stop the reply."""
        now = monotonic()
        if now < self._deaf_until:
            return
        if self.menu.close():
            self._deaf_until = now + DEAF_AFTER_CLOSING
        elif self.close_find():
            self._deaf_until = now + DEAF_AFTER_CLOSING
            self.focus_writing()
        elif self.focused is not self.prompt:
            self.focus_writing()
        else:
            self._stop_reply()

    def action_stop_now(self) -> None:
        """`/stop` and the button: nothing else first."""
        self._stop_reply()

    def _stop_reply(self) -> None:
        if self.session is not None:
            self.session.stop()

    def action_retry(self) -> None:
        """Ask the last question once more."""
        self._retry(None)

    def action_message_retry(self) -> None:
        """Ask the question of the focused message once more."""
        if (view := self.focused_view) is not None:
            self._retry(view.message)

    def _retry(self, message: ChatMessage | None) -> None:
        if self.session is not None and self.session.retry(message):
            self.pane.resume()
            self._follow_turn()
        else:
            self.say("There is nothing to ask again right now.", bad=True)

    def action_continue(self) -> None:
        """Go on with the last reply where it is not whole."""
        self._continue(None)

    def action_message_continue(self) -> None:
        """Go on with the focused reply."""
        self._continue(self.focused_view)

    def _continue(self, view: MessageView | None) -> None:
        """Of an earlier reply, what comes is a branch of its own."""
        session, reply = self.session, view.message if view is not None else self.conversation.leaf
        if session is None or session.busy or reply is None or not may_continue(reply):
            self.say("There is nothing to go on with.", bad=True)
            return
        if reply is not self.conversation.leaf:
            self.conversation.select(reply)
        session.continue_()
        self.pane.resume()
        self._follow_turn()

    async def action_new(self) -> None:
        """An empty conversation with the same endpoint and system prompt."""
        if self.session is None:
            return
        await self.session.close()
        await self.open_conversation(Conversation(self.conversation.system))
        self.focus_writing()

    def action_queue(self) -> None:
        """The last queued text back into the box."""
        if self.session is not None and self.session.queue:
            self.queued_back(QueueBar.Back(len(self.session.queue) - 1))

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
        elif self.session is not None and self.session.busy:
            self.session.stop()
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
        if self.session is not None:
            await self.session.close()

    def focus_writing(self) -> None:
        """To the prompt, for the very next key; `focus()` would take effect later."""
        self.set_focus(self.prompt)
