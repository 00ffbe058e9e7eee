"""The file format of tapes: what is written is read again, and a file that is none is refused with a reason."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.chat.model_ports import SetupError
from tui_chat.regular_files import read_bytes
from tui_chat.tape_file import (
    SUFFIX,
    TapeConnection,
    TapeError,
    end_record,
    line_of,
    model_in,
    piece_record,
    read_given_tape,
    read_tape,
    request_record,
    response_record,
)

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 11, 29, 23, 40, 1, 123456, UTC)
HEADERS = (("Accept", "text/event-stream"), ("X-Name", "ä"))
CONNECTION = TapeConnection(False, "http://proxy", 0.1, 0.01, 0.02, None)
REQUEST = line_of(request_record("tui-chat 0", AT, "POST", "https://host/v1", HEADERS, '{"model": "m"}'))
RESPONSE = line_of(response_record(0.2, 200, HEADERS, CONNECTION))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tapes") / f"one{SUFFIX}"


@given(st.lists(st.tuples(st.floats(0, 1e6), st.binary(min_size=1))), st.sampled_from(["end", "lost", "stopped"]))
def test_what_is_written_is_read_again(path: Path, pieces: list[tuple[float, bytes]], how: str) -> None:
    records = [*(piece_record(at, data) for at, data in pieces), end_record(1e6, how, "why")]
    path.write_text(REQUEST + RESPONSE + "".join(map(line_of, records)), encoding="utf-8")
    tape = read_tape(path)
    assert (tape.at, tape.method, tape.url, tape.headers) == (AT, "POST", "https://host/v1", HEADERS)
    assert (tape.body, tape.status, tape.responded) == ('{"model": "m"}', 200, 0.2)
    assert tape.connection == CONNECTION
    assert [data for _, data in tape.pieces] == [data for _, data in pieces]
    assert [at for at, _ in tape.pieces] == pytest.approx([at for at, _ in pieces], abs=1e-6)
    assert (tape.how, tape.why, tape.ended) == (how, "why", 1e6)


@given(st.data())
def test_a_recording_that_was_cut_anywhere_is_read_up_to_there(path: Path, data: st.DataObject) -> None:
    whole = (
        REQUEST + RESPONSE + line_of(piece_record(0.3, "déjà".encode())) + line_of(piece_record(0.4, b"\xff"))
    ).encode()
    path.write_bytes(whole[: data.draw(st.integers(len(REQUEST.encode()), len(whole)))])
    tape = read_tape(path)
    assert tape.how == ""
    assert b"".join(piece for _, piece in tape.pieces) in {b"", "déjà".encode(), "déjà".encode() + b"\xff"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "first line"),
        ("hello\n", "first line"),
        ("[1]\n", "first line"),
        ('{"tape": true}\n', "first line"),
        ('{"tape": 2}\n', "version 2"),
        ('{"tape": 1}\nnonsense\n{"t": 1, "end": "end"}\n', "line 2"),
        ('{"tape": 1}\n{"data": "x"}\n', "line 2 has no time"),
        ('{"tape": 1}\n{"t": -1, "data": "x"}\n', "line 2 has no time"),
        ('{"tape": 1}\n{"t": 1e999, "data": "x"}\n', "line 2 has no time"),
        ('{"tape": 1}\n{"t": 1, "status": "200"}\n', "line 2 has no HTTP status"),
        ('{"tape": 1}\n{"t": 1, "base64": "!"}\n', "line 2 holds no Base64"),
    ],
)
def test_a_file_that_is_no_tape_is_refused_with_a_reason(path: Path, text: str, why: str) -> None:
    path.write_text(text)
    with pytest.raises(TapeError, match=why):
        read_tape(path)


@given(st.binary() | st.binary().map(lambda data: REQUEST.encode() + data))
def test_no_file_raises_anything_else(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with suppress(TapeError):
        read_tape(path)


def test_a_tape_that_a_person_gave_is_refused_in_a_sentence_that_names_command_and_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"no{SUFFIX}"
    with pytest.raises(SetupError, match=rf"^replay: {re.escape(str(path))} cannot be read \(No such file"):
        read_given_tape(path, "replay:")
    path.write_text("words")
    with pytest.raises(SetupError, match=rf"^replay: {re.escape(str(path))}: .*\.$"):
        read_given_tape(path, "replay:")
    monkeypatch.setattr("tui_chat.tape_file.read_bytes", lambda path, _: read_bytes(path, 3))
    with pytest.raises(SetupError, match=r"cannot be read \(it is larger than 3 bytes\)"):
        read_given_tape(path, "replay:")


@pytest.mark.parametrize(
    ("body", "model"),
    [
        ('{"model": "tiny"}', "tiny"),
        (b'{"model": "tiny"}', "tiny"),
        ('{"model": 3}', ""),
        ("{}", ""),
        ("[]", ""),
        ("", ""),
        (b"\xff", ""),
        ("[" * 100_000, ""),
    ],
    ids=range(8),
)
def test_the_model_of_a_request_is_the_one_its_body_names(body: str | bytes, model: str) -> None:
    assert model_in(body) == model
