"""The text of an HTML page, also of one that wants to keep its reader busy."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.attachments.html_text import text_of_html


def test_html_becomes_text_without_what_nobody_sees() -> None:
    html = (
        "<!doctype html><head><title>T</title><style>p{}</style></head><body><h1>Head</h1><script>evil()</script>"
        "<p>One &amp; <b>two</b></p><ul><li>first<li>second</ul></body>"
    )
    assert text_of_html(html) == "Head\n\nOne & two\n\n- first\n- second"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<head><title>T</title><body>shown", "shown"),  # the end of a head may be left out
        ("<title>T</title>shown", "shown"),
        ("<pre>def f():\n    return 1\n\n    #</pre>then", "def f():\n    return 1\n\n    #\nthen"),
        ("<table><tr><td>a</td><td>b<tr><th>c<th>d</table>", "a b\nc d"),
        ("<a title='x>y'>link</a> 1 < 2 & 3", "link 1 < 2 & 3"),
        ("it's <b>don't</b> <i id=a'b>x</i>", "it's don't x"),
        ("<a b=\"c>d\">e</a><a b = '>'>f</a>", "ef"),
        ("a<!-- b > c -->d<!-->e", "ade"),
        ("a<svg><text>no</text></svg><svg/>b", "ab"),
        ("<SCRIPT>if (a < b) '</b>' </Script >z", "z"),
        ("<script>never closed", ""),
        ("a<!-- never closed", "a"),
        ("a <b title='never closed", "a"),
        ("&#x110000; &#xD800; &lt;b&gt; &nosuch; &#233;", "\ufffd \ufffd <b> &nosuch; é"),
        ("a\0b", "a\ufffdb"),
        ("one\r\ntwo\n\n three", "one two three"),
        ("<p>a<p>b<br>c<hr>d", "a\nb\nc\nd"),
        ("<", "<"),
        ("</", ""),
    ],
)
def test_what_a_reader_sees(html: str, text: str) -> None:
    assert text_of_html(html) == text


@pytest.mark.parametrize(
    "piece",
    ["<!--", "<![CDATA[", "<?x ", "<a ", "<a b='", '<a b="', "<", "&#", "&a", "</", "</a ", "<!a ", "<script>",
     "<script></", "<div>", "<pre>\n a", "<svg>", "&#x1", "a='", "\n", "<td>", "--", "=\""],
)  # fmt: skip
def test_a_page_that_leaves_things_open_takes_no_longer_than_another_of_its_length(piece: str) -> None:
    begun = process_time()
    text_of_html(piece * (1_000_000 // len(piece)))
    assert process_time() - begun < 20, "the standard library's parser takes hours for some of them"


def test_a_number_that_is_too_long_to_be_read_is_no_character() -> None:
    assert text_of_html(f"a&#{'9' * 100_000};b&#x{'f' * 100_000};c") == "a\ufffdb\ufffdc"


@given(st.text(alphabet=st.sampled_from("<>/!-?='\" \n&#;xpresciptvg1\0é"), max_size=300))
def test_no_page_is_an_error(html: str) -> None:
    assert "\0" not in text_of_html(html)
