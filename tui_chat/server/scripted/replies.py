"""Choose the reply to a request: a model's script or a recording, with the requested options."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from tui_chat.chat.events import ReasoningDelta, TextDelta
from tui_chat.chat.quick_dataclass import dataclass, replace
from tui_chat.server.formats import ENCODERS
from tui_chat.server.reply_steps import in_pieces_of
from tui_chat.server.request_error import RequestError
from tui_chat.server.scripted.behaviour import OptionError, ResponseOptions, split_model
from tui_chat.server.scripted.fault_kinds import Reply
from tui_chat.server.scripted.faults import kind_of, with_fault
from tui_chat.server.scripted.pacing import paced
from tui_chat.server.scripted.scripts import SCRIPTS, reply

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tui_chat.chat.events import ChatEvent
    from tui_chat.server.formats import Encoder, EncoderFactory
    from tui_chat.server.replay import Recording, TapeRecording
    from tui_chat.server.reply_steps import ReplySteps
    from tui_chat.server.requests import ChatRequest
    from tui_chat.server.scripted.fault_kinds import Fault
    from tui_chat.server.scripted.scripts import Script

_FAULTS_COUNTED = 1000
"""Maximum number of faults whose requests are counted; beyond it the oldest count is dropped."""


@dataclass(frozen=True, slots=True)
class PreparedReply:
    """A reply ready to be sent."""

    steps: ReplySteps
    encoder: Encoder
    stream: bool
    """Whether the client requested a stream."""


class Replies:
    """The models and recordings of one endpoint. `response_options` may be set from any thread."""

    def __init__(
        self,
        response_options: ResponseOptions | None = None,
        recordings: Mapping[str, Recording | TapeRecording] | None = None,
    ) -> None:
        """`response_options`: for requests without options of their own. `recordings`: by model name, or a single one
        under the empty name that answers all requests."""
        self.response_options = response_options or ResponseOptions()
        self._recordings = recordings or {}
        self._fault_counts: OrderedDict[Fault, int] = OrderedDict()
        """For each fault with a number of `times`, how many requests it has met."""

    def models(self, *apis: str) -> list[str]:
        """The models to list for these APIs: the recordings if there are named ones, else the scripts. Faults are only
        in `tui-chat serve --list`."""
        if not self._recordings.keys() - {""}:
            return list(SCRIPTS)
        return [name for name, recording in self._recordings.items() if name and recording.api in {None, *apis}]

    def prepare(
        self,
        api: str,
        chat_request: ChatRequest,
        options: str = "",
        *,
        encoder: EncoderFactory | None = None,
        skipped: int = 0,
    ) -> PreparedReply:
        """The reply to a request in that API.

        `options`: from the request's header. `encoder`: used instead of the API's own. `skipped`: how many pieces to
        leave out at the beginning. Raises `RequestError`.
        """
        name, response_options = self.options_for(chat_request.model, options)
        recording = self._recordings.get("") or self._recordings.get(name)
        if recording is not None and recording.api not in {None, api}:
            raise RequestError(f"The recording `{name}` is of {recording.api}: ask for it in that API.", status=404)
        if response_options.fault is not None and not self._is_due(response_options.fault):
            response_options = replace(response_options, fault=None)
        chat_input = chat_request.chat_input
        if response_options.fault is not None and kind_of(response_options.fault.name).script is not None:
            chat_input = replace(chat_input, max_tokens=None)  # its script is sent completely
        script = (
            self._script(name, chat_request.model, response_options.fault) if recording is None else SCRIPTS["echo"]
        )
        style = response_options.style
        if style.usage == "asked":
            style = replace(style, usage=chat_request.usage)
        if style.seed is not None:  # not the same ids for every question
            style = replace(style, seed=f"{style.seed}/{chat_request.model}/{chat_request.chat_input.question}")
        said = _without_first(skipped, reply(script, chat_input, style))
        events = paced(said, response_options.pace, style.seed)
        recorded = None if recording is None else recording.steps(response_options.pace)
        written = (encoder or ENCODERS[api])(chat_request.model, style)
        whole = Reply(events, written, chat_request.stream, chat_request.usage == "last", recorded)
        steps = whole.steps() if response_options.fault is None else with_fault(response_options.fault, whole)
        if response_options.pieces:
            steps = in_pieces_of(response_options.pieces, steps)
        return PreparedReply(steps, whole.encoder, chat_request.stream)

    def options_for(self, model: str, options: str = "") -> tuple[str, ResponseOptions]:
        """A model's name without its options, and the options for its replies. Raises `RequestError`."""
        try:
            return split_model(model, self.response_options.with_query(options))
        except OptionError as error:
            raise RequestError(str(error)) from error

    def forget_faults(self) -> None:
        """Restart the count of `times` for every fault."""
        self._fault_counts.clear()

    def _script(self, name: str, model: str, fault: Fault | None) -> Script:
        """The script for a model or fault. Raises `RequestError`."""
        if fault is not None and (script := kind_of(fault.name).script) is not None:
            return script
        script = SCRIPTS.get(name or "count")
        if script is None:
            raise RequestError(f"The model `{model}` does not exist.", status=404, code="model_not_found")
        return script

    def _is_due(self, fault: Fault) -> bool:
        if fault.times is None:
            return True
        met = self._fault_counts.pop(fault, 0)
        self._fault_counts[fault] = met + 1
        if len(self._fault_counts) > _FAULTS_COUNTED:
            self._fault_counts.popitem(last=False)
        return met < fault.times


def _without_first(number: int, answer: Iterator[ChatEvent]) -> Iterator[ChatEvent]:
    """The answer without its first `number` pieces. Scripts always give the same pieces, so the rest continues the
    text."""
    left = number
    for said in answer:
        if left and isinstance(said, TextDelta | ReasoningDelta):
            left -= 1
        else:
            yield said
