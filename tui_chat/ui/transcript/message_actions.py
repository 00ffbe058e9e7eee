"""The commands that make sense for a message, for the row of keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_chat.chat.endings import may_continue

if TYPE_CHECKING:
    from tui_chat.chat.message import Message

_MOST: Final = 6
"""The number of commands that are named besides those that go to another message."""


def message_actions(message: Message, *, blocks: int, can_fold: bool, has_versions: bool) -> list[tuple[str, str]]:
    """Return ids of commands for a focused message, most used first, each with a word or two. `blocks`: its number of
    blocks of code."""
    if message.role == "user":
        words = [("message_copy", "copy"), ("message_edit", "edit")]
    else:
        words = [("message_copy", "copy")]
        words += [("message_code", f"code {blocks}")] if blocks else []
        words += [("message_retry", "retry")] if message.settled else []
        words += [("message_continue", "continue")] if may_continue(message) else []
        words += [("message_fold", "fold")] if can_fold else []
    words += [("message_older", "previous version")] if has_versions else []
    words += [("message_branch", "branch")]
    words += [("message_wire", "wire")] if message.role == "assistant" and not message.copied else []
    words += [("message_delete", "delete")]
    return [*words[:_MOST], ("message_next", "next"), ("message_previous", "previous")]
