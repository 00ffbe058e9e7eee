"""Interpret the end of a reply and the providers' finish reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from tui_chat.chat.events import CutOff, Failed, Finished, Stopped

if TYPE_CHECKING:
    from tui_chat.chat.events import Ending
    from tui_chat.chat.message import Message

LENGTH_REASONS = frozenset({"length", "max_tokens", "MAX_TOKENS", "max_output_tokens", "model_length"})
"""The reply reached a token limit (words of OpenAI, Anthropic, Gemini, Responses, Mistral)."""

CONTEXT_REASONS = frozenset({"model_context_window_exceeded"})
"""The context window was full (Anthropic); also counts as a length limit."""

FILTER_REASONS = frozenset(
    {
        "content_filter",
        "SAFETY",
        "PROHIBITED_CONTENT",
        "BLOCKLIST",
        "RECITATION",
        "SPII",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
        "MODEL_ARMOR",
        "sensitive",
    }
)
"""The provider's content filter ended the reply (words of OpenAI, Gemini, Z.ai)."""

REFUSAL_REASONS = frozenset({"refusal"})
"""The model, or a classifier beside it, refused to answer (Anthropic)."""

TOOL_REASONS = frozenset({"tool_calls", "tool_use", "function_call"})
"""The model waits for tool results (words of OpenAI, Anthropic, and OpenAI's old one)."""

PAUSE_REASONS = frozenset({"pause_turn"})
"""A long turn was paused and continues when it is sent back (Anthropic)."""

BROKEN_REASONS = frozenset(
    """abort aborted cancelled canceled timeout error insufficient_system_resource network_error overloaded
    OTHER LANGUAGE MALFORMED_FUNCTION_CALL MALFORMED_RESPONSE UNEXPECTED_TOOL_CALL TOO_MANY_TOOL_CALLS
    MISSING_THOUGHT_SIGNATURE NO_IMAGE IMAGE_OTHER FINISH_REASON_UNSPECIFIED""".split()  # noqa: SIM905 (readable)
)
"""The server broke the reply off (words of vLLM and SGLang, DeepSeek, Z.ai, Gemini)."""

WHOLE_REASONS = frozenset({"stop", "end_turn", "stop_sequence", "STOP", "completed", "eos", "eos_token"})
"""The model was done (words of OpenAI, Anthropic, Gemini, Responses, and text generation servers)."""

PROXY_STATUS = 407
"""The HTTP status with which a proxy asks for a password."""

Outcome: TypeAlias = Literal[
    "whole", "no-reason", "length", "filter", "refusal", "tool-calls", "paused", "broken", "other", "cut-off",
    "stopped", "failed"
]  # fmt: skip
"""The result of a reply. `no-reason`: the server marked the end without a reason; `broken`: the server gave a reason
that says that it broke the reply off; `other`: an unknown reason."""


def shortened_by(ending: Finished) -> Literal["length", "filter", "broken"] | None:
    """Why a reply is incomplete although its end was marked; `None`: it is complete as far as the provider says."""
    word = _word(ending.reason)
    if word in LENGTH_REASONS or word in CONTEXT_REASONS:
        return "length"
    if word in FILTER_REASONS or (ending.detail and not word):  # Gemini gives no reason when it blocks a prompt
        return "filter"
    return "broken" if word in BROKEN_REASONS else None


def reason_words(ending: Finished) -> str:
    """The provider's finish reason and its explanation, as far as it gave them."""
    return ": ".join(words for words in (ending.reason, ending.detail) if words)


def outcome_of(message: Message) -> Outcome | None:
    """The result of a reply; `None`: it has not ended."""
    ending = message.ending
    if isinstance(ending, Finished):
        return _finished(ending, message)
    if ending is None:
        return None
    return "cut-off" if isinstance(ending, CutOff) else "stopped" if isinstance(ending, Stopped) else "failed"


def may_continue(message: Message) -> bool:
    """Whether a reply has text and is incomplete: it reached a limit, was cut off, broken off, stopped, paused, or
    failed midway."""
    incomplete = {"length", "paused", "broken", "cut-off", "stopped", "failed"}
    return bool(message.text) and outcome_of(message) in incomplete


SUMMARY = (
    "Compacted: from here on this summary is sent in place of the messages before it. They are kept as another "
    "version of the question above."
)
"""The remark about a summary that replaced earlier messages."""


def another_model_helps(failed: Failed) -> bool:
    """Whether a model of this or another endpoint may answer where this one failed. It does not mend a bug, nor a
    proxy on the way, which all endpoints have in common."""
    return failed.kind != "bug" and failed.status != PROXY_STATUS and "proxy" not in failed.problem.lower()


def remarks(message: Message) -> list[str]:
    """Short remarks about a settled reply that are displayed quietly: a changed request, unreadable parts of the
    stream."""
    found = [message.adapted] if message.adapted else []
    if message.purpose == "compaction":
        found.append(SUMMARY)
    if message.skipped is not None:
        size = message.skipped.bytes
        amount, were = ("1 byte", "was") if size == 1 else (f"{size:,} bytes", "were")
        found.append(f"{amount} of the stream could not be read and {were} skipped")
    return found


def unfinished(ending: Ending | None) -> bool:
    """Whether a reply ended early for any reason except its own length limit."""
    return isinstance(ending, (CutOff, Stopped, Failed))


def _finished(ending: Finished, message: Message) -> Outcome:
    word = _word(ending.reason)
    if shortened := shortened_by(ending):
        return shortened
    if word in REFUSAL_REASONS or (message.refusal and not message.text):
        return "refusal"
    if word in TOOL_REASONS or (message.tool_calls and (not word or word in WHOLE_REASONS)):
        return "tool-calls"  # Gemini, Ollama and Responses use their reason for a complete answer
    if word in PAUSE_REASONS:
        return "paused"
    if not word:
        return "whole" if ending.sign == "terminal-event" else "no-reason"
    return "whole" if word in WHOLE_REASONS else "other"


def _word(reason: str | None) -> str:
    # Responses combines the status and the reason: `incomplete:max_output_tokens`.
    return (reason or "").rpartition(":")[2]
