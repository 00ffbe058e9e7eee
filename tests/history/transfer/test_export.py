from __future__ import annotations

import sqlite3
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from tests.history.files import given_out, history, lines, taken_in
from tests.history.trees import chats
from tui_chat.chat.clean import clean
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import CutOff, Finished, TextDelta, Usage
from tui_chat.chat.history_ports import HistoryError
from tui_chat.chat.message import Attachment, CitationPart, ImagePart, Message, TextPart, Timing, ToolCall
from tui_chat.history.transfer import export_model as exported
from tui_chat.history.transfer.export import encoded, export_conversation, write
from tui_chat.history.transfer.json_format import ChatHead

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_chat.chat.message import Part
    from tui_chat.history.transfer.export import ExportFormat

NOON = 1_760_000_000.0
PNG = "data:image/png;base64,iVBORw0KGgo="


def reply(id_: str, parent: str, *parts: Part) -> Message:
    return Message(id_, parent, "assistant", NOON, "model-x", parts=list(parts), ending=Finished("stop", "eof"))


def one_chat(id_: str, *said: Part, question: str = "Why?", title: str = "") -> tuple[ChatHead, list[Message]]:
    tree = [Message("q", None, "user", NOON, parts=[TextPart("text", text=question)]), reply("r", "q", *said)]
    return ChatHead(id_, NOON, NOON, title, "", False, "r", 2), tree


def shown(form: ExportFormat, *said: Part, question: str = "Why?") -> str:
    with history() as database:
        taken_in(database, lines(one_chat("c1", *said, question=question)))
        return given_out(database, form).decode()


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    with history() as opened:
        taken_in(opened, lines(one_chat("c1", TextPart("text", text="one")), one_chat("c2", question="How?")))
        yield opened


def test_a_time_that_is_not_known_is_not_called_1970() -> None:
    assert exported.written_moment(0.0) == "unknown time"


def test_markdown_has_a_heading_for_the_chat_and_one_for_each_message() -> None:
    text = shown("md", TextPart("reasoning", text="Hm."), TextPart("text", text="Because **so**."))
    at = exported.written_moment(NOON)
    assert text == (
        f"# Why?\n\n*model-x · {at} · c1*\n\n## You · {at}\n\nWhy?\n\n## model-x · {at}\n"
        "\n<details>\n<summary>Reasoning</summary>\n\nHm.\n\n</details>\n\nBecause **so**.\n"
    )


def test_plain_text_says_who_said_what() -> None:
    text = shown("txt", TextPart("reasoning", text="Hm.\n\nSo."), TextPart("text", text="Because."))
    at = exported.written_moment(NOON)
    assert text == (
        f"Why?\n====\nmodel-x · {at} · c1\n\n[You · {at}]\nWhy?\n"
        f"\n[model-x · {at}]\n  | Hm.\n  |\n  | So.\n\nBecause.\n"
    )


@pytest.mark.parametrize("fence", ["```", "~~~~"])
def test_a_code_fence_that_is_open_does_not_swallow_the_next_message(fence: str) -> None:
    assert f"\n{fence}py\nx = 1\n{fence}\n" in shown("md", TextPart("text", text=f"{fence}py\nx = 1"))


def test_only_the_branch_that_is_shown_is_for_reading() -> None:
    _, tree = one_chat("c1", TextPart("text", text="first answer"))
    tree.append(reply("r2", "q", TextPart("text", text="second answer")))
    for leaf, answer, other in (("r", "first", "second"), ("r2", "second", "first"), (None, "second", "first")):
        with history() as database:
            taken_in(database, lines((ChatHead("c1", NOON, NOON, leaf=leaf, messages=3), tree)))
            for form in ("md", "html", "txt"):
                text = given_out(database, form).decode()
                assert f"{answer} answer" in text
                assert f"{other} answer" not in text
            assert given_out(database).count(b" answer") == 2


@pytest.mark.parametrize("form", ["md", "html", "txt"])
def test_how_a_reply_ended_and_what_is_no_text_is_told(form: ExportFormat) -> None:
    head, tree = one_chat(
        "c1",
        TextPart("text", text="half"),
        ToolCall(0, "1", "look", '{"a": 1}'),
        CitationPart("https://a.example/", "A"),
    )
    tree[0].attachments = [Attachment("report.pdf", "application/pdf", b"x" * 1200)]
    tree[1].ending = CutOff("the connection ended")
    with history() as database:
        taken_in(database, lines((head, tree)))
        text = given_out(database, form).decode()
    for told in (
        "report.pdf (application/pdf, 1.2 kB)",
        "look",
        "https://a.example/",
        "was cut off: the connection ended",
    ):
        assert told in text


class Page(HTMLParser):
    """What a page consists of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def values(self, tag: str, name: str) -> list[str | None]:
        return [given.get(name) for each, given in self.tags if each == tag]


def test_a_page_shows_markdown_and_folds_reasoning() -> None:
    page = shown("html", TextPart("reasoning", text="*Hm.*"), TextPart("text", text="**so**\n\n```py\na < b\n```"))
    assert "<summary>Reasoning</summary>" in page
    assert "<strong>so</strong>" in page
    assert "a &lt; b" in page
    assert "content=\"default-src 'none'" in page


def test_a_page_has_numbers_and_times() -> None:
    head, tree = one_chat("c1", TextPart("text", text="so"))
    tree[1].usage, tree[1].timing = Usage(input=23, output=42), Timing(asked=1.0, ended=3.5)
    with history() as database:
        taken_in(database, lines((head, tree)))
        assert "23 in · 42 out · 2.5 s" in given_out(database, "html").decode()


HOSTILE = f"""<script>alert(1)</script> <img src=x onerror=alert(1)> [a](javascript:alert(1)) [b](data:text/html,x)
[c](file:///etc/passwd) ![d](https://example.org/track.png) ![e](x" onerror="alert(1)) <a href="javascript:1">f</a>
[g](vbscript:x) [h](//example.org/x) ![i](data:image/svg+xml;base64,PHN2Zz4=) javascript:alert(1) [j](JaVaScRiPt:1)
[ok](https://example.org/ok?a=1&b=2) [mail](mailto:a@example.org) ![p]({PNG}) [q]({PNG})
"""


def test_a_page_runs_nothing_loads_nothing_and_links_to_the_web_alone() -> None:
    page = Page(shown("html", TextPart("text", text=HOSTILE), ImagePart("https://example.org/x.png"), question=HOSTILE))
    assert not {tag for tag, _ in page.tags} & {"script", "iframe", "object", "embed", "link", "svg", "form", "base"}
    targets = [target or "" for target in page.values("a", "href") if target]
    assert "https://example.org/ok?a=1&b=2" in targets
    assert "mailto:a@example.org" in targets
    assert all(target.startswith(("https://", "http://", "mailto:")) for target in targets)
    assert set(page.values("img", "src")) == {PNG}
    assert not [name for _, given in page.tags for name in given if name.startswith("on")]
    assert page.words.count("<script>alert(1)</script>") == 4  # title, heading, question, reply


def test_pictures_of_the_chat_are_in_the_page() -> None:
    head, tree = one_chat("c1", ImagePart(PNG))
    tree[0].attachments = [
        Attachment("a.png", "image/png", b"\x89PNG\r\n\x1a\n"),
        Attachment("n.txt", "text/plain", b"<b>"),
    ]
    with history() as database:
        taken_in(database, lines((head, tree)))
        text = given_out(database, "html").decode()
    assert Page(text).values("img", "src") == [PNG, PNG]
    assert "<pre>&lt;b&gt;</pre>" in text


@settings(max_examples=15)
@given(chats())
def test_every_tree_can_be_written_in_every_form(chat: tuple[ChatHead, list[Message]]) -> None:
    with history() as database:
        taken_in(database, lines(chat))
        for form in ("md", "txt", "html"):
            text = given_out(database, form).decode()
            assert form != "html" or clean(text) == text


def test_a_chat_in_memory_is_written_as_its_name_says(tmp_path: Path) -> None:
    chat = Conversation("Be brief.", created=NOON)
    reply_ = chat.begin_reply(chat.add_question("Why though?"), model="model-x", endpoint="", at=1.0)
    chat.apply(reply_, TextDelta("Because.", at=2.0))
    chat.apply(reply_, Finished("stop", "eof", at=3.0))
    assert export_conversation(chat, tmp_path / "a.json") == tmp_path / "a.json"
    with history() as database:
        (came,) = taken_in(database, (tmp_path / "a.json").read_bytes())
        assert (came.id, came.title, came.messages) == (chat.id, "Why though?", 2)
    path = export_conversation(chat, tmp_path)
    assert path.name == f"{exported.written_moment(NOON)[:10]} Why-though {chat.id[:8]}.md"
    assert "Be brief." in path.read_text()
    with pytest.raises(HistoryError, match="is there already"):
        export_conversation(chat, tmp_path / "a.json")


def test_text_that_is_no_unicode_is_written_as_well_as_it_can_be() -> None:
    assert encoded("a\ud83d\ude00b\ud800c") == "a😀b\ufffdc".encode()


def test_a_file_appears_whole_and_is_nobody_elses(database: sqlite3.Connection, tmp_path: Path) -> None:
    target = tmp_path / "chats.md"
    assert write(database, exported.keys(database), "md", target) == [target]
    assert target.read_text().count("# ") == 6
    assert target.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_that_is_there_is_overwritten_only_by_force(database: sqlite3.Connection, tmp_path: Path) -> None:
    target = tmp_path / "chats.md"
    target.write_text("mine")
    with pytest.raises(HistoryError, match="is there already"):
        write(database, exported.keys(database), "md", target)
    assert target.read_text() == "mine"
    write(database, exported.keys(database), "md", target, force=True)
    assert "Why?" in target.read_text()
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_gets_a_file_for_each_chat(database: sqlite3.Connection, tmp_path: Path) -> None:
    day = exported.written_moment(NOON)[:10]
    write(database, exported.keys(database), "txt", tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {f"{day} Why c1.txt", f"{day} How c2.txt"}


def test_a_title_makes_a_name_that_every_file_system_takes(tmp_path: Path) -> None:
    with history() as database:
        taken_in(database, lines(one_chat("c1", title="../../etc/passwd: 寿司 \x1b[31m" + "長" * 500)))
        (path,) = write(database, exported.keys(database), "html", tmp_path)
    assert path.parent == tmp_path
    assert "etc-passwd-寿司" in path.name
    assert len(path.name.encode()) < 255


def test_a_broken_export_leaves_nothing(database: sqlite3.Connection, tmp_path: Path) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(database, exported.keys(database), "md", tmp_path / "chats.md", on_message=interrupt)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("target", ["missing/chats.md", "/dev/null"])
def test_a_place_that_cannot_be_written_is_told(database: sqlite3.Connection, tmp_path: Path, target: str) -> None:
    with pytest.raises(HistoryError, match=Path(target).name):
        write(database, exported.keys(database), "md", tmp_path / target, force=True)


def test_what_is_written_meanwhile_is_not_in_it(tmp_path: Path) -> None:
    with history(tmp_path / "h.db") as database:
        database.execute("PRAGMA journal_mode = WAL")
        taken_in(database, lines(one_chat("c1", TextPart("text", text="one"))))
        reader = sqlite3.connect(tmp_path / "h.db", isolation_level=None)
        chats_ = exported.exported(reader, exported.keys(reader))
        chat = next(chats_)
        database.execute("UPDATE parts SET text = 'another'")
        assert [message.text for message in chat.tree()] == ["Why?", "one"]
        assert list(chats_) == []
        reader.close()
