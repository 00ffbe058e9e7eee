"""Code that takes too long is interrupted, also within a regular expression."""

from __future__ import annotations

import re
import signal
from threading import Thread
from time import process_time, thread_time

import pytest

from tui_chat.ui.markdown.cpu_limit import TookTooLongError, limited


def test_an_expression_that_would_not_end_is_interrupted() -> None:
    began = process_time()
    with pytest.raises(TookTooLongError):
        limited(lambda: re.match(r"(a|aa|\w)*$", "a" * 100 + "!"), 0.05)
    assert process_time() - began < 5


def test_what_is_quick_is_returned_and_the_timer_stops() -> None:
    assert limited(lambda: "done", 5) == "done"
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)


def test_an_error_stops_the_timer_too() -> None:
    with pytest.raises(ZeroDivisionError):
        limited(lambda: 1 // 0, 5)
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)


def test_a_late_signal_interrupts_nothing() -> None:
    limited(int, 5)
    signal.raise_signal(signal.SIGVTALRM)


def test_time_that_other_threads_use_does_not_count() -> None:
    ended = False

    def spin() -> None:
        while not ended:
            pass

    others = [Thread(target=spin) for _ in range(4)]
    for other in others:
        other.start()
    try:

        def work() -> float:
            began = thread_time()
            while thread_time() - began < 0.05:
                pass
            return thread_time() - began

        assert limited(work, 0.1) < 0.1
    finally:
        ended = True
        for other in others:
            other.join()


def test_in_another_thread_nothing_runs_that_could_not_be_interrupted() -> None:
    raised: list[type[BaseException]] = []

    def call() -> None:
        try:
            limited(lambda: "done", 5)
        except TookTooLongError as error:
            raised.append(type(error))

    thread = Thread(target=call)
    thread.start()
    thread.join()
    assert raised == [TookTooLongError]


def test_it_happens_again_and_again() -> None:
    for _ in range(20):
        with pytest.raises(TookTooLongError):
            limited(lambda: re.match(r"(a|aa|\w)*$", "a" * 100 + "!"), 0.002)
        assert limited(lambda: 1, 0.5) == 1


def test_what_cannot_be_interrupted_may_use_up_the_time_once() -> None:
    def work() -> str:
        began = thread_time()
        while thread_time() - began < 5:
            sum(range(100_000))
        return "done"

    def collect() -> str:
        sum(range(20_000_000))  # no signal is looked for in it
        return "done"

    assert limited(collect, 0.02) == "done"
    with pytest.raises(TookTooLongError):
        limited(work, 0.02)


def test_where_the_system_has_no_such_timer_nothing_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(signal, "SIGVTALRM")
    called: list[int] = []
    with pytest.raises(TookTooLongError):
        limited(lambda: called.append(1), 1)
    assert called == []
