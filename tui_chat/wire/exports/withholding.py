"""Take what was asked and answered out of a tape, and keep its shape and times."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from tui_chat.wire.foreign import MAX_DEPTH, decoded
from tui_chat.wire.tape.frames import read_reply

if TYPE_CHECKING:
    from tui_chat.tape_file import TapeFile
    from tui_chat.wire.tape.frames import TapedFrame

_KEPT: Final = frozenset(
    {"id", "object", "model", "role", "type", "finish_reason", "finishReason", "stop_reason", "done_reason", "status"}
    | {"service_tier", "system_fingerprint", "native_finish_reason", "provider", "created_at", "modelVersion", "code"}
)
"""Fields whose texts are none of the conversation's."""
_KEPT_DATA: Final = frozenset({"", "[DONE]"})
_LONGEST_KEPT: Final = 100


def without_text(tape: TapeFile) -> TapeFile:
    """Return the tape with every text in its bodies replaced by the number of its characters, except for fields that
    say how something was asked and answered. Each frame is a piece of its own afterwards."""
    return replace(
        tape, body=_document(tape.body), pieces=[(each.at, _frame(each)) for each in read_reply(tape).frames]
    )


def _frame(frame: TapedFrame) -> bytes:
    shown = frame.data if frame.data in _KEPT_DATA else _document(frame.data)
    match frame.kind:
        case "comment":
            text = f": {_withheld(frame.data) if frame.data else ''}\n\n"
        case "error":
            text = f"error: {shown}\n\n"
        case "data" if frame.raw.lstrip()[:1] in {b"{", b"["}:
            text = f"{shown}\n"
        case "data":
            name = f"event: {frame.event}\n" if frame.event else ""
            text = f"{name}data: {shown}\n\n"
        case _:
            text = _withheld(frame.data)
    return text.encode("utf-8", "surrogatepass")


def _document(text: str) -> str:
    if not text:
        return ""
    try:
        return json.dumps(_bare(decoded(text), "", 0), ensure_ascii=False)
    except ValueError:
        return _withheld(text)


def _bare(value: Any, name: str, depth: int) -> Any:
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, dict):
        return {each: _bare(inner, each, depth + 1) for each, inner in value.items()}
    if isinstance(value, list):
        return [_bare(inner, name, depth + 1) for inner in value]
    if isinstance(value, str) and value and not (name in _KEPT and len(value) <= _LONGEST_KEPT):
        return _withheld(value)
    return value


def _withheld(text: str) -> str:
    return f"({len(text):,} characters)"
