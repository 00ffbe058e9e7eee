from __future__ import annotations

from typing import Any

import pytest

from tui_chat.chat.conversation import Conversation
from tui_chat.chat.endings import another_model_helps, may_continue, outcome_of, shortened_by
from tui_chat.chat.events import CutOff, Ending, Failed, Finished, RefusalDelta, Stopped, TextDelta, ToolCallDelta


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("stop", None),
        ("tool_calls", None),
        (None, None),
        ("length", "length"),
        ("MAX_TOKENS", "length"),
        ("incomplete:max_output_tokens", "length"),
        ("content_filter", "filter"),
        ("incomplete:content_filter", "filter"),
        ("SAFETY", "filter"),
        ("insufficient_system_resource", "broken"),
        ("some_new_word", None),
    ],
)
def test_a_reason_tells_whether_the_reply_is_whole(reason: str | None, why: str | None) -> None:
    assert shortened_by(finished(reason)) == why


CALL = ToolCallDelta(0, "c", "look", "{}")


def finished(reason: str | None, detail: str | None = None) -> Finished:
    return Finished(reason, "eof", detail)


@pytest.mark.parametrize(
    ("said", "ending", "outcome", "continues"),
    [
        ([TextDelta("a")], finished("stop"), "whole", False),
        ([TextDelta("a")], finished("end_turn"), "whole", False),
        ([TextDelta("a")], finished("completed"), "whole", False),
        ([TextDelta("a")], finished(None), "no-reason", False),
        ([TextDelta("a")], Finished(None, "terminal-event"), "whole", False),
        ([TextDelta("a")], finished("length"), "length", True),
        ([TextDelta("a")], finished("incomplete:max_output_tokens"), "length", True),
        ([TextDelta("a")], finished("model_context_window_exceeded"), "length", True),
        ([TextDelta("a")], finished("SAFETY"), "filter", False),
        ([], finished(None, "PROHIBITED_CONTENT"), "filter", False),
        ([], finished("refusal", "This was blocked."), "refusal", False),
        ([RefusalDelta("no")], finished("stop"), "refusal", False),
        ([TextDelta("a"), CALL], finished("tool_use"), "tool-calls", False),
        ([CALL], finished("STOP"), "tool-calls", False),
        ([TextDelta("a")], finished("pause_turn"), "paused", True),
        ([], finished(None, "OTHER"), "filter", False),
        ([TextDelta("a")], finished("abort"), "broken", True),
        ([], finished("MALFORMED_FUNCTION_CALL"), "broken", False),
        ([TextDelta("a")], finished("some_new_word"), "other", False),
        ([TextDelta("a")], CutOff("lost"), "cut-off", True),
        ([], CutOff("lost"), "cut-off", False),
        ([TextDelta("a")], Stopped(), "stopped", True),
        ([TextDelta("a")], Failed("It broke."), "failed", True),
        ([], Failed("It broke."), "failed", False),
    ],
)
def test_every_ending_is_told_for_what_it_is(said: list[Any], ending: Ending, outcome: str, continues: bool) -> None:
    conversation = Conversation()
    reply = conversation.begin_reply(conversation.add_question("?"), model="m", endpoint="e", at=0.0)
    for event in said:
        conversation.apply(reply, event)
    assert outcome_of(reply) is None
    assert not may_continue(reply)
    conversation.apply(reply, ending)
    assert outcome_of(reply) == outcome
    assert may_continue(reply) is continues


@pytest.mark.parametrize(
    ("failed", "helps"),
    [
        (Failed("The server does not know the model x (404).", kind="request", status=404), True),
        (Failed("No model is chosen, and h has several: a, b", kind="setup"), True),
        (Failed("The conversation is longer than the model's context window.", kind="request", status=400), True),
        (Failed("The server refused the key (401).", kind="key", status=401), True),
        (Failed("The account has no credit left (402).", kind="key", status=402), True),
        (Failed("The server asks to slow down (rate limit) (429).", kind="rate-limit", status=429), True),
        (Failed("The server is overloaded or still loading (503).", kind="server", status=503), True),
        (Failed("Nothing listens at localhost:11434 (connection refused).", kind="network"), True),
        (Failed("A proxy in front of the server wants a user and a password (407).", kind="key", status=407), False),
        (Failed("The proxy p:1 did not let the request through.", kind="network"), False),
        (Failed("tui-chat has a bug here.", kind="bug"), False),
    ],
)
def test_which_failures_another_model_may_mend(failed: Failed, helps: bool) -> None:
    assert another_model_helps(failed) == helps
