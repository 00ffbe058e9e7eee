"""Every kind of block as rows."""

from __future__ import annotations

import pytest
from textual.color import Color
from textual.style import Style
from textual.theme import BUILTIN_THEMES

from tests.ui.markdown_texts import EVERYTHING, LOOK, PIECES, settled, shown
from tui_chat.ui.markdown.styles import MarkdownStyles
from tui_chat.ui.roles import role_variables


def test_paragraphs_keep_their_line_ends_and_are_set_apart() -> None:
    assert shown(settled("one\ntwo  \nthree\n\n\n\nfour")) == [" one", " two", " three", "", " four"]


def test_headings_differ_without_their_marks() -> None:
    document = settled("\n\n".join("#" * level + " Title" for level in range(1, 7)))
    styles = []
    for y in (0, 3, 5, 7, 9, 11):  # below the first is a rule
        segment = next(iter(document.row(y).strip))
        assert segment.text.strip() == "Title"
        styles.append(segment.style)
    assert len(set(styles)) == 4  # the first two have the same, and the last two


@pytest.mark.parametrize("text", ["#", "##", "# #", "> ###"])
def test_a_heading_without_words_shows_its_signs(text: str) -> None:
    assert "#" in shown(settled(text))[0]


def test_lists_hang_and_nest() -> None:
    text = "- one that goes on and on\n  - nested here\n    more\n10. ten\n11. eleven, which goes on\n"
    assert shown(settled(text, 20)) == [
        " • one that goes",
        "   on and on",
        "   ◦ nested here",
        "     more",
        "",
        " 10. ten",
        " 11. eleven, which",
        "     goes on",
    ]


def test_blank_rows_in_a_list_are_those_of_the_source() -> None:
    assert shown(settled("- a\n- b\n\n- c\n\n  d\n")) == [" • a", " • b", "", " • c", "", "   d"]


def test_a_list_is_numbered_from_its_start() -> None:
    assert shown(settled("3. a\n3. b\n3. c\n")) == [" 3. a", " 4. b", " 5. c"]


def test_tasks_have_boxes() -> None:
    assert shown(settled("- [ ] to do\n- [x] done\n- [z] no task\n")) == [" ☐ to do", " ☑ done", " • [z] no task"]


def test_quotes_are_indented_without_a_bar() -> None:
    document = settled("> quoted text\n>\n> > inner\n", 20)
    assert shown(document) == [" ▎ quoted text", " ▎", " ▎ ▎ inner"]
    assert document.lines == ["quoted text", "", "inner"]


def test_a_code_block_in_an_item_stands_beside_its_bullet() -> None:
    assert shown(settled("- ```\n  a\n  b\n  ```\n")) == [
        " •                                                  1 copy",
        "   a",
        "   b",
    ]


def test_an_empty_item_is_a_bullet() -> None:
    assert shown(settled("- a\n-\n- c\n")) == [" • a", " •", " • c"]


def test_a_rule_spans_the_pane_and_copies_as_nothing() -> None:
    document = settled("a\n\n---\n\nb", 20)
    assert shown(document)[2] == " " + "─" * 17
    assert document.lines[2] == ""


def test_html_is_shown_as_it_is() -> None:
    assert shown(settled("<div>\n<b>x</b>\n</div>\n\ny <i>z</i> a<br>b")) == [
        " <div>",
        " <b>x</b>",
        " </div>",
        "",
        " y <i>z</i> a",
        " b",
    ]


def links(text: str) -> list[tuple[str, object]]:
    document = settled(text)
    return [
        (segment.text.strip(), segment.style.meta.get("@click"))
        for y in range(document.height)
        for segment in document.row(y).strip
        if segment.style and segment.style.meta
    ]


def test_links_can_be_clicked_and_show_where_they_lead() -> None:
    assert shown(settled("[words](https://a.b/c)")) == [" words (https://a.b/c)"]
    assert links("[words](https://a.b/c)") == [("words", ("link", ("https://a.b/c",)))]
    assert shown(settled("https://a.b/c and <me@a.b> and [a.b](http://a.b)")) == [" https://a.b/c and me@a.b and a.b"]
    assert [target for _, target in links("https://a.b/c and <me@a.b>")] == [
        ("link", ("https://a.b/c",)),
        ("link", ("mailto:me@a.b",)),
    ]


def test_entities_cannot_bring_back_what_was_cleaned() -> None:
    document = settled("&#x202e;evil &#27;[31m &#x200f;\n\n`\x1b[0m`")
    assert not set("\x1b\u202e\u200f") & set("".join(shown(document)))


@pytest.mark.parametrize("width", [1, 2, 5, 10, 20, 60, 120])
def test_nothing_is_wider_than_the_pane(width: int) -> None:
    document = settled(EVERYTHING, width)
    assert {document.row(y).strip.cell_length for y in range(document.height)} == {width}


def test_no_vertical_bar_stands_beside_text_that_is_not_quoted() -> None:
    text = "".join(piece for piece in PIECES if "> " not in piece and "only a bar" not in piece and "|" not in piece)
    assert not set("|│┃▌▏▎║") & set("".join(shown(settled(text, 60))))


@pytest.mark.parametrize("name", list(BUILTIN_THEMES))
def test_every_theme_has_a_look(name: str) -> None:
    theme = BUILTIN_THEMES[name]
    styles = MarkdownStyles.of(role_variables(theme), ansi=theme.ansi)
    for style in (styles.text, styles.code_block, styles.quote, *styles.headings):
        assert style.background is not None
        assert style.foreground is not None
    if theme.ansi:
        assert styles.text.background == Color.parse("ansi_default")
        assert styles.text.rich_style.bgcolor is not None
        assert styles.text.rich_style.bgcolor.is_default
    else:
        assert styles.code_block.background != styles.text.background
        for ink in styles.tokens.values():
            seen = (styles.code_block + ink).foreground
            assert seen is not None
            assert styles.code_block.background is not None
            assert abs(seen.brightness - styles.code_block.background.brightness) > 0.08, (name, ink)


def test_styles_may_lie_over_each_other() -> None:
    document = settled("***both `code`*** [**bold** link](https://a.b)")
    styles = {segment.text.strip(): segment.style for segment in document.row(0).strip if segment.style}
    assert styles["both"].bold
    assert styles["both"].italic
    assert styles["code"].bold
    assert styles["bold"].bold
    assert styles["bold"].underline
    assert (LOOK.text + Style(bold=True)).rich_style != styles["both"]


def test_a_task_with_a_number_keeps_it() -> None:
    assert shown(settled("1. [x] done\n2. [ ] to do\n   - [x] this\n")) == [
        " 1. ☑ done",
        " 2. ☐ to do",
        "    ☑ this",
    ]
