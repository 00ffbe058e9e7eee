"""Recognise errors about a conversation that exceeds the model's context window, in the words of any server."""

from __future__ import annotations

import re
from typing import Final

READ: Final = 4000
"""Maximum characters of an error that are searched; the expressions below skip at most 60 at a time."""

OVERFLOW_PROBLEM: Final = "The conversation is too long for the model"
OVERFLOW_HINT: Final = "Start a new chat, send less, or choose a model with a larger context window."

_CODES: Final = frozenset(
    {"context_length_exceeded", "exceed_context_size_error", "model_context_window_exceeded", "request_too_large"}
)
"""Error codes of OpenAI and compatible servers, llama.cpp, and Anthropic."""

_TOO_LONG: Final = re.compile(
    r"context.{0,20}(length|window|size|limit|overflow)|(exceed|overflow|longer than).{0,40}context"
    r"|(prompt|input|request|conversation|messages?).{0,12}(is |are )?too (long|large)|prompt \S{1,12} too large"
    r"|(maximum|exceeds?).{0,30}(number of tokens|prompt length|token limit|model length|max length)"
    r"|(prompt|input).{0,30}(tokens?|count|length).{0,40}(exceed|greater|longer|larger|more than|less than|limit of)"
    r"|too many (input |prompt )?tokens|reduce the length of|max_seq_len"
    r"|`?inputs`?.{0,30}(must have|must be|tokens).{0,40}(less than|<=)|range of input length"
    r"|total (number of )?tokens.{0,40}(exceed|limit|greater|more than)|token count.{0,20}exceed"
    r"|超长|超过.{0,12}(最大|上下文|长度)|(上下文|长度).{0,12}(超过|超出|过长)",
    re.IGNORECASE,
)

_NOT_THAT: Final = re.compile(
    r"tokens? per (min|day|hour)|rate limit|\bTPM\b|\bTPD\b"
    r"|max_(completion_|output_|new_)?tokens?.{0,40}(at most|too large|>).{0,60}(completion|output)",
    re.IGNORECASE,
)
"""Rate limits of an account, and a reply limit that was set too high."""


def is_overflow(message: str, code: str = "", kind: str = "") -> bool:
    """Whether an error's message, code or type says that the conversation is too long."""
    if code in _CODES or kind in _CODES:
        return True
    text = message[:READ]
    return _TOO_LONG.search(text) is not None and _NOT_THAT.search(text) is None
