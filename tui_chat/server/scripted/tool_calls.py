"""Made-up tool calls whose arguments fit the tool's JSON schema."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tui_chat.server.chat_input import Tool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_chat.server.chat_input import ChatInput

_DEEPEST = 8
"""The number of levels of a schema that are followed, since a schema may contain itself."""

WEATHER = Tool(
    "get_weather",
    {
        "type": "object",
        "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}},
        "required": ["city", "unit"],
    },
)
"""The tool that is called if the request offers none."""


def called(chat_input: ChatInput) -> tuple[Tool, ...]:
    """All tools that the question names, or the first offered one."""
    offered = chat_input.tools or (WEATHER,)
    return tuple(tool for tool in offered if tool.name in chat_input.question) or offered[:1]


def arguments(tool: Tool, question: str) -> dict[str, Any]:
    """Arguments for a call of the tool."""
    made = value(tool.parameters, question)
    return made if isinstance(made, dict) else {}


def value(schema: Mapping[str, Any], question: str, depth: int = 0) -> Any:
    """A value that fits `schema`, as far as types, enums, defaults and required properties define it.

    Text is the last capitalised word in the question (`What is the weather in Paris?` gives Paris), a number its first
    number.
    """
    for keyword in ("const", "default", "example"):
        if keyword in schema:
            return schema[keyword]
    if options := schema.get("enum"):
        return options[0]
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), "null")
    match str(kind).lower():  # Gemini writes them in capitals
        case "object":
            properties = schema.get("properties") or {}
            wanted = schema.get("required") or list(properties)
            if depth >= _DEEPEST:
                return {}
            return {name: value(properties.get(name) or {}, question, depth + 1) for name in wanted}
        case "array":
            return [value(schema.get("items") or {}, question, depth + 1)] if depth < _DEEPEST else []
        case "integer" | "number":
            return next(map(int, re.findall(r"(?<!\d)\d{1,9}(?!\d)", question)), 1)
        case "boolean":
            return True
        case "null":
            return None
        case _:
            names = re.findall(r"(?<!^)\b[A-Z]\w+", question)
            return names[-1] if names else "example"
