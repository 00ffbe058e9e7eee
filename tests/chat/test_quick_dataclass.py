"""Classes made the quick way behave as those of the standard library do."""

from __future__ import annotations

import dataclasses
from dataclasses import FrozenInstanceError, asdict, field, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from tui_chat.chat.quick_dataclass import dataclass as typed_dataclass
from tui_chat.chat.quick_dataclass import quick_dataclass, quick_replace

if TYPE_CHECKING:
    from collections.abc import Callable

MAKERS: dict[str, Any] = {"standard": dataclasses.dataclass, "quick": quick_dataclass}


def clock() -> float:
    """What a default factory gives."""
    return 7.0


@pytest.fixture(params=MAKERS)
def dataclass(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Each decorator in turn, so that every sentence here is true of the original too."""
    made: Callable[..., Any] = MAKERS[request.param]
    return made


@pytest.fixture
def kinds(dataclass: Callable[..., Any]) -> tuple[Any, Any]:
    """A base with a field for keywords alone that equality leaves out, and what extends it."""

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Event:
        """Something that happened."""

        at: float = field(default_factory=clock, compare=False, repr=False)

    @dataclass(frozen=True, slots=True)
    class Delta(Event):
        """A piece of text."""

        KIND: ClassVar[str] = "delta"

        text: str
        part: int = 0

        def shout(self) -> str:
            """It in capitals."""
            return self.text.upper()

    return Event, Delta


def test_fields_are_taken_by_place_and_by_name(kinds: tuple[Any, Any]) -> None:
    _, Delta = kinds
    assert (Delta("a", 1).text, Delta(text="a").part, Delta("a", at=3.0).at, Delta("a").at) == ("a", 0, 3.0, 7.0)
    assert Delta("a").shout() == "A"
    assert Delta.KIND == "delta"


@pytest.mark.parametrize(("by_place", "by_name"), [((), {}), (("a", 0, 1.0), {}), (("a",), {"other": 1})])
def test_a_call_that_does_not_fit_is_a_type_error(
    kinds: tuple[Any, Any], by_place: tuple[Any, ...], by_name: dict[str, Any]
) -> None:
    with pytest.raises(TypeError, match="__init__"):
        kinds[1](*by_place, **by_name)


def test_equality_and_hash_look_at_the_kind_and_the_compared_fields(kinds: tuple[Any, Any]) -> None:
    Event, Delta = kinds
    assert Delta("a", at=1.0) == Delta("a", at=2.0)
    assert hash(Delta("a", at=1.0)) == hash(Delta("a", at=2.0))
    assert Delta("a") != Delta("b")
    assert Event() == Event(at=1.0)
    assert Delta("a") != ("a", 0)
    assert Event() != Delta("a")


def test_what_is_frozen_cannot_be_changed(kinds: tuple[Any, Any]) -> None:
    delta = kinds[1]("a")
    with pytest.raises(FrozenInstanceError):
        delta.text = "b"
    with pytest.raises(FrozenInstanceError):
        del delta.text
    assert delta.text == "a"


def test_slots_leave_no_room_for_other_names(dataclass: Callable[..., Any]) -> None:
    @dataclass(slots=True)
    class Point:
        x: int = 1

    point: Any = Point()
    point.x = 5
    assert point == Point(5)
    assert not hasattr(point, "__dict__")
    with pytest.raises(AttributeError):
        point.y = 2


def test_it_is_shown_as_it_is_written_in_code(kinds: tuple[Any, Any]) -> None:
    assert repr(kinds[1]("a", 1, at=2.0)).endswith("Delta(text='a', part=1)")


def test_patterns_take_it_apart(kinds: tuple[Any, Any]) -> None:
    _, Delta = kinds
    match Delta("a", 3):
        case Delta(text, part):
            assert (text, part) == ("a", 3)
    assert Delta.__match_args__ == ("text", "part")


def test_what_may_change_has_no_hash(dataclass: Callable[..., Any]) -> None:
    @dataclass(slots=True)
    class Changing:
        x: int

    with pytest.raises(TypeError, match="unhashable"):
        hash(Changing(1))


def test_without_eq_every_instance_is_its_own(dataclass: Callable[..., Any]) -> None:
    @dataclass(frozen=True, slots=True, eq=False)
    class Own:
        x: int

    one = Own(1)
    assert one != Own(1)
    assert {one, Own(1)} > {one}


def test_what_is_made_inside_is_not_asked_for_and_the_rest_can_follow(dataclass: Callable[..., Any]) -> None:
    @dataclass(slots=True)
    class RowBuffer:
        title: str
        rows: list[str] = field(default_factory=list)
        wide: bool = field(default=False, init=False)
        width: int = field(init=False)

        def __post_init__(self) -> None:
            self.width = len(self.title)

    one, other = RowBuffer("abc"), RowBuffer("abc")
    one.rows.append("x")
    assert (one.width, one.wide, other.rows) == (3, False, [])
    too_many: Any = RowBuffer
    with pytest.raises(TypeError):
        too_many("abc", [], True)


def test_a_class_without_slots_extends_others_and_keeps_its_defaults(dataclass: Callable[..., Any]) -> None:
    class Base:
        def __init_subclass__(cls, *, bubble: bool = True) -> None:
            cls.bubble = bubble

        bubble: ClassVar[bool]

    @dataclass
    class Told(Base, bubble=False):
        text: str = "none"
        names: list[str] = field(default_factory=list)
        count: int = field(default=3)

    assert (Told().text, Told.text, Told.count, Told.bubble) == ("none", "none", 3, False)
    assert not hasattr(Told, "names")
    assert Told(names=["a"]) == Told("none", ["a"])


def test_methods_written_in_the_class_stay(dataclass: Callable[..., Any]) -> None:
    @dataclass(frozen=True, slots=True)
    class Named:
        name: str

        def __repr__(self) -> str:
            return f"<{self.name}>"

    assert repr(Named("a")) == "<a>"


@pytest.mark.parametrize("change", [replace, quick_replace])
def test_a_value_with_changes_is_another_one(change: Callable[..., Any]) -> None:
    @typed_dataclass(frozen=True, slots=True)
    class Named:
        name: str
        count: int = field(default=0, kw_only=True)
        length: int = field(default=3, init=False)

    named = Named("a", count=2)
    changed = change(named, name="b")
    assert (changed, named) == (Named("b", count=2), Named("a", count=2))
    with pytest.raises(TypeError, match="nothing"):
        change(named, nothing=1)


def test_the_standard_functions_take_it(kinds: tuple[Any, Any], dataclass: Callable[..., Any]) -> None:
    _, Delta = kinds

    @dataclass(frozen=True, slots=True)
    class Reply:
        delta: Any
        words: list[str]

    delta = Delta("a", 2, at=1.0)
    assert [each.name for each in fields(Delta)] == ["at", "text", "part"]
    assert asdict(Reply(delta, ["x"])) == {"delta": {"at": 1.0, "text": "a", "part": 2}, "words": ["x"]}
    assert is_dataclass(Reply)
