"""A page is attached as the text that a reader sees; other content as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.attachments.reading import AttachmentError
from tui_chat.attachments.web_page import page_attachment, text_of_html
from tui_chat.chat.backend_ports import FetchedPage


def test_html_becomes_text_without_what_nobody_sees() -> None:
    html = (
        "<!doctype html><head><title>T</title><style>p{}</style></head><body><h1>Head</h1><script>evil()</script>"
        "<p>One &amp; <b>two</b></p><ul><li>first<li>second</ul></body>"
    )
    assert text_of_html(html) == "Head\n\nOne & two\n\n- first\n- second"


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


@given(st.text(max_size=400))
def test_no_page_is_an_error(html: str) -> None:
    text_of_html(html)
