"""A page is attached as the text that a reader sees; other content as it is."""

from __future__ import annotations

from encodings.aliases import aliases

import pytest

from tui_chat.attachments.reading import AttachmentError
from tui_chat.attachments.web_page import page_attachment
from tui_chat.chat.backend_ports import FetchedPage


def test_the_charset_is_that_of_the_header_or_the_page() -> None:
    for kind, data in (
        ("text/html; charset=iso-8859-1", "<p>é".encode("latin-1")),
        ("text/html", b"<meta charset=latin-1><p>\xe9"),
        ("text/html; charset=nonsense", "<p>é".encode()),
    ):
        assert page_attachment(FetchedPage("https://e.org/a", kind, data)).data.decode() == "é"


def test_other_content_is_recognised_and_what_is_not_is_refused() -> None:
    assert page_attachment(FetchedPage("https://e.org/a/b.json", "application/json", b"{}")).name == "e.org/a/b.json"
    assert page_attachment(FetchedPage("https://e.org/x", "", b"%PDF-1.7")).mime == "application/pdf"
    with pytest.raises(AttachmentError):
        page_attachment(FetchedPage("https://e.org/x", "application/zip", b"PK\x03\x04\xff\xfe"))


def test_a_byte_order_mark_says_how_a_page_is_written() -> None:
    for data in ("<p>é".encode("utf-16"), b"\xff\xfe" + "<p>é".encode("utf-16-le"), "<p>é".encode("utf-8-sig")):
        assert page_attachment(FetchedPage("https://e.org/a", "text/html; charset=latin-1", data)).data.decode() == "é"


@pytest.mark.parametrize("charset", sorted({*aliases.values(), "idna", "undefined", "punycode", "unicode_escape"}))
def test_no_charset_is_an_error_or_makes_text_that_cannot_be_sent(charset: str) -> None:
    data = b"<p>caf\xe9 +2AA- \\ud800 xn--a-" + b"abc-d" * 20_000
    for kind in ("text/html", "text/plain"):
        try:
            found = page_attachment(FetchedPage("https://e.org/a", f"{kind}; charset={charset}", data))
        except AttachmentError:
            continue
        assert found.data.decode()
