"""The whole heap is searched for garbage when it is due, and not in the midst of a reply."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from tui_chat.ui.garbage import DUE, THRESHOLDS, begin_collecting, collect_if_due

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _same_collector() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)
    gc.enable()


def allocate(searches: int) -> list[list[object]]:
    """New objects, until so many searches among young ones have been made since one of the whole heap."""
    kept: list[list[object]] = []
    while gc.get_count()[2] < searches:
        kept.append([])
    return kept


def test_what_was_there_at_the_start_is_left_out() -> None:
    gc.disable()
    begin_collecting()
    assert gc.isenabled()
    assert gc.get_threshold() == THRESHOLDS
    assert gc.get_freeze_count() > 1_000


def test_a_search_is_made_when_there_are_many_new_objects() -> None:
    begin_collecting()
    gc.collect()
    few = allocate(DUE - 1)
    collect_if_due()
    assert gc.get_count()[2] >= DUE - 1
    many = allocate(DUE)
    collect_if_due()
    assert gc.get_count()[2] == 0
    assert few is not many


def test_many_new_objects_cause_no_search_by_themselves() -> None:
    begin_collecting()
    gc.collect()
    assert len(allocate(3 * DUE)) > 100_000


def test_no_search_is_made_before_the_collector_begins() -> None:
    begin_collecting()
    gc.collect()
    kept = allocate(DUE)
    gc.disable()
    collect_if_due()
    assert gc.get_count()[2] >= DUE
    assert kept
