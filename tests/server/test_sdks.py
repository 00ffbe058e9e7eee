"""The providers' own SDKs as clients; `python -m tests.server.sdk` prints what they find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.server.sdk.environment import CHECKS, environment, run
from tui_chat.tape_file import read_tape

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def python() -> Path:
    return environment()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", CHECKS)
def test_an_sdk_finds_what_it_expects(python: Path, name: str) -> None:
    found = run(python, name)
    assert [f"{each.check}: {each.problem}" for each in found if each.problem] == []
    late = [each for each in found if each.noticed is not None and each.noticed > 1000]
    assert late == []


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", CHECKS)
def test_an_sdk_finds_the_same_through_the_tap(python: Path, name: str, tmp_path: Path) -> None:
    found = run(python, name, tmp_path)
    assert [f"{each.check}: {each.problem}" for each in found if each.problem] == []
    assert [each for each in found if each.noticed is not None and each.noticed > 1000] == []
    tapes = [read_tape(path) for path in sorted(tmp_path.glob("*.tape"))]
    assert {tape.how for tape in tapes} >= {"end", "stopped"}
    assert not [path for path in tmp_path.iterdir() if b"test-key" in path.read_bytes()]
