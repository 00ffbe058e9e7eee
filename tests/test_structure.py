"""Counts of the structure that are not to be passed: a class, a folder or a chain of imports that grows too large."""

from __future__ import annotations

import ast
import inspect
from collections import defaultdict
from pathlib import Path

import pytest

from tui_chat.ui.chat.chat_screen import ChatScreen

PACKAGE = Path(__file__).parent.parent / "tui_chat"

MOST_METHODS_OF_THE_SCREEN = 35
MOST_ATTRIBUTES_OF_THE_SCREEN = 12
"""Over its whole chain of classes."""
MOST_FILES_IN_A_FOLDER = 20
MOST_LINES_IN_A_FILE = 420
"""A file should have 400 at most; a small change to one that has them need not split it."""
MOST_IMPORT_LEVELS_OF_THE_SCREEN = 12

LARGER_FOLDERS: dict[str, int] = {}
"""Folders that may have more files than the others."""

FEWEST_WORDS_OF_A_DOCSTRING = 4
CLAUSES = ("What ", "Where ", "Who ", "Whom ", "Whose ", "How ", "Which ")
"""Beginnings of docstrings that are not sentences about the thing."""

DEFINED_TWICE: dict[str, str] = {}
"""Names of classes that stand in more than one file, and why."""

PRIVATE_WORDS = frozenset(
    """
    House BuiltHouse doors Manner Keeping Kept OpenLeaf open_leaves Sheet LaidRow Look MessageLook ReadingPlace Spot Aim
    ShownPath left_behind Trace Needle Tally PaintedScreen hearing hear heard Heard Ear Recognised Said told amendments
    visiting Visit Visitor Begun Happening Odd ComingBack EndSign Alive desk spoiled deaf say hurry heed befall
    """.split()  # noqa: SIM905 (readable)
)
"""Names that a newcomer cannot understand; the code has `Backend`, `HistoryOptions`, `OpenBlock` and so on."""


@pytest.fixture(scope="module")
def trees() -> dict[Path, ast.Module]:
    """Each file of the package with its syntax tree."""
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}


def own_classes(widget: type) -> list[type]:
    """The class and its bases, without Textual's and those of ours that only paint."""
    return [each for each in widget.__mro__ if each.__module__.startswith("tui_chat.ui.")]


def methods_of(widget: type) -> list[str]:
    """Each method and property, once for each class that has it."""
    return [
        f"{each.__name__}.{name}"
        for each in own_classes(widget)
        for name, value in vars(each).items()
        if inspect.isfunction(value) or isinstance(value, property | classmethod | staticmethod)
    ]


def attributes_of(widget: type) -> set[str]:
    """What its own methods assign to `self`."""
    found = set()
    for each in own_classes(widget):
        for node in ast.walk(ast.parse(Path(inspect.getfile(each)).read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and node.name == each.__name__:
                found |= {
                    target.attr
                    for target in ast.walk(node)
                    if isinstance(target, ast.Attribute)
                    and isinstance(target.ctx, ast.Store)
                    and isinstance(target.value, ast.Name)
                    and target.value.id == "self"
                }
    return found


def test_the_screen_is_composed() -> None:
    methods, attributes = methods_of(ChatScreen), attributes_of(ChatScreen)
    assert len(methods) <= MOST_METHODS_OF_THE_SCREEN, sorted(methods)
    assert len(attributes) <= MOST_ATTRIBUTES_OF_THE_SCREEN, sorted(attributes)


def test_the_screen_is_no_chain_of_screens() -> None:
    assert own_classes(ChatScreen) == [ChatScreen]


def test_no_folder_has_too_many_files() -> None:
    counts: dict[str, int] = defaultdict(int)
    for path in PACKAGE.rglob("*.py"):
        if path.name != "__init__.py":
            counts[str(path.parent.relative_to(PACKAGE))] += 1
    allowed = {folder: LARGER_FOLDERS.get(folder, MOST_FILES_IN_A_FOLDER) for folder in counts}
    assert {folder: count for folder, count in counts.items() if count > allowed[folder]} == {}


def test_no_file_is_too_long(trees: dict[Path, ast.Module]) -> None:
    lines = {str(path.relative_to(PACKAGE)): len(path.read_text("utf-8").splitlines()) for path in trees}
    too_long = {path: count for path, count in lines.items() if count > MOST_LINES_IN_A_FILE}
    assert too_long == {}


def docstrings(tree: ast.Module) -> list[tuple[int, str]]:
    """All docstrings with their lines, those of variables and attributes included."""
    return [
        (node.lineno, node.value.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    ]


def test_docstrings_are_sentences_that_say_something(trees: dict[Path, ast.Module]) -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{line} {text.splitlines()[0]}"
        for path, tree in trees.items()
        for line, text in docstrings(tree)
        if len(text.split()) < FEWEST_WORDS_OF_A_DOCSTRING or text.startswith(CLAUSES)
    ]
    assert found == []


def test_every_kind_of_docstring_is_seen() -> None:
    code = (
        '"""A."""\nx = 1\n"""B."""\nclass C:\n  """D."""\n  def e(self):\n    """F."""\n    self.g = 1\n    """H."""\n'
    )
    assert [text for _, text in docstrings(ast.parse(code))] == ["A.", "B.", "D.", "F.", "H."]


def test_names_of_classes_stand_for_one_thing(trees: dict[Path, ast.Module]) -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path, tree in trees.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(path.relative_to(PACKAGE)))
    twice = {name: where for name, where in places.items() if len(where) > 1 and not name.startswith("_")}
    assert {name: where for name, where in twice.items() if name not in DEFINED_TWICE} == {}
    assert [name for name in DEFINED_TWICE if name not in twice] == []


def test_workers_are_given_what_makes_their_coroutine(trees: dict[Path, ast.Module]) -> None:
    # A worker that is cancelled before it begins never awaits its coroutine, of which Python warns on the terminal.
    made = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "run_worker"
        if isinstance(node.args[0], ast.Call) and getattr(node.args[0].func, "id", "") != "partial"
    ]
    assert made == []


def imported(tree: ast.Module) -> set[str]:
    """The modules that are imported when this one is: neither in functions nor for types alone."""
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def levels(imports: dict[str, set[str]]) -> dict[str, int]:
    """How many modules stand upon each other from each on; raises `RecursionError` in a circle."""
    known: dict[str, int] = {}

    def level(name: str) -> int:
        if name not in known:
            known[name] = 1 + max(
                (level(each) for each in imports[name] if each in imports and each != name), default=0
            )
        return known[name]

    return {name: level(name) for name in imports}


def test_the_screens_imports_are_no_tower(trees: dict[Path, ast.Module]) -> None:
    imports = {
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): imported(tree)
        for path, tree in trees.items()
        if path.is_relative_to(PACKAGE / "ui")
    }
    found = levels(imports)
    assert max(found.values()) <= MOST_IMPORT_LEVELS_OF_THE_SCREEN, max(found, key=lambda name: found[name])


def test_levels_are_counted() -> None:
    assert levels({"a": {"b", "c", "x"}, "b": {"c"}, "c": set()}) == {"a": 3, "b": 2, "c": 1}
    with pytest.raises(RecursionError):
        levels({"a": {"b"}, "b": {"a"}})


def names_given(tree: ast.Module) -> set[str]:
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


def test_no_name_is_of_a_private_language(trees: dict[Path, ast.Module]) -> None:
    found = {
        str(path.relative_to(PACKAGE)): [name for name in given if name.strip("_") in PRIVATE_WORDS]
        for path, tree in trees.items()
        if (given := sorted(names_given(tree) | {path.stem}))
    }
    assert {path: words for path, words in found.items() if words} == {}


def test_every_kind_of_name_is_seen() -> None:
    code = (
        "class A:\n  def b(self, c, *d, e=0, **f):\n    self.g = h = 1\n    for i in j: k[l]\n    with m as n: pass\n"
    )
    code += "if (o := p): pass\nq: int = 1\nasync def r(): pass\n"
    assert names_given(ast.parse(code)) == {*"Abcdefghinoqr", "self"}
