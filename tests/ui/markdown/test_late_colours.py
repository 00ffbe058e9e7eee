"""Code that streams does not wait for its lexer: it is plain until a thread has created that."""

from __future__ import annotations

import random

import pytest

from tests.ui.markdown_texts import EVERYTHING, LOOK
from tui_chat.ui.markdown import code, lexers
from tui_chat.ui.markdown.document import Document

CODE = "func sum(a, b int) int {\n\treturn a + b // both\n}\n"


class HeldThread:
    """A thread that creates no lexer before it may."""

    def __init__(self) -> None:
        self.may_create = False

    def is_created(self, language: str) -> bool:
        return self.may_create or not language


@pytest.fixture
def thread(monkeypatch: pytest.MonkeyPatch) -> HeldThread:
    held = HeldThread()
    monkeypatch.setattr(code, "is_created", held.is_created)
    return held


def strips(document: Document) -> list[object]:
    return [document.row(y).strip for y in range(document.height)]


def texts(document: Document) -> list[str]:
    return [document.row(y).strip.text for y in range(document.height)]


def is_behind(document: Document) -> bool:
    return document.behind


def rendered(text: str) -> Document:
    document = Document(60, LOOK, text)
    document.flush()
    return document


def expected(text: str) -> list[object]:
    return strips(rendered(text))


def test_lines_get_their_colours_when_the_lexer_exists(thread: HeldThread) -> None:
    text = "```go\n" + CODE
    document = Document(60, LOOK, streams=True)
    document.append(text)
    document.flush()
    assert texts(document) == texts(rendered(text))
    assert strips(document) != expected(text)
    assert is_behind(document)
    thread.may_create = True
    assert document.flush() is not None
    assert strips(document) == expected(text)
    assert not is_behind(document)
    document.append("x := 1\n")
    document.flush()
    assert strips(document) == expected(text + "x := 1\n")


@pytest.mark.parametrize("inside", ["  ", "> "])
def test_in_a_list_or_a_quote_they_get_them_with_the_next_text(inside: str, thread: HeldThread) -> None:
    text = f"- an item\n\n{inside}```go\n" + "".join(inside + line for line in CODE.splitlines(True))
    document = Document(60, LOOK, streams=True)
    document.append(text)
    document.flush()
    assert strips(document) != expected(text)
    thread.may_create = True
    document.append(f"{inside}x := 1\n")
    document.flush()
    assert strips(document) == expected(f"{text}{inside}x := 1\n")


def test_text_that_goes_on_after_its_end_keeps_the_lines(thread: HeldThread) -> None:
    text = "```go\n" + CODE
    document = Document(60, LOOK, streams=True)
    document.append(text)
    document.complete = True
    document.flush()
    document.append("y := 2\n")
    document.complete = False
    document.flush()
    assert texts(document) == texts(rendered(text + "y := 2\n"))
    thread.may_create = True
    document.flush()
    assert strips(document) == expected(text + "y := 2\n")


def test_a_block_that_closes_sooner_is_coloured_when_the_text_settles(thread: HeldThread) -> None:
    text = "```go\n" + CODE + "```\n\nThat is it.\n"
    document = Document(60, LOOK, streams=True)
    for piece in (text[:20], text[20:]):
        document.append(piece)
        document.flush()
    assert not is_behind(document)
    assert strips(document) != expected(text)
    document.complete = True
    document.flush()
    for _ in document.settle():
        pass
    assert strips(document) == expected(text)


@pytest.mark.parametrize("seed", range(20))
def test_the_words_are_the_same_whenever_the_lexer_comes(seed: int, thread: HeldThread) -> None:
    chance = random.Random(seed)
    text = EVERYTHING + "```go\n" + CODE * 5 + "```\n\n1. ```rust\n   let a = 1;\n   ```\n\n> ```c\n> int a;\n"
    late, known = Document(60, LOOK, streams=True), Document(60, LOOK)
    at, comes = 0, chance.randrange(len(text))
    while at < len(text):
        size = chance.randrange(1, 60)
        for document in (late, known):
            document.append(text[at : at + size])
        at += size
        known.flush()
        late.flush()
        assert texts(late) == texts(known)
        thread.may_create = at > comes
    for document in (late, known):
        document.complete = True
        document.flush()
        for _ in document.settle():
            pass
    assert strips(late) == strips(known)


def test_a_settling_text_waits_for_the_thread_that_creates_its_lexers(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def is_created(language: str) -> bool:
        asked.append(language)
        return asked.count(language) > 3

    monkeypatch.setattr(lexers, "is_created", is_created)
    text = "```go\na\n```\n\n- ~~~ {.rust}\n  b\n  ~~~\n\n> ````c title\n> c\n> ````\n\n```\nd\n```\n\n```go\ne\n```\n"
    document = Document(60, LOOK, text)
    assert sum(1 for _ in document.settle()) > 9
    assert asked == ["go"] * 4 + ["rust"] * 4 + ["c"] * 4


def test_it_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexers, "is_created", lambda language: False)
    monkeypatch.setattr(lexers, "LONGEST_WAIT", 0.01)
    text = "```go\n" + CODE
    document = Document(60, LOOK, text)
    for _ in document.settle():
        pass
    assert strips(document) == expected(text)
