"""Drafts on disk: text, queue, and what is attached to either, by name and key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.history.chats import store
from tui_chat.chat.history_ports import Draft, draft_of
from tui_chat.chat.message import Attachment

if TYPE_CHECKING:
    from pathlib import Path

KEPT = Attachment("notes.md", "text/plain", b"data", "0" * 32)
NOT_KEPT = Attachment("lost.md", "text/plain", b"data")


def test_a_draft_comes_back_with_its_queue_and_the_keys_of_its_files(tmp_path: Path) -> None:
    drafts = {
        "plain": Draft("text", ("one", "two")),
        "files": draft_of("text", [KEPT, NOT_KEPT], [("one", ()), ("two", [KEPT])]),
        "only files": draft_of("", [KEPT]),
        "empty": Draft(),
    }
    with store(tmp_path) as history:
        for chat, draft in drafts.items():
            history.keep_draft(chat, draft)
    bare = Attachment("notes.md", "text/plain", b"", "0" * 32)
    with store(tmp_path) as history:
        assert history.draft("plain") == drafts["plain"]
        files = history.draft("files")
        assert (files.text, files.queue, files.files) == ("text", ("one", "two"), ((bare,), (), (bare,)))
        assert files.queued == [("one", ()), ("two", (bare,))]
        assert history.draft("only files").attachments == (bare,)
        assert history.draft("empty") == Draft()
