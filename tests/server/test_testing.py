"""The endpoint as other people's tests use it."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tui_chat.server.scripted.behaviour import OptionError
from tui_chat.server.testing import ChatEndpoint
from tui_chat.tape_file import TapeConnection, end_record, line_of, piece_record, request_record, response_record

if TYPE_CHECKING:
    from pathlib import Path

ASKED = {"model": "count", "messages": [{"role": "user", "content": "count to 3"}]}


def post(endpoint: ChatEndpoint, key: str = "test-key", **fields: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.post(f"{endpoint.base_url}/chat/completions", json=ASKED | fields, headers=headers, trust_env=False)


def test_the_requests_can_be_looked_at(chat_endpoint: ChatEndpoint) -> None:
    assert post(chat_endpoint).json()["choices"][0]["message"]["content"] == "1 2 3"
    httpx.get(f"{chat_endpoint.root_url}/api/tags?x=1", headers={"Authorization": "Bearer wrong"}, trust_env=False)
    chat_endpoint.wait_until(lambda: len(chat_endpoint.requests) == 2 and all(r.ended for r in chat_endpoint.requests))
    asked, refused = chat_endpoint.requests
    assert (asked.method, asked.path, asked.query, asked.json) == ("POST", "/v1/chat/completions", "", ASKED)
    assert asked.headers["authorization"] == "Bearer test-key"
    assert (asked.access.status, asked.access.model, asked.outcome) == (200, "count", "finished")
    assert (refused.method, refused.path, refused.query, refused.access.status) == ("GET", "/api/tags", "x=1", 401)


def test_faults_and_styles_are_set_for_the_requests_that_follow(chat_endpoint: ChatEndpoint) -> None:
    chat_endpoint.set("fault=429&retry=0&times=2")
    assert [post(chat_endpoint).status_code for _ in range(4)] == [429, 429, 200, 200]
    chat_endpoint.set("fault=429&retry=0&times=2")
    assert [post(chat_endpoint).status_code for _ in range(3)] == [429, 429, 200]
    chat_endpoint.set("usage=every&end=empty")
    styled = post(chat_endpoint, stream=True).text
    assert styled.count('"usage":{"prompt_tokens":3') == 4
    assert styled.endswith("\n\ndata: \n\n")
    chat_endpoint.set()
    assert post(chat_endpoint, stream=True).text.endswith("data: [DONE]\n\n")


def test_what_there_is_not_cannot_be_set(chat_endpoint: ChatEndpoint) -> None:
    with pytest.raises(OptionError, match="no fault `flood`"):
        chat_endpoint.set("fault=flood")
    with pytest.raises(ValueError, match="no option `usgae`"):
        ChatEndpoint("usgae=every")


def test_a_client_that_hangs_up_is_seen_to(chat_endpoint: ChatEndpoint) -> None:
    url, headers = f"{chat_endpoint.base_url}/chat/completions", {"Authorization": "Bearer test-key"}
    asked = ASKED | {"model": "fault:endless", "stream": True}
    with httpx.stream("POST", url, json=asked, headers=headers, trust_env=False) as response:
        next(response.iter_raw())
    chat_endpoint.wait_until(lambda: chat_endpoint.requests[-1].ended)
    assert chat_endpoint.requests[-1].outcome == "hang-up"


def test_bodies_are_kept_only_when_asked_for() -> None:
    with ChatEndpoint() as endpoint:
        post(endpoint)
        assert endpoint.requests[0].body is None


def test_it_can_do_without_a_key() -> None:
    with ChatEndpoint(key=None) as endpoint:
        assert endpoint.key == ""
        assert post(endpoint, key="").status_code == 200
        assert post(endpoint, key="any").status_code == 200


def test_what_does_not_come_is_not_waited_for_for_ever(chat_endpoint: ChatEndpoint) -> None:
    with pytest.raises(TimeoutError, match="0 requests have"):
        chat_endpoint.wait_until(lambda: bool(chat_endpoint.requests), seconds=0.01)


def test_it_is_a_fixture_by_one_line_in_a_conftest(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["tui_chat.server.pytest_fixture"]\n')
    (tmp_path / "test_it.py").write_text(
        "from urllib.request import urlopen\n\n"
        "def test_it(chat_endpoint):\n"
        "    assert urlopen(chat_endpoint.root_url + '/health').status == 200\n"
        "    assert chat_endpoint.requests[0].path == '/health'\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", "."]
    alone = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [*command, "test_it.py"], cwd=tmp_path, env=alone, capture_output=True, text=True, check=False
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr


HEADERS = (("content-type", "text/event-stream"), ("cache-control", "no-store"))


@pytest.fixture(scope="module")
def stalled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tape of a reply that stalled for half a second and then broke off."""
    path = tmp_path_factory.mktemp("tapes") / "monday.tape"
    words = [b'data: {"choices": [{"delta": {"content": "%s"}}]}\n\n' % word for word in (b"one ", b"two ")]
    records = [
        request_record("tui-chat 0", datetime.now(UTC), "POST", "http://host/v1/chat/completions", (), "{}"),
        response_record(0.01, 200, HEADERS, TapeConnection()),
        piece_record(0.02, words[0]),
        piece_record(0.52, words[1]),
        end_record(0.53, "lost", "the connection was lost"),
    ]
    path.write_text("".join(map(line_of, records)), encoding="utf-8")
    return path


def note_lines(answer: httpx.Response, times: list[float]) -> None:
    """Note when each line comes that is not empty."""
    for line in answer.iter_lines():
        times += [monotonic()] if line else []


@pytest.mark.parametrize(("speed", "least"), [(None, 0.0), (1.0, 0.52), (5.0, 0.104)])
def test_a_recorded_fault_is_a_test(stalled: Path, speed: float | None, least: float) -> None:
    with ChatEndpoint(replay=stalled, speed=speed) as endpoint:
        url, headers = f"{endpoint.base_url}/chat/completions", {"Authorization": "Bearer test-key"}
        times: list[float] = [monotonic()]
        with (
            httpx.Client(trust_env=False, timeout=30) as client,
            client.stream("POST", url, json=ASKED | {"stream": True}, headers=headers) as answer,
            pytest.raises(httpx.RemoteProtocolError),
        ):
            note_lines(answer, times)
    assert answer.headers.get_list("cache-control") == ["no-store"], "the recorded header stands alone"
    assert len(times) == 3
    assert times[2] - times[0] >= least
