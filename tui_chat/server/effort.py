"""Read from a request how much the model should think, in the spelling of each API."""

from __future__ import annotations

from typing import Any, Final

from tui_chat.server.request_error import RequestError

_LOW, _HIGH = 4096, 16384
"""Thinking tokens below which an effort is low, and from which it is high."""
_LEAST: Final = 1024
"""The least that Anthropic takes."""


def word(value: object, name: str) -> str:
    """Return a text field of an object; empty if there is no such object or field."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def effort_in_chat(fields: dict[str, Any]) -> str:
    """Return the effort of a chat completions request, in the spelling of OpenAI or of one of the servers like it."""
    if effort := word(fields, "reasoning_effort") or word(fields.get("reasoning"), "effort"):
        return effort
    if kind := word(fields.get("thinking"), "type"):
        return "none" if kind == "disabled" else "medium"
    template = fields.get("chat_template_kwargs")
    switch = template.get("enable_thinking") if isinstance(template, dict) else fields.get("enable_thinking")
    budget = fields.get("thinking_budget")
    return _of_budget(budget) if switch and isinstance(budget, int) else effort_of_switch(switch)


def effort_in_messages(fields: dict[str, Any], limit: int) -> str:
    """Return the effort of an Anthropic request; without a budget there is none.

    Raises `RequestError` for what the API refuses: a budget that the limit does not exceed, and sampling of one's own.
    """
    thinking = fields.get("thinking")
    kind, budget = word(thinking, "type"), thinking.get("budget_tokens") if isinstance(thinking, dict) else None
    if kind == "adaptive":
        return word(fields.get("output_config"), "effort") or "medium"
    if kind != "enabled":
        return "none"
    if not isinstance(budget, int) or budget < _LEAST:
        raise RequestError(f"thinking.enabled.budget_tokens: Input should be greater than or equal to {_LEAST}")
    if limit <= budget:
        raise RequestError("`max_tokens` must be greater than `thinking.budget_tokens`.")
    if fields.get("temperature", 1) != 1:
        raise RequestError("`temperature` may only be set to 1 when thinking is enabled.")
    return _of_budget(budget)


def effort_in_gemini(config: dict[str, Any]) -> str:
    """Return the effort of a Gemini request."""
    thinking = config.get("thinkingConfig", config.get("thinking_config"))
    if level := word(thinking, "thinkingLevel") or word(thinking, "thinking_level"):
        return level.lower()
    budget = thinking.get("thinkingBudget", thinking.get("thinking_budget")) if isinstance(thinking, dict) else None
    return _of_budget(budget) if isinstance(budget, int) and budget >= 0 else ""


def effort_of_switch(think: object) -> str:
    """Return the effort that a switch means, or the level that stands in its place."""
    if isinstance(think, bool):
        return "medium" if think else "none"
    return think if isinstance(think, str) else ""


def _of_budget(tokens: int) -> str:
    return "none" if tokens <= 0 else "low" if tokens < _LOW else "medium" if tokens < _HIGH else "high"
