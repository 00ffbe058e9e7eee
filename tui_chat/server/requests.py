"""Read chat requests from their JSON bodies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.server.chat_input import ChatInput, InputMessage, Tool
from tui_chat.server.effort import effort_in_chat, effort_in_gemini, effort_in_messages, effort_of_switch, word
from tui_chat.server.request_error import RequestError

if TYPE_CHECKING:
    from tui_chat.server.formats.style import UsageTelling


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A request for a reply, read from any of the APIs."""

    model: str
    """The model's name as requested, including options."""
    chat_input: ChatInput
    stream: bool
    usage: UsageTelling = "asked"
    """The events with which token counts are sent, unless an option says otherwise: chat completions can request them
    in the last chunk, and questions in a URL get them in every chunk."""


def parse_object(body: bytes) -> dict[str, Any]:
    """Parse a body that must be a JSON object. Raises `RequestError`."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RequestError(f"We could not parse the JSON body of your request: {error}") from error
    if not isinstance(parsed, dict):
        raise RequestError("The body has to be a JSON object.")
    return parsed


def read_openai_chat(body: bytes) -> ChatRequest:
    """Read a chat completions request; like all these functions it reads only the fields that scripts use. Raises
    `RequestError`."""
    fields = parse_object(body)
    options = fields.get("stream_options")
    counted = isinstance(options, dict) and options.get("include_usage") is True
    limit = _limit(fields, "max_completion_tokens", "max_tokens")
    tools = [tool.get("function") for tool in _objects(fields.get("tools"))]
    return ChatRequest(
        model=_model(fields.get("model")),
        chat_input=ChatInput(_messages(fields, "messages"), limit, _tools(tools, "parameters"), effort_in_chat(fields)),
        stream=fields.get("stream") is True,
        usage="last" if counted else "asked",
    )


def read_openai_responses(body: bytes) -> ChatRequest:
    """Read an OpenAI Responses request. Raises `RequestError`."""
    fields = parse_object(body)
    given = fields.get("input")
    if isinstance(given, str):
        fields["input"] = [{"role": "user", "content": given}]
    elif isinstance(given, list):  # other items (reasoning, calls) do not matter to a script
        fields["input"] = [
            {"role": "tool", "content": item.get("output")} if item.get("type") == "function_call_output" else item
            for item in _objects(given)
            if "role" in item or item.get("type") == "function_call_output"
        ]
    messages = (*_instructions(fields.get("instructions")), *_messages(fields, "input"))
    tools = _tools(_objects(fields.get("tools")), "parameters")
    effort = word(fields.get("reasoning"), "effort")
    chat_input = ChatInput(messages, _limit(fields, "max_output_tokens"), tools, effort)
    return ChatRequest(_model(fields.get("model")), chat_input, fields.get("stream") is True)


def read_anthropic_messages(body: bytes) -> ChatRequest:
    """Read an Anthropic Messages request. Raises `RequestError`."""
    fields = parse_object(body)
    limit = _limit(fields, "max_tokens")
    if limit is None:
        raise RequestError("max_tokens: Field required")
    messages = (*_instructions(fields.get("system")), *_messages(fields, "messages"))
    tools = _tools(_objects(fields.get("tools")), "input_schema")
    chat_input = ChatInput(messages, limit, tools, effort_in_messages(fields, limit))
    return ChatRequest(_model(fields.get("model")), chat_input, fields.get("stream") is True)


def read_gemini(body: bytes, model: str, *, stream: bool) -> ChatRequest:
    """Read a Gemini request, whose model and streaming mode are in the path. Raises `RequestError`."""
    fields = parse_object(body)
    contents = fields.get("contents")
    if not isinstance(contents, list) or not contents:
        raise RequestError("contents is not specified")
    said = tuple(_content(content) for content in contents)
    config = _field(fields, "generationConfig")
    config = config if isinstance(config, dict) else {}
    limit = _limit(config, "max_output_tokens", "maxOutputTokens")
    system = _field(fields, "systemInstruction")
    messages = (*_instructions(_content(system).text if system else None), *said)
    declared = [
        function
        for tool in _objects(fields.get("tools"))
        for function in _objects(_field(tool, "functionDeclarations"))
    ]
    tools = _tools(declared, "parameters", "parametersJsonSchema", "parameters_json_schema")
    return ChatRequest(_model(model), ChatInput(messages, limit, tools, effort_in_gemini(config)), stream)


def read_ollama_chat(body: bytes) -> ChatRequest:
    """Read an Ollama request, which streams unless it says otherwise. Raises `RequestError`."""
    fields = parse_object(body)
    options = fields.get("options")
    limit = _limit(options if isinstance(options, dict) else {}, "num_predict")
    tools = _tools([tool.get("function") for tool in _objects(fields.get("tools"))], "parameters")
    chat_input = ChatInput(_messages(fields, "messages"), limit, tools, effort_of_switch(fields.get("think")))
    return ChatRequest(_model(fields.get("model")), chat_input, fields.get("stream") is not False)


def _objects(value: object) -> list[dict[str, Any]]:
    """The objects in a list; empty for anything that is not a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _field(fields: dict[str, Any], name: str) -> Any:
    """A field of a Google request, whose names may be in camelCase or snake_case."""
    return fields.get(name, fields.get("".join(f"_{each.lower()}" if each.isupper() else each for each in name)))


def _tools(functions: list[Any], *schemas: str) -> tuple[Tool, ...]:
    """The functions that have a name; `schemas` are the fields that may hold their JSON schema."""
    found = []
    for function in functions:
        if isinstance(function, dict) and isinstance(name := function.get("name"), str):
            given = (function.get(field) for field in schemas)
            found.append(Tool(name, next((schema for schema in given if isinstance(schema, dict)), {})))
    return tuple(found)


def _model(model: object) -> str:
    if not isinstance(model, str) or not model:
        raise RequestError("You must provide a model parameter.")
    return model


def _limit(fields: dict[str, Any], *names: str) -> int | None:
    """The first of these limits that is set. Raises `RequestError` for anything but a positive integer."""
    limit = next((fields[name] for name in names if fields.get(name) is not None), None)
    if limit is not None and (not isinstance(limit, int) or limit < 1):
        raise RequestError(f"'{names[-1]}' has to be a positive integer.")
    return limit


def _messages(fields: dict[str, Any], name: str) -> tuple[InputMessage, ...]:
    messages = fields.get(name)
    if not isinstance(messages, list) or not messages:
        raise RequestError(f"'{name}' has to be a list with at least one message.")
    return tuple(_input_message(message, name) for message in messages)


def _instructions(system: object) -> tuple[InputMessage, ...]:
    """The system prompt given outside the messages, as text or parts."""
    text = _text(system)
    return (InputMessage("system", text),) if text else ()


def _content(content: object) -> InputMessage:
    parts = content.get("parts") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(parts, list):
        raise RequestError("Each of 'contents' has to be an object with parts.")
    results = _objects([_field(part, "functionResponse") for part in _objects(parts)])
    if results:
        return InputMessage("tool", "\n".join(_dumped(result.get("response")) for result in results))
    return InputMessage("assistant" if content.get("role") == "model" else "user", _text(parts))


def _input_message(message: object, name: str) -> InputMessage:
    if not isinstance(message, dict) or not isinstance(message.get("role"), str):
        raise RequestError(f"Each of '{name}' has to be an object with a role.")
    content = message.get("content")
    if not isinstance(content, str | list | None):
        raise RequestError("The content of a message has to be a string or a list of parts.")
    results = [part.get("content") for part in _objects(content) if part.get("type") == "tool_result"]
    if results:  # Anthropic has them in a message of the user's
        return InputMessage("tool", "\n".join(map(_text, results)))
    return InputMessage(message["role"], _text(content))


def _text(content: object) -> str:
    """A string, or the joined text parts of a list; pictures and files are ignored."""
    if isinstance(content, list):
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(text for text in texts if isinstance(text, str))
    return content if isinstance(content, str) else ""


def _dumped(result: object) -> str:
    return result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)
