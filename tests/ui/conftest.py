"""What all tests of the screen have in common."""

from __future__ import annotations

import pytest
import textual.app
import textual.pilot
from textual.notifications import Notification

from tests.idle import wait_until_idle


@pytest.fixture(autouse=True)
def lasting_toasts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A toast stays for as long as its test runs: on a busy machine it would be gone before it is looked at."""
    monkeypatch.setattr(Notification, "time_left", 3600.0)


@pytest.fixture(autouse=True)
def idle_without_a_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pilot goes on as soon as the app has done everything, instead of after periods of 20 ms."""
    for module in (textual.app, textual.pilot):
        monkeypatch.setattr(module, "wait_for_idle", wait_until_idle)
