"""Recognise what a refusal says about the form of the messages, so that they can be sent in another form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tui_chat.chat.quick_dataclass import replace

if TYPE_CHECKING:
    from tui_chat.wire.request_messages import MessageRules

READ: Final = 4000
"""Maximum characters of a refusal that are searched; the expressions below skip at most 60 at a time."""

_NO_PREFILL: Final = re.compile(r"prefill|must end with a user|last message must|assistant message", re.IGNORECASE)

_NO_SYSTEM: Final = re.compile(
    r"system (role|prompt|message|instruction)s?.{0,40}not (be )?(support|allow|enabl|accept|permit)"
    r"|(does not|doesn't|cannot|do not) (support|accept|allow) .{0,20}system"
    r"|developer instruction is not enabled"
    r"|unsupported .{0,12}role.{0,12}system|unexpected role.{0,12}system|(invalid|unknown) .{0,12}role.{0,12}system"
    r"|only user(,| and|/).{0,12}assistant.{0,12} roles? (are|is) supported",
    re.IGNORECASE,
)
"""Errors of chat templates of Gemma and old Mistral models (vLLM, SGLang, llama.cpp); the third is Google's."""

_REASONING_BACK: Final = re.compile(
    r"(reasoning.content|thinking).{0,60}(must|should|need|has to|have to).{0,30}(pass|sent|send|includ|provid|back)"
    r"|(missing|without|require).{0,30}reasoning_content|reasoning_content.{0,30}(missing|is required)",
    re.IGNORECASE,
)
"""Errors of DeepSeek's thinking models and of gateways to them."""


def learned(rules: MessageRules, refusal: str, *, continuing: bool, system: bool) -> MessageRules:
    """Return the rules with those learned from a refusal, or the same rules if it teaches none. `continuing`: the
    messages ended with the beginning of a reply; `system`: there was a system prompt."""
    text = refusal[:READ]
    if continuing and rules.prefill and _NO_PREFILL.search(text):
        return replace(rules, prefill=False)
    if system and rules.system_role and _NO_SYSTEM.search(text):
        return replace(rules, system_role=False)
    if not rules.reasoning_back and _REASONING_BACK.search(text):
        return replace(rules, reasoning_back=True)
    return rules


def difference(before: MessageRules, after: MessageRules) -> str:
    """A clause that says to a person what is sent differently."""
    if before.system_role and not after.system_role:
        return "this server accepts no system role, so the system prompt is put before the first question"
    if after.reasoning_back and not before.reasoning_back:
        return "this server requires the earlier reasoning, which is sent along"
    return "this server accepts no beginning of a reply, so it is asked to continue"
