from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.wire.sources.files import (
    LONGEST_NAME,
    file_name,
    name_in,
    offered_file,
    safe_name,
    size_in,
)

URL = "http://h/files/report%20final.pdf?x=/y"


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="big data.zip"', "big data.zip"),
        ("attachment; filename=a.zip; size=3", "a.zip"),
        (r'attachment; filename="say \"hi\".txt"', 'say "hi".txt'),
        ("attachment; filename=\"x.txt\"; filename*=UTF-8''%e2%82%ac%20rates.txt", "€ rates.txt"),
        ("ATTACHMENT;FileName*=utf-8'en'a%2Fb.txt", "a/b.txt"),
        ("attachment; filename*=latin9''x; filename=y", "y"),
        ('attachment; filename="Gr\u00c3\u00bc\u00c3\u009fe.txt"', "Grüße.txt"),
        ("attachment", ""),
        ("", ""),
        ('attachment; filename="never ended', ""),
    ],
)
def test_the_name_of_a_content_disposition(disposition: str, name: str) -> None:
    assert name_in(disposition) == name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\evil.exe", "evil.exe"),
        ("/", ""),
        ("..", ""),
        (".bashrc", "bashrc"),
        ("-rf", "_-rf"),
        ("~root", "_~root"),
        ("a\x1b[2Jb\n\u202e.txt", "a_[2Jb__.txt"),
        ('what? "yes": <no>|*', "what_ _yes__ _no___"),
        ("nul.txt", "_nul.txt"),
        ("  spaces  and dots... ", "spaces and dots"),
        ("Grüße 你好.txt", "Grüße 你好.txt"),
    ],
)
def test_a_name_leads_nowhere_and_drives_nothing(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text())
def test_no_name_does_harm(name: str) -> None:
    safe = safe_name(name)
    assert not set(safe) & set('/\\\0\n\x1b:"<>|?*')
    assert safe == "" or safe[0] not in ".-~"
    assert len(safe.encode()) <= LONGEST_NAME


def test_a_long_name_keeps_its_ending() -> None:
    safe = safe_name("你" * 300 + ".tar")
    assert safe.endswith("你.tar")
    assert len(safe.encode()) <= LONGEST_NAME


def test_without_a_name_it_is_that_of_the_url() -> None:
    assert file_name({}, URL) == "report final.pdf"
    assert file_name({"content-disposition": 'attachment; filename="../x"'}, URL) == "x"
    assert file_name({}, "http://h/") == "download"


def test_what_is_a_file() -> None:
    file = {"content-disposition": 'attachment; filename="a.json"', "content-type": "application/json"}
    offered = offered_file({**file, "content-length": "12"}, URL)
    assert offered is not None
    assert (offered.name, offered.size) == ("a.json", 12)
    assert offered_file({"content-disposition": "attachment", "content-type": "application/zip"}, URL) is not None
    assert offered_file({"content-disposition": "attachment", "content-type": "text/event-stream"}, URL) is None
    assert offered_file({"content-disposition": 'inline; filename="a"'}, URL) is None
    assert offered_file({"content-type": "application/zip"}, URL) is None


def test_the_size_of_a_compressed_body_is_unknown() -> None:
    assert size_in({"content-length": "5"}) == 5
    assert size_in({"content-length": "5", "content-encoding": "gzip"}) is None
    assert size_in({"content-length": "many"}) is None
