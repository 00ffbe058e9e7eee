"""The fields of the form without the form: what they make of what is typed, and what they say below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest

from tests.ui.scripted import ScriptedBackend
from tui_chat.chat.endpoint_ports import EndpointDraft, EndpointInfo, FormField, UrlReading
from tui_chat.ui.dialogs.endpoints.endpoint_fields import SOURCES, EndpointFields
from tui_chat.ui.themes import ThemedApp

if TYPE_CHECKING:
    from textual.app import ComposeResult


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


class Form(ThemedApp):
    """The rows of the fields, without what a form does with them."""

    def __init__(self, shown: EndpointFields) -> None:
        super().__init__()
        self.shown = shown

    def compose(self) -> ComposeResult:
        yield from self.shown.rows.values()


def note(made: EndpointFields, row: str) -> str:
    return str(made.rows[row]._note.content)


@pytest.mark.parametrize(
    ("url", "provider"),
    [
        ("https://api.openai.com/v1/chat/completions", "OpenAI"),
        ("https://api.openai.co", "OpenAI-compatible"),
        ("http://localhost:11434", "Ollama"),
        ("http://localhost:4000", "OpenAI-compatible"),
        ("", "OpenAI"),
    ],
)
async def test_the_provider_is_the_one_that_the_typed_url_belongs_to(url: str, provider: str) -> None:
    made = fields()
    async with Form(made).run_test():
        made.take_preset()
        made.key_boxes["typed"].text = "sk-1"
        made.url.text = url
        made.show_url()
        assert made.provider.value == provider
        assert (made.url.text, made.typed_key) == (url, "sk-1"), "what was typed stays"


@pytest.mark.parametrize(
    ("typed", "reading", "said", "warning"),
    [
        ("api.x.org", UrlReading("https://api.x.org/v1", "api.x.org"), "asks https://api.x.org/v1", False),
        ("https://api.x.org/v1/", UrlReading("https://api.x.org/v1", "api.x.org"), "", False),
        ("htp://x", UrlReading(problem="It must be http:// or https://."), "It must be http:// or https://.", True),
        ("", UrlReading(problem="The base URL is empty."), "", False),
    ],
)
async def test_below_the_url_stands_what_was_made_of_it(
    typed: str, reading: UrlReading, said: str, warning: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = fields()
    async with Form(made).run_test():
        made.url.text = typed
        usual = made._manager.read_url
        monkeypatch.setattr(made._manager, "read_url", lambda text: reading if text == typed else usual(text))
        made.show_url()
        assert note(made, "url") == said
        assert made.rows["url"].has_class("-warning") is warning
        assert made.name.placeholder == ("" if not typed else "x" if reading.host else "endpoint")


HOST = "h.example"


@pytest.mark.parametrize(
    ("url", "source", "key", "said", "warning"),
    [
        (f"https://{HOST}/v1", "typed", "sk-1", f"kept in config.toml (0600), for {HOST} only", False),
        (f"https://{HOST}/v1", "typed", "", "empty: no key is sent", False),
        ("http://localhost:4000/v1", "typed", "", "most servers on this computer need none", False),
        ("http://127.0.0.1:4000/v1", "typed", "", "most servers on this computer need none", False),
        ("http://[::1]:4000/v1", "typed", "", "most servers on this computer need none", False),
        ("", "typed", "sk-1", "kept in config.toml (0600), for this endpoint only", False),
        (f"https://{HOST}/v1", "variable", "SET", f"its value is sent to {HOST} only", False),
        (f"https://{HOST}/v1", "variable", "UNSET", "UNSET is not set here; set it before tui-chat starts", True),
        (f"https://{HOST}/v1", "variable", "", f"its value is sent to {HOST} only", False),
        (f"https://{HOST}/v1", "command", "pass x", "its first line of output is sent to", False),
        (f"https://{HOST}/v1", "kept", "", f"sent to {HOST} only", False),
    ],
)
async def test_below_the_key_stands_where_it_goes(
    url: str, source: str, key: str, said: str, warning: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = fields(EndpointDraft(url, "kept" if source == "kept" else "none", name="mine", before="mine"))
    monkeypatch.setattr(made._manager, "variable_is_set", lambda name: name == "SET")
    async with Form(made).run_test():
        made.source.set(made._sources.index(source))  # type: ignore[arg-type]
        if source != "kept":
            made.key_boxes[source].text = key
        made.show_source()
        row = "source" if source == "kept" else source
        assert note(made, row).startswith(said)
        assert made.rows[row].has_class("-warning") is warning
        assert [each for each in SOURCES if made.rows[each].display] == ([] if source == "kept" else [source])
        assert row == "source" or note(made, "source") == ""


@pytest.mark.parametrize("source", ["typed", "variable", "command", "kept"])
@pytest.mark.parametrize("field", [each for each in get_args(FormField) if each])
async def test_the_field_to_change_is_marked_and_has_the_focus(field: FormField, source: str) -> None:
    made = fields(EndpointDraft(f"https://{HOST}/v1", "kept", name="mine", before="mine"))
    async with Form(made).run_test() as pilot:
        made.source.set(made._sources.index(source))  # type: ignore[arg-type]
        made.mark(field)
        await pilot.pause()
        row = field if field != "key" else "source" if source == "kept" else source
        assert [name for name, each in made.rows.items() if each.has_class("-bad")] == [row]
        assert made.rows[row].content.has_focus
        assert made.rows[row].display
        made.clear_marks()
        assert not any(each.has_class("-bad") for each in made.rows.values())
