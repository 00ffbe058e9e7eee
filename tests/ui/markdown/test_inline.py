"""The text of a paragraph with its styles: marks, links, pictures, formulas and line ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.markdown_texts import LOOK
from tui_chat.ui.markdown.inline import LONGEST_HYPERLINK, as_link, as_url, inline
from tui_chat.ui.markdown.parser.markdown_parser import parsed

if TYPE_CHECKING:
    from textual.style import Style

    from tui_chat.ui.markdown.styled_text import StyledText


def text_of(source: str) -> StyledText:
    """The first paragraph of a source."""
    return inline(parsed(source, {})[1].children or (), LOOK)


def plain(source: str) -> str:
    return text_of(source).plain


def pieces(text: StyledText) -> list[tuple[str, Style]]:
    """The parts of a text that have a style."""
    return [(text.plain[start:end], style) for start, end, style in text.runs]


def links(source: str) -> list[tuple[str, object]]:
    """The words that can be clicked, and what a click does."""
    return [(words, style.meta["@click"]) for words, style in pieces(text_of(source)) if style.meta]


@pytest.mark.parametrize(
    ("source", "style"),
    [
        ("**words**", LOOK.strong),
        ("*words*", LOOK.emphasis),
        ("~~words~~", LOOK.strike),
        ("`words`", LOOK.code),
        ("***words***", LOOK.strong + LOOK.emphasis),
        ("**`words`**", LOOK.strong + LOOK.code),
        ("[words](there.md)", LOOK.link),
        ("[*words*](there.md)", LOOK.emphasis + LOOK.link),
    ],
)
def test_a_mark_styles_its_words_and_nothing_behind_them(source: str, style: Style) -> None:
    text = text_of(f"before {source} after")
    assert pieces(text)[0] == ("words", style)
    assert text.plain.startswith("before words")
    assert text.plain.endswith(" after")
    assert not any("after" in words for words, _ in pieces(text))


def test_a_mark_inside_another_ends_before_it() -> None:
    both = LOOK.strong + LOOK.emphasis
    assert pieces(text_of("**a *b* c** d")) == [("a ", LOOK.strong), ("b", both), (" c", LOOK.strong)]


def test_styles_may_lie_over_each_other_in_a_link() -> None:
    bold, link, *_ = [style for _, style in pieces(text_of("[**bold** link](https://a.b)"))]
    assert (bold.bold, bold.underline, bold.link) == (True, True, "https://a.b")
    assert (link.bold, link.underline, link.link) == (None, True, "https://a.b")


@pytest.mark.parametrize("end", ["\n", "  \n", "\\\n", "<br>", "<br/>", "<BR />"])
def test_line_ends_are_kept_however_they_are_written(end: str) -> None:
    assert plain(f"one{end}two") == "one\ntwo"


def test_other_html_stays_as_it_is() -> None:
    assert plain("a <i>b</i> <brx> c") == "a <i>b</i> <brx> c"


@pytest.mark.parametrize("source", ["a  \t b", "`a  \t b`", "**a   b**", "`a\nb`"])
def test_a_run_of_blanks_is_one(source: str) -> None:
    assert plain(source) == "a b"


def test_a_formula_is_shown_as_text_in_one_line() -> None:
    text = text_of("so \\(a^2 \\to\n\\alpha\\) holds")
    assert text.plain == "so a² → α holds"
    assert pieces(text) == [("a² → α", LOOK.math)]


def test_links_can_be_clicked_and_show_where_they_lead() -> None:
    assert plain("[words](https://a.b/c)") == "words (https://a.b/c)"
    assert pieces(text_of("[words](https://a.b/c)"))[1:] == [(" (https://a.b/c)", LOOK.target)]
    assert links("[words](https://a.b/c)") == [("words", ("link", ("https://a.b/c",)))]
    assert links("[words](HTTPS://a.b/c)")[0][0] == "words"
    assert links("https://a.b/c and <me@a.b>") == [
        ("https://a.b/c", ("link", ("https://a.b/c",))),
        ("me@a.b", ("link", ("mailto:me@a.b",))),
    ]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("https://a.b/c and <me@a.b> and [a.b](http://a.b)", "https://a.b/c and me@a.b and a.b"),
        ("[a.b/](https://a.b)", "a.b/"),
        ("[https://a.b](https://a.b/)", "https://a.b"),
        ("[a.b](https://a.b/c)", "a.b (https://a.b/c)"),
        ('[a.b](https://a.b "A  title")', "a.b (“A title”)"),
        ('[words](https://a.b "A title")', "words (https://a.b “A title”)"),
        ("**here** [here](here)", "here here"),
    ],
)
def test_a_target_follows_its_words_unless_they_say_it(source: str, shown: str) -> None:
    assert plain(source) == shown


@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", "file:///etc/passwd", "ftp://a.b", "./x.md", "data:text/html,x"]
)
def test_other_targets_cannot_be_clicked(target: str) -> None:
    text = text_of(f"[words]({target}) and <{target}>")
    assert not any(style.meta or style.link for _, style in pieces(text))
    assert target in text.plain


def test_file_names_are_no_links() -> None:
    assert links("See main.py, README.md and example.com.") == []


def test_a_target_is_an_argument_and_never_read_as_an_action() -> None:
    ((_, action),) = links("[x](<https://a.b/'),app.quit('>)")
    assert action == ("link", ("https://a.b/'),app.quit('",))


def test_a_target_is_given_to_a_browser_without_characters_that_no_address_has() -> None:
    assert as_url("https://a.b/ü \u202e") == "https://a.b/%C3%BC%20%E2%80%AE"
    assert links("[x](https://a.b/ü)") == [("x", ("link", ("https://a.b/%C3%BC",)))]


def test_a_terminal_gets_no_address_that_is_too_long_for_it_and_a_click_still_does() -> None:
    start = "https://a.b/"
    for length, is_given in ((LONGEST_HYPERLINK, True), (LONGEST_HYPERLINK + 1, False)):
        target = start + "x" * (length - len(start))
        (_, style), *_ = pieces(text_of(f"[words]({target})"))
        assert style.link == (target if is_given else None)
        assert style.meta["@click"] == ("link", (target,))


def test_images_are_their_words_and_a_link() -> None:
    assert plain("![a cat](https://a.b/c.png)") == "image: a cat (https://a.b/c.png)"
    assert pieces(text_of("![a cat](https://a.b/c.png)"))[1:] == [(" (https://a.b/c.png)", LOOK.target)]
    assert plain('![](https://a.b/c.png "T")') == "image (https://a.b/c.png “T”)"
    assert links("![a cat](https://a.b/c.png)") == [("image: a cat", ("link", ("https://a.b/c.png",)))]


def test_of_a_picture_that_is_its_own_address_only_the_beginning_is_shown() -> None:
    begin = "data:image/png;base64,"
    assert plain(f"![]({begin}{'A' * 18})") == f"image ({begin}{'A' * 18})"
    assert plain(f"![]({begin}{'A' * 19})") == f"image ({begin}{'A' * 8}…)"


def test_the_mark_of_a_footnote_looks_like_a_target() -> None:
    assert pieces(text_of("so[^n]\n\n[^n]: it is")) == [("[n]", LOOK.target)]


@pytest.mark.parametrize(
    "source",
    [
        "a &#x202e; \x1b",
        "`\x1b \u202e`",
        "$a^\x1b \u202e$",
        "![a\u202e\x1b](https://a.b)",
        "[w](<https://a.b/\u202e>)",
        "[w](https://a.b 'a\u202e\x1b')",
        "a <i a='\u202e'>",
    ],
)
def test_nothing_gets_through_that_drives_a_terminal(source: str) -> None:
    text = text_of(source)
    assert not set("\x1b\u202e") & set(text.plain)
    assert not any("\u202e" in str(style.meta) + str(style.link) for _, style in pieces(text))


def test_a_definition_is_shown_as_written_with_its_target_to_click() -> None:
    text = as_link("[a]:\thttps://a.b/c\x1b 'T'", "https://a.b/c", LOOK)
    assert text.plain == "[a]:    https://a.b/c\N{REPLACEMENT CHARACTER} 'T'"
    ((words, style),) = pieces(text)
    assert words == "https://a.b/c"
    assert style.meta["@click"] == ("link", ("https://a.b/c",))


@pytest.mark.parametrize("target", ["", "https://elsewhere"])
def test_a_definition_whose_target_is_written_otherwise_is_plain(target: str) -> None:
    assert as_link("[a]: https://a.b", target, LOOK) == ("[a]: https://a.b", ())
