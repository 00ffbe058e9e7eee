"""Build the requests for questions, with the changes that refusals of earlier requests have called for."""

from __future__ import annotations

import asyncio
import json
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tui_chat.chat.message import TextPart
from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import dataclass, replace
from tui_chat.wire.dialects import DIALECTS
from tui_chat.wire.dialects.detect import DetectedDialect
from tui_chat.wire.dialects.effort import spelled
from tui_chat.wire.endpoint import PLACEHOLDER
from tui_chat.wire.failures.refusals import difference, learned
from tui_chat.wire.request_messages import MessageRules, request_messages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui_chat.chat.message import Message
    from tui_chat.chat.secrets import Secrets
    from tui_chat.chat.turn import Question
    from tui_chat.wire.dialects import Dialect, ResponseDecoder
    from tui_chat.wire.endpoint import Endpoint
    from tui_chat.wire.failures.retrying import RefusedError
    from tui_chat.wire.request_fixes import RequestFix

log = logging.getLogger(__name__)

REFUSED_SHAPE: Final = frozenset({400, 422, 500})
"""Statuses of refusals whose text may say what to change in the request; some servers answer 500 when a chat
template raises."""

LARGE: Final = 200_000
"""Characters of text and bytes of files from which a request is built in a thread."""
MANY: Final = 200
"""Messages from which it is."""

_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """One request for a question, and how to read its response."""

    method: str
    url: str
    shown: str
    """The URL as shown to people, with `{message}` in place of a question in the URL."""
    headers: Mapping[str, str]
    body: dict[str, Any]
    """The JSON of a POST; empty for a GET."""
    content: bytes | None
    """The body as it is sent; `None` for a GET."""
    dialect: Dialect
    decoder: ResponseDecoder
    continuing: bool
    """Whether the request asks for the rest of a reply that was begun."""
    system: bool
    """Whether the request has a system prompt separate from the messages."""
    model: str = ""
    """The name of the model that is asked."""


class RequestBuilder:
    """Builds the requests to one server and remembers what its refusals say about them."""

    def __init__(self, *, stream: bool) -> None:
        """`stream`: ask for replies in pieces."""
        self._stream = stream
        self._request_fixes: dict[str, list[RequestFix]] = {}
        """Changes to each request that refusals have called for, by model."""
        self._rules = MessageRules()

    def prepare(self, endpoint: Endpoint, question: Question, secrets: Secrets) -> PreparedRequest:
        """Prepare the request of a question for an endpoint. `secrets` are masked in what is read of its response.
        Raises `SetupError`."""
        if endpoint.dialect not in DIALECTS:
            raise SetupError(f"{endpoint.dialect} is not an API known here; there are {', '.join(DIALECTS)}.")
        make = partial(_dialect, endpoint, secrets)
        dialect = make(endpoint.dialect)
        request = request_messages(
            question,
            endpoint=endpoint.label,
            send_unfinished=endpoint.send_unfinished,
            stream=self._stream,
            rules=self._rules,
        )
        request = replace(request, options=spelled(request.options, endpoint))
        body = dialect.body(request)
        for fix in self._request_fixes.get(question.model, ()):
            body = fix.applied_to(body)
        body |= endpoint.extra_body
        accept = "application/json"
        if body.get("stream", self._stream):
            accept = "application/x-ndjson" if dialect.lines else "text/event-stream"
        headers = {
            **({} if endpoint.in_url else {"Content-Type": "application/json"}),
            "Accept": accept,
            **dialect.headers(endpoint.key),
            **endpoint.own_headers,
        }
        decoder = DetectedDialect(dialect, endpoint.dialect, make) if endpoint.guessed or dialect.plain else dialect
        url = endpoint.url(dialect.path(request))
        system = bool(request.system.strip())
        if endpoint.in_url:
            return PreparedRequest(
                "GET", url, endpoint.url(PLACEHOLDER), headers, {}, None, dialect, decoder, request.continuing, system
            )
        content = encoded(body)
        return PreparedRequest(
            "POST", url, url, headers, body, content, dialect, decoder, request.continuing, system, question.model
        )

    async def prepared(self, endpoint: Endpoint, question: Question, secrets: Secrets) -> PreparedRequest:
        """Prepare a request as `prepare` does; a large one in a thread, so that the event loop goes on meanwhile."""
        if not is_large(question.messages):
            return self.prepare(endpoint, question, secrets)
        return await asyncio.to_thread(self.prepare, endpoint, question, secrets)

    def learn(self, endpoint: Endpoint, prepared: PreparedRequest, refused: RefusedError) -> str | None:
        """Learn from a refusal how to change later requests, so that the question can be sent again. Returns a
        clause that tells a person the change (empty if it does not matter to a person), or `None` if nothing can be
        changed."""
        if refused.failed.status not in REFUSED_SHAPE:
            return None
        text = refused.body.decode("utf-8", "replace")
        rules = learned(self._rules, text, continuing=prepared.continuing, system=prepared.system)
        if rules != self._rules:
            how = difference(self._rules, rules)
            log.info("%s refuses the conversation's shape: %s", endpoint.label, how)
            self._rules = rules
            return how
        fixes = self._request_fixes.setdefault(prepared.model, [])
        found = [
            fix
            for fix in prepared.dialect.request_fixes(text, prepared.body)
            if fix not in fixes
            and fix.field.partition(".")[0] not in endpoint.extra_body
            and fix.applied_to(prepared.body) != prepared.body
        ]
        fixes += found
        for fix in found:
            log.info("%s refuses %s: asking without", endpoint.label, fix.field)
        return "" if found else None


def is_large(messages: Sequence[Message]) -> bool:
    """Whether a request with these messages takes long enough to build for a frame of the screen to be late."""
    if len(messages) > MANY:
        return True
    size = 0
    for message in messages:
        size += sum(len(part.text) for part in message.parts if isinstance(part, TextPart))
        size += sum(len(attachment.data) for attachment in message.attachments)
        if size > LARGE:
            return True
    return False


def encoded(body: Mapping[str, Any]) -> bytes:
    """Encode the request's JSON. A lone surrogate (from a broken reply or a paste) becomes `?`, because no server
    accepts it."""
    # Each message by itself, because other threads wait while one is encoded.
    fields = [
        f"{_json(name)}:{_array(value) if isinstance(value, list) else _json(value)}" for name, value in body.items()
    ]
    return f"{{{','.join(fields)}}}".encode("utf-8", "replace")


def _array(values: list[Any]) -> str:
    return f"[{','.join(map(_json, values))}]"


def _dialect(endpoint: Endpoint, secrets: Secrets, name: str) -> Dialect:
    dialect = DIALECTS[name](inline_reasoning=endpoint.inline_reasoning)
    dialect.secrets = secrets
    return dialect
