"""The fields of the form without the form: nothing is mounted."""

from __future__ import annotations

import pytest

from tests.ui.scripted import ScriptedBackend
from tui_chat.chat.endpoint_ports import EndpointDraft, EndpointInfo
from tui_chat.ui.dialogs.endpoints.endpoint_fields import EndpointFields


def fields(draft: EndpointDraft | None = None, *taken: str) -> EndpointFields:
    manager = ScriptedBackend(demo=True).manager
    manager.infos = [EndpointInfo(name, name, editable=True) for name in taken]
    return EndpointFields(manager, draft or EndpointDraft(""), {}, lambda: None)


@pytest.mark.parametrize(
    ("url", "taken", "name"),
    [
        ("", (), "endpoint"),
        ("https://models.example/v1", (), "models-example"),
        ("https://api.models.example/v1", ("models-example",), "models-example-2"),
        ("http://localhost:8080", (), "local"),
        ("http://127.0.0.1:8080", ("local",), "local-8080"),
        ("http://127.0.0.1:8080", ("local", "local-8080"), "local-2"),
        ("http://[::1]:8080/v1", (), "local"),
        ("http://192.168.1.5:8000", (), "192-168-1-5"),
        ("http://box.lan:8000", (), "box-lan"),
    ],
)
def test_an_endpoint_without_a_name_gets_one_from_its_host(url: str, taken: tuple[str, ...], name: str) -> None:
    assert fields(EndpointDraft(url), *taken).draft().name == name


def test_the_draft_of_a_saved_endpoint_is_unchanged_if_nothing_is_typed() -> None:
    saved = EndpointDraft("https://h.example/v1", "kept", "", "m", "mine", True, before="mine")
    made = fields(saved)
    assert made.draft() == EndpointDraft("https://h.example/v1", "kept", "", "m", "mine", None, "mine")
    assert made.key_box is made.source


def test_spaces_around_what_was_typed_are_dropped() -> None:
    made = fields()
    made.url.text = "  host.example "
    made.key_boxes["typed"].text = " sk-1 "
    draft = made.draft()
    assert (draft.base_url, draft.key_source, draft.key) == ("host.example", "typed", "sk-1")
