"""LaTeX as Unicode."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.markdown_texts import settled, shown
from tui_chat.ui.math_text import readable


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


def test_deep_nesting_ends() -> None:
    assert readable("{" * 5_000 + "x" + "}" * 5_000)
    assert readable(r"\frac{" * 3_000)
    assert readable("^" * 5_000)
    assert readable(r"\begin{matrix}" * 500)


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
