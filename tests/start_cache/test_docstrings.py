"""Code without the docstrings of functions: it does the same, and says the same of its classes."""

from __future__ import annotations

import ast
import inspect
import textwrap
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any

import pytest

from tui_chat.start_cache import docstrings
from tui_chat.start_cache.docstrings import without_docstrings

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = """
'the module'
class Box:
    'the class'
    text = 'the attribute'
    def with_docstring(self):
        'the method'
        return 'the result'
    def without(self):
        return 'no docstring'
    @property
    def seen(self):
        'the property'
        return [word for word in ('a', 'b')], (lambda: 'from a lambda')(), [*('c' for _ in range(2))]
    async def later(self, first='a default'):
        'the coroutine'
        def inner():
            'the inner one'
            return f'{first} and more'
        return inner()
    def only(self):
        'nothing else'
def default(text='a default'): return text
"""


def executed(code: CodeType) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(code, names)
    return names


def constants(code: CodeType) -> Iterator[object]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from constants(constant)
        else:
            yield constant


def test_functions_lose_their_docstrings_and_nothing_else() -> None:
    code = compile(textwrap.dedent(SOURCE), "source", "exec")
    names, whole = executed(without_docstrings(code)), executed(code)
    box = names["Box"]()
    assert names["__doc__"] == "the module"
    assert names["Box"].__doc__ == "the class"
    assert names["Box"].text == "the attribute"
    for name in ("with_docstring", "without", "only", "later"):
        assert inspect.getattr_static(box, name).__doc__ is None
    assert whole["Box"].with_docstring.__doc__ == "the method"
    assert box.with_docstring() == "the result"
    assert box.without() == "no docstring"
    assert box.only() is None
    assert box.seen == (["a", "b"], "from a lambda", ["c", "c"])
    with pytest.raises(StopIteration, match="a default and more"):
        box.later().send(None)
    assert names["default"]() == "a default"


def test_python_that_marks_docstrings_in_no_known_way_keeps_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docstrings, "_has_docstring", None)
    code = compile(SOURCE, "source", "exec")
    assert without_docstrings(code) is code


@pytest.mark.parametrize("package", ["textual", "pydantic", "httpx", "tui_chat"])
def test_only_docstrings_go_from_the_modules_of_real_packages(package: str) -> None:
    """What is left out is what the syntax tree calls the docstring of a function, and nothing else."""
    folder = Path(__import__(package).__file__ or "").parent
    lost = 0
    for path in sorted(folder.rglob("*.py"))[::6]:
        source = path.read_text("utf-8")
        code = compile(source, str(path), "exec", dont_inherit=True)
        tree = ast.parse(source)
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        expected = sum(ast.get_docstring(node, clean=False) is not None for node in functions)
        kept, before = [*constants(without_docstrings(code))], [*constants(code)]
        assert len(kept) == len(before)
        changed = [(old, new) for old, new in zip(before, kept, strict=True) if old is not new and old != new]
        assert len(changed) == expected, path
        assert all(isinstance(old, str) and new is None for old, new in changed)
        lost += expected
    assert lost
