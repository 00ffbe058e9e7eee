"""What a provider's reason for the end means."""

from __future__ import annotations

from typing import Literal

LENGTH_REASONS = frozenset({"length", "max_tokens", "MAX_TOKENS", "max_output_tokens", "model_length"})
"""The reply hit a limit of tokens: OpenAI's word, Anthropic's, Gemini's, Responses', Mistral's."""

FILTER_REASONS = frozenset({"content_filter", "SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "RECITATION", "SPII"})
"""The provider's filter ended the reply: OpenAI's word and Gemini's."""


def shortened_by(reason: str | None) -> Literal["length", "filter"] | None:
    """Why a reply that finished with `reason` is not whole; `None`: it is, as far as the provider says."""
    # Responses gives the status and the reason in one: `incomplete:max_output_tokens`.
    word = (reason or "").rpartition(":")[2]
    if word in LENGTH_REASONS:
        return "length"
    return "filter" if word in FILTER_REASONS else None
