from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.wire.corpus import FOLDER, cases, check, needs_corpus
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.turn import Question, Turn
from tui_chat.server.replay import Recording, TapeRecording, recordings
from tui_chat.server.reply_steps import BodyPiece, ReplyEnd, ReplyHead
from tui_chat.server.scripted.pacing import AT_ONCE, Pace
from tui_chat.server.testing import ChatEndpoint
from tui_chat.wire.client import Client
from tui_chat.wire.endpoint import Endpoint

if TYPE_CHECKING:
    from pathlib import Path

EVENTS = [b'data: {"a":1}\r\n\r\n', b": alive\n\n", b"event: x\ndata: 2\n\n", b"data: [DONE]"]
SLOWLY = Pace(rate=1000, first=0.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Recordings of two APIs, one without a description, and an error."""
    (tmp_path / "plain.sse").write_bytes(b"".join(EVENTS))
    (tmp_path / "claude.sse").write_bytes(b"event: ping\ndata: {}\n\n")
    (tmp_path / "claude.json").write_text(json.dumps({"dialect": "anthropic-messages"}))
    (tmp_path / "lines.ndjson").write_bytes(b'{"a":1}\n{"b":2}')
    (tmp_path / "lines.json").write_text(json.dumps({"dialect": "ollama-chat"}))
    (tmp_path / "refused.body").write_bytes(b'{"detail":"No."}')
    (tmp_path / "refused.json").write_text(json.dumps({"status": 403, "content_type": "application/problem+json"}))
    (tmp_path / "notes.txt").write_text("not a body")
    return tmp_path


async def steps(recording: Recording | TapeRecording, pace: Pace) -> list[Any]:
    return [step async for step in recording.steps(pace)]


async def test_a_body_goes_out_event_by_event_or_at_once(folder: Path) -> None:
    recording = recordings(folder)["plain"]
    head, *pieces, ended = await steps(recording, SLOWLY)
    assert head == ReplyHead(200, "text/event-stream")
    assert pieces == [BodyPiece(event, delta=True) for event in EVENTS]
    assert ended == ReplyEnd("finished")
    assert (await steps(recording, AT_ONCE))[1:-1] == [BodyPiece(b"".join(EVENTS), delta=True)]
    _, *lines, _ = await steps(recordings(folder)["lines"], SLOWLY)
    assert [piece.data for piece in lines] == [b'{"a":1}\n', b'{"b":2}']


def test_a_folder_is_recordings_by_name(folder: Path) -> None:
    found = recordings(folder)
    assert [*found] == ["claude", "lines", "plain", "refused"]
    assert found["refused"] == Recording(folder / "refused.body", None, 403, "application/problem+json")
    assert found["lines"] == Recording(folder / "lines.ndjson", "ollama-chat", 200, "application/x-ndjson")
    assert [*recordings(folder / "plain.sse")] == [""]


def test_what_cannot_be_replayed_is_one_line(folder: Path) -> None:
    with pytest.raises(SetupError, match=r"^serve: --replay .*nowhere: No such file or directory\.$"):
        recordings(folder / "nowhere")
    (folder / "claude.json").write_text("{")
    (folder / "torn.tape").write_text("words")
    with pytest.raises(SetupError, match=r"^serve: --replay .*torn\.tape: .*\.$"):
        recordings(folder)
    (folder / "torn.tape").unlink()
    with pytest.raises(SetupError, match=r"^serve: --replay .*claude\.json: it is not JSON"):
        recordings(folder)
    (folder / "claude.json").write_text("[]")
    with pytest.raises(SetupError, match="has to hold a JSON object"):
        recordings(folder)
    (folder / "empty").mkdir()
    with pytest.raises(SetupError, match="there is no recording"):
        recordings(folder / "empty")


def ask(endpoint: ChatEndpoint, model: str, path: str = "/v1/chat/completions", **options: str) -> httpx.Response:
    asked = {"model": model, "max_tokens": 9, "messages": [{"role": "user", "content": "hello"}]}
    headers = {"Authorization": f"Bearer {endpoint.key}"} | options
    return httpx.post(f"{endpoint.root_url}{path}", json=asked, headers=headers, trust_env=False)


def test_a_recording_is_asked_for_by_the_models_name(folder: Path) -> None:
    with ChatEndpoint(replay=folder) as endpoint:
        told = ask(endpoint, "plain")
        assert (told.content, told.headers["content-type"]) == (b"".join(EVENTS), "text/event-stream; charset=utf-8")
        assert ask(endpoint, "claude", "/v1/messages").content == b"event: ping\ndata: {}\n\n"
        refused = ask(endpoint, "refused")
        assert (refused.status_code, refused.json()) == (403, {"detail": "No."})
        elsewhere = ask(endpoint, "claude")
        assert "is of anthropic-messages" in elsewhere.json()["error"]["message"]
        assert ask(endpoint, "echo").json()["choices"][0]["message"]["content"] == "hello"
        assert ask(endpoint, "nothing").status_code == 404


def test_the_recordings_are_the_models_that_are_listed(folder: Path) -> None:
    with ChatEndpoint(replay=folder, key=None) as endpoint:
        listed = httpx.get(f"{endpoint.base_url}/models", trust_env=False).json()
        assert [model["id"] for model in listed["data"]] == ["plain", "refused"]
        tags = httpx.get(f"{endpoint.root_url}/api/tags", trust_env=False).json()
        assert [model["name"] for model in tags["models"]] == ["lines", "plain", "refused"]


def test_one_recording_answers_every_question(folder: Path) -> None:
    with ChatEndpoint(replay=folder / "plain.sse") as endpoint:
        assert {ask(endpoint, model).content for model in ("echo", "gpt-4o")} == {b"".join(EVENTS)}


def test_a_recording_may_be_disturbed(folder: Path) -> None:
    with ChatEndpoint(replay=folder) as endpoint:
        assert ask(endpoint, "plain?rate=1000&fault=cut&after=1").content in {EVENTS[0], b"".join(EVENTS[:1])}
        assert ask(endpoint, "plain?fault=cut&bytes=9").content == b"".join(EVENTS)[:9]
        assert ask(endpoint, "plain", **{"X-TUI-Chat": "fault=503"}).status_code == 503


@needs_corpus
def test_every_recording_of_the_corpus_comes_back_byte_for_byte() -> None:
    async def replayed(recording: Recording | TapeRecording) -> bytes:
        told = [step async for step in recording.steps(Pace(rate=1_000_000, first=0.0))]
        return b"".join(step.data for step in told if isinstance(step, BodyPiece))

    wanted = {case.name: case.body for case in cases("", ".sse", ".ndjson")}
    assert {name: asyncio.run(replayed(each)) for name, each in recordings(FOLDER).items()} == wanted


@needs_corpus
@pytest.mark.parametrize(
    "options",
    [
        "rate=1000000&pieces=97",
        pytest.param("rate=0", marks=pytest.mark.slow),
        pytest.param("rate=0&pieces=1", marks=pytest.mark.slow),
    ],
)
async def test_our_client_hears_the_recordings_as_it_should(options: str) -> None:
    with ChatEndpoint(options, replay=FOLDER) as endpoint:
        for case in cases("", ".sse", ".ndjson"):
            client = Client(Endpoint(endpoint.base_url, endpoint.key, dialect=case.dialect), max_retries=0)
            conversation = Conversation()
            turn = Turn(conversation, client, Question((conversation.add_question("hello"),), "", case.name))
            await turn.take()
            await client.aclose()
            assert turn.reply is not None
            check(turn.reply, case.expected, ollama=case.dialect == "ollama-chat")
