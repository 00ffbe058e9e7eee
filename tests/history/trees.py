"""Conversations as hypothesis makes them: any tree, any text, any numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from hypothesis import strategies as st

from tui_chat.chat.choices.chat_choices import ChatChoices
from tui_chat.chat.choices.effort import EFFORTS
from tui_chat.chat.conversation import Origin
from tui_chat.chat.events import CutOff, Failed, Finished, Skipped, Stopped, Usage
from tui_chat.chat.message import (
    Attachment,
    CitationPart,
    ImagePart,
    Message,
    OpaquePart,
    TextPart,
    Timing,
    ToolCall,
)
from tui_chat.history.transfer.json_format import ChatHead

if TYPE_CHECKING:
    from tui_chat.chat.message import Role

TEXTS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["", "\ud800", "\udc00", "\ud83d\ude00", "a\x00b", "\r\n\x85\u2028", "\x1b[31m", "\u202e", "東京"]),
    st.just("\U000e0041"),
)
NUMBERS = st.one_of(st.integers(0, 3), st.integers(), st.sampled_from([2**63 - 1, 2**63, -(2**70), 10**30]))
SMALL = st.integers(0, 2**63 - 1)
SECONDS = st.floats(0, 1e12)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
TIMES = st.none() | FINITE

TEXT_PARTS = st.builds(TextPart, st.sampled_from(["text", "reasoning", "refusal"]), NUMBERS, TEXTS, SECONDS)
PARTS = st.one_of(
    TEXT_PARTS,
    st.builds(ToolCall, NUMBERS, TEXTS, TEXTS, TEXTS),
    st.builds(ImagePart, TEXTS),
    st.builds(CitationPart, TEXTS, TEXTS),
    st.builds(OpaquePart, TEXTS),
)
ATTACHMENTS = st.builds(Attachment, TEXTS, TEXTS, st.binary(max_size=8))
USAGES = st.builds(Usage, *[st.none() | NUMBERS] * 5, st.none() | FINITE, *[st.none() | NUMBERS] * 2)
SKIPPED = st.none() | st.builds(Skipped, SMALL, SMALL, at=SECONDS)
TIMINGS = st.builds(Timing, *[TIMES] * 6)
SIGNS = st.sampled_from(["done-sentinel", "empty-data", "terminal-event", "eof", "error"])
MAYBE_TEXTS = st.none() | TEXTS
ENDINGS = st.one_of(
    st.builds(Finished, MAYBE_TEXTS, SIGNS, MAYBE_TEXTS, at=SECONDS),
    st.builds(CutOff, TEXTS, SIGNS, at=SECONDS),
    st.builds(Stopped, at=SECONDS),
    st.builds(
        Failed,
        TEXTS,
        TEXTS,
        st.sampled_from(["setup", "network", "server", "bug"]),
        TEXTS,
        st.none() | st.integers(0, 999),
        *[MAYBE_TEXTS] * 4,
        at=SECONDS,
    ),
)


@st.composite
def messages(draw: st.DrawFn, number: int = 0, parent: str | None = None) -> Message:
    role: Role = draw(st.sampled_from(["user", "assistant"]))
    return Message(
        id=f"m{number}",
        parent=parent,
        role=role,
        created=draw(SECONDS),
        model=draw(TEXTS),
        endpoint=draw(TEXTS),
        parts=draw(st.lists(PARTS, max_size=3)),
        attachments=draw(st.lists(ATTACHMENTS, max_size=2)),
        usage=draw(st.none() | USAGES),
        timing=draw(TIMINGS),
        status=draw(st.none() | st.integers(0, 999)),
        url=draw(TEXTS),
        ending=draw(ENDINGS) if role == "assistant" else None,
        skipped=draw(SKIPPED) if role == "assistant" else None,
        deltas=draw(SMALL),
        content_bytes=draw(SMALL),
    )


OPTIONS = st.dictionaries(TEXTS, st.none() | st.booleans() | st.integers(-9, 9) | TEXTS | st.lists(TEXTS), max_size=2)
CHOICES = st.builds(ChatChoices, TEXTS, st.sampled_from(["", *EFFORTS]), OPTIONS)


@st.composite
def chats(draw: st.DrawFn) -> tuple[ChatHead, list[Message]]:
    """A chat of at least one message, parents before children."""
    tree: list[Message] = []
    for number in range(draw(st.integers(1, 5))):
        parent = draw(st.none() | st.sampled_from(tree)) if tree else None
        tree.append(draw(messages(number, parent.id if parent else None)))
    leaf = draw(st.none() | st.sampled_from(tree))
    return (
        ChatHead(
            id=draw(st.uuids()).hex,
            created=draw(SECONDS),
            changed=draw(SECONDS),
            title=draw(TEXTS),
            system=draw(TEXTS),
            pinned=draw(st.booleans()),
            leaf=leaf.id if leaf else None,
            messages=len(tree),
            origin=draw(st.sampled_from(get_args(Origin))),
            choices=draw(CHOICES),
        ),
        tree,
    )
