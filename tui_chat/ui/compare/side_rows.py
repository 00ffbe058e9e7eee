"""The rows around the replies of a comparison: the question, the models, their figures, and the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.content import Content
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from tui_chat.chat.clean import clean_line
from tui_chat.chat.endings import outcome_of
from tui_chat.chat.metrics.replies import message_metrics
from tui_chat.commands import written
from tui_chat.ui import numbers
from tui_chat.ui.column import column_of
from tui_chat.ui.dates import time_of_day
from tui_chat.ui.markdown.rows import first_shorter
from tui_chat.ui.roles import MUTED
from tui_chat.ui.status_words import figures_of, state_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.chat.message import Message
    from tui_chat.chat_manager.comparison import Side
    from tui_chat.ui.dialogs.dialog_rows import Hint
    from tui_chat.ui.signs import Signs

MARGIN: Final = 2
"""Cells at both ends of a row."""
GAP: Final = "    "
MOST_ROWS_OF_QUESTION: Final = 3
_LONGEST_QUESTION: Final = 2_000
"""Characters that are looked at to fill those rows."""


def label_of(side: Side) -> str:
    """The model of a side; its endpoint, if the server chooses the model and has not said which."""
    reply = side.reply
    name = side.recipient.model or (reply.model if reply is not None else "")
    return clean_line(name or side.recipient.name or side.connection.model.endpoint)


def running(side: Side) -> bool:
    """Whether its reply is unfinished or about to begin."""
    return side.reply is None or not side.reply.settled


def sign_of(side: Side, signs: Signs) -> tuple[str, str]:
    """The sign of a reply that is not whole, with its style: it runs, failed, was cut off or stopped. Empty: it is."""
    if running(side):
        return signs.state, "$role-accent"
    if _whole(side.reply):
        return "", ""
    state = state_of(side.reply, signs)
    return state.plain[:1], str(state.spans[0].style) if state.spans else ""


class ColumnRow(Widget):
    """A row that begins where the text of the replies does."""

    widest: reactive[int] = reactive(0)
    """The most cells of the column of text; 0 for the whole width."""

    def on_mount(self) -> None:
        """Leave the colours of what can be clicked as they are."""
        self.auto_links = False

    @property
    def left(self) -> int:
        """Blank cells before the row."""
        return column_of(self.size.width, self.widest).left + MARGIN

    @property
    def room(self) -> int:
        """Cells of the row."""
        return max(1, column_of(self.size.width, self.widest).width - 2 * MARGIN)


class QuestionRows(ColumnRow):
    """The beginning of the question on its surface, with its time."""

    DEFAULT_CSS = """
    QuestionRows { height: auto; background: $role-raised; color: $role-text; margin: 0 0 1 0; }
    QuestionRows.-low { margin: 0; }
    """

    def __init__(self, question: Message, signs: Signs) -> None:
        super().__init__()
        text = clean_line(question.text[:_LONGEST_QUESTION])
        files = ", ".join(clean_line(file.name) for file in question.attachments)
        self._text = " ".join(filter(None, (text, f"({files})" if files else "")))
        self._time = time_of_day(question.created)
        self._signs = signs
        self.most_rows = MOST_ROWS_OF_QUESTION

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """As many rows as the question fills, up to `most_rows`."""
        return min(self.most_rows, len(self._lines(column_of(width, self.widest).width - 2 * MARGIN)))

    def _lines(self, room: int) -> list[str]:
        room = max(1, room)
        spans = first_shorter(self._text, room, min(room - 1, len(self._time) + MARGIN))
        return [self._text[start:end] for start, end in spans] or [""]

    def render(self) -> Content:
        """Render the rows behind a bar; what does not fit ends in an ellipsis."""
        lines = self._lines(self.room)
        shown = lines[: self.most_rows]
        if len(lines) > len(shown):
            shown[-1] = shown[-1].rstrip() + "…"
        bar = " " * (self.left - MARGIN) + Content.styled(f"{self._signs.bar} ", "$role-user")
        bold = "bold" if self.app.native_ansi_color else ""  # where there is no surface of its own
        rows = [bar + Content.styled(line.rstrip(), bold) for line in shown]
        rows[0] += " " * max(1, self.left + self.room - rows[0].cell_length - len(self._time))
        rows[0] += Content.styled(self._time, MUTED)
        return Content("\n").join(rows)


class SideHead(ColumnRow):
    """The model of one side and its endpoint; accented while the side is the focused one."""

    DEFAULT_CSS = "SideHead { height: 1; margin: 0 0 1 0; } SideHead.-low { margin: 0; }"

    def __init__(self, side: Side, signs: Signs) -> None:
        super().__init__()
        self._side = side
        self._signs = signs

    def render(self) -> Content:
        """Render the sign of a reply, the model and the endpoint."""
        side, focused = self._side, self.has_class("-focused")
        endpoint = clean_line(side.recipient.name or side.connection.model.endpoint)
        model = label_of(side)
        row = Content.styled(f"{self._signs.reply} ", "bold $role-accent" if focused else "$role-assistant")
        row += Content.styled(model, "bold $role-accent" if focused else "bold $role-text")
        if endpoint != model:
            row += Content.styled(self._signs.sep + endpoint, "bold $role-accent" if focused else MUTED)
        return Content(" " * self.left) + row.truncate(self.room, ellipsis=True)


class SideFigures(ColumnRow):
    """The state of a reply and its figures; what does not fit is left out whole."""

    DEFAULT_CSS = "SideFigures { height: 1; color: $role-muted; }"

    below: reactive[str] = reactive("")
    """The amount of text below what is visible, in words; it stands at the right in place of figures."""

    def __init__(self, side: Side, signs: Signs) -> None:
        super().__init__()
        self._side = side
        self._signs = signs

    def render(self) -> Content:
        """Render state and figures while the reply runs, and its figures afterwards."""
        if not self.below:
            return Content(" " * self.left) + self._row(self.room)
        right = Content.styled(self.below, "bold $role-accent")
        row = self._row(max(1, self.room - right.cell_length - MARGIN))
        blanks = max(1, self.room - row.cell_length - right.cell_length)
        return (Content(" " * self.left) + row + " " * blanks + right).truncate(self.left + self.room)

    def _row(self, room: int) -> Content:
        """The figures that fit into `room` cells."""
        reply = self._side.reply
        if reply is None:
            state = Content.styled(f"{self._signs.state} Waiting", "$role-accent")
        else:
            state = Content("") if _whole(reply) else state_of(reply, self._signs)
        row = state.truncate(room, ellipsis=True)
        for index, figure in enumerate(figures_in_words(reply, self._signs) if reply is not None else ()):
            longer = row + Content.styled(f"{self._signs.sep if index else GAP if row else ''}{figure}", MUTED)
            if longer.cell_length > room:
                break
            row = longer
        return row


def _whole(reply: Message | None) -> bool:
    return reply is not None and outcome_of(reply) in {"whole", "no-reason", "tool-calls", "other"}


def figures_in_words(reply: Message, signs: Signs) -> list[str]:
    """The figures of a reply that are known, most important first: those of the status row while it runs, and with its
    inter-token latency when it has ended."""
    if not reply.settled:
        items = figures_of(reply, signs)
        return [words for words in (items.out, items.pace, items.first) if words]
    out, prompt, metrics = numbers.output_tokens(reply), reply.prompt_tokens, message_metrics(reply)
    first = reply.timing.first_token
    has_pace = reply.tokens_per_second()[0] is not None
    latency = metrics.inter_token if metrics is not None and has_pace else None
    figures = [
        numbers.tokens_out(out, signs),
        numbers.reply_pace(reply) if has_pace else "",
        f"first token {numbers.short_seconds(first)}" if first is not None else "",
        str(reply.cost) if reply.cost is not None and reply.cost.picodollars else "",
        numbers.tokens_in(numbers.count(prompt), signs) if prompt is not None else "",
        f"{'~' * metrics.estimated}{latency * 1000:.0f} ms a token" if metrics is not None and latency else "",
    ]
    return [figure for figure in figures if figure]


class TabRow(ColumnRow):
    """A tab for each model where there is no room for columns: `[1 gpt-4o-mini] [2 qwen3:8b ●]`; those whose reply is
    unfinished have a dot, and those whose reply failed, was cut off or stopped the sign of that."""

    DEFAULT_CSS = "TabRow { height: 1; margin: 0 0 1 0; } TabRow.-low { margin: 0; }"

    def __init__(self, sides: Sequence[Side], signs: Signs) -> None:
        super().__init__()
        self._sides = sides
        self._signs = signs
        self.focused_side = 0

    def render(self) -> Content:
        """Render all tabs; names are shortened as much as is needed."""
        room = self.room
        tabs = [self._tab(index, room) for index in range(len(self._sides))]
        if sum(tab.cell_length + 1 for tab in tabs) - 1 > room:
            each = (room + 1) // len(tabs) - 1
            tabs = [self._tab(index, each) for index in range(len(self._sides))]
        return Content(" " * self.left) + Content(" ").join(tabs)

    def _tab(self, index: int, room: int) -> Content:
        side, focused = self._sides[index], index == self.focused_side
        sign, role = sign_of(side, self._signs)
        dot = f" {sign}" if sign else ""
        before, after = f"[{index + 1} ", "]"
        name = Content(label_of(side)).truncate(max(1, room - len(before) - len(dot) - len(after)), ellipsis=True)
        style = "bold underline $role-accent" if focused else MUTED
        tab = Content.styled(f"{before}{name.plain}", style) + Content.styled(dot, role)
        tab += Content.styled(after, style)
        return tab.stylize(Style.from_meta({"@click": f"screen.focus_side({index})"}))


class RuleRow(Widget):
    """The line below the replies, into which the lines between them run."""

    DEFAULT_CSS = "RuleRow { height: 1; color: $role-line; }"

    def __init__(self, signs: Signs) -> None:
        super().__init__()
        self._signs = signs
        self.crossings: Sequence[int] = ()
        """The cells in which a line ends from above."""

    def render(self) -> Content:
        """A line over the whole width."""
        cross = "+" if self._signs.rule == "-" else "┴"
        return Content("".join(cross if x in self.crossings else self._signs.rule for x in range(self.size.width)))


class CompareKeys(ColumnRow):
    """As many keys as fit, the first ones first; the last one always stands at the right. Each can be clicked."""

    DEFAULT_CSS = "CompareKeys { height: 1; color: $role-muted; }"

    def __init__(self) -> None:
        super().__init__()
        self._hints: Sequence[Hint] = ()

    def show(self, hints: Sequence[Hint]) -> None:
        """Show hints for these keys."""
        if hints != self._hints:
            self._hints = hints
            self.refresh()

    def render(self) -> Content:
        """Render the keys with what they do."""
        if not self._hints:
            return Content("")
        *first, last = map(_pair, self._hints)
        room, row = self.room, Content("")
        for pair in first:
            longer = row + "  " + pair if row else pair
            if longer.cell_length + MARGIN + last.cell_length > room:
                break
            row = longer
        return Content(" " * self.left) + row + " " * max(0, room - row.cell_length - last.cell_length) + last


def _pair(hint: Hint) -> Content:
    pair = Content.assemble((hint.keys or written(hint.key), "bold $role-text"), (f" {hint.word}", MUTED))
    return pair.stylize(Style.from_meta({"@click": f"screen.{hint.action}"}))
