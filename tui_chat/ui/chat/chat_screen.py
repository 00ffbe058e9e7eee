"""The screen: conversation pane, prompt, Send/Stop button, status bar; and the keys that mean several things."""

from __future__ import annotations

import os
from time import monotonic
from typing import TYPE_CHECKING

from textual import on
from textual.events import ScreenResume, ScreenSuspend
from textual.message import Message

from tui_chat.chat.clean import clean_line
from tui_chat.commands import by_id, template_command
from tui_chat.prompt_history import PromptHistory
from tui_chat.terminal.streaming_screen import StreamingScreen
from tui_chat.ui import clipboard
from tui_chat.ui.chat.attachment_commands import AttachmentCommands
from tui_chat.ui.chat.branch_commands import BranchCommands
from tui_chat.ui.chat.chat_commands import ChatCommands
from tui_chat.ui.chat.chat_switcher import ChatSwitcher
from tui_chat.ui.chat.connection_controller import ConnectionController
from tui_chat.ui.chat.context_commands import ContextCommands
from tui_chat.ui.chat.copy_commands import CopyCommands
from tui_chat.ui.chat.dispatch import call
from tui_chat.ui.chat.display_commands import DisplayCommands
from tui_chat.ui.chat.navigation_commands import NavigationCommands, VersionCommands
from tui_chat.ui.chat.option_commands import OptionCommands
from tui_chat.ui.chat.persona_commands import PersonaCommands
from tui_chat.ui.chat.prompt_commands import PromptCommands
from tui_chat.ui.chat.screen_commands import ScreenCommands
from tui_chat.ui.chat.sender import Sender
from tui_chat.ui.chat.start_commands import StartCommands
from tui_chat.ui.chat.template_commands import TemplateCommands
from tui_chat.ui.chat.title_bar import TitleBar
from tui_chat.ui.compare.compare_commands import CompareCommands
from tui_chat.ui.composer.composer import Composer
from tui_chat.ui.composer.prompt import Prompt
from tui_chat.ui.composer.queue_bar import QueueBar
from tui_chat.ui.find.controller import FindController
from tui_chat.ui.inspector.wire_commands import WireCommands
from tui_chat.ui.key_hints import key_hint
from tui_chat.ui.status_bar import StatusBar
from tui_chat.ui.transcript.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.events import Resize
    from textual.worker import Worker

    from tui_chat.chat.backend_ports import Backend, Setup
    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.message import Attachment
    from tui_chat.chat.session import Session
    from tui_chat.commands import Command
    from tui_chat.terminal.terminal_app import TerminalApp
    from tui_chat.terminal.window import TerminalWindow
    from tui_chat.ui.dialogs.start_page import StartList, StartPage
    from tui_chat.ui.transcript.message_view import MessageView

QUIT_ARMED_FOR = 2.0
"""Seconds in which a second Ctrl+C quits."""

ESC_IGNORED_AFTER_CLOSING = 0.3
"""Seconds in which Esc does nothing after it closed something, so that a held key does not stop a reply too."""


FRAMES_PER_SECOND, FRAMES_PER_SECOND_OVER_SSH = 30, 15
"""Over a network half as many frames do: each is a packet at least."""


class ChatScreen(StreamingScreen):
    """The screen of the program: it shows one conversation at a time, composes the widgets and connects them with their
    controllers."""

    DEFAULT_CSS = """
    ChatScreen {
        overflow: hidden;
        ToastRack { margin-bottom: 4; }
    }
    """

    class KeysWelcome(Message):
        """The prompt has the focus for the first time: from here on no key is lost."""

    def __init__(self, backend: Backend, prompt: str = "", attachments: Sequence[Attachment] = ()) -> None:
        """`prompt` is sent with `attachments` once the settings are loaded; without a prompt, the attachments wait for
        one."""
        super().__init__()
        remote = "SSH_CONNECTION" in os.environ
        self.title_bar = TitleBar()
        self.pane = Transcript(frames_per_second=FRAMES_PER_SECOND_OVER_SSH if remote else FRAMES_PER_SECOND)
        self.composer = Composer()
        self.status = StatusBar(backend.replay)
        self.finding = FindController(self.pane, self.mount_late_parts, self.status, self.composer.focus_prompt)
        self.connections = ConnectionController(self, self.pane, self.composer, backend)
        self.sender = Sender(self, self.composer, backend, prompt, attachments)
        self.connections.observers.append(self.sender.changed)
        self.switcher = ChatSwitcher(self, self.composer, self.pane, backend)
        self.sender.queue_changed = self.switcher.keep_draft
        branches = BranchCommands(self, self.pane, self.composer, self.show_notice)
        self.commands = ScreenCommands(
            navigation=NavigationCommands(self.pane, self.composer.focus_prompt, self.show_notice),
            copying=CopyCommands(self.pane, self.copy, self.show_notice),
            display=DisplayCommands(
                self, lambda: self.pane.conversation, self.show_notice, lambda: self.composer.menu.templates
            ),
            options=OptionCommands(self, self.show_notice),
            personas=PersonaCommands(self, branches.retry, self.show_notice),
            templates=TemplateCommands(self, backend, self.show_notice),
            branches=branches,
            chats=ChatCommands(self, self.switcher, branches.restore_messages),
            prompts=PromptCommands(self, self.composer),
            attaching=AttachmentCommands(
                self,
                self.composer,
                backend,
                lambda: self.connections.connection,
                lambda: self.switcher.draft_files,
                self.show_notice,
            ),
            start=StartCommands(self, lambda: backend.manager.find_local_servers()),
            context=ContextCommands(self, self.show_notice),
            versions=VersionCommands(self, self.pane, self.show_notice),
            wire=WireCommands(self, self.pane, backend, self.composer.focus_prompt, self.show_notice),
            comparing=CompareCommands(self, self.composer, backend, self.show_notice, self.composer),
        )
        self.sender.to_several = self.commands.comparing.take
        self.connections.replied = self.commands.context.offer
        self.sender.holds = self.commands.context.holds
        self.composer.attaching = self.commands.attaching
        self.connections.model_changed = self.commands.attaching.check
        self.connections.show_start = self.commands.start.show
        self.commands.navigation.focus_start = self.commands.start.focus
        self._quit_armed_until = 0.0
        self._notice = "", 0.0
        self._esc_ignored_until = 0.0

    def compose(self) -> ComposeResult:
        """Compose the title, the transcript, the composer and the status bar, from top to bottom."""
        yield self.title_bar
        yield self.pane
        yield self.composer
        yield self.status

    def on_mount(self) -> None:
        """Focus the prompt, and announce that keys are welcome."""
        self.set_focus(self.composer.prompt)
        self.post_message(self.KeysWelcome())

    def on_resize(self, event: Resize) -> None:
        """In a low window, give the row of the title to the conversation and simplify the frame of the prompt."""
        self.title_bar.fit(event.size)
        self.composer.frame.fit(event.size)
        self.commands.wire.fit(event.size)

    @on(ScreenSuspend)
    @on(ScreenResume)
    def _covered(self, event: ScreenSuspend | ScreenResume) -> None:
        """Show no pick on the start page below a dialog. Ignore Esc for a moment after one was closed, because the key
        may still be held down."""
        self.commands.start.repaint()
        if self.ready and isinstance(event, ScreenResume):
            self._esc_ignored_until = monotonic() + ESC_IGNORED_AFTER_CLOSING

    # What the chats need of the screen, and the screen of the chats

    async def begin(self, setup: Setup) -> None:
        """Take what the settings gave; what was typed meanwhile stays, and is sent if Enter was pressed."""
        from tui_chat.ui.toasts import keep_toasts_over

        keep_toasts_over(self, self.pane)
        self.connections.begin(setup)
        self.composer.menu.templates = [template_command(name) for name in setup.templates]
        self.commands.context.history = setup.history
        self.commands.comparing.look = setup.look
        if setup.state_folder is not None:
            self.composer.history = PromptHistory(setup.state_folder / "prompts.jsonl")
        await self.switcher.begin(setup)
        for problem in setup.template_problems:
            self.show_notice(clean_line(problem), bad=True, seconds=10)

    @property
    def conversation(self) -> Conversation:
        """The conversation that is shown."""
        return self.pane.conversation

    @property
    def window(self) -> TerminalWindow:
        """The terminal's window, for its title, its progress and its notifications."""
        app: TerminalApp = self.app  # type: ignore[assignment]
        return app.window

    @property
    def session(self) -> Session | None:
        """Runs the turns of the shown chat; `None` until the settings are loaded."""
        return self.connections.session

    @property
    def ready(self) -> bool:
        """Whether the settings are loaded."""
        return self.session is not None

    def show_notice(self, text: str, *, bad: bool = False, seconds: float = 4) -> None:
        """Show a toast for some seconds: a confirmation, or (`bad`) why something is not possible. Errors of replies
        are shown in the transcript."""
        said, ends_at = self._notice
        if said == text and monotonic() < ends_at:
            self.app.clear_notifications()  # said once more, it is not there twice
        self._notice = text, monotonic() + seconds
        self.notify(text, severity="warning" if bad else "information", timeout=seconds, markup=False)

    async def mount_late_parts(self) -> None:
        """See that they are mounted: the first frame does not wait for them."""
        if self.is_attached:  # else the program ends; it may do so while the first ones are mounted, too
            await self.composer.mount_hidden_parts()
        if self.is_attached:
            await self.finding.mount(self)

    @on(Transcript.BelowChanged)
    @on(Transcript.FollowChanged)
    def reader_moved(self) -> None:
        """Keep the reading position, and show how much text is below."""
        self.switcher.keep_reading_position()
        for part in (self.composer.frame, self.status):
            part.show_below(self.pane.below_in_words)

    # What the composer posts

    @on(Composer.Submitted)
    def submitted(self, event: Composer.Submitted) -> None:
        """Send it in the chat that it was written in."""
        if not event.text and not event.attachments and self.commands.start.choose():
            return
        if not self.switcher.returned_to_its_chat(event.text, event.chat, event.attachments):
            self.sender.submit(event.text, event.attachments)

    @on(Composer.EditSubmitted)
    def edit_submitted(self, event: Composer.EditSubmitted) -> None:
        """Ask the edited question as an alternative to the old one."""
        if not self.switcher.returned_to_its_chat(event.text, event.chat, event.attachments):
            self.sender.submit_edit(event.question, event.text, event.attachments)

    @on(Composer.CommandEntered)
    async def command_entered(self, event: Composer.CommandEntered) -> None:
        """Run a slash command."""
        await self.run_command(event.command, event.argument)

    @on(Composer.DraftChanged)
    def draft_changed(self, event: Composer.DraftChanged) -> None:
        """Keep the draft with its chat, and open the connection."""
        event.stop()
        self.switcher.keep_draft()
        self.status.show_typing(typing=bool(self.composer.text))
        self.sender.warm()
        self.commands.start.update()

    # What the page of an empty chat posts (taken by its name, as above), and the prompt for it

    async def on_start_page_chosen(self, event: StartPage.Chosen) -> None:
        """Run the chosen action of the start page."""
        await self.commands.start.run(event.action)

    def on_start_list_typed(self, event: StartList.Typed) -> None:
        """Type it into the prompt."""
        self.commands.start.type(event.character)

    @on(Composer.NothingEarlier)
    def nothing_earlier(self, event: Composer.NothingEarlier) -> None:
        """Move in the start page, because there are no earlier prompts to show."""
        self.commands.start.move(event.step)

    @on(Composer.Refused)
    def refused(self, event: Composer.Refused) -> None:
        """Show why the composer refused what was typed."""
        self.show_notice(event.reason, bad=True)

    @on(Prompt.CommandPressed)
    async def pressed_in_prompt(self, event: Prompt.CommandPressed) -> None:
        """Run the command of a key that was pressed in the prompt."""
        await self.action_press(event.command)

    @on(Prompt.EditorWanted)
    async def write_in_editor(self) -> None:
        """Go on in an editor. Handled here, so that the screen paints nothing while the terminal is the editor's."""
        from tui_chat.ui.composer.external_editor import edit_prompt

        if problem := await edit_prompt(self.app, self.composer.prompt):
            self.show_notice(problem, bad=True)

    @on(QueueBar.Back)
    def queued_back(self, event: QueueBar.Back) -> None:
        """Put it back into the prompt."""
        self.sender.take_back(event.index)

    @on(QueueBar.Dropped)
    def queued_dropped(self, event: QueueBar.Dropped) -> None:
        """Take it out of the queue."""
        self.sender.drop(event.index)

    @on(QueueBar.Moved)
    def queued_moved(self, event: QueueBar.Moved) -> None:
        """Send it earlier or later."""
        self.sender.move(event.index, event.by)

    def on_message_view_folded(self, event: MessageView.Folded) -> None:
        """Count the matches of a search again, because folded reasoning is not searched."""
        self.finding.finder.recount(event.view.messages[0])

    # What a reply's own words to click ask for. (It is taken by its name: the view's class is not imported before the
    # first frame.)

    def on_message_view_action_requested(self, event: MessageView.ActionRequested) -> None:
        """Retry, continue, or copy a block of code."""
        self.commands.act_on(event)

    # Commands

    def copy(self, text: str, what: str) -> None:
        """Put a text on the clipboard, and say so; `what` names it."""
        self.show_notice(clipboard.copy(self.app, text, what))

    async def action_press(self, name: str, argument: str = "") -> None:
        """Run the command with the id `name`: one of its keys, or a hint that shows one, was pressed."""
        await self.run_command(by_id(name), argument)

    async def run_command(self, command: Command, argument: str = "") -> None:
        """Do what a slash word or an entry of the palette says; what follows the word counts where one is taken."""
        arguments = [argument] if argument and command.argument else []
        await call(self, command.handler, *([command.slash] if command.template else []), *arguments)

    def close_something(self) -> bool:
        """Esc, before it is anything else: close what is open, bring a reader back to the prompt, or leave an edit.
        Returns False if there is nothing of the kind, so that Esc does what it is bound to, which is to stop."""
        now = monotonic()
        if now < self._esc_ignored_until:
            return True
        if self.composer.prompt.close_menus():
            self._esc_ignored_until = now + ESC_IGNORED_AFTER_CLOSING
        elif self.finding.close():
            self._esc_ignored_until = now + ESC_IGNORED_AFTER_CLOSING
            self.composer.focus_prompt()
        elif self.commands.wire.close_something():
            self._esc_ignored_until = now + ESC_IGNORED_AFTER_CLOSING
        elif self.focused is not self.composer.prompt:
            self.composer.focus_prompt()
        elif self.composer.end_edit():
            self._esc_ignored_until = now + ESC_IGNORED_AFTER_CLOSING
        else:
            return False
        return True

    @on(Composer.StopPressed)
    def stop_reply(self) -> None:
        """Stop the running reply, else the reading of files, for `/stop` and the button, which skip the other steps of
        Esc."""
        busy = self.session is not None and self.session.busy
        if self.commands.context.stop() or (not busy and self.composer.stop_reading()):
            return
        if self.session is not None:
            self.session.stop()

    def interrupt(self) -> None:
        """Ctrl+C: copy a selection, else stop, else clear the box, else arm quit. One press never quits."""
        now = monotonic()
        if selected := self.get_selected_text():
            self.copy(selected, "the selection")
            self.clear_selection()
        elif selected := self.composer.prompt.selected_text:
            self.copy(selected, "the selection")
            self.composer.prompt.move_cursor(self.composer.prompt.cursor_location)
        elif self.session is not None and self.session.busy:
            self.session.stop()
        elif self.composer.stop_reading() or self.composer.end_edit() or self.composer.clear():
            pass
        elif now < self._quit_armed_until:
            _: Worker[None] = self.run_worker(self.quit)
        else:
            self._quit_armed_until = now + QUIT_ARMED_FOR
            self.show_notice(f"Press {key_hint(self.app, 'interrupt')} again to quit.")

    async def quit(self) -> None:
        """Stop what runs, keep what is typed, and end."""
        await self.switcher.leave()
        self.app.exit()
