"""What was asked, read out of a request's body."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from tui_chat.server.scripts import SCRIPTS, Asked, Said, Script

if TYPE_CHECKING:
    from tui_chat.server.pacing import Pace


class RequestError(Exception):
    """The request cannot be answered; the text says why, to the client."""

    def __init__(self, message: str, *, status: int = 400, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A request for a reply, in whichever API it came."""

    model: str
    """As it was asked for, options and all."""
    asked: Asked
    stream: bool
    include_usage: bool = True


def parse_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a body. Raises `RequestError`."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RequestError(f"We could not parse the JSON body of your request: {error}") from error
    if not isinstance(parsed, dict):
        raise RequestError("The body has to be a JSON object.")
    return parsed


def read_openai_chat(body: bytes) -> ChatRequest:
    """A chat completions request; as in all of these, only fields that matter to a script are looked at. Raises
    `RequestError`."""
    fields = parse_object(body)
    options = fields.get("stream_options")
    return ChatRequest(
        model=_model(fields.get("model")),
        asked=Asked(_messages(fields, "messages"), _limit(fields, "max_completion_tokens", "max_tokens")),
        stream=fields.get("stream") is True,
        include_usage=isinstance(options, dict) and options.get("include_usage") is True,
    )


def read_openai_responses(body: bytes) -> ChatRequest:
    """A Responses request. Raises `RequestError`."""
    fields = parse_object(body)
    given = fields.get("input")
    if isinstance(given, str):
        fields["input"] = [{"role": "user", "content": given}]
    elif isinstance(given, list):  # reasoning and tool items say nothing to a script
        fields["input"] = [item for item in given if isinstance(item, dict) and "role" in item]
    messages = (*_instructions(fields.get("instructions")), *_messages(fields, "input"))
    asked = Asked(messages, _limit(fields, "max_output_tokens"))
    return ChatRequest(_model(fields.get("model")), asked, fields.get("stream") is True)


def read_anthropic_messages(body: bytes) -> ChatRequest:
    """A Messages request. Raises `RequestError`."""
    fields = parse_object(body)
    limit = _limit(fields, "max_tokens")
    if limit is None:
        raise RequestError("max_tokens: Field required")
    messages = (*_instructions(fields.get("system")), *_messages(fields, "messages"))
    return ChatRequest(_model(fields.get("model")), Asked(messages, limit), fields.get("stream") is True)


def read_gemini(body: bytes, model: str, *, stream: bool) -> ChatRequest:
    """A request to Gemini, whose model and whose streaming stand in the path. Raises `RequestError`."""
    fields = parse_object(body)
    contents = fields.get("contents")
    if not isinstance(contents, list) or not contents:
        raise RequestError("contents is not specified")
    said = tuple(_content(content) for content in contents)
    config = fields.get("generationConfig")
    limit = _limit(config if isinstance(config, dict) else {}, "maxOutputTokens")
    system = fields.get("systemInstruction")
    messages = (*_instructions(_content(system).text if system else None), *said)
    return ChatRequest(_model(model), Asked(messages, limit), stream)


def read_ollama_chat(body: bytes) -> ChatRequest:
    """A request to Ollama, which streams unless it is told not to. Raises `RequestError`."""
    fields = parse_object(body)
    options = fields.get("options")
    limit = _limit(options if isinstance(options, dict) else {}, "num_predict")
    asked = Asked(_messages(fields, "messages"), limit)
    return ChatRequest(_model(fields.get("model")), asked, fields.get("stream") is not False)


def choose(model: str, pace: Pace) -> tuple[Script, Pace]:
    """The script of a model, and its pace. A name may carry options: `long?rate=200&first=0`; `rate=0` is as fast as
    it can be taken. Raises `RequestError`."""
    name, _, options = model.partition("?")
    script = SCRIPTS.get(name)
    if script is None:
        raise RequestError(f"The model `{model}` does not exist.", status=404, code="model_not_found")
    for option, text in parse_qsl(options, keep_blank_values=True):
        match option:
            case "rate":
                pace = replace(pace, rate=_number(option, text) or None)
            case "first":
                pace = replace(pace, first=_number(option, text))
            case _:
                raise RequestError(f"A model has no option `{option}`; there are `rate` and `first`.")
    return script, pace


def _number(option: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1_000_000:  # not a number compares as false
        raise RequestError(f"The model's option `{option}` has to be a number from 0 to 1000000, not `{text}`.")
    return value


def _model(model: object) -> str:
    if not isinstance(model, str) or not model:
        raise RequestError("You must provide a model parameter.")
    return model


def _limit(fields: dict[str, Any], *names: str) -> int | None:
    """The first of these limits that is set."""
    limit = next((fields[name] for name in names if fields.get(name) is not None), None)
    if limit is not None and (not isinstance(limit, int) or limit < 1):
        raise RequestError(f"'{names[-1]}' has to be a positive integer.")
    return limit


def _messages(fields: dict[str, Any], name: str) -> tuple[Said, ...]:
    messages = fields.get(name)
    if not isinstance(messages, list) or not messages:
        raise RequestError(f"'{name}' has to be a list with at least one message.")
    return tuple(_said(message, name) for message in messages)


def _instructions(system: object) -> tuple[Said, ...]:
    """A system prompt that stands beside the messages: a text, or parts."""
    text = _text(system)
    return (Said("system", text),) if text else ()


def _content(content: object) -> Said:
    parts = content.get("parts") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(parts, list):
        raise RequestError("Each of 'contents' has to be an object with parts.")
    return Said("assistant" if content.get("role") == "model" else "user", _text(parts))


def _said(message: object, name: str) -> Said:
    if not isinstance(message, dict) or not isinstance(message.get("role"), str):
        raise RequestError(f"Each of '{name}' has to be an object with a role.")
    content = message.get("content")
    if not isinstance(content, str | list | None):
        raise RequestError("The content of a message has to be a string or a list of parts.")
    return Said(message["role"], _text(content))


def _text(content: object) -> str:
    """A text, or the texts of a list of parts; pictures and files say nothing to a script."""
    if isinstance(content, list):
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(text for text in texts if isinstance(text, str))
    return content if isinstance(content, str) else ""
