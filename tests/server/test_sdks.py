"""The providers' own SDKs as clients; `python -m tests.server.sdk` prints what they find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.server.sdk.environment import CHECKS, environment, run

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
