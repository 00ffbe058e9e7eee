"""Long pastes: folded to one sign, opened, undone, and sent as they came."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual.events import Paste

from tests.ui.composer.test_composer import composing
from tests.ui.scripted import until
from tui_chat.ui.composer.prompt import FIRST_MARK, PASTE_SIGN

LONG = "\n".join(f"line {number}" for number in range(24))


@pytest.mark.parametrize(
    ("text", "folds"),
    [("\n".join("abcdefghij"), False), ("\n".join("abcdefghijk"), True), ("x" * 2_000, False), ("x" * 2_001, True),
     ("\n".join("abcdefghij") + "\n", False)],
)  # fmt: skip
async def test_only_long_pastes_fold(text: str, *, folds: bool) -> None:
    async with composing() as (app, composer, pilot):
        app.post_message(Paste(text))
        await until(pilot, lambda: composer.text == text)
        assert bool(composer.prompt.folded) == folds
        assert (len(composer.prompt.text) == 1) == folds


async def test_the_line_end_after_the_last_line_is_no_line() -> None:
    async with composing() as (app, composer, pilot):
        app.post_message(Paste(f"{LONG}\n"))
        await until(pilot, lambda: composer.prompt.folded)
        await until(pilot, lambda: composer.chips.region.height == 1)
        assert composer.chips.render().plain == " Pasted 24 lines open "


async def test_a_folded_paste_is_shown_as_a_sign_and_a_chip_and_is_sent_whole() -> None:
    async with composing() as (app, composer, pilot):
        await pilot.press(*"a ")
        app.post_message(Paste(LONG.replace("\n", "\r")))
        await until(pilot, lambda: composer.prompt.folded)
        await pilot.press(*" b")
        assert composer.prompt.get_line(0).plain == f"a {PASTE_SIGN} b"
        assert composer.text == composer.unsent == f"a {LONG} b"
        await until(pilot, lambda: composer.chips.region.height == 1)
        assert composer.chips.render().plain == " Pasted 24 lines open "
        await pilot.press("enter")
        await until(pilot, lambda: app.posted)
        assert app.posted[0][:2] == ("Submitted", f"a {LONG} b")
        await until(pilot, lambda: not composer.chips.display)


async def test_it_is_deleted_moved_over_and_brought_back_as_one_character() -> None:
    async with composing() as (app, composer, pilot):
        app.post_message(Paste(LONG))
        await until(pilot, lambda: composer.prompt.folded)
        await pilot.press("backspace")
        assert composer.text == ""
        await pilot.press("alt+z")
        assert composer.text == LONG
        await pilot.press("left", "x")
        assert composer.text == f"x{LONG}"


async def test_opening_puts_the_text_into_the_box_and_undo_folds_it_again() -> None:
    async with composing() as (app, composer, pilot):
        for text in (LONG, LONG.upper()):
            app.post_message(Paste(text))
        await until(pilot, lambda: len(composer.prompt.folded) == 2)
        await until(pilot, lambda: composer.chips.region.height == 1)
        await pilot.click("#chips", offset=(composer.chips.render().plain.index("open"), 0))
        await until(pilot, lambda: len(composer.prompt.folded) == 1)
        assert composer.prompt.text.startswith(LONG)
        assert composer.text == LONG + LONG.upper()
        await pilot.press("alt+z")
        assert len(composer.prompt.folded) == 2
        composer.open_paste()
        composer.open_paste()
        assert composer.prompt.text == composer.text == LONG + LONG.upper()


async def test_a_paste_that_holds_the_character_of_another_does_not_become_it() -> None:
    async with composing() as (app, composer, pilot):
        for text in (LONG, chr(FIRST_MARK)):
            app.post_message(Paste(text))
        await until(pilot, lambda: len(composer.prompt.folded) == 2)
        assert composer.text == LONG + chr(FIRST_MARK)


@pytest.mark.parametrize(
    ("copied", "sent"),
    [
        (LONG.replace("\n", "\r\n"), LONG.replace("\n", "\r\n")),
        (f"{LONG}\n\n", f"{LONG}\n\n"),
        (f"{LONG}\n50 %\r100 %", f"{LONG}\n50 %\r100 %"),
        (f"\ufeff\t{LONG}\x1b[31m\u200b", f"\ufeff\t{LONG}\x1b[31m\u200b"),
        (LONG.replace("\n", "\r"), LONG),  # as terminals send it that know no other line end
        ("short\r\ntwo", "short\ntwo"),  # it stands in the box, which has one kind of line end
    ],
)
async def test_line_ends_and_what_cannot_be_shown_are_sent_as_they_were_copied(copied: str, sent: str) -> None:
    async with composing() as (app, composer, pilot):
        app.post_message(Paste(copied))
        await until(pilot, lambda: composer.text)
        await pilot.press("enter")
        await until(pilot, lambda: app.posted)
        assert app.posted[0][:2] == ("Submitted", sent)


async def test_a_paste_that_is_opened_has_the_line_ends_of_the_box() -> None:
    async with composing() as (app, composer, pilot):
        app.post_message(Paste(LONG.replace("\n", "\r\n") + "\r|"))
        await until(pilot, lambda: composer.prompt.folded)
        composer.open_paste()
        assert composer.text == f"{LONG}\n|"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=0, max_size=60), max_size=4))
async def test_any_paste_that_folds_is_sent_as_it_came(texts: list[str]) -> None:
    async with composing() as (_, composer, pilot):
        wanted = ""
        for text in texts:
            pasted = text + LONG
            composer.prompt.insert_pasted(pasted, maybe_paths=False)
            wanted += pasted
        assert composer.text == wanted
        await pilot.press("alt+z", "ctrl+y")
        assert composer.text == wanted


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(
        st.sampled_from(f"ab \t\n\r\x1b\x7f\u200b\u200d\ufe0f\ufeff\u202e👩🏴\U000e0067{chr(FIRST_MARK)}"), max_size=40
    )
)
async def test_any_text_that_comes_back_into_the_box_is_sent_as_it_was(text: str) -> None:
    async with composing() as (_, composer, pilot):
        composer.take(text)
        assert composer.text == text
        composer.put("other")
        composer.put(text)
        assert composer.text == text
        await pilot.press("alt+z")
        assert composer.text == "other"
        composer.give_back(text)
        assert composer.text == (f"{text}\nother" if text else "other")


async def test_only_the_lines_that_cannot_be_shown_are_folded_in_a_draft() -> None:
    async with composing() as (_, composer, _pilot):
        composer.take("one\ntwo \x1b[31m\nthree\r\nfour")
        assert [text for _, text in composer.prompt.folded] == ["two \x1b[31m\nthree\r"]
        assert composer.prompt.text.split("\n")[0::2] == ["one", "four"]
