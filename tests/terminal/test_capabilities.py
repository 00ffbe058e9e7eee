"""What of Textual's private parts is there, and what counts as missing."""

from __future__ import annotations

import pytest

from tests.conftest import own_renderer
from tui_chat.terminal import capabilities
from tui_chat.terminal.capabilities import Names, available, missing

GROUPS = (capabilities.PAINTING, capabilities.DRIVER, capabilities.SCROLLBAR, capabilities.ERRORS)


@own_renderer
@pytest.mark.parametrize("needed", GROUPS)
def test_the_installed_textual_has_all_that_is_used(needed: tuple[Names, ...]) -> None:
    assert missing(needed) == ()
    assert available(needed)


@pytest.mark.parametrize("needed", GROUPS)
def test_nothing_private_is_available_to_textuals_own_renderer(
    needed: tuple[Names, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUI_CHAT_RENDERER", "textual")
    assert not available(needed)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (Names("textual._gone", "Compositor", ("size",)), "textual._gone"),
        (Names("textual.screen", "Gone", ("size",)), "textual.screen.Gone"),
        (Names("textual._ansi_sequences", "", ("SYNC_GONE",)), "textual._ansi_sequences.SYNC_GONE"),
        (Names("textual.screen", "Screen", ("_gone",)), "textual.screen.Screen._gone"),
        (Names("textual.screen", "Screen", (), (("_gone",),)), "textual.screen.Screen._gone()"),
        (Names("textual.app", "App", (), (("_start_widget", "widget"),)), "textual.app.App._start_widget(widget)"),
        (
            Names("textual.app", "App", (), (("_start_widget", "parent", "widget", "more"),)),
            "textual.app.App._start_widget(parent, widget, more)",
        ),
        (Names("textual.app", "App", (), (("_start_widget", "parent"),)), "textual.app.App._start_widget(parent)"),
    ],
)
def test_a_name_or_a_parameter_that_is_not_there_is_missing(names: Names, said: str) -> None:
    assert missing((names,)) == (said,)


def test_an_attribute_that_instances_get_when_they_are_made_is_there() -> None:
    assert missing((Names("textual.screen", "Screen", ("_dirty_widgets", "_layout_updates")),)) == ()
