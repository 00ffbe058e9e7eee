from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest

from tui_chat.server.formats.style import Style
from tui_chat.server.scripted.behaviour import FAULT_OPTIONS, OPTIONS, OptionError, ResponseOptions, split_model
from tui_chat.server.scripted.fault_kinds import Fault
from tui_chat.server.scripted.faults import FAULTS
from tui_chat.server.scripted.pacing import Pace
from tui_chat.server.scripted.scripts import ABOUT, SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Mapping

PLAIN = ResponseOptions()


@pytest.mark.parametrize(
    ("options", "response_options"),
    [
        ("", PLAIN),
        ("rate=5&first=0.5&jitter=1", ResponseOptions(Pace(5.0, 0.5, 1.0))),
        ("rate=0&keep-alive=2", ResponseOptions(Pace(None, keep_alive=2.0))),
        ("usage=every&end=empty&finish=never", ResponseOptions(style=Style("every", "never", "empty"))),
        (
            "newline=crlf&space=no&event=message&seed=x",
            ResponseOptions(style=Style("asked", "given", "done", "crlf", False, "message", "x")),
        ),
        ("pieces=7", ResponseOptions(pieces=7)),
        ("fault=cut", ResponseOptions(fault=Fault("cut"))),
        ("fault=cut&after=3&times=2&wait=0.5", ResponseOptions(fault=Fault("cut", after=3, times=2, wait=0.5))),
        ("fault=cut?after=3&times=2", ResponseOptions(fault=Fault("cut", after=3, times=2))),
        ("fault=429&retry=7&code=slow_down", ResponseOptions(fault=Fault("429", retry="7", code="slow_down"))),
        ("fault=400&message=Too+much%2C+sorry", ResponseOptions(fault=Fault("400", message="Too much, sorry"))),
        ("fault=cut&fault=none", PLAIN),
        ("fault=cut&after=9&fault=drop", ResponseOptions(fault=Fault("drop"))),
    ],
)
def test_options_are_read(options: str, response_options: ResponseOptions) -> None:
    assert PLAIN.with_query(options) == response_options


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("speed=1", "There is no option `speed`; there are `rate`, `first`"),
        ("rate=-1", "`rate` has to be a number from 0 to 1000000, not `-1`"),
        ("rate=nan", "`rate` has to be a number"),
        ("jitter=1.5", "`jitter` has to be a number from 0 to 1"),
        ("usage=always", "`usage` has to be asked or last or every or never, not `always`"),
        ("space=maybe", "`space` has to be yes or no"),
        ("pieces=1.5", "`pieces` has to be a whole number"),
        ("pieces=²", "`pieces` has to be a whole number"),
        ("fault=cot", "There is no fault `cot`; there are 400 to 599, redirect"),
        ("fault=200", "There is no fault `200`"),
        ("fault=600", "There is no fault `600`"),
        ("after=3", "`after` belongs to a fault"),
        ("fault=html&after=3", "The fault `html` has no option `after`; it has times, wait."),
        ("fault=cut&after=many", "`after` has to be a whole number"),
        ("fault=429&retry=1%0d%0aX: y", "`retry` holds characters that cannot be printed"),
        ("fault=wrong-type&type=text/€", "`type` holds characters that are not ASCII"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(options: str, says: str) -> None:
    with pytest.raises(OptionError) as raised:
        PLAIN.with_query(options)
    assert says in str(raised.value)


@pytest.mark.parametrize(
    ("model", "name", "response_options"),
    [
        ("echo", "echo", PLAIN),
        ("echo?rate=5", "echo", PLAIN.with_query("rate=5")),
        ("fault:429?retry=3", "", PLAIN.with_query("fault=429&retry=3")),
        ("echo?fault=cut&after=1", "echo", PLAIN.with_query("fault=cut&after=1")),
        ("no-such?end=none", "no-such", PLAIN.with_query("end=none")),
    ],
)
def test_a_models_name_may_carry_options(model: str, name: str, response_options: ResponseOptions) -> None:
    assert split_model(model, PLAIN) == (name, response_options)


def test_what_is_said_later_wins_and_the_rest_stays() -> None:
    server = PLAIN.with_query("usage=every&rate=9&fault=cut")
    _, response_options = split_model("echo?rate=5&after=2", server.with_query("end=empty"))
    assert response_options == PLAIN.with_query("usage=every&rate=5&end=empty&fault=cut&after=2")


def test_every_option_of_a_fault_is_read_and_belongs_to_one() -> None:
    assert FAULT_OPTIONS.keys() == {field.name for field in fields(Fault)} - {"name"}
    assert not FAULT_OPTIONS.keys() & OPTIONS.keys()
    offered = {option for kind in FAULTS.values() for option in kind.options}
    assert offered | {"times", "wait", "retry"} == FAULT_OPTIONS.keys()


@pytest.mark.parametrize("table", [OPTIONS, FAULTS])
def test_everything_is_described(table: Mapping[str, Any]) -> None:
    assert all(each.about for each in table.values())
    assert ABOUT.keys() == SCRIPTS.keys()
