"""Reports about a reply: the `--json` object, `--ndjson` lines, the line of numbers, and failures."""

from __future__ import annotations

import json
import re
from functools import cache
from io import StringIO
from typing import TYPE_CHECKING, Any, assert_never

from tui_chat.chat.clean import clean_in_place, clean_line, in_place
from tui_chat.chat.endings import outcome_of, reason_words, remarks
from tui_chat.chat.events import (
    Adapted,
    CutOff,
    Failed,
    Finished,
    ReasoningDelta,
    RefusalDelta,
    Retrying,
    Skipped,
    Stopped,
    TextDelta,
    ToolCallDelta,
    UsageReport,
)
from tui_chat.chat.prices import PICODOLLARS
from tui_chat.chat.quick_dataclass import dataclass, replace

if TYPE_CHECKING:
    from tui_chat.chat.events import Change, Delta, Ending, FailureKind, Usage
    from tui_chat.chat.message import Message

WHOLE, OTHER_FAILURE, CUT_OFF = 0, 1, 6
"""Exit statuses: the reply is complete, a failure without a status of its own, the reply is incomplete."""
BY_KIND: dict[FailureKind, int] = {
    "setup": 2, "key": 3, "rate-limit": 4, "network": 5, "server": 5, "request": OTHER_FAILURE, "bug": OTHER_FAILURE,
}  # fmt: skip
"""The exit status for each kind of failure."""

_FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})(?P<info>.*)$")


def result(reply: Message, conversation: str) -> dict[str, Any]:
    """Return the object of `--json`; `conversation` is the conversation's id. What was not reported is `None`."""
    usage, timing = reply.usage, reply.timing
    pace, estimated = reply.tokens_per_second()
    return {
        "text": reply.text,
        "reasoning": reply.reasoning or None,
        "refusal": reply.refusal or None,
        "tool_calls": [{"id": call.id, "name": call.name, "arguments": call.arguments} for call in reply.tool_calls],
        **_ending(reply.ending),
        "usage": usage and _usage(usage),
        "cost": reply.cost
        and {
            "usd": reply.cost.picodollars / PICODOLLARS,
            "estimated": reply.cost.estimated,
            "source": reply.cost.source,
        },
        "timing": {
            "headers": _rounded(timing.headers),
            "first_token": _rounded(timing.first_token),
            "total": _rounded(timing.total),
            "tokens_per_second": None if estimated else _rounded(pace),  # an estimate is not a measurement
        },
        "skipped": reply.skipped and _skipped(reply.skipped),
        "error": _error(reply.ending) if isinstance(reply.ending, Failed) else None,
        "status": reply.status,
        "model": reply.model or None,
        "url": reply.url or None,
        "conversation": conversation,
    }


def event(change: Change | Delta) -> dict[str, Any] | None:
    """Return the `--ndjson` object for an event, without its time; `None` if it has no line."""
    match change:
        case TextDelta(text):
            return {"event": "text", "text": text}
        case ReasoningDelta(text):
            return {"event": "reasoning", "text": text}
        case RefusalDelta(text):
            return {"event": "refusal", "text": text}
        case ToolCallDelta(index, call, name, arguments):
            return {"event": "tool_call", "index": index, "id": call, "name": name, "arguments": arguments}
        case UsageReport(usage):
            return {"event": "usage", **_usage(usage)}
        case Skipped():
            return {"event": "skipped", **_skipped(change)}
        case Adapted(how):
            return {"event": "adapted", "how": how}
        case Retrying(attempt, of, wait, why):
            return {"event": "retrying", "attempt": attempt, "of": of, "wait": _rounded(wait), "why": why}
        case Finished(reason, sign):
            return {"event": "finished", "finish_reason": reason, "ended": sign}
        case CutOff(why, sign):
            return {"event": "cut-off", "why": why, "ended": sign}
        case Failed() as failed:
            where = {"problem": failed.problem, "kind": failed.kind, "status": failed.status, "url": failed.url or None}
            return {"event": "failed", **where, "error": _error(failed)}
        case Stopped():
            return {"event": "stopped"}
        case _:
            return None


def json_line(document: dict[str, Any] | list[dict[str, Any]], indent: int | None = None) -> str:
    """Return JSON that ends with LF. Characters that could control a terminal are escaped."""
    text = json.dumps(document, ensure_ascii=False, indent=indent)
    return (text.translate(_escapes()) if clean_in_place(text) is not text else text) + "\n"


@cache
def _escapes() -> dict[int, str]:
    """Return the table for `str.translate`; built on first use, which takes some milliseconds."""
    return {code: json.dumps(chr(code))[1:-1] for code in in_place()} | {10: "\n"}


def _usage(usage: Usage) -> dict[str, int | None]:
    return {
        "input": usage.input,
        "output": usage.output,
        "total": usage.total,
        "reasoning": usage.reasoning,
        "cached": usage.cached,
        **{
            f"{name}_audio": count
            for name, count in (("input", usage.input_audio), ("output", usage.output_audio))
            if count
        },
    }


def _skipped(skipped: Skipped) -> dict[str, int]:
    return {"events": skipped.events, "bytes": skipped.bytes}


def _ending(ending: Ending | None) -> dict[str, str | None]:
    match ending:
        case Finished(reason, sign):
            outcome = "finished" if reason is not None or sign == "terminal-event" else "no-reason"
            return {"finish_reason": reason, "outcome": outcome, "ended": sign}
        case CutOff(_, sign):
            return {"finish_reason": None, "outcome": "cut-off", "ended": sign}
        case Failed():
            return {"finish_reason": None, "outcome": "failed", "ended": "error"}
        case _:
            return {"finish_reason": None, "outcome": "stopped", "ended": None}


def _error(failed: Failed) -> dict[str, str | None]:
    return {
        "message": failed.message or failed.problem,
        "type": failed.type,
        "code": failed.code,
        "hint": failed.hint or None,
    }


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 3)


def failure_lines(failed: Failed) -> list[str]:
    """Return `failure` as lines for standard error."""
    first, *more = failure(failed)
    return [f"tui-chat: {first}", *(f"  {line}" for line in more)]


def failure(failed: Failed) -> list[str]:
    """Return the problem, the server's message, a hint and the URL, one line each, for a person."""
    said = failed.message if failed.message and failed.message not in failed.problem else ""
    where = f"{failed.url} (HTTP {failed.status})" if failed.url and failed.status is not None else failed.url
    lines = [failed.problem, said and f"The server said: {said}", failed.hint, where]
    return [clean_line(line) for line in lines if line]


@dataclass(frozen=True, slots=True)
class ReplyVerdict:
    """The report on the end of a reply."""

    status: int
    """The exit status of the program."""
    problem: tuple[str, ...] = ()
    """Why the reply is incomplete, one clause or sentence a line; empty if it is complete or a person stopped it."""
    remarks: tuple[str, ...] = ()
    """Clauses about a reply that ended well."""


def verdict(reply: Message) -> ReplyVerdict:
    """Return what to say about a settled reply. Foreign text in it is made safe when it is printed."""
    summary = _verdict(reply)
    return replace(summary, remarks=(*summary.remarks, *remarks(reply)))


def _verdict(reply: Message) -> ReplyVerdict:
    match reply.ending:
        case Finished(reason, _, detail) as finished:
            calls = [
                f"the model asks to call {call.name}({call.arguments}); it is not run" for call in reply.tool_calls
            ]
            match outcome_of(reply):
                case "length":
                    problem = f"the reply ended at the length limit ({reason}); it is incomplete"
                case "filter":
                    problem = f"a content filter ended the reply ({reason_words(finished)}); it is incomplete"
                case "broken":
                    problem = f"the server broke the reply off ({reason_words(finished)}); it is incomplete"
                case "paused":
                    problem = f"the provider paused the reply ({reason}); it is incomplete"
                case "refusal":
                    return ReplyVerdict(WHOLE, remarks=(*calls, f"the model refused{f': {detail}' if detail else ''}"))
                case "other":
                    said = "the server gave an unknown reason for the end of the reply"
                    empty = () if reply.parts else ("the reply is empty",)
                    return ReplyVerdict(WHOLE, remarks=(*calls, *empty, f"{said}: {reason_words(finished)}"))
                case _:
                    return ReplyVerdict(WHOLE, remarks=tuple(calls) if reply.parts else ("the reply is empty",))
            return ReplyVerdict(CUT_OFF, (problem,), tuple(calls))
        case CutOff(why):
            return ReplyVerdict(CUT_OFF, (f"the reply was cut off: {why}",))
        case Failed() as failed:
            return ReplyVerdict(BY_KIND[failed.kind], tuple(failure(failed)))
        case Stopped() | None:
            return ReplyVerdict(WHOLE)
        case _:
            assert_never(reply.ending)


def first_code_block(text: str) -> str | None:
    """Return the content of the first fenced code block of a Markdown text, unchanged; `None` if there is none.

    An unclosed block extends to the end, as in CommonMark.
    """
    found: re.Match[str] | None = None
    lines: list[str] = []
    for line in StringIO(text, newline="\n"):  # `splitlines` would split at form feeds and the like
        fence = _FENCE.match(line.rstrip("\r\n"))
        if found is None:
            # A backtick in the info string makes it inline code (CommonMark 4.5).
            if fence and not (fence["fence"][0] == "`" and "`" in fence["info"]):
                found = fence
        elif fence and fence["fence"].startswith(found["fence"]) and not fence["info"].strip():
            break
        else:
            indent = len(line) - len(line.lstrip(" \t"))
            lines.append(line[min(indent, len(found["indent"])) :])
    return None if found is None else "".join(lines)


def usage_line(reply: Message) -> str:
    """Return tokens and times on one line. Unknown numbers are "n/a", estimates have a "~"."""
    usage = reply.usage

    def number(value: int | None) -> str:
        return "n/a" if value is None else str(value)

    partial = "" if isinstance(reply.ending, Finished) else " (partial)"
    output = number(reply.reported_output)
    if output == "n/a" and reply.deltas:
        output = f"~{reply.output_estimate}"
    counts = [f"{number(reply.reported_input)} in", f"{output} out{partial}"]
    if usage:
        counts.append(f"{number(reply.reported_total)} total")
        if usage.reasoning:
            counts.append(f"{usage.reasoning} of them reasoning")
        if usage.cached:
            counts.append(f"{usage.cached} cached")
    facts = ["tokens: " + ", ".join(counts)]
    if reply.timing.first_token is not None:
        facts.append(f"first after {reply.timing.first_token:.2f} s")
    pace, estimated = reply.tokens_per_second()
    if pace is not None:
        facts.append(f"{'~' if estimated else ''}{pace:.1f} tok/s")
    elif reply.deltas:
        facts.append("n/a tok/s")
    if reply.timing.total is not None:
        facts.append(f"{reply.timing.total:.2f} s in all")
    if reply.cost is not None:
        facts.append(str(reply.cost))
    return " · ".join(facts)
