from __future__ import annotations

from typing import Any

import pytest

from tui_chat.chat.events import Finished, TextDelta, ToolCallDelta
from tui_chat.server.chat_input import ChatInput, InputMessage, Tool
from tui_chat.server.scripted.scripts import SCRIPTS, reply
from tui_chat.server.scripted.tool_calls import WEATHER, arguments, called, value

CITY = {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}}
PARIS = "What is the weather in Paris for 3 days?"


def asked(text: str, *tools: Tool) -> ChatInput:
    return ChatInput((InputMessage("user", text),), tools=tools)


@pytest.mark.parametrize(
    ("schema", "made"),
    [
        (CITY, {"city": "Paris", "days": 3}),
        (CITY | {"required": ["days"]}, {"days": 3}),
        ({"type": "OBJECT", "properties": {"city": {"type": "STRING"}}}, {"city": "Paris"}),
        ({"type": "array", "items": {"type": "number"}}, [3]),
        ({"type": ["null", "string"]}, "Paris"),
        ({"enum": ["b", "a"]}, "b"),
        ({"type": "integer", "default": 7}, 7),
        ({"const": None}, None),
        ({"type": "boolean"}, True),
        ({"type": "null"}, None),
        ({}, "Paris"),
    ],
)
def test_a_value_fits_its_schema(schema: dict[str, Any], made: object) -> None:
    assert value(schema, PARIS) == made


def test_a_schema_that_holds_itself_comes_to_an_end() -> None:
    schema: dict[str, Any] = {"type": "object", "properties": {}, "required": ["next", "all"]}
    schema["properties"] = {"next": schema, "all": {"type": "array", "items": schema}}
    assert arguments(Tool("f", schema), "?")


def test_a_tool_without_a_schema_gets_no_arguments() -> None:
    assert arguments(Tool("f", {}), PARIS) == {}


def test_the_tools_that_are_named_are_called_else_the_first() -> None:
    one, two, three = (Tool(name, {}) for name in ("one", "two", "three"))
    assert called(asked("call three and one", one, two, three)) == (one, three)
    assert called(asked("hello", two, one)) == (two,)
    assert called(asked("hello")) == (WEATHER,)


def test_a_call_is_streamed_in_pieces_and_ends_the_reply() -> None:
    events = [*reply(SCRIPTS["tools"], asked(PARIS, Tool("weather", CITY)))]
    calls = [event for event in events if isinstance(event, ToolCallDelta)]
    assert (calls[0].name, calls[0].arguments) == ("weather", "")
    assert calls[0].id
    assert len(calls) > 3
    assert "".join(call.arguments for call in calls) == '{"city": "Paris", "days": 3}'
    assert events[-1] == Finished("tool_calls", "done-sentinel")


def test_what_the_tools_gave_back_is_told() -> None:
    said = (
        InputMessage("user", PARIS),
        InputMessage("assistant", ""),
        InputMessage("tool", "sun"),
        InputMessage("tool", "wind"),
    )
    events = [*reply(SCRIPTS["tools"], ChatInput(said))]
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    assert "sun" in text
    assert "wind" in text
    assert events[-1] == Finished("stop", "done-sentinel")
