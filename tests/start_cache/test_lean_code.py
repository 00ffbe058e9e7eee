"""Code without docstrings of functions and columns: it does the same, and tracebacks have the same lines."""

from __future__ import annotations

import ast
import inspect
import textwrap
import traceback
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any

import pytest

from tui_chat.start_cache import lean_code
from tui_chat.start_cache.lean_code import lean

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


def functions_in(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from functions_in(constant)


def lines_of(code: CodeType) -> list[int | None]:
    """The line of each unit of code."""
    return [line for begin, end, line in code.co_lines() for _ in range(begin, end, 2)]


def test_functions_lose_their_docstrings_and_nothing_else() -> None:
    code = compile(textwrap.dedent(SOURCE), "source", "exec")
    names, whole = executed(lean(code)), executed(code)
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
    monkeypatch.setattr(lean_code, "_has_docstring", None)
    names = executed(lean(compile(SOURCE, "source", "exec")))
    assert names["Box"].with_docstring.__doc__ == "the method"


def test_a_table_of_locations_that_is_not_understood_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lean_code, "_LONGEST", 9)  # more than its three bits can say
    code = compile(SOURCE + "long = [" + "1, len('')," * 40 + "]", "source", "exec")
    assert [*lean(code).co_lines()] == [*code.co_lines()]


def test_a_traceback_names_the_same_lines() -> None:
    source = (
        "def fail(deep):\n    'doc'\n\n\n    if deep:\n        fail(\n            deep - 1\n        )\n    [\n"
        + "\n" * 300
    )
    source += "        1 / 0\n        for _ in range(3)\n    ]\n"
    lines = []
    for code in (compile(source, "source", "exec"), lean(compile(source, "source", "exec"))):
        with pytest.raises(ZeroDivisionError) as caught:
            executed(code)["fail"](3)
        lines.append([entry.lineno for entry in traceback.extract_tb(caught.value.__traceback__)])
    assert lines[0] == lines[1]
    assert len(lines[0]) > 4


@pytest.mark.parametrize("package", ["textual", "pydantic", "httpx", "tui_chat"])
def test_only_docstrings_and_columns_go_from_the_modules_of_real_packages(package: str) -> None:
    """What goes of the constants is what the syntax tree calls the docstring of a function, and nothing else; each unit
    of code keeps its line."""
    folder = Path(__import__(package).__file__ or "").parent
    lost = 0
    for path in sorted(folder.rglob("*.py"))[::6]:
        source = path.read_text("utf-8")
        code = compile(source, str(path), "exec", dont_inherit=True)
        tree = ast.parse(source)
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        expected = sum(ast.get_docstring(node, clean=False) is not None for node in functions)
        kept, before = [*constants(lean(code))], [*constants(code)]
        assert len(kept) == len(before)
        changed = [(old, new) for old, new in zip(before, kept, strict=True) if old is not new and old != new]
        assert len(changed) == expected, path
        assert all(isinstance(old, str) and new is None for old, new in changed)
        for old_code, new_code in zip(functions_in(code), functions_in(lean(code)), strict=True):
            assert lines_of(new_code) == lines_of(old_code)
            assert len(new_code.co_linetable) <= len(old_code.co_linetable)
            assert {*new_code.co_positions()} == {(line, line, None, None) for line, *_ in new_code.co_positions()}
        lost += expected
    assert lost
