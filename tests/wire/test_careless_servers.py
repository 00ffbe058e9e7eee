"""Bodies that hand-written servers and gateways get almost right: what they say is understood all the same."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from tests.byte_server import CLOSE, ByteServer, head
from tests.wire.corpus import cut
from tests.wire.test_client import ask, failure, text
from tui_chat.chat.events import CutOff, Failed, Finished, Skipped
from tui_chat.wire import framing
from tui_chat.wire.framing import EventStream

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_chat.chat.events import ChatEvent


def document(piece: str, reason: str | None = None) -> str:
    return json.dumps({"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": reason}]})


PIECES = [document("one "), document("two"), document("", "stop")]
GOOD = "".join(f"data: {piece}\n\n" for piece in PIECES) + "data: [DONE]\n\n"
INDENTED = [json.dumps(json.loads(piece), indent=1) for piece in PIECES]
TYPE = "text/event-stream"

BODIES: dict[str, tuple[str, str]] = {
    "no blank lines": (TYPE, GOOD.replace("\n\n", "\n")),
    "no blank lines but names": (TYPE, "".join(f"event: x\ndata: {piece}\n" for piece in PIECES)),
    "several objects in an event": (TYPE, "".join(f"data: {piece}\n" for piece in PIECES) + "\ndata: [DONE]\n\n"),
    "objects one behind the other": (TYPE, f"data: {''.join(PIECES)}\n\ndata: [DONE]\n\n"),
    "a comma behind each": (TYPE, "".join(f"data: {piece},\n\n" for piece in PIECES)),
    "data twice": (TYPE, GOOD.replace("data: ", "data: data: ")),
    "encoded twice": (TYPE, "".join(f"data: {json.dumps(piece)}\n\n" for piece in PIECES)),
    "capitals": (TYPE, GOOD.replace("data:", "DATA:")),
    "a blank before the colon": (TYPE, GOOD.replace("data:", "data :")),
    "indented": (TYPE, GOOD.replace("data:", "    data:")),
    "a byte order mark twice": (TYPE, f"\ufeff\ufeff{GOOD}"),
    "a byte order mark before each event": (TYPE, GOOD.replace("data:", "\ufeffdata:")),
    "NUL before the body": (TYPE, f"\0\0{GOOD}"),
    "objects over several lines": (TYPE, "".join(f"data: {piece}\n\n" for piece in INDENTED)),
    "no data in front": (TYPE, ": hello\n\n" + "".join(f"{piece}\n" for piece in PIECES)),
    "wrapped": (TYPE, "".join(f'data: {{"code": 0, "data": {piece}}}\n\n' for piece in PIECES)),
    "an array": ("application/json", f"[{','.join(PIECES)}]"),
    "objects without line ends": ("application/json", "".join(PIECES)),
    "text sequence": ("application/json-seq", "".join(f"\x1e{piece}\n" for piece in PIECES)),
}


async def answered(body: bytes | Iterable[bytes], content_type: str = TYPE, status: int = 200) -> list[ChatEvent]:
    steps = [body] if isinstance(body, bytes) else [*body]
    async with ByteServer(
        lambda _: [head(status, content_type, chunked=False, Connection="close"), *steps, CLOSE]
    ) as at:
        return await ask(at.url)


@pytest.mark.parametrize("name", BODIES)
async def test_a_body_that_is_almost_right_gives_its_text_and_its_end(name: str) -> None:
    content_type, body = BODIES[name]
    events = await answered(body.encode(), content_type)
    assert text(events) == "one two"
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "stop"
    assert not any(isinstance(event, Skipped) for event in events)


@pytest.mark.parametrize("name", [name for name, (content_type, _) in BODIES.items() if content_type == TYPE])
def test_the_cuts_of_the_network_change_nothing(name: str) -> None:
    body = BODIES[name][1].encode()
    whole = EventStream(lenient=True)
    expected = [*whole.feed(body), *whole.close()]
    for how in ("bytes", "sevens", *(f"random-{seed}" for seed in range(10))):
        stream = EventStream(lenient=True)
        frames = [frame for piece in cut(body, how) for frame in stream.feed(piece)]
        assert [*frames, *stream.close()] == expected


def test_lines_without_blank_lines_between_them_are_read_as_they_come() -> None:
    stream = EventStream(lenient=True)
    assert len(stream.feed(f"data: {PIECES[0]}\n".encode())) == 0  # another line may belong to it
    assert len(stream.feed(f"data: {PIECES[1]}\n".encode())) == 2
    assert len(stream.feed(b"data: [DONE]\n")) == 1


def test_where_the_standard_rules_nothing_is_repaired() -> None:
    stream = EventStream()
    body = (
        b'\xef\xbb\xbf\xef\xbb\xbfdata: 1\n\nDATA: 2\n\ndata: {"a": 1}\ndata: {"b": 2}\n\n{"c": 3}\n\nevent: done\n\n'
    )
    assert [frame.data for frame in [*stream.feed(body), *stream.close()]] == ['{"a": 1}\n{"b": 2}']


@pytest.mark.parametrize("beginning", ['{"a": "b"}', '{"a":'])
@pytest.mark.parametrize("line", ["some text", '"a": 1,', "[1]"])
def test_many_lines_behind_an_object_are_not_each_a_reason_to_parse_it(
    beginning: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []

    def is_json(text: str) -> bool:
        parsed.append(text)
        return text.endswith("}")

    monkeypatch.setattr(framing, "_is_json", is_json)
    stream = EventStream(lenient=True)
    stream.feed(f"data: {beginning}\n".encode() + f"{line}\n".encode() * 1000 + b"\n")
    assert len(parsed) < 5


# ---- endings and errors


@pytest.mark.parametrize(
    "end",
    ["data: [done]\n\n", 'data: "[DONE]"\n\n', "data: DONE\n\n", "[DONE]\n\n", 'data: {"done": true}\n\n',
     "event: done\ndata: {}\n\n", "event: done\n\n", "event: complete\ndata: ok\n\n", "event: end\ndata:\n\n"],
)  # fmt: skip
async def test_every_sign_of_the_end_is_one(end: str) -> None:
    events = await answered(f"data: {PIECES[0]}\n\n{end}".encode())
    assert text(events) == "one "
    assert isinstance(events[-1], Finished)
    assert events[-1].reason is None


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("event: error\n\n", None),
        ("event: error\ndata:\n\n", None),
        ("event: error\ndata: null\n\n", None),
        ("event: error\ndata: 500\n\n", None),
        ('event: error\ndata: "overloaded"\n\n', "overloaded"),
        ('event: error\ndata: [{"message": "overloaded"}]\n\n', "overloaded"),
        ("event: exception\ndata: overloaded\n\n", "overloaded"),
        ('event: failed\ndata: {"message": "overloaded"}\n\n', "overloaded"),
        ('{"error": {"message": "overloaded"}}\n', "overloaded"),
        ('{"error": {"message": "overloaded"}}', "overloaded"),
        ('data: {"errors": [{"message": "overloaded"}], "success": false}\n\n', "overloaded"),
        ('data: {"base_resp": {"status_code": 1008, "status_msg": "overloaded"}, "choices": null}\n\n', "overloaded"),
        ('data: {"throttlingException": {"message": "overloaded"}}\n\n', "overloaded"),
    ],
)
async def test_an_error_is_never_taken_for_the_end(error: str, said: str | None) -> None:
    events = await answered(f"data: {PIECES[0]}\n\n{error}".encode())
    assert text(events) == "one "
    assert isinstance(events[-1], Failed), events[-1]
    assert events[-1].message == said


@pytest.mark.parametrize("error", ['{"code": 0, "message": ""}', "{}", '{"code": 0, "message": "Success"}', "false"])
async def test_an_error_field_that_reports_none_is_no_error(error: str) -> None:
    body = GOOD.replace('{"choices"', f'{{"error": {error}, "choices"')
    events = await answered(body.encode())
    assert (text(events), isinstance(events[-1], Finished)) == ("one two", True)


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("Internal Server Error", "Internal Server Error"),
        ("data: Internal Server Error\n\n", "Internal Server Error"),
        ("<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>\r\n", "502 Bad Gateway"),
        ('Traceback:\n  File "x.py", line 3\nRuntimeError: CUDA out of memory\n', "RuntimeError: CUDA out of memory"),
    ],
)
async def test_what_a_server_writes_in_place_of_the_rest_is_quoted(rest: str, said: str) -> None:
    events = await answered(f"data: {PIECES[0]}\n\n{rest}".encode())
    assert isinstance(events[-1], CutOff)
    assert events[-1].why.endswith(f"the last it sent was “{said}”")


async def test_a_key_in_what_is_quoted_is_masked() -> None:
    async with ByteServer(
        lambda _: [head(chunked=False), f"data: {PIECES[0]}\n\nno such key: sk-canary-12345678\n".encode(), CLOSE]
    ) as server:
        events = await ask(server.url, key="sk-canary-12345678")
    assert isinstance(events[-1], CutOff)
    assert "no such key" in events[-1].why
    assert "canary" not in events[-1].why


@pytest.mark.parametrize(("code", "kind"), [(401, "key"), ("invalid_api_key", "key"), (429, "rate-limit")])
async def test_an_error_in_a_200_is_judged_by_its_code(code: object, kind: str) -> None:
    error = {"error": {"message": "no", "code": code}}
    events = await answered(f"data: {json.dumps(error)}\n\n".encode())
    assert isinstance(events[-1], Failed)
    assert events[-1].kind == kind


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (f"data: {PIECES[0][:30]}", "in the middle of an event"),
        ('data: {"result": {"id": 7}}\n\n', '{"result": {"id": 7}}'),
        (": ping\n\n", "answer was empty"),
    ],
)
async def test_an_answer_that_holds_something_is_not_called_empty(body: str, words: str) -> None:
    events = await answered(body.encode())
    assert isinstance(events[-1], Failed)
    assert words in events[-1].problem


# ---- charsets and codings


@pytest.mark.parametrize(
    ("charset", "said"),
    [("gbk", "模型不存在"), ("GB2312", "模型不存在"), ("iso-8859-1", "modèle"), ("utf-16", "model")],
)
@pytest.mark.parametrize("form", ["text", "json", "page"])
async def test_an_error_in_another_charset_is_readable(charset: str, said: str, form: str) -> None:
    json_body = json.dumps({"error": {"message": said}}, ensure_ascii=False)
    body = {"text": said, "json": json_body, "page": f"<html><title>{said}</title></html>"}[form]
    async with ByteServer(
        lambda _: [head(400, f"text/x; charset={charset}", chunked=False), body.encode(charset), CLOSE]
    ) as server:
        failed = await failure(server.url)
    if form != "page" or charset != "utf-16":  # the tags of such a page are not looked for
        assert said in failed.problem


async def test_a_page_that_names_its_charset_itself_is_readable() -> None:
    page = "<html><head><meta charset='gbk'><title>网关错误</title></head></html>".encode("gbk")
    events = await answered(page, "text/html", 502)
    assert isinstance(events[-1], Failed)
    assert "网关错误" in events[-1].problem


async def test_a_stream_in_another_charset_than_utf_8_is_readable() -> None:
    raw = 'data: {"choices": [{"delta": {"content": "你好"}, "finish_reason": "stop"}]}\n\n'.encode("gbk")
    assert "你好" in text(await answered(raw, f"{TYPE}; charset=gbk"))
    assert text(await answered("déjà vu".encode("latin-1"), "text/plain; charset=iso-8859-1")) == "déjà vu"
    wrong = await answered(GOOD.replace("one ", "é ").encode(), f"{TYPE}; charset=iso-8859-1")
    assert text(wrong) == "é two"  # UTF-8 all the same, as the standard has it


@pytest.mark.parametrize("charset", ["idna", "unicode_escape", "hex", "rot13", "no-such", "undefined", "utf-7", "zlib"])
async def test_a_charset_that_is_none_is_not_used(charset: str) -> None:
    events = await answered(b"data: x\xff\n\n" + GOOD.encode(), f"{TYPE}; charset={charset}")
    assert text(events) == "one two"


@pytest.mark.parametrize("coding", ["utf-8", "none", "aws-chunked", "binary", "gzip", "x-gzip"])
async def test_a_body_that_is_not_compressed_is_read_whatever_its_coding_says(coding: str) -> None:
    async with ByteServer(
        lambda _: [head(chunked=False, Content_Encoding=coding), *(bytes([each]) for each in GOOD.encode()), CLOSE]
    ) as server:
        events = await ask(server.url)
    assert (text(events), isinstance(events[-1], Finished)) == ("one two", True)


async def test_a_compressed_body_still_is_unpacked() -> None:
    async with ByteServer(
        lambda _: [head(chunked=False, Content_Encoding="gzip"), gzip.compress(GOOD.encode()), CLOSE]
    ) as server:
        assert text(await ask(server.url)) == "one two"


@pytest.mark.parametrize("size", [1, 2, 5, 10**6])
@pytest.mark.parametrize("coding", ["", "gzip"])
async def test_a_body_that_is_compressed_without_a_word_is_unpacked(size: int, coding: str) -> None:
    packed = gzip.compress(gzip.compress(GOOD.encode()) if coding else GOOD.encode())
    cuts = [packed[at : at + size] for at in range(0, len(packed), size)]
    async with ByteServer(lambda _: [head(chunked=False, Content_Encoding=coding), *cuts, CLOSE]) as server:
        events = await ask(server.url)
    assert (text(events), isinstance(events[-1], Finished)) == ("one two", True)


async def test_an_error_that_is_compressed_without_a_word_is_quoted() -> None:
    failed = (await answered(gzip.compress(b'{"error": {"message": "no money"}}'), "application/json", 400))[-1]
    assert isinstance(failed, Failed)
    assert failed.message == "no money"


async def test_a_compression_without_a_word_that_is_not_supported_is_named() -> None:
    failed = (await answered(b"\x28\xb5\x2f\xfd\x20\x05\x29\x00\x00hello"))[-1]
    assert isinstance(failed, Failed)
    assert "zstd" in failed.problem


@pytest.mark.parametrize("start", [b"\x1f", b"\x28\xb5", b"("])
async def test_a_text_that_only_begins_like_compressed_data_is_kept(start: bytes) -> None:
    assert text(await answered(start, "text/plain")) == start.decode(errors="replace")


@pytest.mark.parametrize("character", "\0\t\n\x1b")
async def test_a_control_character_that_is_not_escaped_costs_no_text(character: str) -> None:
    body = GOOD.replace("one ", f"one{character}")
    assert text(await answered(body.encode())) == f"one{character}two"
    whole = json.dumps({"choices": [{"message": {"content": "one@two"}, "finish_reason": "stop"}]})
    assert text(await answered(whole.replace("@", character).encode(), "application/json")) == f"one{character}two"


async def test_an_error_in_xml_is_quoted() -> None:
    body = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Access &amp; more denied</Message></Error>"
    events = await answered(body, "application/xml", 403)
    assert isinstance(events[-1], Failed)
    assert events[-1].message == "Access & more denied"


async def test_chunks_that_cannot_be_read_are_not_called_a_lost_connection() -> None:
    async with ByteServer(lambda _: [head(), b"ZZ\r\ndata: x\n\n", CLOSE]) as server:
        failed = await failure(server.url)
    assert "rules of HTTP" in failed.problem


async def test_a_status_line_is_quoted_as_it_came() -> None:
    async with ByteServer(lambda _: [b"HTTP/1.1 20 X\r\n\r\n", CLOSE]) as server:
        failed = await failure(server.url)
    assert "HTTP/1.1 20 X" in failed.problem
    assert "bytearray" not in failed.problem


async def test_a_switch_to_another_protocol_is_told_in_words() -> None:
    switching = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    async with ByteServer(lambda _: [switching, CLOSE]) as server:
        failed = await failure(server.url)
    assert "another protocol (101)" in failed.problem
    assert "_" not in failed.problem
