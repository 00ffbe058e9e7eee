"""Attaches files to the prompt: by path, from the clipboard, and from the web."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Protocol

from tui_chat.chat.clean import clean_line
from tui_chat.daemon_thread import in_daemon_thread
from tui_chat.ui.key_hints import key_hint

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from pathlib import Path

    from textual.app import App
    from textual.worker import Worker

    from tui_chat.attachments.draft_files import DraftFiles
    from tui_chat.chat.backend_ports import Backend
    from tui_chat.chat.message import Attachment
    from tui_chat.chat.model_ports import Connection
    from tui_chat.ui.notify import Notify


class AttachingComposer(Protocol):
    """The part of the composer that the commands use."""

    def attach(self, reading: Coroutine[None, None, Attachment | None]) -> None:
        """Attach what `reading` returns."""
        ...

    async def all_read(self) -> bool:
        """Wait for what is being read now; False: something of it could not be attached."""
        ...

    @property
    def text(self) -> str:
        """The text in the box, with the folded pastes in it."""
        ...

    def attach_several(self, reading: Coroutine[None, None, Sequence[Attachment | None]]) -> None:
        """Attach all that `reading` returns."""
        ...

    def take_out(self, shown: str) -> bool:
        """Take a text out of the box. False: it does not stand there any more."""
        ...

    def begin_file_word(self) -> None:
        """Let the menu of files open, as an `@` does."""
        ...

    @property
    def chip_files(self) -> Sequence[Attachment]:
        """The attachments that chips show."""
        ...

    def remove_attachment(self, index: int) -> None:
        """Attach one of them no longer."""
        ...


class AttachmentScreen(Protocol):
    """The parts of the chat screen that the commands use."""

    @property
    def app(self) -> App[object]:
        """The app, which shows dialogs."""
        ...

    def run_worker(
        self, work: Callable[[], Coroutine[None, None, None]], *, group: str, exclusive: bool = False
    ) -> Worker[None]:
        """Run a coroutine that ends with the screen."""
        ...


class AttachmentCommands:
    """Reads what is to be attached in threads, and says why something cannot be."""

    def __init__(
        self,
        screen: AttachmentScreen,
        composer: AttachingComposer,
        backend: Backend,
        connection: Callable[[], Connection | None],
        files: Callable[[], DraftFiles | None],
        notify: Notify,
    ) -> None:
        """`connection` returns the recipient of the next question, `files` keeps copies; both `None` until the settings
        are loaded."""
        self._screen = screen
        self._composer = composer
        self._backend = backend
        self._connection = connection
        self._files = files
        self._notify = notify

    def attach(self, words: str = "") -> None:
        """Attach the files with these paths, or the page with this address; without words, choose from the files of the
        working folder."""
        words = words.strip()
        if not words.strip("\"'"):
            self._composer.begin_file_word()
        elif words.startswith(("https://", "http://")):
            self.attach_address(words)
        else:
            self._composer.attach_several(self._read_named(words))

    async def _read_named(self, words: str) -> Sequence[Attachment | None]:
        from tui_chat.attachments.dropped_paths import named_files

        paths = await in_daemon_thread(partial(named_files, words), "files that are named")
        return [await self._read(path) for path in paths]

    def preview(self, number: str = "") -> None:
        """Show what is attached, beginning with the first or with that number."""
        from tui_chat.ui.dialogs.attachment_preview import AttachmentPreview

        attachments = self._composer.chip_files
        if not attachments:
            self._warn("Nothing is attached: @ finds files.")
            return
        at = int(number) - 1 if number.isascii() and number.isdigit() and len(number) < 5 else 0
        preview = AttachmentPreview(attachments, min(max(0, at), len(attachments) - 1))
        self._screen.app.push_screen(preview, self._remove)

    def _remove(self, index: int | None) -> None:
        if index is not None:
            self._composer.remove_attachment(index)

    def attach_file(self, path: Path) -> None:
        """Read a file and attach it; why it cannot be attached is shown as a notice."""
        self._composer.attach(self._read(path))

    def attach_files(self, paths: Sequence[Path]) -> None:
        """Attach several files, in their order."""
        for path in paths:
            self.attach_file(path)

    def attach_image(self) -> None:
        """Attach the picture on the clipboard."""
        self._composer.attach(self._take_image())

    def attach_address(self, url: str) -> None:
        """Fetch a page, attach it, and show what is sent of it."""
        self._composer.attach(self._fetch(url, self._composer.text))

    async def take_pasted(self, text: str, shown: str) -> None:
        """Attach the files whose paths a pasted text consists of, in place of `shown`, which stands for it in the
        box; any other text stays there."""
        from tui_chat.attachments.dropped_paths import existing_files

        paths = await in_daemon_thread(partial(existing_files, text), "files that were pasted")
        if paths and self._composer.take_out(shown):  # else it was sent or changed in the meantime
            self.attach_files(paths)

    async def _read(self, path: Path) -> Attachment | None:
        from tui_chat.attachments.reading import read_attachment

        return await self._made(lambda: read_attachment(path))

    async def _take_image(self) -> Attachment | None:
        from tui_chat.attachments.clipboard_image import clipboard_image

        return await self._made(clipboard_image)

    async def _fetch(self, url: str, written: str) -> Attachment | None:
        from tui_chat.attachments.web_page import page_attachment
        from tui_chat.chat.events import Failed

        page = await self._backend.fetch(url)
        if isinstance(page, Failed):
            self._warn(f"{url} cannot be attached: {page.problem} {page.hint}")
            return None
        attachment = await self._made(lambda: page_attachment(page))
        if attachment is not None:
            self._screen.run_worker(partial(self._show_fetched, attachment, written), group="fetched")
        return attachment

    async def _show_fetched(self, attachment: Attachment, written: str) -> None:
        """Open the preview of a page that was fetched. Where the person has gone on since `written` stood in the box, a
        notice says how to open it: a dialog would take the keys."""
        await self._composer.all_read()
        files = self._composer.chip_files
        if attachment not in files:
            return  # it was sent or removed
        if self._screen.app.screen is self._screen and self._composer.text == written:
            self.preview(str(files.index(attachment) + 1))
        else:
            key = key_hint(self._screen.app, "preview")
            self._notify(f"{clean_line(attachment.name)} is attached; {key} shows what is sent of it.")

    async def _made(self, make: Callable[[], Attachment]) -> Attachment | None:
        """Run `make` in a thread, and keep a copy of its result; `None`: it cannot be attached, and a notice says
        so."""
        from tui_chat.attachments.reading import AttachmentError

        try:
            attachment = await in_daemon_thread(make, "an attachment")
        except AttachmentError as error:
            self._warn(f"{error}.")
            return None
        await self._warn_if_refused(attachment)
        files = self._files()
        return attachment if files is None else await asyncio.to_thread(files.keep, attachment)

    def check(self) -> None:
        """Notify of attachments that the recipient of the next question does not accept."""
        if files := self._composer.chip_files:
            self._screen.run_worker(partial(self._check, files), group="check", exclusive=True)

    async def _check(self, files: Sequence[Attachment]) -> None:
        for attachment in files:
            await self._warn_if_refused(attachment)

    async def _warn_if_refused(self, attachment: Attachment) -> None:
        connection = self._connection()
        if connection is None:
            return
        if refusal := await asyncio.to_thread(connection.refusal, attachment):
            self._warn(f"{refusal} Choose another model, or remove it.")
        elif attachment.mime.startswith("image/"):
            model = await asyncio.to_thread(connection.about, connection.model_name)
            if model.images is None:
                self._screen.run_worker(partial(self._ask_about, connection.model_name, attachment), group="images")
            elif not model.images:
                self._warn(f"{model.name} takes no pictures. Choose another model, or remove {attachment.name}.")

    async def _ask_about(self, model: str, attachment: Attachment) -> None:
        """Ask the server about a model, and check again if it told something."""
        if await self._backend.learn_about(model):
            await self._warn_if_refused(attachment)

    def _warn(self, sentence: str) -> None:
        self._notify(clean_line(sentence), bad=True)
