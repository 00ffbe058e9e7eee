from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from tests.byte_server import ByteServer, stream, whole
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Failed
from tui_chat.chat.ports import LocalServer, SetupError
from tui_chat.chat.session import Session
from tui_chat.house import BuiltHouse

if TYPE_CHECKING:
    from pathlib import Path

    from tests.byte_server import Request, Step
    from tui_chat.chat.message import Message
    from tui_chat.chat.ports import Connection

SAYS_OK = b'data: {"choices": [{"index": 0, "delta": {"content": "ok"}, "finish_reason": "stop"}]}\n\n'


async def told(connection: Connection) -> Message:
    session = Session(Conversation(), connection.model, connection.model_name)
    session.send("?")
    await session.idle()
    reply = session.conversation.last_reply
    assert reply is not None
    return reply


async def test_with_nothing_configured_it_is_the_demo_whatever_other_programs_are_told(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setenv("OPENAI_MODEL", "gpt-x")
    house = BuiltHouse({})
    setup = house.load()
    try:
        assert setup.connection.demo
        assert setup.connection.model_name == "demo"
        assert setup.state_folder == home / ".local/state/tui-chat"
        assert "demo" in (await told(setup.connection)).text
    finally:
        await house.close()


async def test_closing_twice_does_nothing_more() -> None:
    house = BuiltHouse({})
    house.load()
    await house.close()
    await house.close()


async def test_the_key_of_the_endpoint_stays_out_of_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_CHAT_API_KEY", "no-usual-shape")
    house = BuiltHouse({"base_url": "http://127.0.0.1:9/v1", "model": "m"})
    setup = house.load()
    logging.getLogger("tui_chat.test").warning("sent no-usual-shape")
    assert setup.log_path is not None
    text = setup.log_path.read_text()
    await house.close()
    assert "sent [hidden]" in text


async def test_where_no_log_can_be_written_it_chats_all_the_same(home: Path) -> None:
    (home / ".local").write_text("a file in the folder's place")
    house = BuiltHouse({"base_url": "http://127.0.0.1:9/v1", "model": "m"})
    setup = house.load()
    await house.close()
    assert setup.log_path is None
    assert setup.connection.notices[0].startswith("There is no log: ")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("TUI_CHAT_HEADERS", '{"Bad Name": "x"}', "TUI_CHAT_HEADERS: The header 'Bad Name'"),
        ("TUI_CHAT_API_KEY", "secret-key", "TUI_CHAT_API_KEY: The key would go to public.example over plain http"),
    ],
)
def test_what_the_wire_refuses_is_told_with_the_setting_it_came_from(
    name: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    house = BuiltHouse({"base_url": "http://public.example/v1"})
    with pytest.raises(SetupError) as caught:
        house.load()
    assert str(caught.value).startswith(says)


async def test_prices_and_a_key_over_plain_http_are_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_CHAT_PRICES", '{"input": 1, "output": 2}')
    monkeypatch.setenv("TUI_CHAT_API_KEY", "secret-key")
    house = BuiltHouse({"base_url": "http://box.local/v1"})
    setup = house.load()
    await house.close()
    assert setup.prices == (1.0, 2.0)
    assert "plain http" in setup.connection.notices[0]


async def test_the_only_model_is_looked_up_once_and_named_in_the_reply() -> None:
    def script(request: Request) -> list[Step]:
        return whole(b'{"data": [{"id": "sole"}]}') if request.method == "GET" else stream([SAYS_OK])

    async with ByteServer(script) as server:
        house = BuiltHouse({"base_url": server.url})
        connection = house.load().connection
        first, second = await told(connection), await told(connection)
        await house.close()
    assert (first.text, first.model, second.model) == ("ok", "sole", "sole")
    assert [request.method for request in server.requests] == ["GET", "POST", "POST"]


async def test_a_server_that_was_found_with_several_models_asks_for_a_choice() -> None:
    async with ByteServer(lambda _: whole(b'{"data": [{"id": "one"}, {"id": "two"}]}')) as server:
        house = BuiltHouse({"base_url": server.url, "model": "m"})
        house.load()
        connection = house.connect(LocalServer("Ollama", server.url, ("one", "two")))
        assert connection.model_name == ""
        reply = await told(connection)
        await house.close()
    assert isinstance(reply.ending, Failed)
    assert (reply.ending.kind, "one, two" in reply.ending.problem) == ("setup", True)
