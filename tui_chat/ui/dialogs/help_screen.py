"""The help screen: the most important keys on one page, what the signs mean, and all commands by a search."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget

from tui_chat import __version__
from tui_chat.commands import COMMANDS, Command, by_id
from tui_chat.ui.dialogs.command_groups import grouped
from tui_chat.ui.dialogs.dialog_rows import MARGIN, Hint
from tui_chat.ui.dialogs.list_dialog import ListDialog
from tui_chat.ui.dialogs.row_list import Column, ListItem, ListRow, Sentence
from tui_chat.ui.key_hints import keymap_of
from tui_chat.ui.roles import MUTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.geometry import Size

    from tui_chat.keymap import Keymap

WIDTH_FOR_COLUMNS: Final = 80
"""Cells of the dialog from which the groups stand beside one another."""

GROUPS: tuple[tuple[str, tuple[tuple[tuple[str, ...], str], ...]], ...] = (
    (
        "Write",
        (
            (("send",), "send"),
            (("newline",), "new line"),
            (("editor",), "open in editor"),
            (("history_previous", "history_next"), "earlier prompts"),
            (("stop",), "stop the reply"),
            (("interrupt",), "copy, stop, clear"),
            (("quit",), "quit"),
        ),
    ),
    (
        "Read",
        (
            (("page_up", "page_down"), "scroll"),
            (("bottom",), "latest"),
            (("find",), "find"),
            (("fold",), "show reasoning"),
            (("chats",), "all chats"),
            (("new",), "new chat"),
            (("model",), "choose a model"),
        ),
    ),
    (
        "On a message",
        (
            (("message_copy",), "copy"),
            (("message_code",), "copy next code block"),
            (("message_edit",), "edit and resend"),
            (("message_retry", "message_continue"), "retry, continue"),
            (("message_older", "message_newer"), "other versions"),
            (("message_branch",), "branch into a new chat"),
            (("message_delete", "message_undelete"), "delete, undo"),
        ),
    ),
)
"""The groups of the page: commands and what their keys do, in two or three words."""

SIGNS = (
    ("■", "stopped by you"),
    ("✂", "cut off or length limit"),
    ("✗", "failed"),
    ("~", "estimate"),
    ("↑↓", "tokens in and out"),
    ("2/3", "version"),
    ("●", "running or in use"),
    ("○", "unread"),
    ("★", "pinned"),
    ("▸", "picked or folded"),
    ("↪", "a line of code continues"),
)

MOUSE = "Drag to select, Ctrl+C copies. Shift (Option on macOS) selects as the terminal does; /mouse frees the mouse."


class HelpPage(Widget):
    """The page itself, in as many columns as fit."""

    DEFAULT_CSS = """
    HelpPage { height: auto; color: $role-muted; }
    """

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The number of lines at this width."""
        return len(self._lines(width))

    def render(self) -> Content:
        """Render the groups, the signs and what the mouse does."""
        return Content("\n").join(self._lines(self.size.width))

    def _lines(self, width: int) -> list[Content]:
        keymap = keymap_of(self.app)
        room = max(1, width - 2 * MARGIN)
        groups = [(title, _keys(rows, keymap)) for title, rows in GROUPS]
        beside = width >= WIDTH_FOR_COLUMNS
        common = max(_widest(keys) for _, keys in groups)
        longest = max(len(word) for _, keys in groups for _, word in keys)
        own = beside or common + longest > room
        blocks = [_group_lines(title, keys, keymap, _widest(keys) if own else common) for title, keys in groups]
        if beside:
            lines = _side_by_side(blocks, room)
        else:
            lines = [line for block in blocks for line in (*block, Content(""))][:-1]
        lines += [Content(""), _heading("Signs"), *_flow([_pair(*sign) for sign in SIGNS], room)]
        lines += [Content(""), _heading("Mouse"), *Content.styled(MOUSE, MUTED).wrap(room)]
        return [" " * MARGIN + line.truncate(room, ellipsis=True) for line in lines]


def _heading(title: str) -> Content:
    return Content.styled(title, "bold $role-accent")


def _pair(key: str, word: str, width: int = 0) -> Content:
    return Content.assemble((key, "bold $role-text"), " " * max(1, width - len(key)), (word, MUTED))


def _keys(rows: Sequence[tuple[Sequence[str], str]], keymap: Keymap) -> list[tuple[str, str]]:
    return [(" ".join(filter(None, (keymap.hint(name) for name in names))), word) for names, word in rows]


def _widest(keys: Sequence[tuple[str, str]]) -> int:
    return max(len(key) for key, _ in keys) + 2


def _group_lines(title: str, keys: Sequence[tuple[str, str]], keymap: Keymap, width: int) -> list[Content]:
    if title == "On a message":
        title = f"{title} ({' '.join(keymap.all_written(by_id('previous_message'))[-1:])})"
    return [_heading(title), *(_pair(key, word, width) for key, word in keys if key)]


def _side_by_side(groups: Sequence[Sequence[Content]], room: int) -> list[Content]:
    """The groups in columns as wide as they need, with the rest of the room shared between them."""
    widths = [max(line.cell_length for line in group) for group in groups]
    gap = max(2, min(8, (room - sum(widths)) // max(1, len(groups) - 1)))
    lines = []
    for cells in zip_longest(*groups, fillvalue=Content("")):
        line = Content("")
        for cell, width in zip(cells, widths, strict=True):
            line += cell + " " * (width - cell.cell_length + gap)
        lines.append(line.rstrip())
    return lines


def _flow(pairs: Sequence[Content], room: int) -> list[Content]:
    """Join pairs into lines, as many in a line as fit."""
    lines = [Content("")]
    for pair in pairs:
        if lines[-1].cell_length and lines[-1].cell_length + 3 + pair.cell_length > room:
            lines.append(pair)
        else:
            lines[-1] = lines[-1] + "   " + pair if lines[-1].cell_length else pair
    return lines


class HelpScreen(ListDialog[Command | None]):
    """The page; what is typed after `/` searches all commands. Returns a command that was chosen there."""

    DEFAULT_CSS = """
    HelpScreen .page { height: auto; scrollbar-size-vertical: 1; }
    """
    TITLE = "Keys and commands"
    SUB_TITLE = f"tui-chat {__version__}"
    WIDE = True
    PLACEHOLDER = "Search all commands"
    COLUMNS = (Column(leaves=1), Column("right", leaves=2))
    PAGE_HINTS = (
        Hint("slash", "search all commands", "search"),
        Hint("tab", "list them", "search"),
        Hint("down", "scroll", "scroll(1)", keys="↑ ↓", scrolls=True),
        Hint("escape", "close", "close"),
    )
    LIST_HINTS = (
        Hint("enter", "run", "choose"),
        Hint("tab", "back to the keys", "show_page"),
        Hint("escape", "close", "close"),
    )

    KEYS = {"tab": "show_page"}  # noqa: RUF012 - a constant of the base class
    PAGE_KEYS: Final = {
        "slash": "search",
        "tab": "search",
        "q": "close",
        "f1": "close",
        "up": "scroll(-1)",
        "down": "scroll(1)",
        "pageup": "scroll(-10)",
        "pagedown": "scroll(10)",
        "space": "scroll(10)",
        "home": "scroll(-1000)",
        "end": "scroll(1000)",
    }

    def __init__(self, *, of_message: bool = False) -> None:
        """`of_message`: a message has the focus, so its commands can be run from the list, too."""
        super().__init__()
        self._of_message = of_message
        self._page = VerticalScroll(HelpPage(), classes="page")
        self._searching = False

    def compose_content(self) -> ComposeResult:
        """Compose the page, and the filter and the list, which are hidden at first."""
        yield self._page
        yield from super().compose_content()

    def begin(self) -> None:
        """Show the page that was asked for."""
        self._page.styles.max_height = self._rows_for_page(self.app.size.height)
        self.hint_at_scrolling_of(self._page)
        self._show(searching=False)

    def on_resize(self, event: events.Resize) -> None:
        """Keep the page inside of the dialog."""
        self._page.styles.max_height = self._rows_for_page(event.size.height)

    def _rows_for_page(self, height: int) -> int:
        return max(1, self.rows_for_content(height))

    def _show(self, *, searching: bool) -> None:
        self._searching = searching
        self._page.display = not searching
        self.filter_line.display = self.list.display = searching
        self.hint_row.show(self.LIST_HINTS if searching else self.PAGE_HINTS)
        self.set_focus(self.filter if searching else self._page)

    def items(self, words: str) -> Sequence[ListItem]:
        """All commands by groups, or those that fit the words, by what help says of them too."""
        if words:
            return self.matching(map(self._row, COMMANDS), words.removeprefix("/")) or [Sentence("No commands match.")]
        return self.in_groups((title, [*map(self._row, commands)]) for title, commands in grouped(COMMANDS))

    def _row(self, command: Command) -> ListRow:
        slash = f"/{command.slash} {command.argument}".rstrip() if command.slash else ""
        keys = " ".join(keymap_of(self.app).all_written(command, 2))
        return ListRow(command.title, (slash, keys), command, also=(*command.words, command.help))

    def picked(self, row: ListRow) -> None:
        """Explain the picked command above the keys."""
        if isinstance(row.value, Command):
            self.set_notice(row.value.help)

    def choose(self, row: ListRow | None) -> None:
        """Run the command where it can be run from here."""
        if self._searching and row is not None and isinstance(row.value, Command):
            if self._of_message or row.value.place != "message":
                self.dismiss(row.value)
            else:
                self.set_notice(row.value.help)

    async def on_key(self, event: events.Key) -> None:
        """The keys of the page; those of the list are taken by its filter."""
        if not self._searching:
            event.prevent_default()
            if action := self.PAGE_KEYS.get(event.key):
                event.stop()
                await self.run_action(action)

    def action_search(self) -> None:
        """Show the list of all commands."""
        self._show(searching=True)
        self.show_items(keep=False)

    def action_show_page(self) -> None:
        """Show the page again."""
        self.set_notice("")
        self._show(searching=False)

    def action_scroll(self, by: int) -> None:
        """Scroll the page down by a number of rows, or up if it is negative."""
        self._page.scroll_relative(y=by, animate=False, immediate=True)
