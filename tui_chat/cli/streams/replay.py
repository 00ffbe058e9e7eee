"""`tui-chat replay TAPE`: plays a recorded reply on the screen, at its original pace."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tui_chat.chat.model_ports import SetupError
from tui_chat.server.embedded import EmbeddedServer
from tui_chat.server.replay import TapeRecording
from tui_chat.server.scripted.behaviour import ResponseOptions
from tui_chat.server.scripted.pacing import AT_ONCE, Pace
from tui_chat.server.scripted.replies import Replies
from tui_chat.wire.tape.api import api_of

if TYPE_CHECKING:
    from pathlib import Path

    from tui_chat.chat.inspection.replay_control import ReplayControl
    from tui_chat.tape_file import TapeFile


def server_for(path: Path, speed: float, control: ReplayControl | None = None) -> EmbeddedServer:
    """An endpoint that answers every request with the tape; `speed` 2 is twice as fast, 0 at once. `control` pauses it
    and steps through its pieces."""
    recording = TapeRecording(path, speed=speed or 1, control=control)
    return EmbeddedServer(key=None, replies=Replies(ResponseOptions(Pace() if speed else AT_ONCE), {"": recording}))


def arguments_for(path: Path, tape: TapeFile, base_url: str) -> list[str]:
    """The arguments of `tui-chat` that ask the tape's question of the endpoint at `base_url`. Raises `SetupError`."""
    api = api_of(tape.url)
    if not api:
        raise SetupError(
            f"replay: {path} is not a tape of a chat: {tape.url} is not the URL of an API that is known here."
        )
    if not api.startswith("openai"):
        base_url = base_url.removesuffix("/v1")
    body = _object(tape.body)
    model = body.get("model")
    question = question_in(body) or f"What {path.name} was asked"
    name = model if isinstance(model, str) and model else path.stem
    return ["--no-log", "--base-url", base_url, "--api", api, "--model", name, "--", question]


def question_in(body: dict[str, object]) -> str:
    """The text of the last message of the user in a request of any of the APIs; empty: there is none."""
    for field in ("messages", "input", "contents"):
        value = body.get(field)
        if isinstance(value, str):
            return value
        if isinstance(value, list):
            users = [each for each in value if isinstance(each, dict) and each.get("role", "user") == "user"]
            if users:
                last = users[-1]
                return _text(last.get("content", last.get("parts")))
    return ""


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, dict)]
    return "\n".join(text for text in texts if isinstance(text, str))


def _object(text: str) -> dict[str, object]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
