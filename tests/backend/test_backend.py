from __future__ import annotations

import json
import logging
import os
from typing import TYPE_CHECKING

import pytest

from tests.byte_server import ByteServer, stream, whole
from tui_chat.backend.backend import AppBackend
from tui_chat.backend.history_options import HistoryOptions
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Failed
from tui_chat.chat.model_ports import LocalServer, ModelInfo, SetupError
from tui_chat.chat.prices import Prices
from tui_chat.chat.session import Session

if TYPE_CHECKING:
    from pathlib import Path

    from tests.byte_server import Request, Step
    from tui_chat.chat.message import Message
    from tui_chat.chat.model_ports import Connection

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
    backend = AppBackend({})
    setup = backend.load()
    try:
        assert setup.connection.demo
        assert setup.connection.model_name == "demo"
        assert setup.state_folder == home / ".local/state/tui-chat"
        assert "demo" in (await told(setup.connection)).text
    finally:
        await backend.close()


async def test_closing_twice_does_nothing_more() -> None:
    backend = AppBackend({})
    backend.load()
    await backend.close()
    await backend.close()


async def test_the_key_of_the_endpoint_stays_out_of_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_CHAT_API_KEY", "no-usual-shape")
    backend = AppBackend({"base_url": "http://127.0.0.1:9/v1", "model": "m"})
    setup = backend.load()
    logging.getLogger("tui_chat.test").warning("sent no-usual-shape")
    assert setup.log_path is not None
    text = setup.log_path.read_text()
    await backend.close()
    assert "sent [hidden]" in text


async def test_programs_that_are_started_inherit_no_variable_with_a_key(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    keys = {"TUI_CHAT_API_KEY": "a", "TUI_CHAT_HEADERS": "{}", "OPENAI_API_KEY": "b", "some_key": "c"}
    others = {
        "TUI_CHAT_BASE_URL": "http://127.0.0.1:9",
        "TUI_CHAT_THEME": "ansi-dark",
        "OPENAI_BASE_URL": "u",
        "K": "d",
    }
    for name, value in (keys | others).items():
        monkeypatch.setenv(name, value)
    configured(home, '[endpoints.e]\nbase_url = "http://127.0.0.1:9"\nkey_env = "SOME_KEY"')
    backend = AppBackend({})
    backend.load()
    await backend.close()
    assert [name for name in (*keys, *others) if name in os.environ] == [*others]
    monkeypatch.setenv("TUI_CHAT_BASE_URL", "http://127.0.0.1:9/?key=e")
    backend = AppBackend({})
    backend.load()
    await backend.close()
    assert "TUI_CHAT_BASE_URL" not in os.environ


async def test_where_no_log_can_be_written_it_chats_all_the_same(home: Path) -> None:
    (home / ".local").write_text("a file in the folder's place")
    backend = AppBackend({"base_url": "http://127.0.0.1:9/v1", "model": "m"})
    setup = backend.load()
    await backend.close()
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
    backend = AppBackend({"base_url": "http://public.example/v1"})
    with pytest.raises(SetupError) as caught:
        backend.load()
    assert str(caught.value).startswith(says)


async def test_prices_and_a_key_over_plain_http_are_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_CHAT_PRICES", '{"input": 1, "output": 2}')
    monkeypatch.setenv("TUI_CHAT_API_KEY", "secret-key")
    backend = AppBackend({"base_url": "http://box.local/v1"})
    setup = backend.load()
    await backend.close()
    assert setup.connection.about("any").prices == Prices(1_000_000, 2_000_000)
    assert "plain http" in setup.connection.notices[0]


async def test_the_only_model_is_looked_up_once_and_named_in_the_reply() -> None:
    def script(request: Request) -> list[Step]:
        return whole(b'{"data": [{"id": "sole"}]}') if request.method == "GET" else stream([SAYS_OK])

    async with ByteServer(script) as server:
        backend = AppBackend({"base_url": server.url})
        connection = backend.load().connection
        first, second = await told(connection), await told(connection)
        await backend.close()
    assert (first.text, first.model, second.model) == ("ok", "sole", "sole")
    assert [request.method for request in server.requests] == ["GET", "POST", "POST"]


async def test_a_server_that_was_found_with_several_models_asks_for_a_choice() -> None:
    async with ByteServer(lambda _: whole(b'{"data": [{"id": "one"}, {"id": "two"}]}')) as server:
        backend = AppBackend({"base_url": server.url, "model": "m"})
        backend.load()
        connection = backend.connect(LocalServer("Ollama", server.url, ("one", "two")))
        assert connection.model_name == ""
        reply = await told(connection)
        await backend.close()
    assert isinstance(reply.ending, Failed)
    assert (reply.ending.kind, "one, two" in reply.ending.problem) == ("setup", True)


# ---- endpoints and models


def configured(home: Path, text: str) -> None:
    path = home / ".config" / "tui-chat" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def answering(name: str, *models: str) -> ByteServer:
    """A server that lists models and answers with its name."""
    listed = json.dumps({"data": [{"id": model} for model in models]}).encode()
    said = json.dumps({"choices": [{"index": 0, "delta": {"content": name}, "finish_reason": "stop"}]}).encode()
    return ByteServer(lambda request: whole(listed) if request.method == "GET" else stream([b"data: %b\n\n" % said]))


async def test_a_person_may_change_the_endpoint_and_come_back(home: Path) -> None:
    async with answering("one") as one, answering("two") as two:
        configured(
            home,
            f'endpoint = "a"\n[endpoints.a]\nbase_url = "{one.url}"\nkey = "key-a"\nmodel = "m-a"\n'
            f'[endpoints.b]\nbase_url = "{two.url}"\nkey_command = "echo key-b"\nmodel = "m-b"\n',
        )
        backend = AppBackend({})
        first = backend.load().connection
        assert backend.endpoints() == ("a", "b", "demo")
        replies = [await told(first), await told(backend.open("b")), await told(backend.open("a"))]
        assert backend.open("a").model is first.model
        await backend.close()
    assert [(reply.text, reply.model, reply.endpoint) for reply in replies] == [
        ("one", "m-a", "a"),
        ("two", "m-b", "b"),
        ("one", "m-a", "a"),
    ]
    keys = [{request.headers["authorization"] for request in server.requests} for server in (one, two)]
    assert keys == [{"Bearer key-a"}, {"Bearer key-b"}]


async def test_where_several_are_named_and_none_is_chosen_each_question_says_so_until_one_is(home: Path) -> None:
    async with answering("two") as two:
        configured(home, f'[endpoints.a]\nbase_url = "one.example"\n[endpoints.b]\nbase_url = "{two.url}"\nmodel = "m"')
        backend = AppBackend({})
        connection = backend.load().connection
        assert connection.undecided
        ending = (await told(connection)).ending
        assert isinstance(ending, Failed)
        assert (ending.kind, "several endpoints (a, b)" in ending.problem) == ("setup", True)
        assert isinstance(await backend.models(), Failed)
        assert (await told(backend.open("b"))).text == "two"
        await backend.close()


async def test_a_key_command_that_fails_leaves_the_current_endpoint(home: Path) -> None:
    async with answering("one", "m") as one:
        configured(
            home,
            f'endpoint = "a"\n[endpoints.a]\nbase_url = "{one.url}"\n[endpoints.b]\nbase_url = "b.example"\n'
            'key_command = "false"',
        )
        backend = AppBackend({})
        backend.load()
        with pytest.raises(SetupError, match=r"^endpoints.b.key_command in .*: false ended with status 1$"):
            backend.open("b")
        assert await backend.models() == (ModelInfo("m"),)
        await backend.close()


async def test_options_of_an_endpoint_give_way_to_those_of_this_run_and_these_to_the_questions(home: Path) -> None:
    async with answering("one") as one:
        configured(
            home,
            f'[endpoints.a]\nbase_url = "{one.url}"\nmodel = "m"\napi = "openai-chat"\n'
            "options = { temperature = 0.1, top_p = 0.2, seed = 3 }",
        )
        backend = AppBackend({}, options={"temperature": 0.4, "top_p": 0.5})
        connection = backend.load().connection
        session = Session(Conversation(), connection.model, connection.model_name)
        session.options = {"temperature": 0.7}
        session.send("?")
        await session.idle()
        await backend.close()
    body = json.loads(one.requests[0].body)
    assert (body["temperature"], body["top_p"], body["seed"]) == (0.7, 0.5, 3)


async def test_models_are_remembered_and_those_that_were_asked_come_first(home: Path) -> None:
    async with answering("one", "a", "b", "c") as server:
        flags = {"base_url": server.url, "api": "openai-chat", "model": "c"}
        backend = AppBackend(flags)
        connection = backend.load().connection
        assert backend.known_models() is None
        await told(connection)
        listed = await backend.models()
        await backend.close()
        assert not isinstance(listed, Failed)
        assert [model.name for model in listed] == ["c", "a", "b"]

    backend = AppBackend(flags)
    backend.load()
    known = backend.known_models()
    gone = await backend.models()
    await backend.close()
    assert known is not None
    assert [model.name for model in known.models] == ["c", "a", "b"]
    assert 0 <= known.age < 60
    assert isinstance(gone, Failed)


async def test_nothing_is_remembered_where_that_is_not_wanted(home: Path) -> None:
    async with answering("one") as server:
        backend = AppBackend({"base_url": server.url, "model": "m"}, history_options=HistoryOptions(off=True))
        await told(backend.load().connection)
        await backend.close()
    assert not (home / ".local/state/tui-chat/recent-models.json").exists()


async def test_the_demo_can_be_chosen_although_another_is_configured() -> None:
    backend = AppBackend({"base_url": "http://127.0.0.1:9/v1", "model": "m"})
    backend.load()
    demo = backend.open("demo")
    listed = await backend.models()
    await backend.close()
    assert (demo.demo, demo.model_name, backend.known_models()) == (True, "demo", None)
    assert not isinstance(listed, Failed)
    assert ModelInfo("echo") in listed


@pytest.mark.parametrize("wanted", [True, False])
async def test_a_setting_says_whether_a_reply_that_broke_off_goes_back(wanted: bool, home: Path) -> None:
    half = b'data: {"choices": [{"index": 0, "delta": {"content": "half"}}]}\n\n'
    async with ByteServer(lambda _: stream([half])) as server:
        configured(
            home,
            f'[endpoints.a]\nbase_url = "{server.url}"\napi = "openai-chat"\nmodel = "m"\n'
            f"send_unfinished = {str(wanted).lower()}",
        )
        backend = AppBackend({})
        connection = backend.load().connection
        session = Session(Conversation(), connection.model, connection.model_name)
        for text in ("one", "two"):
            session.send(text)
            await session.idle()
        await backend.close()
    sent = [message["content"] for message in json.loads(server.requests[1].body)["messages"]]
    assert sent == (["one", "half", "two"] if wanted else ["one\n\ntwo"])
