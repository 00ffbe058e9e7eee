"""Markdown that takes a careless program long: every construct repeated, nested, left open, at any size."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from tests.hostile_texts import BUILT
from tests.hostile_units import REPEATED

if TYPE_CHECKING:
    from collections.abc import Iterator

LANGUAGES = """python javascript typescript c cpp java rust go ruby perl php bash sql html css xml json yaml toml ini
markdown latex haskell scala kotlin swift lua r diff make docker csharp powershell matlab julia clojure lisp elixir
erlang ocaml fsharp dart groovy vim awk nginx graphql protobuf scss rst jinja console text""".split()  # noqa: SIM905
CODE = {
    "quotes": "'\"`",
    "triple quotes": "\"\"\"a\n'''\n",
    "brackets": "({[<",
    "slashes": "/*/ //",
    "backslashes": "\\\\\n",
    "words": "a ",
    "letters": "a",
    "digits": "1_0e",
    "spaces": " \t",
    "blank lines": "\n",
    "hashes": "#!<%",
    "dollars": "${a$(",
    "signs": '<a ="@:-,.|&^~',
    "tags": "<a b='<!--",
    "names": "def class fn let x = y::z->w\n",
}
"""What fences are filled with, line after line."""


def fences(size: int) -> Iterator[tuple[str, str]]:
    """Each language with each content, by name: on short lines, and as they are."""
    for language in LANGUAGES:
        for name, unit in CODE.items():
            body = unit * (size // len(unit) + 1)
            yield f"{language} of {name}", f"```{language}\n{body}\n"
            if "\n" not in unit:
                lines = "\n".join(body[at : at + 200] for at in range(0, len(body), 200))
                yield f"{language} of {name} in lines", f"```{language}\n{lines}\n"


def patterns(size: int) -> Iterator[tuple[str, str]]:
    """Every text of about a size, by name: alone, and each unit in a quote, in an item, and closed by what follows."""
    for name, unit in REPEATED.items():
        text = unit * (size // len(unit) + 1)
        yield name, text
        yield f"{name}, in a quote", "> " + text.replace("\n", "\n> ")
        yield f"{name}, in an item", "1. a\n\n   " + text.replace("\n", "\n   ")
    for name, build in BUILT.items():
        yield name, build(size)


def names() -> list[str]:
    """Return the names of all hostile texts."""
    return [name for name, _ in chain(patterns(10), fences(10))]


def hostile_text(name: str, size: int) -> str:
    """Return the hostile text with this name."""
    return next(text for found, text in chain(patterns(size), fences(size)) if found == name)
