"""CONTRIBUTING.md is one page, and what it names exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "tui_chat"
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MOST_LINES = 160
"""About as much as a person reads in one go."""
QUOTED = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL))
PATH = re.compile(r"(?:[\w.-]+/)+[\w.*-]*|[\w.-]+\.(?:py|toml|md|yml|yaml)")
NOT_OF_THE_PROJECT = re.compile(r"config\.toml|n/a|\.venv/.*")
NAME = re.compile(r"([A-Z]\w+)\.(\w+)")


def named_paths() -> list[str]:
    """The paths in backticks: of the project, of the package, or of a package that the sentence is about."""
    words = {word for quoted in QUOTED for word in quoted.split()}
    return sorted(word for word in words if PATH.fullmatch(word) and not NOT_OF_THE_PROJECT.fullmatch(word))


def exists(path: str) -> bool:
    """Whether a path stands in the project, in the package or in a folder below it."""
    pattern = path.strip("/")
    return any(next(found, None) for found in (ROOT.glob(pattern), PACKAGE.glob(pattern), PACKAGE.rglob(pattern)))


@cache
def members() -> dict[str, set[str]]:
    """The names in the body of each class of the package, and what its methods assign."""
    found: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                names = found.setdefault(node.name, set())
                for each in ast.walk(node):
                    match each:
                        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                            names.add(name)
                        case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                            names.add(name)
                        case _:
                            pass
    return found


def test_it_is_one_page() -> None:
    assert len(PAGE.splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", named_paths())
def test_each_path_exists(path: str) -> None:
    assert exists(path)


def test_each_name_of_a_class_and_its_member_exists() -> None:
    names = [match.groups() for quoted in QUOTED if (match := NAME.fullmatch(quoted))]
    assert names
    assert [(owner, name) for owner, name in names if name not in members().get(owner, set())] == []


def test_each_package_has_its_row() -> None:
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert {name for name in packages if f"| `{name}/` |" not in PAGE} == set()


def test_a_path_that_does_not_exist_is_found_out() -> None:
    assert not exists("wire/nothing.py")
    assert exists("wire/client.py")
    assert exists("dialects/")
