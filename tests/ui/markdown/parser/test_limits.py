"""Markdown that would take too long: its words are shown as they were written."""

from __future__ import annotations

import asyncio
import re

import pytest

from tests.ui.host import SIZE, Chat, PaneHost, host_of, until
from tests.ui.host import shown as on_screen
from tests.ui.markdown_texts import LOOK, settled, shown, streamed
from tui_chat.chat.events import Finished, TextDelta, Usage, UsageReport
from tui_chat.ui.markdown.document import Document, PlainDocument
from tui_chat.ui.markdown.incremental import LONGEST_TAIL
from tui_chat.ui.markdown.parser.limits import DEEPEST, DEEPEST_QUOTE, MOST_COLUMNS
from tui_chat.ui.markdown.styled_text import LONGEST_SPLIT, MOST_A_CELL
from tui_chat.ui.transcript import sections as message_sections

NUMBERED = "".join(f"w{number} " for number in range(4_000))

HOSTILE = {
    "quotes": "".join(">" * depth + f" w{depth}\n>\n" for depth in range(1, 90)),
    "quotes and lazy lines": ">" * 90 + " w1\n" + "".join(f"w{number}\n" for number in range(2, 500)),
    "lists": "".join("  " * depth + f"- w{depth}\n" for depth in range(60)),
    "lists on a line": "- " * 60 + "w1\nw2\n",
    "quotes and lists on a line": "".join("> - " * depth + f"w{depth}\n\n" for depth in range(1, 30)),
    "columns": "|" + "".join(f"h{number}|" for number in range(1_000)) + "\n" + "|-" * 1_000 + "|\n|w1|w2|\n|w3|\n",
    "a heading": "# " + NUMBERED,
    "a cell": "| a |\n|---|\n| w1 |\n| " + NUMBERED + " |\n",
    "a cell in a quote": "> | a |\n> |---|\n> | w1 |\n> | " + NUMBERED + " |\n",
    "a formula": "$$" + NUMBERED + "$$\n",
    "tabs in a quote": "".join(f">\t- w{number}\n" for number in range(800)),
    "an item without its text": "- a\n\n" + "   \n" * 5_000 + "  w1\n",
    "definitions in an item": "- a\n" + "".join(f"  [w{number}]: b\n" for number in range(800)),
    "dashes": "-" * 20_000 + " w1\n",
}


def words(text: str) -> list[str]:
    """The numbered words of a text, in their order."""
    return re.findall(r"\b[wh]\d+\b", text)


def rendered(text: str) -> list[Document]:
    """The text, rendered in every way."""
    stored = Document(60, LOOK, text)
    stored.complete = True
    stored.flush()
    arrived = streamed(text, [1, 700, 50, 2_000, 333])
    arrived.complete = True
    arrived.flush()
    later = streamed(text, 900)
    for _ in later.settle():
        pass
    return [settled(text), stored, arrived, later]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_word_is_lost(name: str) -> None:
    text = HOSTILE[name] + "\n\nand *so* on w9999\n"
    for document in rendered(text):
        found = words("\n".join(document.lines))
        if name != "definitions in an item":  # those are not words
            assert found == words(text)
        assert shown(document)[-1] == " and so on w9999"


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_parsed_grows_with_the_text(name: str) -> None:
    text = HOSTILE[name]
    for times in (1, 4):
        document = streamed(text * times, 500)
        assert document.parsed < 25 * len(text) * times + 20 * LONGEST_TAIL


@pytest.mark.parametrize("first", [3, 50, 93, 94, 96, 400])
def test_lazy_lines_behind_quotes_too_deep_are_plain_however_they_come(first: int) -> None:
    text = ">" * 90 + " a\n" + "b\n" * 5_000
    assert streamed(text, [first, 400]).parsed < 5_000


def test_what_a_person_can_read_is_still_markdown() -> None:
    for text in (
        "".join("  " * depth + f"- *w{depth}*\n" for depth in range(DEEPEST // 2 - 1)),
        ">" * (DEEPEST_QUOTE - 1) + " *w1*\n",
        "- " * (DEEPEST // 2 - 1) + "*w1*\n",
        "|a" * MOST_COLUMNS + "|\n" + "|-" * (MOST_COLUMNS - 1) + "|-\n" + "|*w1*|w2|\n",
        "*w1* " * 5_000,
        "- *w1*\n" * 5_000,
        "> *w1*\n>\n" * 5_000,
    ):
        document = settled(text)
        assert not document.plain
        assert not any("*" in line for line in document.lines)


SENTENCE = "Some words of a sentence, *w1*, and `code`. "


@pytest.mark.parametrize("length", [20, 60, 150])
@pytest.mark.parametrize("before", ["", "- ", "> ", "1. ", "> - "])
@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_long_paragraphs_one_after_the_other_are_markdown(before: str, between: str, length: int) -> None:
    paragraph = before + SENTENCE * length
    within = "> " * before.count(">") + " " * len(before.replace("> ", "")) + SENTENCE * length
    for text in (between.join([paragraph] * 8), paragraph + ("\n" + ">" * before.count(">") + "\n" + within) * 7):
        for document in rendered(text):
            assert not document.plain
            assert not any("*" in line for line in document.lines)


def test_markdown_goes_on_behind_a_blank_line() -> None:
    for document in rendered(HOSTILE["quotes and lazy lines"] + "\n# one\n\n- *two*\n"):
        assert document.plain
        assert [line for line in shown(document)[-4:] if line.strip("─ ")] == [" one", " • two"]


def test_a_wide_table_is_plain_only_where_it_is_one() -> None:
    row = "|a" * 2 * MOST_COLUMNS + "|\n"
    assert settled("*b*\n\n" + row + "|-" * 2 * MOST_COLUMNS + "|\n").plain
    assert not settled("*b*\n\n" + row + row).plain


async def test_the_head_of_a_message_says_so() -> None:
    host = host_of(
        TextDelta(">" * 90 + " *a*\nb\n", at=1000.4),
        UsageReport(Usage(input=23, output=122)),
        Finished("stop", "done-sentinel"),
    )
    async with host.run_test(size=SIZE) as pilot:
        await on_screen(pilot, "part shown as plain text")
        assert "↓122 out" in next(row for row in host.rows() if "part shown" in row)


@pytest.mark.parametrize("kind", [Document, PlainDocument])
def test_a_text_that_takes_longer_than_a_frame_is_laid_over_several(kind: type[Document] | type[PlainDocument]) -> None:
    text = "*one* two\n\nthree\n" * 2_000
    once, parts = kind(60, LOOK, text), kind(60, LOOK, text)
    once.complete = parts.complete = True
    once.flush()
    frames = 0
    while parts.flush(0) is not None:
        frames += 1
        assert parts.behind == (shown(parts) != shown(once))
    assert frames > 3
    assert not parts.behind


async def test_a_burst_is_shown_to_its_end_over_several_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_sections, "LAID_A_FRAME", 0)
    chat = Chat()
    chat.ask("hello")
    host = PaneHost(chat)
    async with host.run_test(size=SIZE) as pilot:
        chat.tell(TextDelta("one two\n" * 1_000 + "\nthe end\n\n", at=1000.4))
        await on_screen(pilot, "the end")


async def test_other_tasks_work_while_a_text_is_laid_in_slices() -> None:
    chat = Chat()
    chat.ask("hello")
    chat.tell(TextDelta("*one* two\n\nthree\n" * 5_000 + "\nthe end", at=1000.4), Finished("stop", "eof", at=1001.0))
    host = PaneHost(chat)
    async with host.run_test(size=SIZE) as pilot:
        turns = 0

        async def other() -> None:
            nonlocal turns
            while host.pane.clock.busy:
                turns += 1
                await asyncio.sleep(0)

        task = asyncio.create_task(other())
        await on_screen(pilot, "the end")
        await until(lambda: not host.pane.clock.busy)
        await task
        assert turns > 20


@pytest.mark.parametrize(
    "text",
    ["e" + "\u0301" * 20_000, "\U0001f469\u200d" * 5_000, "```\ne" + "\u0301" * 20_000],
    ids=["accents", "joiners", "code"],
)
def test_no_row_is_much_longer_than_it_is_wide(text: str) -> None:
    for document in rendered(text):
        assert "".join(document.lines).count(text[-2]) == text.count(text[-2])
        assert max(len(document.row(y).strip.text) for y in range(document.height)) <= 60 * MOST_A_CELL + LONGEST_SPLIT


def test_a_long_line_of_code_is_shown_as_it_grows_and_whole_at_its_end() -> None:
    document = streamed("```\n" + "x" * 50_000, 500)
    assert sum(map(len, document.lines)) > 35_000
    assert document.parsed < 12 * 50_000
    document.complete = True
    document.flush()
    assert set("".join(document.lines)) == {"x"}
    assert sum(map(len, document.lines)) == 50_000


def test_a_table_that_widens_after_many_rows_is_aligned_at_its_end() -> None:
    text = "|a|b|c|\n|-|-|-|\n" + "|1|2||\n" * 300 + "|wider than all|2|w1|\n"
    for document in rendered(text):
        assert document.lines[-1] == "wider than all  2  w1"
        assert document.lines[-2] == "1               2"
