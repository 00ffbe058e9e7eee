"""Files over a real socket onto a real disk."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import stat
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.byte_server import CLOSE, ByteServer, head, whole
from tui_chat.wire.sources import download as saving
from tui_chat.wire.sources.download import (
    DownloadFinished,
    DownloadInterrupted,
    DownloadProgress,
    DownloadRefused,
    DownloadRestarted,
    DownloadRetrying,
    DownloadStarted,
    DownloadStep,
    DownloadTarget,
    _whole_size,
    download,
)
from tui_chat.wire.sources.fetch import Fetcher
from tui_chat.wire.sources.partial_file import DownloadError, FileVersion, PartialFile

if TYPE_CHECKING:
    from pathlib import Path

    from tests.byte_server import Request
    from tests.byte_server import Step as ServerStep

DATA = random.Random(7).randbytes(300_000)


@dataclass
class File:
    """What a server has, and how well it serves it."""

    data: bytes = DATA
    etag: str = '"v1"'
    modified: str = ""
    ranges: bool = True
    cuts: list[int] = field(default_factory=list)
    """After how many bytes each of the first answers breaks off."""
    name: str = "data.bin"
    asked: list[tuple[str | None, str | None]] = field(default_factory=list)
    """The ranges, and what they hold for."""

    def answer(self, request: Request) -> list[ServerStep]:
        wanted, holds_for = request.headers.get("range"), request.headers.get("if-range")
        self.asked.append((wanted, holds_for))
        answer = self.answer_to(wanted if self.ranges and holds_for in {self.etag, self.modified} else None)
        if self.cuts and isinstance(answer[-1], bytes):
            return [*answer[:-1], answer[-1][: self.cuts.pop(0)], CLOSE]
        return answer

    def answer_to(self, wanted: str | None) -> list[ServerStep]:
        """Head and body of an answer to this range."""
        start, status = 0, 200
        facts = {"Content_Disposition": f'attachment; filename="{self.name}"', "Accept_Ranges": "bytes"}
        facts |= {"ETag": self.etag} if self.etag else {}
        facts |= {"Last_Modified": self.modified} if self.modified else {}
        if wanted:
            found = re.fullmatch(r"bytes=(\d+)-", wanted)
            assert found
            start, status = int(found[1]), 206
            if start >= len(self.data):
                return whole(b"", 416, None, Content_Range=f"bytes */{len(self.data)}")
            facts["Content_Range"] = f"bytes {start}-{len(self.data) - 1}/{len(self.data)}"
        body = self.data[start:]
        return [head(status, "application/octet-stream", chunked=False, Content_Length=str(len(body)), **facts), body]


async def saved(file: File, place: DownloadTarget, **options: Any) -> list[DownloadStep]:
    """What happens but for progress."""
    async with ByteServer(file.answer) as server:
        return await steps(server.url, place, **options)


async def steps(url: str, place: DownloadTarget, **options: Any) -> list[DownloadStep]:
    fetcher = Fetcher(connect_timeout=60, idle_timeout=60)
    try:
        async with aclosing(download(fetcher, url, {}, place, **options)) as happening:
            return [step async for step in happening if not isinstance(step, DownloadProgress)]
    finally:
        await fetcher.close()


@pytest.fixture(autouse=True)
def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "LONGEST_WAIT", 0.01)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_a_file_is_saved_under_the_servers_name_and_nothing_else_is_left(tmp_path: Path) -> None:
    assert await saved(File(), DownloadTarget(tmp_path)) == [
        DownloadStarted(tmp_path / "data.bin", 0, len(DATA)),
        DownloadFinished(tmp_path / "data.bin", len(DATA)),
    ]
    assert names(tmp_path) == ["data.bin"]
    assert (tmp_path / "data.bin").read_bytes() == DATA


async def test_it_stays_in_its_folder_whatever_the_server_calls_it(tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    await saved(File(name="../../../there/.\x1b[2Jprofile"), DownloadTarget(folder))
    assert names(folder) == ["_[2Jprofile"]
    assert names(tmp_path) == ["here"]


async def test_a_broken_connection_is_gone_on_with(tmp_path: Path) -> None:
    file = File(cuts=[1000, 50_000, 0])
    found = await saved(file, DownloadTarget(tmp_path))
    assert [step for step in found if isinstance(step, (DownloadStarted, DownloadFinished))] == [
        DownloadStarted(tmp_path / "data.bin", 0, len(DATA)),
        DownloadStarted(tmp_path / "data.bin", 1000, len(DATA)),
        DownloadStarted(tmp_path / "data.bin", 51_000, len(DATA)),
        DownloadStarted(tmp_path / "data.bin", 51_000, len(DATA)),
        DownloadFinished(tmp_path / "data.bin", len(DATA)),
    ]
    assert sum(isinstance(step, DownloadRetrying) for step in found) == 3
    assert file.asked == [
        (None, None),
        ("bytes=1000-", '"v1"'),
        ("bytes=51000-", '"v1"'),
        ("bytes=51000-", '"v1"'),
    ]
    assert (tmp_path / "data.bin").read_bytes() == DATA


async def test_another_run_goes_on_where_the_one_before_broke_off(tmp_path: Path) -> None:
    async with ByteServer(File(cuts=[100_000]).answer) as server:
        *_, broken = await steps(server.url, DownloadTarget(tmp_path), tries=0)
        assert broken == DownloadInterrupted(
            "the connection was lost", tmp_path / "data.bin.part", 100_000, resumable=True
        )
        assert names(tmp_path) == ["data.bin.part", "data.bin.part.json"]
        file = File()
        server.script = file.answer
        found = await steps(server.url, DownloadTarget(tmp_path))
        assert found == [
            DownloadStarted(tmp_path / "data.bin", 100_000, len(DATA)),
            DownloadFinished(tmp_path / "data.bin", len(DATA)),
        ]
        assert file.asked == [(None, None), ("bytes=100000-", '"v1"')]  # the first tells the name
    assert (tmp_path / "data.bin").read_bytes() == DATA


async def test_with_a_name_given_the_rest_is_asked_for_at_once(tmp_path: Path) -> None:
    async with ByteServer(File(cuts=[100_000]).answer) as server:
        await steps(server.url, DownloadTarget(tmp_path, "mine"), tries=0)
        file = File()
        server.script = file.answer
        await steps(server.url, DownloadTarget(tmp_path, "mine"))
        assert file.asked == [("bytes=100000-", '"v1"')]
    assert (tmp_path / "mine").read_bytes() == DATA


async def test_a_last_modified_date_serves_where_there_is_no_strong_etag(tmp_path: Path) -> None:
    date = "Wed, 21 Oct 2015 07:28:00 GMT"
    file = File(etag='W/"weak"', modified=date, cuts=[5000])
    await saved(file, DownloadTarget(tmp_path))
    assert file.asked == [(None, None), ("bytes=5000-", date)]
    assert (tmp_path / "data.bin").read_bytes() == DATA


@pytest.mark.parametrize("name", ["", "data.bin"])
async def test_a_changed_file_starts_over(tmp_path: Path, name: str) -> None:
    new = DATA[::-1][:-5]
    async with ByteServer(File(cuts=[100_000]).answer) as server:
        await steps(server.url, DownloadTarget(tmp_path, name), tries=0)
        server.script = File(data=new, etag='"v2"').answer
        found = await steps(server.url, DownloadTarget(tmp_path, name))
    assert found[-2:] == [
        DownloadStarted(tmp_path / "data.bin", 0, len(new)),
        DownloadFinished(tmp_path / "data.bin", len(new)),
    ]
    assert (DownloadRestarted("the file has changed on the server") in found) == bool(name)
    assert (tmp_path / "data.bin").read_bytes() == new


async def test_a_server_without_ranges_starts_over(tmp_path: Path) -> None:
    found = await saved(File(ranges=False, cuts=[5000]), DownloadTarget(tmp_path))
    assert DownloadRestarted("the server sends no parts of it") in found
    assert (tmp_path / "data.bin").read_bytes() == DATA


async def test_a_part_of_something_else_is_not_taken(tmp_path: Path) -> None:
    def lies(request: Request) -> list[ServerStep]:
        if "range" in request.headers:
            return whole(b"x" * 10, 206, None, Content_Range="bytes 5-14/15")
        return File(cuts=[5000] if len(server.requests) == 1 else []).answer(request)

    async with ByteServer(lies) as server:
        found = await steps(server.url, DownloadTarget(tmp_path))
    assert DownloadRestarted("the server's part does not fit to what is there") in found
    assert (tmp_path / "data.bin").read_bytes() == DATA


@pytest.mark.parametrize(
    ("content_range", "etag", "known_size", "size"),
    [
        ("bytes 10-99/100", '"v1"', 100, 100),
        (" bytes 10-99/100 ", "", None, 100),  # the first answer did not say how large it is
        ("bytes 10-99/100", 'W/"v1"', 100, 100),  # a weak one says nothing of the bytes
        ("bytes 10-99/100", '"v2"', 100, None),
        ("bytes 9-99/100", '"v1"', 100, None),
        ("bytes 10-98/100", '"v1"', 100, None),
        ("bytes 10-99/100", '"v1"', 101, None),
        ("bytes 10-99/*", '"v1"', None, None),
        ("bytes */100", '"v1"', None, None),
        ("", '"v1"', None, None),
    ],
)
def test_the_rest_of_a_file_is_what_goes_on_where_it_broke_off_up_to_its_end(
    content_range: str, etag: str, known_size: int | None, size: int | None
) -> None:
    known = FileVersion.of("http://h/x", {"etag": '"v1"'}, known_size)
    assert _whole_size({"content-range": content_range, "etag": etag}, known, 10) == size


async def test_all_that_was_there_already_is_put_in_its_place(tmp_path: Path) -> None:
    async with ByteServer(File().answer) as server:
        part = PartialFile(tmp_path / "mine")
        with part.opened(FileVersion.of(server.url, {"etag": '"v1"'}, len(DATA)), 0) as file:
            file.write(DATA)
        assert await steps(server.url, DownloadTarget(tmp_path, "mine")) == [
            DownloadFinished(tmp_path / "mine", len(DATA))
        ]
    assert names(tmp_path) == ["mine"]


async def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    (tmp_path / "data.bin").write_text("mine")
    for place in (DownloadTarget(tmp_path), DownloadTarget(tmp_path, "data.bin")):
        with pytest.raises(DownloadError, match="exists already; --force"):
            await saved(File(), place)
    assert (tmp_path / "data.bin").read_text() == "mine"
    await saved(File(), DownloadTarget(tmp_path, force=True))
    assert (tmp_path / "data.bin").read_bytes() == DATA


async def test_a_file_that_appears_meanwhile_stays(tmp_path: Path) -> None:
    def appears(request: Request) -> list[ServerStep]:
        (tmp_path / "mine").write_text("mine")
        return File().answer(request)

    async with ByteServer(appears) as server:
        with pytest.raises(DownloadError, match="exists already"):
            await steps(server.url, DownloadTarget(tmp_path, "mine"))
    assert (tmp_path / "mine").read_text() == "mine"
    assert (tmp_path / "mine.part").read_bytes() == DATA


async def test_what_cannot_be_gone_on_with_is_told_and_kept(tmp_path: Path) -> None:
    *_, broken = await saved(File(etag="", cuts=[5000]), DownloadTarget(tmp_path))
    assert broken == DownloadInterrupted("the connection was lost", tmp_path / "data.bin.part", 5000, resumable=False)
    assert (tmp_path / "data.bin.part").read_bytes() == DATA[:5000]


async def test_tries_come_to_an_end_when_nothing_more_comes(tmp_path: Path) -> None:
    file = File(cuts=[5000, *[0] * 20])
    *_, broken = await saved(file, DownloadTarget(tmp_path), tries=3)
    assert isinstance(broken, DownloadInterrupted)
    assert len(file.asked) == 4


@pytest.mark.parametrize(("status", "tries"), [(503, 2), (404, 1)])
async def test_a_refusal_in_the_middle_keeps_what_has_come(tmp_path: Path, status: int, tries: int) -> None:
    file = File(cuts=[5000])
    async with ByteServer() as server:
        server.script = lambda request: file.answer(request) if len(server.requests) == 1 else whole(b"", status, None)
        *_, broken = await steps(server.url, DownloadTarget(tmp_path), tries=2)
    assert isinstance(broken, DownloadInterrupted)
    assert str(status) in broken.why
    assert len(server.requests) == 1 + tries


async def test_a_refusal_at_once_is_the_servers_word(tmp_path: Path) -> None:
    async with ByteServer(lambda _: whole(b'{"detail": "secret"}', 403)) as server:
        (refused,) = await steps(server.url, DownloadTarget(tmp_path))
    assert isinstance(refused, DownloadRefused)
    assert refused.failed.kind == "key"
    assert names(tmp_path) == []


async def test_a_compressed_body_is_saved_as_what_it_is(tmp_path: Path) -> None:
    body = whole(gzip.compress(DATA), 200, "application/x-tar", Content_Encoding="gzip", ETag='"v1"')
    async with ByteServer(lambda _: body) as server:
        found = await steps(server.url, DownloadTarget(tmp_path, "mine"))
    assert found == [DownloadStarted(tmp_path / "mine", 0, None), DownloadFinished(tmp_path / "mine", len(DATA))]
    assert (tmp_path / "mine").read_bytes() == DATA


async def test_two_programs_do_not_write_the_same_file(tmp_path: Path) -> None:
    part = PartialFile(tmp_path / "mine")
    with part.opened(FileVersion("u"), 0), pytest.raises(DownloadError, match="another program"):
        await saved(File(), DownloadTarget(tmp_path, "mine"))


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("kind", ["link", "dangling link", "pipe", "folder", "hard link", "device", "socket"])
@pytest.mark.parametrize("end", ["", ".part", ".part.json"])
async def test_what_lies_in_the_way_is_never_written_through(tmp_path: Path, end: str, kind: str, force: bool) -> None:
    precious, way = tmp_path / "precious", tmp_path / f"mine{end}"
    precious.write_text("mine")
    match kind:
        case "link":
            way.symlink_to(precious)
        case "dangling link":
            way.symlink_to("not there")
        case "pipe":
            os.mkfifo(way)
        case "folder":
            way.mkdir()
        case "hard link":
            way.hardlink_to(precious)
        case "device":
            way.symlink_to("/dev/zero")
        case _:
            os.mknod(way, stat.S_IFSOCK | 0o600)
    refused, found = "", []
    try:
        found = await saved(File(), DownloadTarget(tmp_path, "mine", force=force))
    except DownloadError as error:
        refused = str(error)
    if refused:
        assert re.search(rf"mine{end} .*\.$", refused)
        assert "None" not in refused
        assert not end or not (tmp_path / "mine").exists()
    else:
        assert isinstance(found[-1], DownloadFinished)
        assert not (tmp_path / "mine").is_symlink()
        assert (tmp_path / "mine").read_bytes() == DATA
    assert precious.read_text() == "mine"
    assert not (tmp_path / "not there").exists()


async def test_a_part_that_somebody_else_could_change_is_not_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.part").write_bytes(b"x")
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(DownloadError, match="belongs to somebody else"):
        await saved(File(), DownloadTarget(tmp_path, "mine"))


async def test_a_link_that_lies_in_the_way_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "mine.part").symlink_to(tmp_path / "precious")
    with pytest.raises(DownloadError, match="cannot be written"):
        await saved(File(), DownloadTarget(tmp_path, "mine"))
    assert (tmp_path / "precious").read_text() == "precious"


@pytest.mark.parametrize(
    "about",
    [
        "",
        "{}",
        '{"url": 1}',
        "[]",
        '{"url": "u", "validator": "", "size": 3}',
        '{"url": "u", "validator": 5}',
        "[" * 60_000,
    ],
)
def test_a_note_that_is_none_of_ours_begins_anew(tmp_path: Path, about: str) -> None:
    part = PartialFile(tmp_path / "mine")
    part.data.write_text("abc")
    part.description.write_text(about)
    assert part.version() is None


def test_the_note_holds_no_url(tmp_path: Path) -> None:
    part = PartialFile(tmp_path / "mine")
    with part.opened(FileVersion.of("http://h/?key=secret", {"etag": '"v1"'}, 3), 0):
        pass
    assert "secret" not in part.description.read_text()
    assert json.loads(part.description.read_text())["validator"] == '"v1"'
