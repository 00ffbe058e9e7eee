"""The route `/chat` and the dialect simple-get, which must understand each other."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Finished
from tui_chat.chat.session import Session
from tui_chat.wire.client import Client
from tui_chat.wire.endpoint import Endpoint

if TYPE_CHECKING:
    from tui_chat.chat.message import Message
    from tui_chat.server.embedded import EmbeddedServer

TEXTS = [
    "one two  three ",
    "Grüße, 你好 👩‍🚀!\n\n  indented\n\ttabbed\n\n\n- 100% of a+b & c=d?#",
    '42 null true [1, 2] "quoted" {"a": 1} data: x\u2028y\x0c',
    "\n\nfirst lines empty\n",
]


async def told(server: EmbeddedServer, text: str, options: str) -> Message:
    root = urlsplit(server.base_url)
    url = f"{root.scheme}://{root.netloc}/chat?message={{message}}&{options}"
    client = Client(Endpoint(url, key=server.key, dialect="auto"), max_retries=0)
    session = Session(Conversation(), client)
    session.send(text)
    await session.idle()
    await client.aclose()
    reply = session.conversation.last_reply
    assert reply is not None
    return reply


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("form", ["chunks", "json", "text"])
async def test_what_is_asked_comes_back_as_it_was(server: EmbeddedServer, text: str, form: str) -> None:
    reply = await told(server, text, f"model=echo&format={form}")
    assert reply.text.strip("\n") == text.strip("\n")
    assert reply.ending == Finished("stop" if form == "chunks" else None, "done-sentinel")


async def test_reasoning_and_a_long_answer_are_heard(server: EmbeddedServer) -> None:
    reply = await told(server, "hm", "model=think")
    assert reply.reasoning
    assert reply.text
    by_json, by_text = [await told(server, "x", f"model=markdown&format={form}") for form in ("json", "text")]
    assert by_json.text == by_text.text
    assert "\n\n## " in by_text.text
