"""Lexers by language: which there are, which can go on in the middle of a text, and how a thread creates them."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import pytest

from tests.ui.host import until
from tui_chat.ui.markdown import lexers
from tui_chat.ui.markdown.lexers import LONGEST_WAIT, MADE_AHEAD, MOMENT, MOST_LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def may_create(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """Lets a new thread create lexers, which takes no time."""
    event = Event()
    monkeypatch.setattr(lexers, "resumable_lexer", lambda language: event.wait())
    monkeypatch.setattr(lexers, "_creation", lexers._Creation())
    yield event
    event.set()


class Clock:
    """A clock that only goes on while somebody sleeps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []
        monkeypatch.setattr(lexers, "monotonic", lambda: self.now)
        monkeypatch.setattr(lexers, "sleep", self.sleep)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.mark.parametrize("code", ["\n\nx = 1\n\n", "x = 1", "  x\n", "\n"])
@pytest.mark.parametrize("language", ["python", "json", "yaml", "html"])
def test_a_lexer_adds_no_line_ends_and_leaves_none_out(language: str, code: str) -> None:
    lexer = lexers.lexer_of(language)
    assert lexer is not None
    assert "".join(text for _, text in lexer.get_tokens(code)) == code


def test_a_language_that_nobody_knows_has_no_lexer() -> None:
    assert lexers.lexer_of("nosuchlanguage") is None
    assert lexers.resumable_lexer("nosuchlanguage") is None


@pytest.mark.parametrize(
    ("language", "resumable"),
    [
        ("python", True),
        ("bash", True),
        ("c", True),
        ("json", False),  # no lexer of expressions
        ("yaml", False),  # keeps more than a stack of states
        ("html+php", False),  # hands its text to two others
    ],
)
def test_only_a_lexer_that_is_its_table_of_states_can_go_on_in_the_middle(language: str, *, resumable: bool) -> None:
    lexer = lexers.lexer_of(language)
    assert lexer is not None
    assert lexers.resumable_lexer(language) is (lexer if resumable else None)


def test_without_its_table_a_lexer_cannot_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexers, "state_table", lambda lexer: {})
    assert lexers.resumable_lexer.__wrapped__("python") is None


def test_the_lexers_of_most_replies_are_created_at_the_start_and_need_no_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    created: list[str] = []
    monkeypatch.setattr(lexers, "resumable_lexer", created.append)
    monkeypatch.setattr(lexers, "_creation", lexers._Creation())
    lexers.load_lexers()
    assert created == list(MADE_AHEAD)
    assert all(map(lexers.is_created, [*MADE_AHEAD, ""]))
    assert lexers._creation._thread is None


async def test_a_thread_creates_what_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    may_create = Event()
    created: list[str] = []

    def create(language: str) -> None:
        may_create.wait()
        created.append(language)

    monkeypatch.setattr(lexers, "resumable_lexer", create)
    monkeypatch.setattr(lexers, "_creation", lexers._Creation())
    assert not lexers.is_created("go")
    assert not lexers.is_created("go")
    assert not lexers.is_created("rust")
    assert lexers.is_created("")
    may_create.set()
    await until(lambda: lexers.is_created("go") and lexers.is_created("rust"))
    assert created == ["go", "rust"]


async def test_languages_without_end_are_not_all_remembered(may_create: Event) -> None:
    for number in range(MOST_LANGUAGES):
        assert not lexers.is_created(f"language {number}")
    assert len(lexers._creation._known) == MOST_LANGUAGES
    assert not lexers.is_created("one more")
    assert len(lexers._creation._known) == 1
    may_create.set()
    await until(lambda: lexers.is_created("one more"))


def test_waiting_ends_when_the_lexers_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    created_at = {"go": 1_000 + 3.5 * MOMENT, "rust": 1_000.0, "c": 1_000 + 5.5 * MOMENT}
    monkeypatch.setattr(lexers, "is_created", lambda language: clock.now >= created_at[language])
    yields = sum(1 for _ in lexers.wait_for_lexers(created_at))
    assert clock.slept == [MOMENT] * 6
    assert yields == 6


def test_waiting_is_not_for_ever_however_many_lexers_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    monkeypatch.setattr(lexers, "is_created", lambda language: False)
    assert sum(1 for _ in lexers.wait_for_lexers(["go", "rust", "c"]))
    assert LONGEST_WAIT <= clock.now - 1_000 < LONGEST_WAIT + 2 * MOMENT
