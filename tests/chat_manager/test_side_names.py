from __future__ import annotations

import pytest

from tests.ui.scripted import ScriptedBackend, ScriptedManager
from tui_chat.chat.endpoint_ports import EndpointInfo
from tui_chat.chat.model_ports import KnownModels, ModelInfo, SetupError
from tui_chat.chat_manager.side_names import SideName, choice_of, side_name, side_names

ENDPOINTS = ("openrouter", "local", "a@b", "b", "127.0.0.1:8080", "demo")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gpt-4o", SideName("gpt-4o")),
        ("qwen3:8b@local", SideName("qwen3:8b", "local")),
        ("@local", SideName("", "local")),
        ("m@127.0.0.1:8080", SideName("m", "127.0.0.1:8080")),
        ("claude@2025@openrouter", SideName("claude@2025", "openrouter")),
        ("@cf/meta/llama", SideName("@cf/meta/llama")),
        ("@cf/meta/llama@local", SideName("@cf/meta/llama", "local")),
        ("m@a@b", SideName("m", "a@b")),
    ],
)
def test_a_name_is_a_model_and_perhaps_a_known_endpoint(text: str, expected: SideName) -> None:
    assert side_name(text, ENDPOINTS) == expected
    assert str(expected) == text


def test_an_unknown_endpoint_is_refused_because_the_question_would_go_elsewhere() -> None:
    with pytest.raises(SetupError, match=r"m@opnrouter: there is no endpoint 'opnrouter'; did you mean openrouter\?"):
        side_name("m@opnrouter", ENDPOINTS)
    with pytest.raises(SetupError, match=r"no endpoint '2025'; known are .*demo, local, openrouter .*claude@2025@END"):
        side_name("claude@2025", ENDPOINTS)
    with pytest.raises(SetupError, match="has no name"):
        side_name("", ENDPOINTS)


@pytest.mark.parametrize(("count", "words"), [(0, "none are given"), (1, "one is given"), (5, "5 are given")])
def test_two_to_four_models_are_compared(count: int, words: str) -> None:
    with pytest.raises(SetupError, match=f"name 2 to 4 models to compare; {words}"):
        side_names(["m"] * count, ENDPOINTS)
    assert side_names(["m", "n@local"], ENDPOINTS) == [SideName("m"), SideName("n", "local")]


def manager(**lists: str) -> ScriptedManager:
    """Endpoints with the models that each listed last, the first of them the current one; empty: it has no list."""
    found = ScriptedManager(ScriptedBackend())
    found.infos = [EndpointInfo(name, name.title(), current=not index) for index, name in enumerate(lists)]
    found.caches = {
        name: KnownModels(tuple(ModelInfo(each) for each in words.split()), 0.0)
        for name, words in lists.items()
        if words
    }
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("small@far", SideName("small", "far")),
        ("small@Far", SideName("small", "far")),  # its name for a person
        ("@far", SideName("", "far")),
        ("small", SideName("small")),
        ("both", SideName("both")),
        ("large", SideName("large", "far")),
        ("twice", SideName("twice")),
        ("unheard-of", SideName("unheard-of")),
        ("claude@20250514", SideName("claude@20250514")),  # an @ of the model's own
    ],
)
def test_a_chosen_model_is_taken_from_the_endpoint_that_is_named_or_alone_has_it(text: str, expected: SideName) -> None:
    assert choice_of(text, manager(here="small both", far="large both twice", third="twice")) == expected


def test_an_endpoint_without_a_list_may_have_any_model() -> None:
    assert choice_of("large", manager(here="", far="large")) == SideName("large")


def test_a_misspelt_endpoint_of_a_chosen_model_is_refused() -> None:
    with pytest.raises(SetupError, match=r"did you mean router\?"):
        choice_of("large@ruoter", manager(here="small", router="large"))
