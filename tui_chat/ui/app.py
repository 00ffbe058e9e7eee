"""The full-screen program: shows the screen first, then loads the settings."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from functools import partial
from typing import TYPE_CHECKING

from textual import events
from textual.await_complete import AwaitComplete

from tui_chat.chat.model_ports import SetupError
from tui_chat.keymap import Keymap
from tui_chat.terminal import capabilities
from tui_chat.terminal.job_control import has_shell
from tui_chat.terminal.terminal_app import hide_locals
from tui_chat.ui.chat.chat_screen import ChatScreen
from tui_chat.ui.chat.dispatch import press
from tui_chat.ui.garbage import begin_collecting
from tui_chat.ui.themes import AUTO, ThemedApp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.screen import Screen
    from textual.worker import Worker

    from tui_chat.chat.backend_ports import Backend, Setup
    from tui_chat.chat.message import Attachment
    from tui_chat.ui.chat.display_commands import ThemeChosen

log = logging.getLogger(__name__)

MOUNT_POLL = 0.01
"""Seconds between checks whether a dialog that is being opened can receive keys."""


def _load_engine() -> None:
    import tui_chat.ui.transcript.message_view  # noqa: F401 - loaded ahead
    from tui_chat.ui.markdown.document import load_engine

    load_engine()


class ChatApp(ThemedApp, inherit_bindings=False):
    """The Textual app: one chat screen, and what concerns the whole process (settings, signals, crashes)."""

    # Textual's own colours of toasts cannot be read in every theme. The tint sets them apart from a dialog.
    CSS = """
    Toast {
        max-width: 90%; background: $role-overlay; background-tint: $role-text 8%; color: $role-text;
        &:ansi { background: $role-bg; background-tint: transparent; border: round $role-line; padding: 0 1; }
        &.-information { border-left: outer $role-success; }
        &.-warning { border-left: outer $role-warning; }
        &.-error { border-left: outer $role-error; }
    }
    ToastRack.-small ToastHolder { display: none; }
    ToastRack.-small ToastHolder:last-of-type { display: block; }
    ToastRack.-small Toast {
        width: 100%; max-width: 100%; margin: 0; padding: 0 1;
        &:ansi { border-top: none; border-right: none; border-bottom: none; text-style: reverse; }
    }
    """
    TITLE = "tui-chat"
    ENABLE_COMMAND_PALETTE = False  # there is an own one

    def __init__(
        self,
        backend: Backend,
        prompt: str = "",
        attachments: Sequence[Attachment] = (),
        *,
        first_theme: str = "",
        own_keys: bool = False,
        on_loaded: Callable[[], None] | None = None,
    ) -> None:
        """`backend`: provides settings and connections after the first frame. `prompt`: is sent then, with
        `attachments`. `first_theme`: the colours until the settings have come. `own_keys`: the settings may give
        commands other keys, so keys wait for them. `on_loaded`: is called in a thread when all is imported."""
        super().__init__(first_theme)
        self._on_loaded = on_loaded
        hide_locals(self.console, self._crashed, backend.masked)
        self.keymap = Keymap()
        """The keys of all commands; the table's own until the settings are loaded."""
        self.setup_error: SetupError | None = None
        """Why the program ended before it started: one line to print, with exit status 2."""
        self.backend = backend
        self._early_keys: list[events.Key | events.Paste] | None = []
        """Keys and pastes that arrived before the screen could handle them; `None` while it can."""
        self._first_frame_written = False
        self._keys_wait_for_settings = own_keys
        self._leaving: asyncio.Task[None] | None = None
        """The task that ends the program after a signal."""
        self._saved_theme = ""
        """The theme that the settings contain or that has been saved; empty until they are loaded."""
        self.chat = ChatScreen(backend, prompt, attachments)
        """The only chat screen."""

    def get_default_screen(self) -> Screen[None]:
        """Return the chat screen in place of the empty one that Textual would show first."""
        return self.chat

    async def on_event(self, event: events.Event) -> None:
        """Hold back keys that arrive before the screen is ready for them; everything else is Textual's own."""
        if isinstance(event, events.InputEvent) and not self.screen_stack:
            return  # the program ends: there is nothing that a key could be for
        if not isinstance(event, events.Key | events.Paste):
            await super().on_event(event)
            return
        if self._early_keys is None and not self.screen.is_mounted:  # no key is lost while one opens
            self._early_keys = []
            self.set_timer(MOUNT_POLL, self._dialog_opens)
        if self._early_keys is not None:
            self._early_keys.append(event)
            if isinstance(event, events.Key) and event.key == "ctrl+c" and self._keys_wait_for_settings:
                await self._leave(130)  # loading takes long, perhaps because a command for a key waits for an answer
        elif (
            isinstance(event, events.Paste)
            or event.is_forwarded  # it came back from the widget with the focus
            or not await press(self.chat, event.key)
        ):
            await super().on_event(event)

    async def _dialog_opens(self) -> None:
        """Hold back keys until the dialog that is being opened has its widgets or was closed."""
        if self.screen_stack and not self.screen.is_mounted:
            self.set_timer(MOUNT_POLL, self._dialog_opens)
        else:
            await self.on_chat_screen_keys_welcome()

    async def on_chat_screen_keys_welcome(self) -> None:
        """Send the early keys, in order and before any others."""
        if self._keys_wait_for_settings:
            return
        early, self._early_keys = self._early_keys or [], None
        for key in early:
            await self.on_event(key)

    def on_resize(self, event: events.Resize) -> None:
        """Repaint if the size is unchanged: the terminal had another size in between, and lost what it showed."""
        if event.size == self.screen.size and self._first_frame_written:
            self.screen.refresh()

    def on_mount(self) -> None:
        """Let signals end the program in an orderly way."""
        self.call_at_end_signals(self._ended_by)

    def on_ready(self) -> None:
        """Load the settings; Textual calls this when the first frame has been written."""
        self._first_frame_written = True
        _: Worker[None] = self.run_worker(self._settings, group="settings")

    async def _settings(self) -> None:
        try:
            setup: Setup = await asyncio.to_thread(self.backend.load)
            capabilities.log_missing()
            self._take_theme(setup.theme)
            self.keymap = Keymap(setup.keys)
        except SetupError as error:
            self.setup_error = error
            self.exit(return_code=2)
            return
        if self._keys_wait_for_settings:
            self._keys_wait_for_settings = False
            await self.on_chat_screen_keys_welcome()
        self.hyperlinks.configure(setup.window.links)
        self.chat.commands.display.set_look(setup.look)
        await self.chat.begin(setup)
        self.call_after_refresh(self._prepare)  # that the program is ready is to be seen first

    def _prepare(self) -> None:
        _: Worker[None] = self.run_worker(self._load_ahead, group="settings")

    async def _load_ahead(self) -> None:
        """Mount and import what the first question and reply need, while the user types."""
        await self.chat.mount_late_parts()
        await self.backend.prepare()
        await asyncio.to_thread(_load_engine)
        if self._on_loaded is not None:
            await asyncio.to_thread(self._on_loaded)
        begin_collecting()

    def _take_theme(self, name: str) -> None:
        if name not in (AUTO, *self.available_themes):
            raise SetupError(f"theme: there is no {name!r}; there are {', '.join(sorted(self.available_themes))}")
        self._saved_theme = name
        self.use_theme(name)

    def on_theme_chosen(self, event: ThemeChosen) -> None:
        """Use a theme that the user chose, and save it for the next start."""
        self.use_theme(event.name)
        if self._saved_theme not in ("", event.name):
            self._saved_theme = event.name
            _: Worker[None] = self.run_worker(
                partial(asyncio.to_thread, self.backend.keep_theme, event.name), group="theme"
            )

    def action_suspend_process(self) -> None:
        """Suspend the whole process group, as a terminal's own Ctrl+Z does, so that programs between the shell and
        tui-chat stop too. The driver does the rest when the signal arrives."""
        if self.driver is None or not self.driver.can_suspend:
            self.notify("tui-chat cannot be suspended here.", severity="warning")
            return
        if not has_shell():
            self.notify("There is no shell to return to, so tui-chat stays open.", severity="warning")
            return
        self.app_suspend_signal.publish(self)
        os.killpg(os.getpgrp(), signal.SIGTSTP)

    def _ended_by(self, number: int) -> None:
        if self._leaving is None:
            self._mark_interrupted()
            # Not a worker: one that is requested while the program is ending would never start.
            self._leaving = asyncio.create_task(self._leave(128 + number))

    def _mark_interrupted(self) -> None:
        """Leave without being asked: the next start reports what was unfinished."""
        self.chat.switcher.interrupted()

    async def _leave(self, code: int) -> None:
        await self.chat.switcher.leave()
        self.exit(return_code=code)

    async def action_quit(self) -> None:
        """Stop running replies, then exit."""
        await self._leave(0)

    async def on_unmount(self) -> None:
        """Close connections, however the program ended."""
        await self.chat.switcher.leave()
        await self.backend.close()

    def pop_screen(self) -> AwaitComplete:
        """Never close the chat screen itself: two quick keys may close one dialog twice."""
        if len(self.screen_stack) > 1:
            return super().pop_screen()
        return AwaitComplete()

    def _crashed(self) -> None:
        log.error("tui-chat crashed", exc_info=True)  # noqa: LOG014 - called inside the exception's handler
        self._mark_interrupted()
