"""What was taken of a stand-in for a module works as the module's own would, and imports the module only then."""

from __future__ import annotations

import sys
import typing
from typing import TYPE_CHECKING, Any

import pytest

from tui_chat.late_modules import StandIn, stand_ins

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = """
class Base:
    made = 3
class Derived(Base): pass
class Box(list): pass
def twice(number, *, more=0): return 2 * number + more
"""


@pytest.fixture(params=["during", "after"])
def late(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What was taken of the stand-in, while that is in place or afterwards."""
    (tmp_path / "seldom_used.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(str(tmp_path))
    with stand_ins([StandIn("seldom_used", given=1)]):
        import seldom_used  # type: ignore[import-not-found]

        taken = seldom_used
        if request.param == "during":
            yield taken
    if request.param == "after":
        yield taken
    sys.modules.pop("seldom_used", None)


def imported() -> bool:
    return not isinstance(sys.modules.get("seldom_used"), StandIn | None)


def test_a_name_is_taken_without_the_module(late: Any) -> None:
    assert late.given == 1
    assert late.Base is not late.Derived
    assert not imported()


def test_a_function_is_called(late: Any) -> None:
    assert late.twice(4, more=1) == 9
    assert imported()


def test_a_class_is_asked_for_an_attribute(late: Any) -> None:
    assert late.Base.made == 3


def test_a_class_is_derived_from(late: Any) -> None:
    class Own(late.Base):  # type: ignore[misc]
        pass

    assert Own().made == 3


def test_nothing_is_an_instance_of_a_class_that_was_never_imported(late: Any) -> None:
    assert not isinstance(1, late.Base)
    assert not issubclass(int, late.Base)
    assert not imported()


def test_instances_and_subclasses_are_known_once_it_was(late: Any) -> None:
    made = late.Derived()
    assert isinstance(made, late.Base)
    assert issubclass(type(made), late.Base)
    assert not isinstance(1, late.Base)


def test_types_are_combined_with_it(late: Any) -> None:
    assert isinstance(late.Base(), int | late.Base)
    assert isinstance(1, late.Base | int)
    assert late.Box[int]([1]) == [1]


def test_an_import_afterwards_gives_the_module_itself(late: Any) -> None:
    base = late.Base
    del late
    sys.modules.pop("seldom_used", None)
    import seldom_used

    assert isinstance(seldom_used.Base(), base)


def test_what_was_imported_before_stays() -> None:
    import json

    with stand_ins([StandIn("json")]):
        assert sys.modules["json"] is json


def test_what_every_module_has_is_not_looked_for_elsewhere(late: Any) -> None:
    with pytest.raises(AttributeError):
        late.__path__  # noqa: B018
    assert not imported()


def test_it_is_named_in_a_type_without_being_imported(late: Any) -> None:
    assert typing.Union[str, late.Base, list[int]]  # noqa: UP007 - as packages for older Pythons write it
    assert not imported()


def test_a_module_that_is_imported_by_its_parent_is_found_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "some_parent").mkdir()
    (tmp_path / "some_parent" / "__init__.py").touch()
    (tmp_path / "some_parent" / "child.py").write_text("class Base:\n    made = 5\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with stand_ins([StandIn("some_parent.child", on_parent=True)]):
        import some_parent.child  # type: ignore[import-not-found]
    assert "some_parent.child" not in sys.modules
    assert some_parent.child.Base.made == 5
    assert not isinstance(some_parent.child, StandIn)
