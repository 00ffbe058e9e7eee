"""`tui-chat ask --dry-run`: prints the request without sending it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tui_chat.backend.history_options import first_conversation
from tui_chat.chat.turn import Question
from tui_chat.cli.chat_commands import load_decided
from tui_chat.cli.paging import put, tell
from tui_chat.cli.reporting import json_line
from tui_chat.settings.secrecy import masked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.backend.backend import AppBackend
    from tui_chat.chat.message import Attachment
    from tui_chat.wire.client import Request
    from tui_chat.wire.endpoint import Endpoint


def dry_run(backend: AppBackend, prompt: str, attachments: Sequence[Attachment]) -> int:
    """Print the request as JSON and return the exit status. Raises `SetupError`."""
    setup = load_decided(backend)
    try:
        conversation = first_conversation(setup)
        conversation.add_question(prompt, attachments)
        model = setup.connection.model_name
        question = Question(
            tuple(conversation.path()), conversation.system, model, conversation.choices.options_with({})
        )
        request, endpoint = backend.request(question)
    finally:
        asyncio.run(backend.close())
    for notice in setup.connection.notices:
        tell(notice)
    if not model and not endpoint.in_url:
        tell("no model is chosen; the endpoint's only one would be looked up first")
    return put([json_line(shown(request, endpoint), indent=2)])


def shown(request: Request, endpoint: Endpoint) -> dict[str, Any]:
    """Return a request with its secrets masked: the key, and the values of configured headers and query parameters."""
    key = endpoint.key

    def without_key(text: str) -> str:
        return endpoint.secrets.masked(text.replace(key, masked(key)) if key else text)

    url = request.url
    for name, value in endpoint.query.items():
        url = url.replace(urlencode({name: value}), f"{name}={masked(value)}")
    headers = {
        name: masked(value) if endpoint.headers.get(name) == value else without_key(value)
        for name, value in request.headers.items()
    }
    return {"method": request.method, "url": without_key(url), "headers": headers, "body": dict(request.body)}
