"""pydantic's schema types are imported without being built, and pydantic does not notice."""

from __future__ import annotations

import subprocess
import sys

CHECK = """
import typing, typing_extensions
before = typing.TypedDict, typing_extensions.TypedDict
import {first}
assert (typing.TypedDict, typing_extensions.TypedDict) == before
import pydantic
from pydantic_core import core_schema
class Point(typing_extensions.TypedDict, total=False):
    x: typing_extensions.Required[int]
    y: list[float]
class Model(pydantic.BaseModel):
    point: Point
    when: dict[str, tuple[int, ...]] = {{}}
    @pydantic.field_validator("when")
    @classmethod
    def check(cls, value): return value
print(Model.model_validate({{"point": {{"x": "1"}}, "when": {{"a": [1, "2"]}}}}))
print(Model.model_json_schema())
try:
    Model.model_validate({{"point": {{"y": [1]}}}})
except pydantic.ValidationError as error:
    print(error.errors())
print(core_schema.CoreConfig.__annotations__["title"])
"""


def said(first: str) -> list[str]:
    return subprocess.check_output([sys.executable, "-c", CHECK.format(first=first)], text=True).splitlines()


def test_models_and_typed_dictionaries_are_what_they_are_without_it() -> None:
    assert said("tui_chat.settings.quick_schema")[:-1] == said("pydantic")[:-1]


def test_the_types_are_not_built() -> None:
    quick, usual = said("tui_chat.settings.quick_schema")[-1], said("pydantic")[-1]
    assert (quick, usual) == ("str", "ForwardRef('str', module='pydantic_core.core_schema')")
