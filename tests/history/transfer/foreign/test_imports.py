"""Chats of ChatGPT, Claude and llm come in whole, and what has no place here is named."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import sys
import zipfile
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.history.chats import store
from tui_chat.chat.events import CutOff, Finished, Stopped, Usage
from tui_chat.chat.message import CitationPart, ToolCall
from tui_chat.chat.model_ports import SetupError
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
    assert (chat.id, chat.title, texts(chat)) == ("gpt-1", "A chat", ["why?", "look", "\n\nsecond", "and this?"])
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


@pytest.mark.parametrize("form", ["utf-16", "bom", "alone", "lines", "inside"])
def test_a_list_in_another_wrapping_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    chats = [gpt(), anthropic()]
    if form == "alone":
        chats.pop()
    file = tmp_path / "export.json"
    match form:
        case "utf-16":
            file.write_text(json.dumps(chats), encoding="utf-16")
        case "bom":
            file.write_text(json.dumps(chats), encoding="utf-8-sig")
        case "inside":
            file.write_text(json.dumps({"conversations": chats}))
        case _:
            file.write_text("\n".join(map(json.dumps, chats)))
    found, said = taken(file, tmp_path / "data", capsys)
    assert f"{len(chats)} chat{'s' if len(chats) > 1 else ''} imported" in said
    assert {chat.id for chat in found} == {"gpt-1", "claude-1"} - ({"claude-1"} if form == "alone" else set())


def test_a_folder_with_what_was_in_the_archive_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "user.json").write_text("{}")
    with pytest.raises(SetupError, match=r"no conversations\.json in this folder"):
        taken(folder, tmp_path / "data", capsys)
    (folder / "conversations-000.json").write_text(json.dumps([gpt()]))
    (folder / "conversations-001.json").write_text(json.dumps([anthropic()]))
    found, _ = taken(folder, tmp_path / "data", capsys)
    assert {chat.id for chat in found} == {"gpt-1", "claude-1"}


@pytest.mark.parametrize("archived", [False, True])
def test_exports_come_through_a_pipe_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, archived: bool
) -> None:
    data = json.dumps([gpt()]).encode()
    if archived:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("conversations.json", data)
        data = packed.getvalue()
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as end:
        end.write(data)  # it fits into the pipe
    with os.fdopen(reading, "rb") as piped:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(piped))
        with store(tmp_path / "data") as history:
            assert import_files(history, ["-"]) == 0
    assert "standard input: 1 chat imported" in capsys.readouterr().err


def test_a_document_in_the_canvas_is_text_and_its_changes_are_named() -> None:
    canvas = {"recipient": "canmore.create_textdoc"}
    chat = gpt()
    document = json.dumps({"name": "poem", "type": "document", "content": "Roses are red"})
    code = json.dumps({"name": "run", "type": "code/python", "content": "print(1)"})
    for number, text in enumerate((document, code, '{"updates": []}', "[" * 5000)):
        added = node(f"c{number}", "q2", [], "assistant", content={"content_type": "code", "text": text}, **canvas)
        chat["mapping"][f"c{number}"] = added
    read = chatgpt.read_chat(chat)
    texts = [message.text for message in read.messages if message.id.startswith("c")]
    assert texts == ["poem\n\nRoses are red", "run\n\n```python\nprint(1)\n```"]
    assert read.lost["changes of documents in the canvas"] == 2


def test_the_marks_of_links_are_taken_out_of_a_text_and_their_sources_kept() -> None:
    mark, who = "\ue200cite\ue202turn0search0\ue201", '\ue200entity\ue202["people","Ada Lovelace","writer"]\ue201'
    item = {"url": "https://x.example/a", "title": "A page"}
    told = {
        "content_references": [{"matched_text": mark, "items": [item, item]}, {"matched_text": "\ue200", "items": 3}]
    }
    chat = gpt()
    text = f"So{mark} said {who}.\ue200"
    chat["mapping"]["m"] = node("m", "q2", [], "assistant", text=text, metadata=told)
    (message,) = (each for each in chatgpt.read_chat(chat).messages if each.id == "m")
    assert message.text == "So said Ada Lovelace.\ue200"
    assert [part for part in message.parts if isinstance(part, CitationPart)] == [CitationPart(**item)]


def test_replies_that_follow_each_other_are_paragraphs_of_one() -> None:
    chat = gpt()
    code = {"content_type": "code", "language": "python", "text": "print(1)"}
    thoughts = {"content_type": "thoughts", "thoughts": [{"content": "hm"}]}
    for id_, parent, content in (("c", "q2", code), ("t2", "c", thoughts)):
        chat["mapping"][id_] = node(id_, parent, [], "assistant", content=content)
    chat["mapping"]["e"] = node("e", "t2", [], "assistant", text="So.")
    read = {message.id: message.text for message in chatgpt.read_chat(chat).messages}
    assert read["c"] + read["t2"] + read["e"] == "```python\nprint(1)\n```\n\nSo."
    claudes = anthropic()
    claudes["chat_messages"][-1] |= {"sender": "assistant", "attachments": [], "files": []}
    claudes["chat_messages"][-1]["content"] = [
        {"type": "text", "text": "Let me "},
        {"type": "text", "text": "see."},
        {"type": "tool_use", "name": "look", "input": {}},
        {"type": "tool_result"},
        {"type": "text", "text": "So."},
    ]
    assert claude.read_chat(claudes).messages[-1].text.lstrip() == "Let me see.\n\nSo."


def test_what_claude_cites_is_kept() -> None:
    chat = anthropic()
    cited = [{"details": {"url": "https://c.example", "title": "C"}}, {"url": "https://d.example"}, {"uuid": 1}, 5]
    chat["chat_messages"][-1]["content"] = [{"type": "text", "text": "So.", "citations": cited}]
    parts = claude.read_chat(chat).messages[-1].parts
    assert parts[1:] == [CitationPart("https://c.example", "C"), CitationPart("https://d.example")]


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
