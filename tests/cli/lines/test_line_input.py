from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tui_chat.cli.lines.line_input import _all, _joined

if TYPE_CHECKING:
    from collections.abc import Callable


def reading(*lines: str) -> Callable[[str], str | None]:
    left = list(lines)
    return lambda _: left.pop(0) if left else None


@pytest.mark.parametrize(
    ("lines", "texts"),
    [
        (["one", "two"], ["one", "two"]),
        (["one\\", "two\\", "", "three"], ["one\ntwo\n", "three"]),
        (["one\\"], ["one"]),
        (['"""', "a", "", "  b\\", '"""', "c"], ["a\n\n  b\\", "c"]),
        (['"""a', 'b"""', "c"], ["a\nb", "c"]),
        (['  """a"""', "b"], ["a", "b"]),
        (['"""', '"""', "b"], ["", "b"]),
        (['say """x"""', "b"], ['say """x"""', "b"]),
        (['"""', "a", "b"], ["a\nb"]),
        (["", "a"], ["", "a"]),
    ],
)
def test_lines_become_texts(lines: list[str], texts: list[str]) -> None:
    read = reading(*lines)
    found = []
    while (joined := _joined(read, "You: ")) is not None:
        found.append("\n".join(joined))
    assert found == texts


def test_earlier_prompts_come_newest_first() -> None:
    class Earlier:
        def __init__(self) -> None:
            self.left = ["new", "old"]

        def earlier(self, typed: str) -> str | None:
            return self.left.pop(0) if self.left else None

        def add(self, prompt: str) -> None:
            raise AssertionError(prompt)

    assert _all(Earlier()) == ["new", "old"]
