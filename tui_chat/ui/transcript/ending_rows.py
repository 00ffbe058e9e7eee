"""The rows below a reply that did not end as it should: what happened, what to do, and keys for it.

Each stands on a bar and begins with a sign and a word, never only with a colour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from rich.style import Style

from tui_chat.chat.clean import clean_line
from tui_chat.chat.endings import another_model_helps, may_continue, outcome_of, reason_words, remarks
from tui_chat.chat.events import CutOff, Failed, Finished, Stopped
from tui_chat.chat.wording.hints import on_screen, short_problem
from tui_chat.ui import numbers
from tui_chat.ui.markdown.rows import GUTTER, MARGIN
from tui_chat.ui.markdown.styled_text import width_of
from tui_chat.ui.transcript.message_rows import GAP, StyledWords, action, hint, openable, row, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_chat.chat.events import Ending
    from tui_chat.chat.message import Message
    from tui_chat.ui.markdown.rows import Row
    from tui_chat.ui.transcript.message_styles import Marks

BOLD = Style(bold=True)

LONGEST_HEAD = 60
"""A longer beginning of a problem is not bold."""


def ending_rows(
    ending: Ending, message: Message, width: int, marks: Marks, key_of: Callable[[str], str], *, in_chat: bool = True
) -> list[Row]:
    """The rows below a reply that ended in a notable way, or of which something could not be read. A complete answer
    has no such rows. `key_of` gives what to press for a command; outside a chat only retrying is offered."""
    rows = _Ending(message, width, marks, key_of, in_chat=in_chat).rows(ending)
    said = [row for words in remarks(message) for row in wrapped(width, [(words, marks.muted)], marks)]
    return [*said, *rows]


def failure_lines(failed: Failed, message: Message, model_key: str = "Ctrl+O") -> list[str]:
    """The cleaned lines about an error: the problem, the server's message, a hint, the URL. `model_key` is what to
    press for the list of models; empty where there is none."""
    problem, said = clean_line(failed.problem), clean_line(failed.message or "")
    lines = [problem, f"The server said: “{said}”" if said and said not in problem else ""]
    lines += [clean_line(on_screen(failed.hint, model_key)), clean_line(failed.url or message.url)]
    return [lines[0], *(line for line in lines[1:] if line)]


class _Ending:
    """Builds the rows of one ending."""

    def __init__(
        self, message: Message, width: int, marks: Marks, key_of: Callable[[str], str], *, in_chat: bool
    ) -> None:
        self._message = message
        self._width = width
        self._marks = marks
        self._key_of = key_of
        self._in_chat = in_chat

    def rows(self, ending: Ending) -> list[Row]:
        """The rows, none for a complete answer."""
        marks = self._marks
        match ending:
            case Stopped():
                words = self._after + (f";{self._kept}" if self._kept else "")
                return self._noted(f"{marks.signs.stopped} Stopped by you", words, marks.warning)
            case CutOff(why):
                words = f": {clean_line(why)}" if why else ""
                kept = f"{self._kept.strip()[:1].upper()}{self._kept.strip()[1:]}. " if self._kept else ""
                return self._noted("✂ Cut off", words, marks.warning, kept)
            case Failed():
                return self._failure(ending)
            case Finished():
                return self._finish(ending)
            case _:
                assert_never(ending)

    @property
    def _after(self) -> str:
        total = self._message.timing.total
        return "" if total is None else f" after {numbers.seconds(total)}"

    @property
    def _kept(self) -> str:
        tokens = numbers.output_tokens(self._message)
        return f" {tokens} tokens kept" if tokens else ""

    def _finish(self, finished: Finished) -> list[Row]:
        message, marks = self._message, self._marks
        outcome, reason = outcome_of(message), clean_line(finished.detail or finished.reason or "")
        if outcome == "length":
            most = message.completion_tokens
            limit = f"its maximum of {most:,} tokens" if most else "the most tokens it may have"
            return self._noted("✂ Length limit", f": the reply reached {limit}", marks.warning)
        if outcome == "paused":
            return self._noted("✂ Paused", " by the provider; continue to get the rest", marks.warning)
        if outcome == "filter":
            words = f": the provider withheld the rest ({reason})"
            return self._noted("⊘ Content filter", words, marks.warning)
        if outcome == "broken":
            words = f" by the server ({clean_line(reason_words(finished))})"
            return self._noted("✂ Broken off", words, marks.warning)
        if outcome == "refusal":
            words = f": the model would not answer ({reason})" if reason else ""
            return self._noted("⊘ Refused", words, marks.warning)
        if not message.parts:
            return self._noted("∅ Empty reply", f": {reason}" if outcome == "other" else "", marks.warning)
        if outcome == "no-reason":
            return [row(self._width, [("Ended, no reason given", marks.muted)], marks.text)]
        if outcome == "other":
            return [row(self._width, [(f"Ended: {reason}", marks.muted)], marks.text)]
        return []

    def _failure(self, failed: Failed) -> list[Row]:
        marks = self._marks
        problem, *lines = failure_lines(failed, self._message, self._key_of("model") if self._in_chat else "")
        head, rest = short_problem(problem, failed.status)
        style = marks.error + BOLD if len(head) <= LONGEST_HEAD else marks.error
        rows = self._barred([(f"✗ {head}", style), (rest, marks.text)], marks.error)
        for line in lines:
            link = marks.muted + Style(underline=True) + action("link", line) if openable(line) else marks.text
            rows += self._barred([(line, link)], marks.error)
        return [*rows, *self._barred(self._keys(failed), marks.error)]

    def _noted(self, head: str, words: str, style: Style, before_keys: str = "") -> list[Row]:
        """A bold head and words; the keys follow in the same row if there is room."""
        marks, keys = self._marks, self._keys()
        note: StyledWords = [(head, style + BOLD), (words, marks.text)]
        together = [*note, (GAP, marks.text), *keys]
        room = self._width - GUTTER - len(f"{marks.signs.bar} ") - MARGIN
        if not before_keys and sum(width_of(text) for text, _ in together) <= room:
            return self._barred(together, style)
        last: StyledWords = [(f"{before_keys.rstrip()}{GAP}", marks.text), *keys] if before_keys else keys
        return [*self._barred(note, style), *self._barred(last, style)]

    def _barred(self, words: StyledWords, style: Style) -> list[Row]:
        marks = self._marks
        lead = ((" " * GUTTER, marks.text), (f"{marks.signs.bar} ", style))
        return wrapped(self._width, words, marks, hang=lead)

    def _keys(self, failed: Failed | None = None) -> StyledWords:
        """The commands for this ending, each to be clicked: with the keys that work from the prompt, too."""
        marks = self._marks
        keys = [*hint(self._key_of("retry"), "retry", marks, action("retry"))]
        if self._in_chat and may_continue(self._message):
            keys += [(GAP, marks.text), *hint(self._key_of("continue"), "continue", marks, action("continue"))]
        if self._in_chat and failed is not None and another_model_helps(failed):
            click = Style.from_meta({"@click": "screen.press('model')"})
            keys += [(GAP, marks.text), *hint(self._key_of("model"), "other model", marks, click)]
        return keys
