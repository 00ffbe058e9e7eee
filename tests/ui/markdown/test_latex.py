"""LaTeX as Unicode."""

from __future__ import annotations

import random
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.markdown_texts import settled, shown
from tui_chat.ui.markdown.latex import LONGEST, MOST_GROWTH, readable


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"E = mc^2", "E = mc²"),
        (r"\frac{a+b}{2} \le \sqrt{x^2+y^2}", "(a+b)/2 ≤ √(x²+y²)"),
        (r"\sum_{i=1}^{n} x_i", "∑ᵢ₌₁ⁿ xᵢ"),
        (r"\int_0^\infty e^{-x^2}\,dx", "∫₀^∞ e^(-x²) dx"),
        (r"\alpha \to \Omega", "α → Ω"),
        (r"x \in \mathbb{R}^n", "x ∈ ℝⁿ"),
        (r"O(n \log n)", "O(n log n)"),
        (r"\text{if } x \neq y", "if x ≠ y"),
        (r"\sqrt[3]{x}", "∛x"),
        (r"\left( \frac{1}{n} \right)^{k}", "( 1/n )ᵏ"),
        (r"90^\circ", "90°"),
        (r"\hat{y}", "y\u0302"),
        (r"f'(x)", "f′(x)"),
        (r"\unknowncommand{x}", r"\unknowncommandx"),
        (r"\{1, 2\}", "{1, 2}"),
        (r"a \\ b", "a\nb"),
        (r"\begin{pmatrix} a & bb \\ ccc & d \end{pmatrix}", "( a    bb )\n( ccc  d  )"),
        (r"\begin{cases} 1 & x > 0 \\ 0 & \text{else} \end{cases}", "{ 1  x > 0\n{ 0  else"),
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "a = b\nc = d"),
        (r"\overline{AB}", "A\u0305B\u0305"),
    ],
)
def test_what_chat_uses_is_readable(latex: str, text: str) -> None:
    assert readable(latex) == text


@given(st.text(alphabet="\\{}^_&$ab12 \n'~[]()", max_size=60) | st.text(max_size=40))
def test_no_text_breaks_it(latex: str) -> None:
    assert readable(latex) or not latex.strip() or latex


WORDS = r"""
{ ^{ _{ x^{ \frac{ \frac{a}{ \sqrt{ \sqrt[ \overline{ \hat{ \text{ \tag{ \not{ \mathbb{ \overset{a}{ \underset{
\phantom{ \pmod{ \binom{ \left( \begin{matrix} \begin{ \begin{array}{ \begin{aligned} & \\ ' ^ \frac \sqrt \hat
\overline \end{matrix} \text \not \ \begin
"""
NESTS = [
    *WORDS.split(),
    r"\begin{matrix} a & b \\ c & ",
    r"& \\",
    " ",
    r"a \\",
]
ENDS = {"{": "}", "[": "]", "(": r"\right)"}


def hostile(opening: str, times: int) -> str:
    """A formula that opens something many times, and closes it as often."""
    closing = r"\end{matrix}" if opening.startswith(r"\begin{matrix}") else ENDS.get(opening[-1], "")
    return opening * times + "x" + closing * times


def calls(latex: str) -> tuple[int, str]:
    """The number of function calls needed to convert a formula, and the result."""
    count = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        text = readable(latex)
    finally:
        sys.setprofile(None)
    return count, text


@pytest.mark.parametrize("opening", NESTS)
def test_a_formula_takes_work_and_room_by_its_length(opening: str) -> None:
    for times in (5, 10, 19, 28, 45, 100, 400, 1_000, 7_000):
        for latex in (hostile(opening, times), opening * times):
            count, text = calls(latex)
            assert count < 2_000 + 150 * min(len(latex), LONGEST), (times, count)
            assert len(text) <= 200 + MOST_GROWTH * len(latex)


def test_what_is_too_deep_or_too_long_or_too_large_is_shown_as_its_source() -> None:
    wide = r"\begin{matrix}" + "a" * 1_000 + r"\\ b " * 400 + r"\end{matrix}"
    for latex in (hostile(r"\overline{", 28), hostile("{", 500), hostile("x^{", 41), "a + " * 1_001, wide):
        assert readable(latex) == latex


def test_each_line_over_a_line_is_one_more_accent() -> None:
    assert readable(hostile(r"\overline{", 3)) == "x" + 3 * "\u0305"


def test_random_nests_take_work_by_their_length() -> None:
    seed = random.randrange(1 << 32)
    print("seed", seed)
    chance = random.Random(seed)
    for _ in range(150):
        latex = "".join(hostile(chance.choice(NESTS), chance.randint(1, 20)) for _ in range(chance.randint(1, 30)))
        for _ in range(chance.randint(0, 3)):
            at = chance.randrange(len(latex))
            latex = latex[:at] + hostile(chance.choice(NESTS), chance.randint(1, 200)) + latex[at:]
        count, text = calls(latex)
        assert count < 2_000 + 150 * min(len(latex), LONGEST)
        assert len(text) <= 200 + MOST_GROWTH * len(latex)


@pytest.mark.parametrize(
    ("source", "row"),
    [
        ("It is $x^2$ here", " It is x² here"),
        (r"It is \(x^2\) here", " It is x² here"),
        ("Costs $5 and $10", " Costs $5 and $10"),
        ("$HOME and $PATH", " $HOME and $PATH"),
        ("`$x^2$`", " $x^2$"),
        (r"\$x^2\$", " $x^2$"),
        (r"Inline \[ x^2 \] within", " Inline x² within"),
        ("$$x^2$$", "   x²"),
        ("$$\nx^2\n$$", "   x²"),
        ("\\[\nx^2\n\\]", "   x²"),
        ("$$\nx^2", "   x²"),
        ("- item\n\n  $$x^2$$", "     x²"),
    ],
)
def test_formulas_are_found(source: str, row: str) -> None:
    assert shown(settled(source))[-1] == row
