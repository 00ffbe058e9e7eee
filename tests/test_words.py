"""Names are the field's own: words that once meant something only here are not used again."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "tui_chat"

PRIVATE_WORDS = frozenset(
    """
    House BuiltHouse doors Manner Keeping Kept OpenLeaf open_leaves Sheet LaidRow Look MessageLook ReadingPlace Spot Aim
    ShownPath left_behind Trace Needle Tally PaintedScreen hearing hear heard Heard Ear Recognised Said told amendments
    visiting Visit Visitor Begun Happening Odd ComingBack EndSign Alive desk spoiled deaf say hurry heed befall
    """.split()  # noqa: SIM905 (readable)
)
"""Names that a newcomer cannot understand; the code has `Backend`, `HistoryOptions`, `OpenBlock` and so on."""


def names(tree: ast.Module) -> set[str]:
    """The names that a module gives: to classes, functions, arguments, variables and attributes."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                found.add(name)
            case _:
                pass
    return found


def test_no_name_is_of_a_private_language() -> None:
    found = {
        str(path.relative_to(PACKAGE)): [name for name in given if name.strip("_") in PRIVATE_WORDS]
        for path in sorted(PACKAGE.rglob("*.py"))
        if (given := sorted(names(ast.parse(path.read_text(encoding="utf-8"))) | {path.stem}))
    }
    assert {path: words for path, words in found.items() if words} == {}


def test_every_kind_of_name_is_seen() -> None:
    code = (
        "class A:\n  def b(self, c, *d, e=0, **f):\n    self.g = h = 1\n    for i in j: k[l]\n    with m as n: pass\n"
    )
    code += "if (o := p): pass\nq: int = 1\nasync def r(): pass\n"
    assert names(ast.parse(code)) == {*"Abcdefghinoqr", "self"}
