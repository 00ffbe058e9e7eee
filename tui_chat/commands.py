"""The table of all commands.

Each line gives a command's key, slash word, palette entry, help line and handler. No key works in every terminal, so
every command except typing has a slash word.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.chat.wording.spelling import meant

if TYPE_CHECKING:
    from collections.abc import Sequence

KeyContext: TypeAlias = Literal["anywhere", "prompt", "message"]
"""The place in which a command's keys work: on the whole screen, while typing, or on a focused message."""

Way: TypeAlias = Literal["slash", "palette"]
"""A way to run a command besides its key and the mouse, which run all of them: a click in the palette or in the list of
the help screen does, and the settings give a key to any command."""

NEEDS_THE_TEXT: Final = "a slash word would replace the text it works on"
NEEDS_THE_FOCUS: Final = "a slash word is typed in the prompt, so no message has the focus"


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the screen."""

    id: str
    """The command's name, also that of its key binding."""
    title: str
    """The palette entry: a short imperative."""
    slash: str
    """The word after `/`."""
    handler: str
    """`OWNER.METHOD`: the owner is `screen`, `app` or an attribute of the chat screen, such as `composer.prompt`. If the command takes an argument, the method is called with the text after the slash
    word."""
    default_keys: tuple[str, ...] = ()
    """Key names in Textual's spelling, the main one first. The settings may give it others: ask `Keymap`."""
    help: str = ""
    """A sentence for the help screen."""
    argument: str = ""
    """Placeholder for the text after the slash word, for a person: `NAME`, `TEXT`."""
    place: KeyContext = "anywhere"
    aliases: tuple[str, ...] = ()
    """Other slash words for the same command."""
    in_dialogs: bool = False
    """Whether its keys work while a dialog is open, too."""

    without: tuple[tuple[Way, str], ...] = ()
    """The ways that do not run it, each with the reason."""

    template: bool = False
    """Whether it sends a template of a person's: the handler is called with the slash word, too."""

    @property
    def words(self) -> tuple[str, ...]:
        """All slash words, the main one first."""
        return (self.slash, *self.aliases) if self.slash else ()


COMMANDS: tuple[Command, ...] = (
    Command("send", "Send the prompt", "", "composer.prompt.done", ("enter",), "Sends what is typed; while a reply is running, the message is queued.", place="prompt", without=(("slash", NEEDS_THE_TEXT),)),
    Command("newline", "Start a new line", "", "composer.prompt.start_line", ("ctrl+j", "shift+enter", "alt+enter"), "Starts a new line; a paste never sends.", place="prompt", without=(("slash", NEEDS_THE_TEXT),)),
    Command("stop", "Stop the reply", "stop", "screen.stop_reply", ("escape",), "Stops the reply immediately and keeps what was received."),
    Command("retry", "Retry", "retry", "commands.branches.retry", ("alt+r",), "Asks the last question again; the old reply is kept as another version."),
    Command("continue", "Continue the reply", "continue", "commands.branches.continue_reply", ("alt+n",), "Asks for the rest of a reply that was cut off, was stopped, or hit its length limit."),
    Command("edit", "Edit and resend", "edit", "commands.branches.edit", (), "Puts the last question into the prompt; the old version is kept."),
    Command("older_reply", "Previous version", "older", "commands.navigation.older_reply", (), "Shows the previous version of a question or reply (2/3)."),
    Command("newer_reply", "Next version", "newer", "commands.navigation.newer_reply", (), "Shows the next version."),
    Command("diff", "Compare with the previous version", "diff", "commands.versions.compare", (), "Shows word by word what changed from the previous version of a reply or question."),
    Command("new", "New chat", "new", "commands.chats.new", ("ctrl+n",), "Starts an empty chat with the same model; a running reply continues in its own chat. /clear does the same.", aliases=("clear",)),
    Command("chats", "All chats", "chats", "commands.chats.list", ("ctrl+s",), "Lists the chats; type to search titles and all messages.", argument="WORDS", aliases=("history", "resume")),
    Command("rename", "Rename this chat", "rename", "commands.chats.rename", (), "/rename TEXT gives this chat a title.", argument="TEXT"),
    Command("duplicate", "Duplicate this chat", "duplicate", "commands.chats.duplicate", (), "Continues in a copy; b on a message branches from there."),
    Command("delete", "Delete this chat", "delete", "commands.chats.delete", (), "Deletes this chat; /undelete brings it back."),
    Command("undelete", "Undo delete", "undelete", "commands.chats.undelete", (), "Brings back deleted messages of this chat, or else the chat that was deleted last."),
    Command("export", "Export this chat to a file", "export", "commands.chats.export", (), "/export FILE writes the format of the file's suffix: .md, .html, .txt, or .json with all branches.", argument="FILE", aliases=("save",)),
    Command("compact", "Compact the chat", "compact", "commands.context.compact", (), "Has the model summarise the chat and goes on from the summary; the messages before are kept as another version."),
    Command("usage", "Usage and cost of all chats", "usage", "commands.context.usage", (), "Adds up requests, tokens and cost; /usage model and /usage endpoint group them in other ways.", argument="day|model|endpoint", aliases=("cost",)),
    Command("copy_reply", "Copy the last reply", "copy", "commands.copying.copy_reply", (), "Copies the last reply as it was written, without line wraps."),
    Command("copy_code", "Copy a code block", "code", "commands.copying.copy_code", (), "Copies the last code block of the last reply; /code 1 copies the first.", argument="N"),
    Command("copy_chat", "Copy this chat", "copyall", "commands.copying.copy_chat", (), "Copies the conversation as Markdown."),
    Command("model", "Switch model", "model", "connections.choose_model", ("ctrl+o",), "Lists the models of all endpoints, which can be added, changed and removed there; /model NAME or NAME@ENDPOINT sets the model for the next questions.", argument="NAME", aliases=("models",)),
    Command("compare", "Ask several models side by side", "compare", "commands.comparing.compare", (), "/compare MODEL MODEL@ENDPOINT sends the next question to 2 to 4 models at once; without names to this chat's and the one used before.", argument="MODELS"),
    Command("system", "Set the system prompt", "system", "commands.options.set_system_prompt", (), "/system TEXT sets the system prompt of this chat; /system none removes it.", argument="TEXT"),
    Command("effort", "Set the effort", "effort", "commands.personas.effort", ("alt+e",), "How much the model thinks first: /effort off, low, medium, high or default; kept with the chat.", argument="EFFORT"),
    Command("persona", "Choose a persona", "persona", "commands.personas.persona", (), "/persona NAME answers with its system prompt, model and options; /persona none ends that.", argument="NAME"),
    Command("set", "Set a sampling option", "set", "commands.options.set_option", (), "/set temperature 0.2 sets it for this chat, /set temperature removes it, /set shows all.", argument="NAME VALUE"),
    Command("connect", "Add an endpoint", "connect", "connections.connect", (), "Opens a form: provider, URL, key and model; a test says what works, and config.toml keeps it."),
    Command("attach", "Attach a file", "attach", "commands.attaching.attach", (), "/attach FILE sends a file along; @ in the prompt finds files by a few letters, and @https://… a page.", argument="FILE"),
    Command("preview", "Look at what is attached", "preview", "commands.attaching.preview", ("alt+p",), "Shows each attachment as it will be sent; Del removes it. A click on its name above the prompt does the same.", argument="N"),
    Command("paste_image", "Attach the image on the clipboard", "image", "commands.attaching.attach_image", ("alt+v",), "Attaches the clipboard's image; Ctrl+V does the same where the clipboard has no text."),
    Command("open_paste", "Open a folded paste", "unfold", "composer.open_paste", ("alt+o",), "Shows the text of the last long paste in the prompt."),
    Command("fold", "Fold or unfold reasoning", "fold", "commands.navigation.fold", ("ctrl+t",), "Shows or hides the model's reasoning."),
    Command("undo", "Undo", "", "composer.prompt.action_undo", ("ctrl+underscore", "alt+z"), "Undoes typing or clearing in the prompt; Ctrl+/ is the same key in most terminals.", place="prompt", without=(("slash", NEEDS_THE_TEXT),)),
    Command("redo", "Redo", "", "composer.prompt.action_redo", ("ctrl+y",), "Redoes what was undone.", place="prompt", without=(("slash", NEEDS_THE_TEXT),)),
    Command("editor", "Write in your editor", "editor", "composer.open_editor", ("ctrl+g",), "Opens the prompt in $VISUAL or $EDITOR.", place="prompt"),
    Command("history_previous", "Previous prompt", "earlier", "composer.show_earlier", ("up",), "On the first line of the prompt: the previous prompt.", place="prompt"),
    Command("history_next", "Next prompt", "later", "composer.show_later", ("down",), "On the last line of the prompt: the next prompt.", place="prompt"),
    Command("history_search", "Search earlier prompts", "prompts", "commands.prompts.search", ("ctrl+r",), "Finds an earlier prompt by its words and takes it into the prompt."),
    Command("page_up", "Scroll up a page", "up", "pane.page_up", ("pageup",), "Scrolls the conversation, from the prompt too."),
    Command("page_down", "Scroll down a page", "down", "pane.page_down", ("pagedown",), "Scrolls the conversation, from the prompt too."),
    Command("find", "Find in this chat", "find", "finding.open", ("ctrl+f",), "Searches all messages as you type; Enter or ↓ goes to the next match, Shift+Enter or ↑ to the previous one.", argument="TEXT"),
    Command("top", "Go to the first message", "top", "pane.top", ("ctrl+home",), "Shows the first message."),
    Command("bottom", "Go to the latest text", "bottom", "pane.bottom", ("ctrl+end",), "Shows the newest text and follows it."),
    Command("previous_message", "Focus the previous message", "previous", "commands.navigation.previous_message", ("alt+up", "shift+tab"), "Moves up through the messages; Shift+Tab focuses the last one."),
    Command("next_message", "Focus the next message", "next", "commands.navigation.next_message", ("alt+down",), "Moves down through the messages, and back to the prompt."),
    Command("queue", "Take a queued message back", "queue", "sender.take_back_last", ("alt+q",), "Puts the last queued message back into the prompt, to edit or drop it."),
    Command("queue_order", "Order the queue", "order", "composer.queue_bar.order", ("alt+m",), "Goes to the queued messages: ↑ ↓ pick one, Shift+↑ ↓ move it, Enter edits it, Del removes it."),
    Command("queue_first", "Send the last queued message first", "first", "sender.send_last_first", (), "Moves the last queued message before the others; /order moves any."),
    Command("wire", "Inspect the wire", "wire", "commands.wire.toggle", ("f12",), "Shows the requests of this chat and what came back, frame by frame, beside the chat or over it. /wire share saves a page about the last one for a bug report.", argument="share"),
    Command("heat", "Tint replies by their pace", "heat", "commands.wire.heat", (), "/heat tints the text by the silence before each piece, /heat logprob by how unlikely each token was; again: off.", argument="gap|logprob|off"),
    Command("replay_step", "Step through the replay", "step", "commands.wire.step", ("f10",), "Shows the next piece of the reply that tui-chat replay shows, and pauses after it."),
    Command("replay_pause", "Pause the replay or go on", "pause", "commands.wire.pause", ("f9",), "Pauses the reply that tui-chat replay shows, or goes on at its own pace."),
    Command("mouse", "Turn mouse support off or on", "mouse", "commands.display.mouse", (), "While it is off, the terminal's own selection works without Shift."),
    Command("wide", "Wide text on or off", "wide", "commands.display.wide", (), "Lets text, code and tables be as wide as the window, or puts them back into their column."),
    Command("theme", "Change the theme", "theme", "commands.display.theme", (), "/theme NAME, or pick one from a list; it is remembered for the next start.", argument="NAME"),
    Command("repaint", "Redraw the screen", "repaint", "commands.display.repaint", ("ctrl+l",), "Fixes what the terminal drew wrong.", in_dialogs=True),
    Command("suspend", "Suspend to the shell", "suspend", "app.action_suspend_process", ("ctrl+z",), "Returns to the shell; its fg command comes back.", in_dialogs=True),
    Command("help", "Help", "help", "commands.display.help", ("f1",), "Shows the keys, the commands and what the marks mean.", aliases=("keys",)),
    Command("palette", "Command palette", "commands", "commands.display.palette", ("ctrl+p",), "Finds any command by a few letters of its name.", without=(("palette", "it is open already"),)),
    Command("interrupt", "Copy, stop, clear, or quit", "interrupt", "screen.interrupt", ("ctrl+c",), "Copies a selection, or stops the reply, or clears the prompt; otherwise a second press quits."),
    Command("quit", "Quit", "quit", "screen.quit", ("ctrl+q",), "Ends tui-chat; a running reply is stopped and saved. /exit and /q do the same.", aliases=("exit", "q"), in_dialogs=True),
    Command("message_copy", "Copy the message", "", "commands.copying.copy_message", ("y",), "Copies the focused message.", place="message", without=(("slash", NEEDS_THE_FOCUS),)),
    Command("message_code", "Copy a code block of the message", "", "commands.copying.copy_next_code", ("c",), "Copies the first code block; again: the next.", place="message", without=(("slash", NEEDS_THE_FOCUS),)),
    Command("message_retry", "Retry", "", "commands.branches.retry_focused", ("r",), "Asks the question of the focused message again; the old reply is kept.", place="message", without=(("slash", NEEDS_THE_FOCUS),)),
    Command("message_edit", "Edit and resend", "", "commands.branches.edit_focused", ("e",), "Puts the focused question into the prompt; the old version is kept.", place="message", without=(("slash", NEEDS_THE_FOCUS),)),
    Command("message_continue", "Continue the reply", "", "commands.branches.continue_focused", ("n",), "Asks for the rest of the focused reply, if it is incomplete.", place="message", without=(("slash", NEEDS_THE_FOCUS),)),
    Command("message_older", "Previous version", "", "commands.navigation.older_reply", ("left_square_bracket", "left"), "Shows the previous version, if there are several (2/3).", place="message", without=(("slash", NEEDS_THE_FOCUS),)),
    Command("message_newer", "Next version", "", "commands.navigation.newer_reply", ("right_square_bracket", "right"), "Shows the next version.", place="message", without=(("slash", NEEDS_THE_FOCUS),)),
    Command("message_diff", "Compare with the previous version", "", "commands.versions.compare", ("D",), "Shows word by word what changed from the previous version.", place="message", without=(("slash", NEEDS_THE_FOCUS),)),
    Command("message_wire", "Show its request and frames", "", "commands.wire.show_message", ("w",), "Opens the wire inspector at the focused message.", place="message", without=(("slash", NEEDS_THE_FOCUS),)),
    Command("message_branch", "Branch into a new chat from here", "", "commands.chats.branch_off", ("b",), "Continues in a copy of the chat that ends here.", place="message", without=(("slash", NEEDS_THE_FOCUS),)),
    Command("message_delete", "Delete the message", "", "commands.branches.delete_focused", ("d",), "Deletes the focused message and all below it.", place="message", without=(("slash", NEEDS_THE_FOCUS),)),
    Command("message_undelete", "Undo delete", "", "commands.branches.undelete", ("u",), "Brings back what was deleted last in this chat.", place="message", without=(("slash", NEEDS_THE_FOCUS),)),
    Command("message_next", "Focus the next message", "", "commands.navigation.next_message", ("j",), "Moves down among the messages.", place="message", without=(("slash", NEEDS_THE_FOCUS),)),
    Command("message_previous", "Focus the previous message", "", "commands.navigation.previous_message", ("k",), "Moves up among the messages.", place="message", without=(("slash", NEEDS_THE_FOCUS),)),
    Command("message_first", "Focus the first message", "", "commands.navigation.first_message", ("g",), "Moves to the beginning of the chat.", place="message", without=(("slash", NEEDS_THE_FOCUS),)),
    Command("message_last", "Focus the last message", "", "commands.navigation.last_message", ("G",), "Moves to the end of the chat.", place="message", without=(("slash", NEEDS_THE_FOCUS),)),
    Command("message_fold", "Fold or unfold", "", "commands.navigation.fold", ("enter",), "Folds or unfolds the reasoning of the focused message.", place="message", without=(("slash", NEEDS_THE_FOCUS),)),
)  # fmt: skip
"""In the order of the help screen."""


PROMPT_STEPS: Final = ("history_previous", "history_next")
"""The commands that go through earlier prompts, and are not kept among them: each would find itself."""

_BY_ID = {command.id: command for command in COMMANDS}


def by_id(name: str) -> Command:
    """Return the command with this id, which must exist."""
    return _BY_ID[name]


def template_command(name: str) -> Command:
    """Return the command that sends the template `name`."""
    title, about = f"Use the template {name}", f"/{name} TEXT sends it with TEXT in its place."
    return Command(f"template {name}", title, name, "commands.templates.use", (), about, "TEXT", template=True)


def by_slash(word: str, more: Sequence[Command] = ()) -> Command | None:
    """Return the command with the slash word `word` (without the slash), if there is one. `more` are commands besides
    the table's."""
    return next((command for command in (*COMMANDS, *more) if word in command.words), None)


def near_slash(word: str, more: Sequence[Command] = ()) -> str:
    """Return the slash word that `word` is a misspelling of; empty if none is similar."""
    return meant(word, [each for command in (*COMMANDS, *more) for each in command.words])


COMMON: Final = (
    "model", "new", "chats", "attach", "retry", "edit", "compact", "effort", "persona", "system", "usage", "wire", "theme",
    "connect", "help", "quit",
)  # fmt: skip
"""The ids of the commands that the menu of slash words begins with while nothing but the slash is typed."""


def completions(typed: str, more: Sequence[Command] = ()) -> list[Command]:
    """Return the commands that `typed` (without the slash) may be the beginning of: an exact slash word first, then
    slash words, other names of commands, and words of titles. With nothing typed all of them, the common ones first."""
    commands = [command for command in (*COMMANDS, *more) if command.words]
    if not typed:
        order = {name: place for place, name in enumerate(COMMON)}
        return sorted(commands, key=lambda command: order.get(command.id, len(order)))
    typed = typed.lower()
    found = [command for command in commands if any(word.startswith(typed) for word in command.words)]
    found.sort(key=lambda command: (typed not in command.words, not command.slash.startswith(typed)))
    return found + [command for command in commands if command not in found and _in_title(typed, command)]


def _in_title(typed: str, command: Command) -> bool:
    """Whether a word of the title starts with `typed`, if that is long enough to mean one."""
    return len(typed) > 3 and any(word.startswith(typed) for word in command.title.lower().split())


_WRITTEN: Final = {"escape": "Esc", "pageup": "PgUp", "pagedown": "PgDn", "up": "↑", "down": "↓", "left": "←", "right": "→", "delete": "Del", "insert": "Ins"}  # fmt: skip
TEXTUAL_NAMES: Final = {"solidus": "slash", "reverse_solidus": "backslash", "commercial_at": "at", "hyphen_minus": "minus", "plus_sign": "plus", "low_line": "underscore"}  # fmt: skip
"""Punctuation that Textual names in another way than Unicode does."""


def written(key: str) -> str:
    """A key as a person writes it: `ctrl+home` → `Ctrl+Home`, `f1` → `F1`, `y` → `y`, `question_mark` → `?`."""
    *modifiers, last = key.split("+")
    if len(last) > 1:
        name = _WRITTEN.get(last) or character_of(last) or last.capitalize()
    else:
        name = last if not modifiers else last.upper()
    return "+".join([*(modifier.capitalize() for modifier in modifiers), name])


def character_of(name: str) -> str:
    """The character that Textual calls `name`; empty if it calls none so."""
    unicode_name = next((each for each, textual in TEXTUAL_NAMES.items() if textual == name), name)
    for spelling in (unicode_name.replace("_", " "), unicode_name.replace("_", "-")):
        try:
            character = unicodedata.lookup(spelling)
        except KeyError:
            continue
        if character.isprintable() and not character.isspace():
            return character
    return ""
