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
    """A request for a chat completion."""

    model: str
    """As it was asked for, options and all."""
    asked: Asked
    stream: bool
    include_usage: bool


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
    """A chat completions request; only fields that matter to a script are looked at. Raises `RequestError`."""
    fields = parse_object(body)
    model, messages = fields.get("model"), fields.get("messages")
    if not isinstance(model, str) or not model:
        raise RequestError("You must provide a model parameter.")
    if not isinstance(messages, list) or not messages:
        raise RequestError("'messages' has to be a list with at least one message.")
    limit = fields.get("max_completion_tokens", fields.get("max_tokens"))
    if limit is not None and (not isinstance(limit, int) or limit < 1):
        raise RequestError("'max_tokens' has to be a positive integer.")
    options = fields.get("stream_options")
    return ChatRequest(
        model=model,
        asked=Asked(tuple(_said(message) for message in messages), max_tokens=limit),
        stream=fields.get("stream") is True,
        include_usage=isinstance(options, dict) and options.get("include_usage") is True,
    )


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


def _said(message: object) -> Said:
    if not isinstance(message, dict) or not isinstance(message.get("role"), str):
        raise RequestError("Each of 'messages' has to be an object with a role.")
    content = message.get("content")
    if isinstance(content, list):  # parts; pictures and files say nothing to a script
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        content = "".join(text for text in texts if isinstance(text, str))
    if not isinstance(content, str | None):
        raise RequestError("The content of a message has to be a string or a list of parts.")
    return Said(message["role"], content or "")
