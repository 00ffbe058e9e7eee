"""Finds texts by a few of their letters, as the filters of dialogs do."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Item = TypeVar("Item")

# Textual's matcher tries every combination of letters: a few words over a long foreign name would take minutes.

MOST_LETTERS = 200
"""The number of letters of a text that are searched; the rest is not part of a name."""

WHOLE_WORD, WORD_START, INSIDE, SCATTERED = 400, 300, 200, 100
"""The score of a word by where it was found."""


@dataclass(frozen=True, slots=True)
class Match:
    """The quality of a match, and the indexes of the letters that were found in the text."""

    score: float
    letters: tuple[int, ...] = ()


def match(typed: str, text: str, *, scattered: bool = True) -> Match | None:
    """Find each of the typed words in `text`, whole or (`scattered`) by its letters in their order. `None` if one is
    missing."""
    lowered = _lowered(text[:MOST_LETTERS])
    score, letters = 0.0, set[int]()
    for word in _lowered(typed[:MOST_LETTERS]).split():
        if (found := _find(word, lowered, scattered=scattered)) is None:
            return None
        score += found.score
        letters |= set(found.letters)
    return Match(score, tuple(sorted(letters)))


def best(typed: str, items: Iterable[Item], texts: Callable[[Item], Sequence[str]]) -> list[tuple[Item, Match]]:
    """The items that fit, best first. `texts` gives the texts that an item is found by: the first is its name, whose
    letters the match contains. In the other texts, whole words or their parts are found, but no scattered letters; what
    is found by them comes after what is found by its name."""
    found: list[tuple[Item, Match]] = []
    for item in items:
        name, *others = texts(item)
        if (by_name := match(typed, name)) is not None:
            found.append((item, by_name))
            continue
        scores = [other.score for text in others if (other := match(typed, text, scattered=False)) is not None]
        if scores:
            found.append((item, Match(max(scores) / 2)))
        elif (mixed := match(typed, " ".join((name, *others)), scattered=False)) is not None:
            found.append((item, Match(mixed.score / 4, tuple(index for index in mixed.letters if index < len(name)))))
    return sorted(found, key=lambda each: -each[1].score)


def _lowered(text: str) -> str:
    """The text in lower case, with as many letters as before."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else text


def _find(word: str, text: str, *, scattered: bool) -> Match | None:
    at = text.find(word)
    while at > 0 and text[at - 1].isalnum():  # the beginning of a word is a better place
        if (later := text.find(word, at + 1)) < 0:
            at = text.find(word)
            break
        at = later
    if at >= 0:
        end = at + len(word)
        starts = at == 0 or not text[at - 1].isalnum()
        whole = starts and (end == len(text) or not text[end].isalnum())
        score = WHOLE_WORD if whole else WORD_START if starts else INSIDE
        return Match(score - 100 * at / MOST_LETTERS, tuple(range(at, end)))
    return _scattered(word, text) if scattered else None


def _scattered(word: str, text: str) -> Match | None:
    """The letters in their order: first to the end of the earliest place, then back, which gives the shortest one."""
    end = 0
    for letter in word:
        end = text.find(letter, end) + 1
        if not end:
            return None
    letters, before = list[int](), end
    for letter in reversed(word):
        before = text.rfind(letter, 0, before)
        letters.append(before)
    letters.reverse()
    return Match(SCATTERED * len(word) / (end - letters[0]), tuple(letters))
