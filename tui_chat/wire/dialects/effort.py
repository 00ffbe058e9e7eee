"""The spelling of the reasoning effort at servers that speak OpenAI's chat completions in their own way.

OpenAI, Groq, xAI, Mistral and Gemini's compatible API take `reasoning_effort`, with `none` for no reasoning.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tui_chat.chat.choices.effort import OPTION
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.wire.dialects.options import budget_of
from tui_chat.wire.failures.overflow import OVERFLOW_HINT
from tui_chat.wire.request_fixes import RequestFix

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui_chat.chat.events import Failed
    from tui_chat.wire.endpoint import Endpoint

_NAMED: Final = re.compile(
    r"(?<!best )(?<!best-)effort|enable_?thinking|thinking_?(budget|config|level)|budget_tokens|chat_template_kwargs"
    r"|(?<![\w:-])(reasoning|thinking)(?![\w-]| (models?|tokens?))"
    r"|[\"'`]think[\"'`]|\bthink value",
    re.IGNORECASE,
)
"""The names of the effort in a refusal, in whichever spelling. `kimi-k2-thinking`, reasoning models and a budget of
money are others' names."""
_READ: Final = 4000
"""The most characters of a refusal that are searched."""


def refuses_effort(failed: Failed, refusal: bytes) -> bool:
    """Whether a refused request failed for its effort; `refusal` is the body of the response."""
    if failed.kind == "key" or failed.hint == OVERFLOW_HINT:
        return False
    return _NAMED.search(refusal[:_READ].decode("utf-8", "replace")) is not None


@dataclass(frozen=True, slots=True)
class PlainEffort(RequestFix):
    """The effort goes to a server that takes no fields for chat templates in OpenAI's spelling."""

    def applied_to(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the body with `reasoning_effort` in place of the field for chat templates."""
        if self.field not in body:
            return body
        rest = {name: value for name, value in body.items() if name != self.field}
        return {OPTION: "none"} | rest


def _object(effort: object) -> dict[str, Any]:
    return {"reasoning": {"effort": effort}}


def _switch(effort: object) -> dict[str, Any]:
    return {"thinking": {"type": "disabled" if effort == "none" else "enabled"}}


def _budget(effort: object) -> dict[str, Any]:
    budget = budget_of(effort)
    return {"enable_thinking": effort != "none"} | ({"thinking_budget": budget} if budget else {})


TEMPLATE_FIELD: Final = "chat_template_kwargs"
"""The field for variables of a model's chat template."""


def template_fixes(refusal: str, body: Mapping[str, Any]) -> Sequence[RequestFix]:
    """Send the effort in OpenAI's spelling to a local server that refuses the field for chat templates."""
    return (PlainEffort(TEMPLATE_FIELD),) if TEMPLATE_FIELD in body and TEMPLATE_FIELD in refusal else ()


def _template(effort: object) -> dict[str, Any]:
    """vLLM, SGLang and llama.cpp: a switch that the model's chat template reads, and the field for gpt-oss."""
    thinking = effort != "none"
    return {TEMPLATE_FIELD: {"enable_thinking": thinking}} | ({OPTION: effort} if thinking else {})


_BY_HOST: Final[Mapping[str, Callable[[object], dict[str, Any]]]] = {
    "openrouter.ai": _object,
    "deepseek.com": _switch,
    "z.ai": _switch,
    "bigmodel.cn": _switch,
    "aliyuncs.com": _budget,
    "siliconflow.cn": _budget,
    "siliconflow.com": _budget,
}
"""The ends of hosts and how their servers spell it: https://openrouter.ai/docs/use-cases/reasoning-tokens,
https://api-docs.deepseek.com, https://docs.z.ai, https://help.aliyun.com/zh/model-studio/deep-thinking."""


def spelled(options: Mapping[str, object], endpoint: Endpoint) -> Mapping[str, object]:
    """Return a question's options with the effort in the spelling of an endpoint that speaks OpenAI's chat
    completions; fields that a person set themselves stay."""
    effort = options.get(OPTION)
    if effort is None or endpoint.dialect != "openai-chat":
        return options
    host = endpoint.host.rpartition("@")[2].partition(":")[0].lower()
    spell = next((each for end, each in _BY_HOST.items() if host == end or host.endswith(f".{end}")), None)
    if spell is None and endpoint.reach != "public":
        spell = _template
    if spell is None:
        return options
    return {**spell(effort), **{name: value for name, value in options.items() if name != OPTION}}
