"""Chats of ChatGPT, Claude and llm come in whole, and what has no place here is named."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.history.chats import store
from tui_chat.chat.events import CutOff, Finished, Stopped, Usage
from tui_chat.chat.message import ToolCall
from tui_chat.cli.export import import_files
from tui_chat.history.transfer.foreign import chatgpt, claude
from tui_chat.history.transfer.foreign.chats import ForeignChat, ForeignError

if TYPE_CHECKING:
    from pathlib import Path

    from tui_chat.chat.conversation import Conversation


def node(id_: str, parent: str | None, children: list[str], role: str = "", **told: Any) -> dict[str, Any]:
    """A node of ChatGPT's tree."""
    content = told.pop("content", {"content_type": "text", "parts": [told.pop("text", "")]})
    message = {"id": id_, "author": {"role": role}, "create_time": 1000.5, "content": content, **told}
    return {"id": id_, "parent": parent, "children": children, "message": message if role else None}


def gpt() -> dict[str, Any]:
    """A chat with a system message, two versions of an answer, a tool and a picture."""
    nodes = [
        node("root", None, ["sys"]),
        node("sys", "root", ["q"], "system", text="hidden"),
        node("q", "sys", ["a1", "a2"], "user", text="why?"),
        node("a1", "q", [], "assistant", text="first", status="in_progress"),
        node("a2", "q", ["t"], "assistant", text="look", metadata={"model_slug": "gpt-4o"}),
        node("t", "a2", ["a3"], "tool", text="result"),
        node("a3", "t", ["q2"], "assistant", text="second", metadata={"finish_details": {"type": "interrupted"}}),
        node(
            "q2",
            "a3",
            [],
            "user",
            content={
                "content_type": "multimodal_text",
                "parts": [{"content_type": "image_asset_pointer", "asset_pointer": "x"}, "and this?"],
            },
        ),
    ]
    return {
        "title": "A chat",
        "create_time": 1000.0,
        "update_time": 2000.0,
        "conversation_id": "gpt-1",
        "current_node": "q2",
        "mapping": {each["id"]: each for each in nodes},
    }


def anthropic() -> dict[str, Any]:
    """A chat with thinking, a tool, an attachment and a file."""
    return {
        "uuid": "claude-1",
        "name": "Another chat",
        "created_at": "2025-01-02T03:04:05.000000Z",
        "updated_at": "2025-01-02T03:05:05Z",
        "chat_messages": [
            {
                "uuid": "m1",
                "sender": "human",
                "text": "why?",
                "content": [{"type": "text", "text": "why?"}],
                "created_at": "2025-01-02T03:04:06Z",
                "attachments": [{"file_name": "a.txt", "extracted_content": "inside"}, {"file_name": "b.pdf"}],
                "files": [{"file_name": "c.png"}],
            },
            {
                "uuid": "m2",
                "sender": "assistant",
                "text": "because",
                "content": [
                    {"type": "thinking", "thinking": "hm"},
                    {"type": "tool_use", "id": "t1", "name": "search", "input": {"q": "x"}},
                    {"type": "tool_result", "content": []},
                    {"type": "text", "text": "because"},
                ],
                "created_at": "2025-01-02T03:04:07Z",
            },
            {"uuid": "m3", "sender": "human", "text": "old form"},
        ],
    }


def logs(path: Path) -> None:
    """A database of llm with one conversation and one single prompt."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript("""
            CREATE TABLE conversations (id TEXT PRIMARY KEY, name TEXT, model TEXT);
            CREATE TABLE responses (id TEXT PRIMARY KEY, model TEXT, prompt TEXT, system TEXT, prompt_json TEXT,
                options_json TEXT, response TEXT, response_json TEXT, conversation_id TEXT, duration_ms INTEGER,
                datetime_utc TEXT, input_tokens INTEGER, output_tokens INTEGER, token_details TEXT);
            CREATE TABLE attachments (id TEXT PRIMARY KEY, type TEXT, path TEXT, url TEXT, content BLOB);
            CREATE TABLE prompt_attachments (response_id TEXT, attachment_id TEXT, "order" INTEGER);
            INSERT INTO conversations VALUES ('c1', 'Named', 'gpt-4o');
            INSERT INTO responses (id, model, prompt, system, response, conversation_id, datetime_utc, input_tokens)
                VALUES ('r1', 'gpt-4o', 'one?', 'be brief', 'first', 'c1', '2024-05-06T07:08:09.123', 12);
            INSERT INTO responses (id, model, prompt, response, conversation_id, datetime_utc)
                VALUES ('r2', 'gpt-4o', 'alone?', 'yes', NULL, '2024-05-06T07:09:09');
            INSERT INTO responses (id, model, prompt, response, conversation_id, datetime_utc)
                VALUES ('r3', 'gpt-4o', 'two?', 'second', 'c1', '2024-05-06T07:10:09');
            INSERT INTO attachments VALUES ('a1', 'image/png', NULL, 'https://x/y.png', NULL);
            INSERT INTO attachments VALUES ('a2', 'text/plain', '/t/n.txt', NULL, x'6162');
            INSERT INTO prompt_attachments VALUES ('r1', 'a2', 0), ('r1', 'a1', 1);
        """)  # fmt: skip
        database.commit()


def taken(path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> tuple[list[Conversation], str]:
    """Import a file; the chats of the history, and what was said."""
    with store(data) as history:
        assert import_files(history, [str(path)]) == 0
    said = capsys.readouterr().err
    with store(data) as history:
        return [history.open(chat.id) for chat in history.chats()], said


def texts(chat: Conversation) -> list[str]:
    """The texts of the shown branch."""
    return [message.text for message in chat.path()]


def test_chatgpts_tree_comes_in_with_its_branches(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "conversations.json"
    file.write_text(json.dumps([gpt()]))
    (chat,), said = taken(file, tmp_path / "data", capsys)
    assert (chat.id, chat.title, texts(chat)) == ("gpt-1", "A chat", ["why?", "look", "second", "and this?"])
    first, second = chat.siblings(chat.messages["a1"])
    assert (first.text, second.text, second.model) == ("first", "look", "gpt-4o")
    endings = [type(chat.messages[id_].ending) for id_ in ("a1", "a2", "a3")]
    assert endings == [CutOff, Finished, Stopped]
    assert "1 chat imported, 5 messages" in said
    assert "tool results (1), pictures (1)" in said


def test_a_zip_archive_is_opened_and_its_chats_come_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "export.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("folder/conversations.json", json.dumps([gpt(), {**gpt(), "conversation_id": "gpt-2"}]))
        archive.writestr("chat.html", "<html>")
    chats, _ = taken(file, tmp_path / "data", capsys)
    assert sorted(chat.id for chat in chats) == ["gpt-1", "gpt-2"]
    _, said = taken(file, tmp_path / "data", capsys)
    assert "2 chats skipped, because all their messages exist already" in said


def test_claudes_blocks_and_attachments_come_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "conversations.json"
    file.write_text(json.dumps([anthropic()]))
    (chat,), said = taken(file, tmp_path / "data", capsys)
    assert texts(chat) == ["why?", "because", "old form"]
    question, answer, _ = chat.path()
    assert [(each.name, each.data) for each in question.attachments] == [("a.txt", b"inside")]
    assert (answer.reasoning, answer.tool_calls) == ("hm", [ToolCall(0, "t1", "search", '{"q": "x"}')])
    assert answer.created == 1735787047.0
    assert "attached files (2), tool results (1)" in said


def test_llms_database_comes_in_by_conversation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs(tmp_path / "logs.db")
    chats, said = taken(tmp_path / "logs.db", tmp_path / "data", capsys)
    named, alone = sorted(chats, key=lambda chat: chat.title)
    assert (named.title, named.system, texts(named)) == ("Named", "be brief", ["one?", "first", "two?", "second"])
    assert texts(alone) == ["alone?", "yes"]
    question, answer = named.path()[:2]
    assert answer.usage == Usage(12)
    assert [each.data for each in question.attachments] == [b"ab"]
    assert "attached files (1)" in said


def test_imported_replies_are_no_usage_of_ours(tmp_path: Path) -> None:
    logs(tmp_path / "logs.db")
    with store(tmp_path / "data") as history:
        import_files(history, [str(tmp_path / "logs.db")])
        assert history.usage("day").total.requests == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"[1]", "is not an export of ChatGPT, Claude or tui-chat"),
        (b"[", "is damaged at chat 1"),
        (b"[" * 100_000, "is damaged at chat 1"),
        (b'[{"mapping": {}}, {"a"', "is damaged at chat 2"),
        (b"PK\x03\x04 no archive", "is an archive that cannot be read"),
    ],
)
def test_what_is_no_export_is_refused_in_one_sentence(
    content: bytes, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    with store(tmp_path / "data") as history:
        assert import_files(history, [str(file)]) == 1
    assert says in capsys.readouterr().err


def test_a_bad_chat_is_left_out_and_the_others_come(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "conversations.json"
    file.write_text(json.dumps([{"mapping": {}}, gpt(), {"other": 1}]))
    chats, said = taken(file, tmp_path / "data", capsys)
    assert [chat.id for chat in chats] == ["gpt-1"]
    assert "2 chats left out: has no messages, is of another format" in said


def test_a_tree_with_a_circle_ends() -> None:
    chat = gpt()
    chat["mapping"]["q2"]["children"] = ["q"]
    chat["mapping"]["q"]["parent"] = "nobody"
    assert len(chatgpt.read_chat(chat).messages) == 5


odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.data())
def test_odd_values_anywhere_never_raise_anything_else(data: st.DataObject) -> None:
    for make, read in ((gpt, chatgpt.read_chat), (anthropic, claude.read_chat)):
        item: Any = make()
        places: list[tuple[Any, Any]] = []

        def walk(value: Any, places: list[tuple[Any, Any]] = places) -> None:
            for key in list(value.keys() if isinstance(value, dict) else range(len(value))):
                places.append((value, key))
                if isinstance(value[key], (dict, list)):
                    walk(value[key])

        walk(item)
        for _ in range(data.draw(st.integers(1, 3))):
            container, key = data.draw(st.sampled_from(places[1:]))
            container[key] = data.draw(odd)
        if not (chatgpt.is_chat(item) or claude.is_chat(item)):
            continue
        try:
            chat = read(item)
        except ForeignError:
            continue
        known: set[str] = set()
        for message in chat.messages:
            assert message.parent is None or message.parent in known
            known.add(message.id)
        assert isinstance(chat, ForeignChat)
        assert chat.head.leaf in known


def test_no_message_of_a_tree_that_does_not_fit_together_is_lost() -> None:
    """Nodes that their parent does not list, and nodes that are each other's parents."""

    def tree(chat: dict[str, Any]) -> set[tuple[str, str]]:
        return {(each.id, each.parent or "") for each in chatgpt.read_chat(chat).messages}

    whole, unlisted, circle = tree(gpt()), gpt(), gpt()
    for node in unlisted["mapping"].values():
        node["children"] = []
    assert tree(unlisted) == whole
    last = list(circle["mapping"])[-1]
    for node in circle["mapping"].values():
        if node.get("parent") not in circle["mapping"]:
            node["parent"] = last
    assert {name for name, _ in tree(circle)} == {name for name, _ in whole}
