"""What all tests of the screen have in common."""

from __future__ import annotations

import pytest
from textual.notifications import Notification


@pytest.fixture(autouse=True)
def lasting_toasts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A toast stays for as long as its test runs: on a busy machine it would be gone before it is looked at."""
    monkeypatch.setattr(Notification, "time_left", 3600.0)
