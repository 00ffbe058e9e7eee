"""Convert LaTeX to Unicode text.

It covers what chats use: Greek, operators, arrows, sub- and superscripts, fractions, roots, matrices. Unknown commands
stay as written; only spacing and sizes are dropped. A formula also stays as written if it is too long, nested too
deeply, or would become too large.
"""

from __future__ import annotations

import re
from unicodedata import combining

LONGEST = 4_000
"""The longest formula that is converted, in characters."""

DEEPEST = 40
"""The deepest nesting of groups and commands that is converted."""

MOST_GROWTH = 10
"""The most that a formula may grow in length; the cells of a matrix are padded."""

# One pass from left to right: the alternatives begin with different characters, and no repetition is within another.
_PIECE = re.compile(r"\\[A-Za-z]+\*?|\\.|[{}^_&~']|\s+|[^\\{}^_&~'\s]", re.DOTALL)

_SYMBOLS = dict(
    pair.split()
    for pair in """
alpha α|beta β|gamma γ|delta δ|epsilon ϵ|varepsilon ε|zeta ζ|eta η|theta θ|vartheta ϑ|iota ι|kappa κ|lambda λ|mu μ|nu ν
xi ξ|omicron ο|pi π|varpi ϖ|rho ρ|varrho ϱ|sigma σ|varsigma ς|tau τ|upsilon υ|phi ϕ|varphi φ|chi χ|psi ψ|omega ω
Gamma Γ|Delta Δ|Theta Θ|Lambda Λ|Xi Ξ|Pi Π|Sigma Σ|Upsilon Υ|Phi Φ|Psi Ψ|Omega Ω
times ×|div ÷|cdot ·|pm ±|mp ∓|ast ∗|star ⋆|circ ∘|bullet •|oplus ⊕|ominus ⊖|otimes ⊗|odot ⊙|wedge ∧|land ∧|vee ∨|lor ∨
neg ¬|lnot ¬|cap ∩|cup ∪|setminus ∖|sum ∑|prod ∏|coprod ∐|int ∫|iint ∬|iiint ∭|oint ∮|bigcup ⋃|bigcap ⋂|bigoplus ⨁
bigotimes ⨂|bigvee ⋁|bigwedge ⋀|partial ∂|nabla ∇|infty ∞|forall ∀|exists ∃|nexists ∄|emptyset ∅|varnothing ∅
in ∈|notin ∉|ni ∋|subset ⊂|subseteq ⊆|subsetneq ⊊|supset ⊃|supseteq ⊇|leq ≤|le ≤|geq ≥|ge ≥|neq ≠|ne ≠|ll ≪|gg ≫
approx ≈|sim ∼|simeq ≃|cong ≅|equiv ≡|propto ∝|prec ≺|succ ≻|preceq ⪯|succeq ⪰|perp ⊥|parallel ∥|mid ∣|nmid ∤|asymp ≍
to →|rightarrow →|leftarrow ←|gets ←|leftrightarrow ↔|Rightarrow ⇒|Leftarrow ⇐|Leftrightarrow ⇔|implies ⟹|impliedby ⟸
iff ⟺|mapsto ↦|longrightarrow ⟶|longleftarrow ⟵|Longrightarrow ⟹|longmapsto ⟼|hookrightarrow ↪|uparrow ↑|downarrow ↓
updownarrow ↕|Uparrow ⇑|Downarrow ⇓|nearrow ↗|searrow ↘|swarrow ↙|nwarrow ↖|rightharpoonup ⇀|rightleftharpoons ⇌
ldots …|dots …|cdots ⋯|vdots ⋮|ddots ⋱|hbar ℏ|ell ℓ|Re ℜ|Im ℑ|aleph ℵ|wp ℘|angle ∠|triangle △|square □|Box □|Diamond ◇
langle ⟨|rangle ⟩|lfloor ⌊|rfloor ⌋|lceil ⌈|rceil ⌉|vert ∣|lvert ∣|rvert ∣|Vert ‖|lVert ‖|rVert ‖|lbrace {|rbrace }
backslash \\|prime ′|dagger †|ddagger ‡|degree °|top ⊤|bot ⊥|vdash ⊢|models ⊨|because ∵|therefore ∴|checkmark ✓|colon :
blacksquare ■|qed ∎|S §|P ¶|copyright ©|pounds £|euro €|lbrack [|rbrack ]|And &|cdotp ·|lt <|gt >|doteq ≐|triangleq ≜
""".replace("\n", "|").split("|")
    if pair
)


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FUNCTIONS = _names(
    """arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf limsup ln log max
    min mod Pr sec sin sinh sup tan tanh argmax argmin"""
)
_SPACING = {
    ",": " ",
    ":": " ",
    ";": " ",
    " ": " ",
    "!": "",
    "quad": "  ",
    "qquad": "    ",
    "enspace": " ",
    "thinspace": " ",
}
_IGNORED = _names(
    """left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr middle displaystyle textstyle scriptstyle limits
    nolimits nonumber notag hline centering scriptscriptstyle boldmath normalsize small large"""
)
_WRAPPERS = _names(
    """text textbf textit textrm texttt textsf textnormal mathrm mathbf mathit mathsf mathtt operatorname mbox hbox
    boxed boldsymbol bm pmb emph underline mathop mathbin mathrel mathord phantom tag label operatorname*"""
)
_ACCENTS = {
    "hat": "\u0302",
    "widehat": "\u0302",
    "bar": "\u0304",
    "overline": "\u0305",
    "vec": "\u20d7",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "dot": "\u0307",
    "ddot": "\u0308",
    "check": "\u030c",
    "breve": "\u0306",
    "acute": "\u0301",
    "grave": "\u0300",
}
_DOUBLE_STRUCK = {"C": "ℂ", "H": "ℍ", "N": "ℕ", "P": "ℙ", "Q": "ℚ", "R": "ℝ", "Z": "ℤ", "E": "𝔼", "F": "𝔽", "1": "𝟙"}
_SCRIPT = {"L": "ℒ", "F": "ℱ", "H": "ℋ", "B": "ℬ", "E": "ℰ", "I": "ℐ", "M": "ℳ", "R": "ℛ"}

_ABOVE = dict(
    zip(
        "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδεθιϕφχ′*∗⊤",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᵋᶿᶥᶲᵠᵡ′**ᵀ",
        strict=True,
    )
)
_BELOW = dict(zip("0123456789+-−=()aehijklmnoprstuvxβγρφϕχ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵩᵪ", strict=True))
_ENVIRONMENTS = {
    "pmatrix": ("(", ")"),
    "bmatrix": ("[", "]"),
    "Bmatrix": ("{", "}"),
    "vmatrix": ("∣", "∣"),
    "Vmatrix": ("‖", "‖"),
    "matrix": ("", ""),
    "smallmatrix": ("", ""),
    "array": ("", ""),
    "cases": ("{", ""),
}


def readable(latex: str) -> str:
    r"""The formula in Unicode, with several lines if it has any (`\\`, matrices, `aligned`)."""
    if len(latex) > LONGEST:
        return latex
    try:
        text = "".join(_Reader(_PIECE.findall(latex), _Work(len(latex))).until(()))
    except _TooLargeError:
        return latex
    if len(text) > 200 + MOST_GROWTH * len(latex):
        return latex
    lines = [line.rstrip() for line in text.split("\n")]
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    return "\n".join(lines) or latex


class _TooLargeError(ValueError):
    """A formula is nested too deeply, or takes more work than its length allows."""


class _Work:
    """The number of characters that may still be written for a formula; nested parts count repeatedly."""

    __slots__ = ("left",)

    def __init__(self, length: int) -> None:
        self.left = 1_000 + 50 * length

    def spend(self, characters: int) -> None:
        """Subtract characters that are being written. Raises `_TooLargeError`."""
        self.left -= characters
        if self.left < 0:
            raise _TooLargeError


class _Reader:
    """Reads a formula from left to right, and groups recursively."""

    def __init__(self, pieces: list[str], work: _Work, depth: int = 0) -> None:
        self._pieces = pieces
        self._work = work
        self._at = 0
        self._depth = depth

    def until(self, stops: tuple[str, ...]) -> list[str]:
        """The converted text up to one of `stops` (which is consumed) or the end."""
        built: list[str] = []
        while self._at < len(self._pieces):
            piece = self._pieces[self._at]
            self._at += 1
            if piece in stops:
                break
            built.append(self._one(piece, built))
        return built

    def _one(self, piece: str, built: list[str]) -> str:
        if self._depth >= DEEPEST:
            raise _TooLargeError
        self._depth += 1
        text = self._read(piece, built)
        self._depth -= 1
        self._work.spend(len(text) + 1)
        return text

    def _read(self, piece: str, built: list[str]) -> str:
        if piece == "{":
            return "".join(self.until(("}",)))
        if piece in ("^", "_"):
            return self._script(piece)
        if piece.isspace():
            return " " if built and not built[-1].endswith((" ", "\n")) else ""
        if piece[0] != "\\":
            return {"~": " ", "&": "", "'": "′"}.get(piece, piece)
        return self._command(piece[1:], built)

    def _argument(self) -> str:
        """The next group, or the next single piece."""
        while self._at < len(self._pieces) and self._pieces[self._at].isspace():
            self._at += 1
        if self._at >= len(self._pieces):
            return ""
        piece = self._pieces[self._at]
        self._at += 1
        return self._one(piece, [])

    def _raw_argument(self) -> str:
        """The next group as written: a name or words."""
        while self._at < len(self._pieces) and self._pieces[self._at].isspace():
            self._at += 1
        if self._at >= len(self._pieces) or self._pieces[self._at] != "{":
            return self._argument()
        depth, start = 0, self._at
        while self._at < len(self._pieces):
            depth += {"{": 1, "}": -1}.get(self._pieces[self._at], 0)
            self._at += 1
            if depth == 0:
                break
        return "".join(self._pieces[start + 1 : self._at - 1 if depth == 0 else self._at])

    def _option(self) -> str:
        """An optional argument in brackets, or nothing."""
        if self._at >= len(self._pieces) or self._pieces[self._at] != "[":
            return ""
        self._at += 1
        return "".join(self.until(("]",)))

    def _script(self, mark: str) -> str:
        text = self._argument().strip()
        table = _ABOVE if mark == "^" else _BELOW
        if text in ("∘", "°") and mark == "^":
            return "°"
        if text and all(character in table for character in text):
            return "".join(table[character] for character in text)
        return f"{mark}{text}" if len(text) == 1 else f"{mark}({text})"

    def _command(self, name: str, built: list[str]) -> str:
        if name == "\\":
            self._option()
            return "\n"
        if name in _SYMBOLS:
            return _SYMBOLS[name]
        if name in _SPACING:
            return _SPACING[name]
        if name in _IGNORED:
            if self._at < len(self._pieces) and self._pieces[self._at] == "." and name in ("left", "right"):
                self._at += 1
            return ""
        if name.rstrip("*") in _FUNCTIONS:
            before = built[-1][-1:] if built and built[-1] else ""
            after = self._pieces[self._at] if self._at < len(self._pieces) else ""
            lead = " " if before.isalnum() else ""
            return lead + name.rstrip("*") + (" " if after[:1] == "\\" and after[1:] not in ("left", "{", ",") else "")
        if name in ("frac", "dfrac", "tfrac", "cfrac"):
            return f"{_atom(self._argument())}/{_atom(self._argument())}"
        if name in ("binom", "dbinom", "tbinom"):
            return f"C({self._argument().strip()}, {self._argument().strip()})"
        if name == "sqrt":
            index = self._option().strip()
            sign = {"": "√", "2": "√", "3": "∛", "4": "∜"}.get(index)
            radicand = _atom(self._argument())
            return f"{sign}{radicand}" if sign else f"{_raised(index)}√{radicand}"
        return self._named(name)

    def _named(self, name: str) -> str:
        if name in _ACCENTS:
            text = self._argument().strip()
            if name == "overline":
                # none over an accent, else each overline within another would double the text
                return "".join(each if combining(each) else each + _ACCENTS[name] for each in text)
            return text + _ACCENTS[name] if text else ""
        if name in ("mathbb", "mathcal", "mathscr", "mathfrak"):
            table = _DOUBLE_STRUCK if name == "mathbb" else _SCRIPT if name in ("mathcal", "mathscr") else {}
            return "".join(table.get(character, character) for character in self._argument())
        if name in ("text", "textrm", "mbox", "textbf", "textit"):
            return self._raw_argument()
        if name in _WRAPPERS:
            text = self._argument()
            return f" ({text})" if name == "tag" else "" if name in ("label", "phantom") else text
        if name in ("overset", "stackrel"):
            above = self._argument().strip()
            return f"{self._argument()}{_raised(above)}"
        if name == "underset":
            below = self._argument().strip()
            return f"{self._argument()}_({below})"
        if name in ("underbrace", "overbrace"):
            return self._argument()
        if name == "pmod":
            return f" (mod {self._argument().strip()})"
        if name == "bmod":
            return " mod "
        if name == "not":
            text = self._argument()
            return {"=": "≠", "∈": "∉", "≡": "≢", "⊂": "⊄", "∼": "≁"}.get(text, text + "\u0338")
        if name == "begin":
            return self._environment(self._raw_argument())
        if name == "end":
            self._raw_argument()
            return ""
        return name if len(name) == 1 and not name.isalnum() else f"\\{name}"

    def _environment(self, name: str) -> str:
        """A matrix becomes one line per row between brackets; equations one line each."""
        if name == "array":
            self._raw_argument()
        start = self._at
        depth = 1
        while self._at < len(self._pieces) and depth:
            depth += {"\\begin": 1, "\\end": -1}.get(self._pieces[self._at], 0)
            self._at += 1
        inside = self._pieces[start : self._at - 1 if depth == 0 else self._at]
        if depth == 0:
            self._raw_argument()
        brackets = _ENVIRONMENTS.get(name.rstrip("*"))
        self._work.spend(len(inside))
        reader = _Reader(inside, self._work, self._depth + 1)
        return reader.grid(*brackets) if brackets else "".join(reader.until(()))

    def grid(self, opening: str, closing: str) -> str:
        """The rest as a matrix: one line per row, with aligned columns."""
        rows: list[list[str]] = [[""]]
        while self._at < len(self._pieces):
            piece = self._pieces[self._at]
            self._at += 1
            if piece == "\\\\":
                rows.append([""])
            elif piece == "&":
                rows[-1].append("")
            else:
                rows[-1][-1] += self._one(piece, [rows[-1][-1]])
        cells = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
        if not cells:
            return opening + closing
        columns = range(max(map(len, cells)))
        self._work.spend(len(cells) * len(columns))
        widths = [max(len(row[index]) if index < len(row) else 0 for row in cells) for index in columns]
        self._work.spend(len(cells) * sum(widths))
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)) for row in cells]
        if len(lines) == 1:
            return f"{opening}{lines[0].rstrip()}{closing}"
        return "\n" + "\n".join(f"{opening} {line} {closing}".rstrip() for line in lines) + "\n"


def _atom(text: str) -> str:
    """The text in parentheses, unless it is a single item."""
    text = text.strip()
    # linear: each alternative is one run of a set, and the formula is bounded
    simple = re.fullmatch(r"[√∛∜]?[\w.]+|.|\w[⁰-ₜᵢ-ᵪ²³¹′]*|\([^()]*\)", text)
    return text if simple else f"({text})"


def _raised(text: str) -> str:
    if text and all(character in _ABOVE for character in text):
        return "".join(_ABOVE[character] for character in text)
    return f"^({text})"
