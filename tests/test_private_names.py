"""Private names of Textual stand in terminal/ and nowhere else."""

from __future__ import annotations

import ast
import importlib
import inspect
from functools import cache
from pathlib import Path

import textual

import tui_chat

HERE = Path(tui_chat.__file__).parent
ALLOWED = HERE / "terminal"


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def of_self(node: ast.AST) -> str | None:
    """The private name of `self.name` or `cls.name`."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
        return node.attr if is_private(node.attr) else None
    return None


@cache
def names_in(path: str) -> dict[str, frozenset[str]]:
    """By class of a file of Textual: the private names that it defines, or sets on itself."""
    classes = [node for node in ast.walk(ast.parse(Path(path).read_text())) if isinstance(node, ast.ClassDef)]
    return {
        each.name: frozenset(
            name
            for node in ast.walk(each)
            for name in (
                getattr(node, "name", ""),
                node.id if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else "",
                (of_self(node) or "") if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) else "",
            )
            if isinstance(name, str) and is_private(name)
        )
        for each in classes
    }


@cache
def all_names() -> frozenset[str]:
    """Every private name of a class of Textual."""
    root = Path(textual.__file__).parent
    return frozenset().union(*(names for path in root.rglob("*.py") for names in names_in(str(path)).values()))


def inherited(kind: type) -> frozenset[str]:
    """The private names that a class of ours has from Textual."""
    bases = [base for base in kind.__mro__ if base.__module__.split(".")[0] == "textual"]
    return frozenset().union(*(names_in(inspect.getfile(base)).get(base.__name__, frozenset()) for base in bases))


def uses(path: Path) -> list[str]:
    """Where a file of ours says a private name of Textual."""
    tree = ast.parse(path.read_text())
    found = []
    for node in ast.walk(tree):
        modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for module in modules:
            if module.split(".")[0] == "textual":
                names = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
                found += [f"{module}:{name}" for name in (*module.split("."), *names) if is_private(name)]
    own = {name for name in (getattr(node, "name", None) for node in ast.walk(tree)) if isinstance(name, str)}
    own |= {name for node in ast.walk(tree) if (name := of_self(node))}
    own |= {
        node.target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    found += [
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and is_private(node.attr)
        and node.attr in all_names()
        and node.attr not in own
        and not of_self(node)
        and not (isinstance(node.value, ast.Name) and node.value.id == "os")
    ]
    ours = importlib.import_module(".".join(path.relative_to(HERE.parent).with_suffix("").parts))
    for part in ast.walk(tree):
        kind = getattr(ours, part.name, None) if isinstance(part, ast.ClassDef) else None
        if isinstance(part, ast.ClassDef) and isinstance(kind, type):
            said = {name for each in ast.walk(part) if (name := of_self(each))}
            said |= {name for each in part.body if (name := getattr(each, "name", "")) and is_private(name)}
            said |= {
                each.target.id
                for each in part.body
                if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
            }
            found += [f"{part.name}.{name}" for name in sorted(said & inherited(kind))]
    return [f"{path.relative_to(HERE)}: {name}" for name in found]


def files() -> list[Path]:
    return [path for path in HERE.rglob("*.py") if path.name != "__main__.py" and "pytest" not in path.name]


def test_no_private_name_of_textual_is_used_outside_terminal() -> None:
    assert [use for path in files() if ALLOWED not in path.parents for use in uses(path)] == []


def test_the_search_finds_the_private_names_in_terminal() -> None:
    assert any("_dirty_regions" in use for path in files() if ALLOWED in path.parents for use in uses(path))
