from __future__ import annotations

import os
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.patience import PATIENCE
from tui_chat.server.embedded import EmbeddedServer
from tui_chat.server.patterns.download import PIECE, Stored, content_disposition

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.server.conftest import Accesses

PATH = "/download-large-file"
CONTENT = random.Random(1).randbytes(3 * PIECE + 17)
NAME = 'Bericht "März" 100%.tar.gz'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / NAME
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def file_server(file: Path, accesses: Accesses) -> Iterator[EmbeddedServer]:
    with EmbeddedServer(file=file, on_finish=accesses) as started:
        yield started


def visitor_of(server: EmbeddedServer) -> httpx.Client:
    root = server.base_url.removesuffix("/v1")
    return httpx.Client(
        base_url=root, headers={"Authorization": f"Bearer {server.key}"}, trust_env=False, timeout=PATIENCE
    )


@pytest.fixture
def fetcher(file_server: EmbeddedServer) -> Iterator[httpx.Client]:
    with visitor_of(file_server) as opened:
        yield opened


def test_the_file_comes_whole_with_what_is_needed_to_save_and_resume_it(fetcher: httpx.Client) -> None:
    response = fetcher.get(PATH)
    assert response.status_code == 200
    assert response.content == CONTENT
    assert response.headers["content-length"] == str(len(CONTENT))
    assert response.headers["accept-ranges"] == "bytes"
    assert response.headers["content-type"] == "application/octet-stream"
    assert "transfer-encoding" not in response.headers
    assert response.headers["etag"].startswith('"')
    assert response.headers["last-modified"].endswith(" GMT")
    assert "filename*=UTF-8''Bericht%20%22M%C3%A4rz%22%20100%25.tar.gz" in response.headers["content-disposition"]


@pytest.mark.parametrize("source", [PATH, f"{PATH}?size=1M"])
def test_a_part_is_the_part_of_the_whole(fetcher: httpx.Client, source: str) -> None:
    whole = fetcher.get(source).content
    for start, stop in ((0, 1), (PIECE - 1, PIECE + 1), (65_536, 65_600), (100, 3 * PIECE)):
        part = fetcher.get(source, headers={"Range": f"bytes={start}-{stop - 1}"})
        assert part.status_code == 206
        assert part.content == whole[start:stop]
        assert part.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(whole)}"
        assert part.headers["content-length"] == str(stop - start)


def test_a_download_that_broke_off_is_resumed(fetcher: httpx.Client, file: Path, accesses: Accesses) -> None:
    content = random.Random(2).randbytes(24 * 2**20)  # more than the buffers on the way hold
    file.write_bytes(content)
    saved = b""
    with fetcher.stream("GET", PATH) as response:
        etag = response.headers["etag"]
        for chunk in response.iter_raw():
            saved += chunk
            if len(saved) > PIECE:
                break
    rest = fetcher.get(PATH, headers={"Range": f"bytes={len(saved)}-", "If-Range": etag})
    assert rest.status_code == 206
    assert saved + rest.content == content
    broken, resumed = accesses.wait_for(2)
    assert (broken.outcome, resumed.outcome) == ("hang-up", "finished")
    assert resumed.bytes == len(rest.content)


def test_the_rest_of_a_file_that_has_changed_is_not_given(fetcher: httpx.Client, file: Path) -> None:
    etag = fetcher.head(PATH).headers["etag"]
    file.write_bytes(b"something else")
    response = fetcher.get(PATH, headers={"Range": "bytes=3-", "If-Range": etag})
    assert (response.status_code, response.content) == (200, b"something else")


def test_bytes_behind_the_end_are_refused_with_the_length(fetcher: httpx.Client) -> None:
    response = fetcher.get(PATH, headers={"Range": f"bytes={len(CONTENT)}-"})
    assert response.status_code == 416
    assert response.headers["content-range"] == f"bytes */{len(CONTENT)}"


def test_the_head_tells_the_length_and_ignores_a_range(fetcher: httpx.Client) -> None:
    response = fetcher.head(PATH, headers={"Range": "bytes=5-"})
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-length"] == str(len(CONTENT))


def test_a_missing_file_is_not_found_and_its_path_is_not_told(fetcher: httpx.Client, file: Path) -> None:
    file.unlink()
    response = fetcher.get(PATH)
    assert response.status_code == 404
    assert "The file is missing" in response.json()["error"]["message"]
    assert file.name not in response.text
    file.mkdir()
    assert fetcher.get(PATH).status_code == 404


def test_without_a_file_the_answer_says_what_there_is(server: EmbeddedServer) -> None:
    with visitor_of(server) as fetcher:
        response = fetcher.get(PATH)
    assert response.status_code == 404
    assert "?size=10M" in response.json()["error"]["message"]


def test_an_empty_file_is_a_download_too(fetcher: httpx.Client, file: Path) -> None:
    file.write_bytes(b"")
    response = fetcher.get(PATH)
    assert (response.status_code, response.headers["content-length"], response.content) == (200, "0", b"")


@pytest.mark.parametrize("change", ["shorter", "another", "gone"])
def test_a_file_that_changes_under_the_download_breaks_it_off(
    fetcher: httpx.Client,
    file: Path,
    accesses: Accesses,
    monkeypatch: pytest.MonkeyPatch,
    change: str,
) -> None:
    read = Stored._read

    def read_then_change(self: Stored, position: int, length: int) -> bytes:
        piece = read(self, position, length)
        if change == "shorter":
            os.truncate(file, PIECE)
        else:
            file.rename(file.with_name("old"))
            if change == "another":
                file.write_bytes(CONTENT)
        return piece

    monkeypatch.setattr(Stored, "_read", read_then_change)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        fetcher.get(PATH)
    (access,) = accesses.wait_for(1)
    assert (access.outcome, access.bytes, access.chunks) == ("cut-off", PIECE, 1)


def test_a_slow_disk_holds_up_nobody_else(fetcher: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, ready = threading.Event(), threading.Event()

    def read_late(_self: Stored, position: int, length: int) -> bytes:
        reading.set()
        assert ready.wait(PATIENCE)
        return CONTENT[position : position + length]

    monkeypatch.setattr(Stored, "_read", read_late)
    with ThreadPoolExecutor() as threads:
        download = threads.submit(fetcher.get, PATH)
        assert reading.wait(PATIENCE)
        assert fetcher.get("/health").status_code == 200
        assert not download.done()
        ready.set()
        assert download.result().content == CONTENT


def test_a_client_that_does_not_read_is_not_read_ahead_for(fetcher: httpx.Client, accesses: Accesses) -> None:
    with fetcher.stream("GET", f"{PATH}?size=1T") as response:
        assert response.headers["content-length"] == str(2**40)
        next(response.iter_raw())
    (access,) = accesses.wait_for(1)
    assert access.outcome == "hang-up"
    assert access.bytes < 64 * 2**20, "more than all buffers on the way"


def test_made_up_bytes_are_as_many_as_asked_for(fetcher: httpx.Client) -> None:
    for size, length in {"0": 0, "17": 17, "2K": 2048, "1.5k": 1536, "1MiB": 2**20, "1mb": 2**20}.items():
        response = fetcher.get(f"{PATH}?size={size}")
        assert len(response.content) == length
        assert f'filename="generated-{length}.bin"' in response.headers["content-disposition"]


def test_a_size_that_makes_no_sense_is_refused(fetcher: httpx.Client) -> None:
    for size in ("", "-1", "x", "2T", "1e9", "9" * 100, "1 M"):
        response = fetcher.get(PATH, params={"size": size})
        assert response.status_code == 400, size
        assert "`size` has to be" in response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("plain.txt", 'attachment; filename="plain.txt"'),
        ("two words.txt", 'attachment; filename="two words.txt"'),
        ("naïve.txt", "attachment; filename=\"na_ve.txt\"; filename*=UTF-8''na%C3%AFve.txt"),
        ('a"b\\c.txt', "attachment; filename=\"a_b_c.txt\"; filename*=UTF-8''a%22b%5Cc.txt"),
        ("50%.txt", "attachment; filename=\"50_.txt\"; filename*=UTF-8''50%25.txt"),
        ("a\r\nSet-Cookie: b", "attachment; filename=\"a__Set-Cookie: b\"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20b"),
        ("bad\udcff.bin", "attachment; filename=\"bad_.bin\"; filename*=UTF-8''bad%3F.bin"),
    ],
)
def test_any_name_can_be_told(name: str, header: str) -> None:
    assert content_disposition(name) == header
