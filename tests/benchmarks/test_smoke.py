"""The benchmark measures something: one cheap row with small numbers, and the sums of the table."""

from __future__ import annotations

import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.benchmarks import plot
from tests.benchmarks.endpoint import PATIENCE, Endpoint
from tests.benchmarks.job import Job
from tests.benchmarks.rows import FAMILIES, start
from tests.benchmarks.sitting import APP, BARE_LOOP, Bench
from tests.benchmarks.table import Figure, Promise, Row, page

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the counters are Linux's")


@pytest.mark.slow
def test_a_start_is_measured_beside_a_floor_that_ran() -> None:
    with Bench() as bench:
        figures = start.measure(bench, spawns=1)
    frame, wall = figures["frame-cpu"], figures["frame-wall"]
    assert frame.floor is not None
    assert wall.floor is not None
    assert 0.05 < frame.floor < 20
    assert 0.05 < wall.floor < 60
    assert 0.3 < frame.value / frame.floor < 10
    assert figures["settings-cpu"].value > frame.value


@pytest.mark.slow
def test_a_reply_is_measured_beside_a_loop_that_read_all_of_it() -> None:
    job = Job(0, deltas=60, rate=300, before=400)
    readings = []
    with Bench() as bench:
        for program in (APP, BARE_LOOP):
            with bench.sit(program) as sitting:
                readings.append(sitting.read(job))
    ours, loop = readings
    for reading in readings:
        assert reading.span >= 59 / 300
        assert reading.cpu > 0
    assert ours.lag > 0
    assert ours.frames >= 2
    assert ours.written > 60
    assert loop.written < 60  # it prints its mark alone


def test_a_connection_opened_in_advance_leaves_the_reply_to_the_question() -> None:
    with Endpoint() as endpoint:
        job = endpoint.prepare(Job(0, deltas=3, held=False))
        address = urlsplit(endpoint.url)
        assert address.hostname is not None
        connection = HTTPConnection(address.hostname, address.port, timeout=PATIENCE)
        connection.request("HEAD", address.path)
        connection.getresponse().read()
        connection.request("POST", f"{address.path}/chat/completions", b"{}")
        endpoint.told("asked", job.number)
        endpoint.go()
        assert job.last_mark in connection.getresponse().read().decode()
        connection.close()


def test_a_promise_is_kept_up_to_its_limit_in_the_median_of_the_ratios() -> None:
    promise = Promise("x", "a row", "s", 2.0, "ratio", "floor")
    kept = Row(promise, [Figure(2.0, 1.0), Figure(9.0, 1.0), Figure(1.0, 1.0)])
    assert kept.met
    assert not Row(promise, [Figure(2.1, 1.0)]).met
    assert Row(Promise("y", "for information"), [Figure(1.0)]).met is None
    assert "1.00-9.00" in page([kept])


def test_every_row_has_a_name_of_its_own() -> None:
    keys = [promise.key for family in FAMILIES.values() for promise in family.promises]
    assert len(keys) == len(set(keys))


def test_the_plot_draws_what_was_measured_and_nothing_else() -> None:
    drawn = plot.picture({"point-mixed-1000": [Figure(0.5)], "point-mixed-100000": [Figure(0.6)]})
    assert drawn.count("<polyline") == 1
    assert "mixed Markdown" in drawn
    assert "prose</text>" not in drawn
