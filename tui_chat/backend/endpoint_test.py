"""The test of an endpoint: its models, and one short streamed reply; a failure says what to change in which field."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from time import monotonic
from typing import TYPE_CHECKING, Final

from tui_chat.chat.conversation import Conversation
from tui_chat.chat.endpoint_ports import TestReport
from tui_chat.chat.events import (
    CutOff,
    Failed,
    Finished,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    UsageReport,
)
from tui_chat.chat.quick_dataclass import dataclass, replace
from tui_chat.chat.turn import Question
from tui_chat.chat.wording.hints import BEFORE_IS_KEPT, TEXT_IS_KEPT
from tui_chat.wire.failures.statuses import NO_CREDIT, names_model

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tui_chat.chat.endpoint_ports import FormField
    from tui_chat.chat.events import ChatEvent
    from tui_chat.wire.client import Client

QUESTION: Final = "Count from 1 to 20 in words, and say nothing else."
"""Long enough to measure a pace, short enough to cost next to nothing."""
REPLY_WAIT: Final = 90.0
"""Seconds until the first piece of the reply; a local server may have to load the model first."""
READ_FOR: Final = 4.0
"""Seconds that the reply is read for, from its first piece on."""
_SHORTEST_PACE: Final = 0.05
"""Seconds of streaming below which a pace says nothing."""
_FEWEST: Final = 3
"""Pieces of a reply below which counting them says nothing of a pace."""


async def run_test(client: Client, host: str, model: str = "") -> AsyncGenerator[TestReport, None]:
    """Test the endpoint of `client`, and a model of it; without `model`, the only one that it has. The last report has
    `done`."""
    report = TestReport(doing=f"Asking {host} for its models")
    yield report
    listed = await client.models()
    if not isinstance(listed, Failed):
        if not (listed or model):
            yield explained(report, _no_models(host), "model")
            return
        report = replace(report, models=listed)
        if not model and len(listed) == 1:
            model = listed[0].name
        elif not model:
            yield replace(report, doing="", choose=True, done=True)
            return
    elif not _has_no_list(listed):
        yield explained(report, listed)
        return
    report = replace(report, doing=f"Asking {model or host} for a short reply", model=model)
    yield report
    reply = _Reply(monotonic())
    try:
        async with aclosing(client.reply(_question(model))) as batches:
            async with asyncio.timeout(REPLY_WAIT) as limit:
                async for batch in batches:
                    for event in batch:
                        reply.take(event)
                    if reply.first is not None and report.first_token is None:
                        limit.reschedule(asyncio.get_running_loop().time() + READ_FOR)
                        report = replace(report, first_token=reply.first - reply.asked)
                        yield report
                    if reply.ending is not None:
                        break
    except TimeoutError:
        if reply.first is None:
            problem = f"{host} sent nothing of a reply for {REPLY_WAIT:g} s."
            yield explained(report, Failed(problem, "The model may still be loading; test again.", "network"), "")
            return
    report = replace(report, pace=reply.pace, estimated=reply.tokens is None)
    ending = reply.ending
    if isinstance(ending, Failed):
        yield explained(report, ending)
    elif isinstance(ending, CutOff):
        broken = Failed(f"The reply was cut off: {ending.why}.", "Something between here and the server may end it.")
        yield explained(report, broken, "")
    elif reply.first is None:
        yield explained(report, Failed("The reply was empty.", "Try another model."), "model")
    else:
        yield replace(report, doing="", done=True)


def explained(report: TestReport, failed: Failed, field: FormField | None = None) -> TestReport:
    """The last report of a test that failed: what is wrong, and what to change in which field."""
    place, advice = change_for(failed)
    return replace(
        report,
        doing="",
        problem=failed.problem,
        advice=advice if field is None else failed.hint,
        field=place if field is None else field,
        done=True,
    )


def change_for(failed: Failed) -> tuple[FormField, str]:
    """The field in which a failure can be mended, and what to change in it."""
    status = failed.status
    hint = failed.hint.replace(TEXT_IS_KEPT, "Test again, or choose another model.").replace(f"{BEFORE_IS_KEPT}. ", "")
    match failed.kind:
        case "key" if status == 407:
            return "", hint  # the proxy's, which is not a field of the form
        case "key" if status == 402:
            return "", hint
        case "key" if status == 403 and names_model(failed):
            return "model", "This key may not use the model: choose another, or check the key's account."
        case "key" if status == 403:
            return "key", hint
        case "key" if failed.problem.startswith("The server wants a user"):
            return "url", hint
        case "key" if failed.problem.startswith("The server wants a key"):
            return "key", "Enter the key of this endpoint."
        case "key":
            return "key", hint
        case "rate-limit":
            none_left = failed.code in NO_CREDIT or failed.type in NO_CREDIT
            return "", hint if none_left else f"The key was taken. {hint}"
        case "network" | "setup":
            return "url", hint
        case _:
            pass
    if failed.status in {400, 404, 422} and names_model(failed):
        return "model", "Choose another model."
    if "empty" in failed.problem:
        return "model", hint
    if "web page" in failed.problem or failed.status in {301, 302, 303, 307, 308, 404, 405, 410}:
        return "url", hint
    if failed.status is None or failed.status < 400:
        return "url", hint
    return "", hint


def _has_no_list(failed: Failed) -> bool:
    """Whether the server may answer all the same: it has no list of models, or one that cannot be read."""
    return failed.kind in {"server", "request"} and (failed.status is None or failed.status not in {429, 503, 529})


def _no_models(host: str) -> Failed:
    return Failed(f"{host} answers, and has no models yet.", "Load one there first, or type a model's name.")


def _question(model: str) -> Question:
    conversation = Conversation()
    conversation.add_question(QUESTION)
    return Question(tuple(conversation.path()), "", model)


@dataclass(slots=True)
class _Reply:
    """The events of the short test reply so far."""

    asked: float
    first: float | None = None
    last: float = 0.0
    pieces: int = 0
    tokens: int | None = None
    ending: Finished | CutOff | Failed | None = None

    def take(self, event: ChatEvent) -> None:
        match event:
            case TextDelta() | ReasoningDelta() | RefusalDelta() | ToolCallDelta():
                self.first = event.at if self.first is None else self.first
                self.last = event.at
                self.pieces += 1
            case UsageReport(usage):
                self.tokens = usage.output if usage.output is not None else self.tokens
            case Finished() | CutOff() | Failed():
                self.ending = event
            case _:
                pass

    @property
    def pace(self) -> float | None:
        """Tokens a second, by the server's count, or else counting each piece as one; `None`: too few came."""
        seconds = self.last - self.first if self.first is not None else 0.0
        if seconds < _SHORTEST_PACE or self.pieces < _FEWEST:
            return None
        return (self.tokens if self.tokens is not None else self.pieces - 1) / seconds
