"""How full a chat's context is."""

from __future__ import annotations

import pytest

from tui_chat.chat.context import IMAGE_TOKENS, MOST_READ, ContextUse, context_use
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Finished, Stopped, TextDelta, Usage, UsageReport
from tui_chat.chat.message import Attachment


def ask(conversation: Conversation, text: str, usage: Usage | None, ending: Finished | Stopped | None = None) -> None:
    """A question and a reply of 40 bytes in one delta."""
    question = conversation.add_question(text)
    reply = conversation.begin_reply(question, model="m", endpoint="e", at=0.0)
    reports = [] if usage is None else [UsageReport(usage)]
    conversation.apply(reply, TextDelta("x" * 40), *reports, ending or Finished("stop", "done-sentinel"))


def test_an_empty_chat_uses_nothing() -> None:
    assert context_use(Conversation(), 1000) == ContextUse(0, estimated=False, window=1000)


def test_the_last_reply_says_how_much_is_used() -> None:
    conversation = Conversation()
    ask(conversation, "One", Usage(20, 10))
    ask(conversation, "Two", Usage(35, 15))
    use = context_use(conversation, 100)
    assert (use.used, use.estimated, use.share, use.nearly_full) == (50, False, 0.5, False)


def test_what_came_after_the_last_reported_counts_is_estimated() -> None:
    conversation = Conversation()
    ask(conversation, "One", Usage(20, 10))
    ask(conversation, "y" * 400, None, Stopped())
    assert context_use(conversation) == ContextUse(30 + 100 + 10, estimated=True)


def test_a_reply_whose_prompt_alone_was_counted_is_estimated_for_the_rest() -> None:
    conversation = Conversation()
    ask(conversation, "One", Usage(20, None))
    assert context_use(conversation) == ContextUse(20 + 10, estimated=True)


def test_a_chat_without_any_counts_is_estimated_whole_with_its_system_prompt_and_files() -> None:
    conversation = Conversation("s" * 40)
    files = [Attachment("a.txt", "text/plain", b"z" * 80), Attachment("a.png", "image/png", b"z" * 80)]
    conversation.add_question("q" * 20, files)
    assert context_use(conversation) == ContextUse(5 + 20 + IMAGE_TOKENS + 10, estimated=True)


def test_another_branch_has_its_own_use() -> None:
    conversation = Conversation()
    ask(conversation, "One", Usage(20, 10))
    first = conversation.leaf
    ask(conversation, "Two", Usage(500, 10))
    conversation.select(first)
    assert context_use(conversation).used == 30


@pytest.mark.parametrize(("window", "share"), [(None, None), (0, None), (40, 0.75)])
def test_the_share_is_known_only_with_the_window(window: int | None, share: float | None) -> None:
    assert ContextUse(30, estimated=False, window=window).share == share


def test_a_context_is_nearly_full_from_nine_tenths() -> None:
    assert not ContextUse(899, estimated=False, window=1000).nearly_full
    assert ContextUse(900, estimated=False, window=1000).nearly_full


def test_a_long_chat_without_counts_is_estimated_from_its_end() -> None:
    conversation = Conversation()
    for _ in range(MOST_READ):
        ask(conversation, "q" * 40, None)
    assert context_use(conversation).used == 2 * MOST_READ * 10
