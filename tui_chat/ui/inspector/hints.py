"""The keys that the inspector's last row names: those that do something now."""

from __future__ import annotations

from typing import TypeAlias

from tui_chat.chat.quick_dataclass import dataclass

Hint: TypeAlias = tuple[str, str, str]
"""A key, a word for what it does, and the action."""


@dataclass(frozen=True, slots=True)
class Situation:
    """The state of the inspector as far as it decides which keys do something."""

    in_chat: bool
    any_request: bool
    several: bool
    """Whether there are several requests."""
    all_chats: bool
    """Whether the requests of all chats are shown."""
    filtering: bool
    """Whether the input of the filter has the focus."""
    stream: bool
    """Whether the frames are shown."""
    paused: bool
    frame: bool
    """Whether a frame is picked."""
    troubled: bool
    """Whether there is an error, something unreadable or a stall."""
    opens: str
    """The word for what Enter does with the picked row of a text; empty: nothing."""


def hints_for(now: Situation) -> list[Hint]:
    """The keys, most important first; the last one explains the rest."""
    more = ("?", "explain", "guide")
    if now.filtering:
        return [("Enter", "to the frames", "leave_filter"), ("Esc", "drop the filter", "close_filter")]
    others = [("a", "this chat" if now.all_chats else "all chats", "show_all")] if now.in_chat else []
    if not now.any_request:
        return [*others, more]
    hints: list[Hint] = [("← →", "tabs", "turn_tab(1)")]
    pause = [("Space", "go on" if now.paused else "pause", "pause")]
    if now.stream:
        hints += pause if now.paused else []
        hints += [("Enter", "open", "open")] if now.frame else []
        hints += [("e", "next problem", "next_trouble")] if now.troubled else []
        hints += [("/", "filter", "filter"), ("f", "kind", "turn_kind(1)")]
        hints += [("o", "in reply", "show_place")] if now.in_chat and now.frame else []
        hints += [] if now.paused else pause
    elif now.opens:
        hints.append(("Enter", now.opens, "fold"))
    hints += [("[ ]", "request", "turn_exchange(-1)")] if now.several else []
    return [*hints, ("y", "copy as curl", "copy"), ("s", "save", "save"), *others, more]
