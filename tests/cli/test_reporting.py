from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import (
    ChatEvent,
    CutOff,
    Failed,
    Finished,
    ModelNamed,
    ReasoningDelta,
    RefusalDelta,
    ResponseStarted,
    Skipped,
    Stopped,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from tui_chat.chat.prices import Prices
from tui_chat.cli.reporting import WHOLE, event, failure_lines, first_code_block, result, usage_line, verdict

if TYPE_CHECKING:
    from tui_chat.chat.message import Message


def reply(*events: ChatEvent | Stopped, prices: Prices | None = None) -> Message:
    conversation = Conversation()
    question = conversation.add_question("?")
    message = conversation.begin_reply(question, model="m", endpoint="e", at=10.0, prices=prices)
    conversation.apply(message, *events)
    return message


def test_a_whole_reply_gives_every_key_of_the_object() -> None:
    message = reply(
        ResponseStarted(200, "http://h/v1/chat/completions", at=10.2),
        ModelNamed("m-1", at=10.2),
        ReasoningDelta("hm", at=10.4),
        TextDelta("a", at=11.0),
        TextDelta("b", at=11.4),
        ToolCallDelta(0, "call-1", "look", '{"x":1}', at=11.4),
        UsageReport(Usage(23, 19, 42, 0), at=11.5),
        Finished("stop", "done-sentinel", at=12.0),
    )
    assert result(message, "c1") == {
        "text": "ab",
        "reasoning": "hm",
        "refusal": None,
        "tool_calls": [{"id": "call-1", "name": "look", "arguments": '{"x":1}'}],
        "finish_reason": "stop",
        "outcome": "finished",
        "ended": "done-sentinel",
        "usage": {"input": 23, "output": 19, "total": 42, "reasoning": 0, "cached": None},
        "cost": None,
        "timing": {"headers": 0.2, "first_token": 0.4, "total": 2.0, "tokens_per_second": 14.25},
        "skipped": None,
        "error": None,
        "status": 200,
        "model": "m-1",
        "url": "http://h/v1/chat/completions",
        "conversation": "c1",
    }


def test_what_was_not_reported_is_null() -> None:
    object_ = result(reply(TextDelta("a", at=11), TextDelta("b", at=12), Finished(None, "eof", at=12)), "c")
    assert object_["usage"] is None
    assert object_["timing"]["headers"] is None
    assert object_["timing"]["tokens_per_second"] is None
    assert (object_["status"], object_["url"], object_["reasoning"]) == (None, None, None)


@pytest.mark.parametrize(
    ("ending", "outcome", "ended", "reason"),
    [
        (Finished("length", "eof"), "finished", "eof", "length"),
        (Finished(None, "done-sentinel"), "no-reason", "done-sentinel", None),
        (Finished(None, "terminal-event"), "finished", "terminal-event", None),
        (CutOff("it broke off"), "cut-off", "eof", None),
        (Stopped(), "stopped", None, None),
        (Failed("no"), "failed", "error", None),
    ],
)
def test_each_ending_has_its_outcome(
    ending: Finished | CutOff | Stopped | Failed, outcome: str, ended: str | None, reason: str | None
) -> None:
    object_ = result(reply(TextDelta("a"), ending), "c")
    assert (object_["outcome"], object_["ended"], object_["finish_reason"]) == (outcome, ended, reason)
    assert object_["text"] == "a"


def test_what_of_the_stream_was_skipped_is_told() -> None:
    told = reply(TextDelta("a"), Skipped(1, 2048), TextDelta("b"), Finished("stop", "eof"))
    assert result(told, "c")["skipped"] == {"events": 1, "bytes": 2048}
    assert event(Skipped(1, 2048)) == {"event": "skipped", "events": 1, "bytes": 2048}
    assert verdict(told).status == WHOLE
    assert verdict(told).remarks == ("2,048 bytes of the stream could not be read and were skipped",)
    told.skipped = Skipped(1, 1)
    assert verdict(told).remarks == ("1 byte of the stream could not be read and was skipped",)
    assert verdict(reply(TextDelta("a"), Skipped(1, 7), CutOff("it broke off"))).remarks[-1].startswith("7 bytes")


def test_a_usage_of_zeros_for_words_is_unknown_on_the_line_of_numbers() -> None:
    told = reply(TextDelta("abcd", at=10.4), UsageReport(Usage(0, 0, 0)), Finished("stop", "eof", at=12.0))
    assert usage_line(told).startswith("tokens: n/a in, ~1 out, n/a total")


def test_a_pace_of_pieces_that_came_at_once_is_unknown() -> None:
    pieces = [TextDelta("word ", at=10.4 + number / 1000) for number in range(100)]
    told = reply(*pieces, UsageReport(Usage(3, 4000, 4003)), Finished("stop", "eof", at=12.0))
    assert result(told, "c")["timing"]["tokens_per_second"] is None
    assert "n/a tok/s" in usage_line(told)


def test_an_error_keeps_the_servers_words_and_our_hint() -> None:
    failed = Failed("The key was refused", "Check it.", "key", "http://h", 401, "bad key", "auth", "invalid")
    object_ = result(reply(failed), "c")
    assert object_["error"] == {"message": "bad key", "type": "auth", "code": "invalid", "hint": "Check it."}
    assert object_["status"] == 401


def test_an_error_without_words_of_the_server_has_ours() -> None:
    assert result(reply(Failed("Nobody answers")), "c")["error"]["message"] == "Nobody answers"


def test_a_refusal_is_no_text() -> None:
    object_ = result(reply(RefusalDelta("I won't"), Finished("stop", "eof")), "c")
    assert (object_["text"], object_["refusal"]) == ("", "I won't")


def test_a_failure_is_told_in_lines_with_problem_words_hint_and_url() -> None:
    failed = Failed("The key was refused", "Check it.", "key", "http://h/v1", 401, "bad\nkey\x1b[31m")
    assert failure_lines(failed) == [
        "tui-chat: The key was refused",
        "  The server said: bad key\ufffd[31m",
        "  Check it.",
        "  http://h/v1 (HTTP 401)",
    ]
    assert failure_lines(Failed("bad key is bad", message="bad key")) == ["tui-chat: bad key is bad"]


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("no code", None),
        ("a\n```py\nx = 1\n```\nb\n```\nsecond\n```", "x = 1\n"),
        ("~~~\na\n```\nb\n~~~", "a\n```\nb\n"),
        ("````\n```\ninner\n```\n````", "```\ninner\n```\n"),
        ("1. see\n   ```\n   x\n     y\n   ```", "x\n  y\n"),
        ("```py\ncut off", "cut off"),
        ("```not``` a block\n```\nyes\n```", "yes\n"),
        ("```\r\na\r\n```\r\n", "a\r\n"),
        ("```\npage\x0cbreak\u2028x\n```", "page\x0cbreak\u2028x\n"),
        ("```\n```", ""),
    ],
)
def test_the_first_code_block_comes_out_as_it_was_written(text: str, block: str | None) -> None:
    assert first_code_block(text) == block


def test_usage_says_what_is_unknown_estimated_and_partial() -> None:
    told = reply(
        TextDelta("a", at=10.4),
        TextDelta("b", at=11.4),
        UsageReport(Usage(23, 19, 42, 3, 5)),
        Finished("stop", "eof", at=12.0),
        prices=Prices.per_million(1, 2),
    )
    assert usage_line(told) == (
        "tokens: 23 in, 19 out, 42 total, 3 of them reasoning, 5 cached · first after 0.40 s · 9.5 tok/s · "
        "2.00 s in all · ~$0.000061"
    )
    silent = reply(TextDelta("a" * 40, at=10.4), Stopped(at=12.0))
    assert usage_line(silent) == "tokens: n/a in, ~10 out (partial) · first after 0.40 s · n/a tok/s · 2.00 s in all"


def test_a_cost_that_the_server_tells_wins_over_the_price_list() -> None:
    prices = Prices.per_million(9, 9)
    told = reply(TextDelta("a"), UsageReport(Usage(1_000_000, 1, cost=0.5)), Finished("stop", "eof"), prices=prices)
    assert "$0.50" in usage_line(told)
    assert result(told, "c")["cost"] == {"usd": 0.5, "estimated": False, "source": "server"}
    assert "~$" not in usage_line(told)
