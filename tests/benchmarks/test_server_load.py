from __future__ import annotations

import sys

import pytest

from tests.benchmarks import server_load

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="counts from /proc"),
]


def test_a_small_load_is_borne_and_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert server_load.main(["--streams", "20", "--seconds", "2", "--size", "40M"]) == 0
    out = capsys.readouterr().out
    assert "800 of 800 events came" in out
    assert out.count("20 hang-ups at once") == server_load.ROUNDS
    assert "checksum the same" in out
