"""Changing endpoints in config.toml leaves everything else in it as it was, to the byte."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tui_chat.settings.config_text import ConfigText, UnchangeableError

FILE = """\
# My settings
theme = "nord"   # dark

# the one at home
[endpoints.home]
base_url = "http://localhost:8080/v1"  # llama.cpp
options = { temperature = 0.2 }
# key = "an old one"

# [endpoints.office]
# base_url = "https://office.example"

[endpoints.home.headers]
X-A = "1"

# the paid one
[endpoints."my router"]
base_url = "https://openrouter.ai/api/v1"
key = "sk-or-1"

[prices]
input = 1.0
output = 2.0
"""


def test_an_added_endpoint_stands_at_the_end() -> None:
    text = ConfigText(FILE).with_endpoint("new", {"base_url": "https://n/v1", "key": None, "model": "m"}).text
    assert text == FILE + '\n[endpoints.new]\nbase_url = "https://n/v1"\nmodel = "m"\n'


def test_a_changed_value_keeps_its_comment_and_a_new_one_stands_behind_the_last() -> None:
    text = ConfigText(FILE).with_endpoint("home", {"base_url": "http://localhost:9/v1", "model": "m"}).text
    assert text == FILE.replace("8080", "9").replace("temperature = 0.2 }\n", 'temperature = 0.2 }\nmodel = "m"\n')


def test_a_removed_endpoint_takes_its_tables_and_leaves_comments_that_may_be_of_others() -> None:
    text = ConfigText(FILE).without_endpoint("home").text
    start, end = FILE.index("[endpoints.home]"), FILE.index("\n# the paid one")
    kept = '\n# [endpoints.office]\n# base_url = "https://office.example"\n'
    assert text == FILE[:start].removesuffix("\n") + "\n" + kept + FILE[end:]


def test_a_renamed_endpoint_keeps_its_place_and_its_tables() -> None:
    text = ConfigText(FILE).with_endpoint("at home", {"model": "m"}, before="home").text
    assert "[endpoints.'at home']" in text or '[endpoints."at home"]' in text
    assert tomllib.loads(text)["endpoints"]["at home"]["headers"] == {"X-A": "1"}
    assert text.index("at home") < text.index("my router")
    back = ConfigText(text).with_endpoint("home", {"model": None}, before="at home").text
    assert back == FILE


def test_a_default_is_set_behind_the_other_values_and_goes_without_a_trace() -> None:
    text = ConfigText(FILE).with_value("endpoint", "home")
    assert text.text == FILE.replace("# dark\n", '# dark\nendpoint = "home"\n')
    assert text.with_value("endpoint", "my router").text == text.text.replace('"home"\n', '"my router"\n', 1)
    assert text.with_value("endpoint", None).text == FILE


@pytest.mark.parametrize(
    "text",
    [
        'endpoints = { a = { base_url = "https://a" } }\n',
        '[endpoints]\na = { base_url = "https://a" }  # one\n',
        '[endpoints]\na.base_url = "https://a"\n',
        'endpoints.a.base_url = "https://a"\ntheme = "nord"\n',
        'endpoints.a = { base_url = "https://a" }\n[prices]\ninput = 1.0\noutput = 1.0\n',
        '[endpoints.a]\nbase_url = "https://a"\n[prices]\ninput = 1\noutput = 1\n[endpoints.b]\nbase_url = "https://b"\n',
        '[endpoints.a.headers]\nX = "1"\n[endpoints.c]\nbase_url="c"\n[endpoints.a]\nbase_url = "https://a"\n',
    ],
)
def test_other_ways_to_write_an_endpoint_are_changed_or_refused(text: str) -> None:
    before = tomllib.loads(text)
    added = ConfigText(text).with_endpoint("z", {"base_url": "https://z"})
    assert added.values["endpoints"] == {**before["endpoints"], "z": {"base_url": "https://z"}}
    assert added.without_endpoint("z").values == before
    changed = ConfigText(text).with_endpoint("a", {"base_url": "https://new", "model": "m"})
    assert changed.values["endpoints"]["a"] == {**before["endpoints"]["a"], "base_url": "https://new", "model": "m"}
    assert "a" not in ConfigText(text).without_endpoint("a").values.get("endpoints", {})


def test_what_cannot_be_changed_without_more_is_refused() -> None:
    text = ConfigText("[[endpoints]]\nx = 1\n")
    with pytest.raises(UnchangeableError):
        text.with_endpoint("a", {"base_url": "https://a"})


def test_windows_line_ends_and_a_byte_order_mark_stay() -> None:
    text = "\ufeff" + FILE.replace("\n", "\r\n")
    changed = ConfigText(text).with_endpoint("home", {"model": "m"}).with_endpoint("b", {"base_url": "u"})
    changed = changed.with_value("endpoint", "b")
    assert changed.text.startswith("\ufeff")
    assert changed.text.count("\n") == changed.text.count("\r\n") == text.count("\n") + 5


# ---- any text

KEYS = st.sampled_from(["a", "b-1", "'c d'", '"e.f"', '"ü"', "g.h", '"[endpoints.x]"', "endpointsx", "1979-05-27"])
VALUES = st.sampled_from(
    [
        "1", "-0.0", "nan", "true", "1979-05-27T07:32:00Z", '"text # no comment"', "'[endpoints.new]'", "[]",
        "[1, [2, 3],]", '{ x = 1, y.z = "]" }', '"""\n[endpoints.new]\nbase_url = 1\n# no comment\n"""', '"""a\n# b"""',
        "'''\n\n[x]\n'''", "[\n  [1],\n[2],\n  # comment\n[3]\n]", '"\\u2028\u2028"', '"\u0085"',
    ]
)  # fmt: skip
COMMENTS = st.sampled_from(["# comment", "#", "# [endpoints.new]", "  # indented", "\t# x = 1", "# \u2028 x"])
NAMES = st.sampled_from(["one", '"two words"', "'three.dots'", '"]"', '"#"', "x-1"])


@st.composite
def statements(draw: st.DrawFn) -> str:
    """Some lines inside a table."""
    lines = []
    for kind in draw(st.lists(st.sampled_from(["value", "value", "comment", "blank"]), max_size=5)):
        if kind == "value":
            end = draw(st.sampled_from(["", "  # why", " "]))
            lines.append(f"{draw(KEYS)} = {draw(VALUES)}{end}")
        else:
            lines.append(draw(COMMENTS) if kind == "comment" else draw(st.sampled_from(["", "  "])))
    return "".join(f"{line}\n" for line in lines)


@st.composite
def files(draw: st.DrawFn) -> str:
    """A settings file, with endpoints in any of TOML's forms."""
    pieces = [draw(statements())]
    pieces.append(
        draw(st.sampled_from(["", "", "", 'endpoints.dotted.base_url = "u"\n', "endpoints = {q = {a = 1}}\n"]))
    )
    for _ in range(draw(st.integers(0, 5))):
        name = draw(NAMES)
        header = draw(
            st.sampled_from(
                [f"[endpoints.{name}]", f"[ endpoints . {name} ] # c", f"[endpoints.{name}.headers]", "[endpoints]",
                 "[other]", "[other.inner]", "[[rows]]", f"[{name}]", f'["endpoints".{name}]', "  [indented]"]
            )
        )  # fmt: skip
        pieces.append(f"{header}\n{draw(statements())}")
    text = "".join(pieces)
    if draw(st.booleans()):
        text = text.removesuffix("\n")
    if draw(st.integers(0, 3)) == 0:
        text = text.replace("\n", "\r\n")
    try:
        tomllib.loads(text)
    except ValueError:
        assume(False)
    return text


def tables(text: str) -> dict[str, Any]:
    found = tomllib.loads(text).get("endpoints", {})
    assume(isinstance(found, dict))
    return {name: value for name, value in found.items() if isinstance(value, dict)}


@settings(max_examples=150)
@given(files(), st.sampled_from(["new", "with space", "dotted.name", "ü", 'quo"te', "]", "#", "back\\slash"]))
def test_adding_and_removing_an_endpoint_leaves_any_file_as_it_was(text: str, name: str) -> None:
    assume(tables(text) or "endpoints" not in tomllib.loads(text))
    assume(name not in tomllib.loads(text).get("endpoints", {}))
    values = {"base_url": "https://x/v1", "key": 'a"b\\c', "model": "m\u2028"}
    added = ConfigText(text).with_endpoint(name, values)
    assert added.values["endpoints"][name] == values
    removed = added.without_endpoint(name).text
    assert removed in {text, f"{text}\n", f"{text}\r\n"}  # the last line may get its end


@settings(max_examples=150)
@given(files(), st.data())
def test_removing_an_endpoint_leaves_all_other_lines_of_any_file(text: str, data: st.DataObject) -> None:
    known = tables(text)
    assume(known)
    name = data.draw(st.sampled_from(sorted(known)))
    try:
        removed = ConfigText(text).without_endpoint(name)
    except UnchangeableError:
        assume(False)
    assert name not in tables(removed.text)
    rest = iter(text.splitlines())
    kept = [line for line in removed.text.splitlines() if not line.startswith("endpoints = {")]
    assert all(any(line == each for each in rest) for line in kept), "a line was changed or moved"


@settings(max_examples=150)
@given(files(), st.data())
def test_changing_an_endpoint_changes_nothing_else_of_any_file(text: str, data: st.DataObject) -> None:
    known = tables(text)
    assume(known)
    name = data.draw(st.sampled_from(sorted(known)))
    new = data.draw(st.sampled_from([name, "another"]))
    assume(new == name or (name != "g" and new not in tomllib.loads(text)["endpoints"]))
    values = {"base_url": "https://changed", "model": data.draw(st.sampled_from(["m", None]))}
    try:
        changed = ConfigText(text).with_endpoint(new, values, before=name)
    except UnchangeableError:
        assume(False)
    assert changed.values["endpoints"][new]["base_url"] == "https://changed"
    lines = changed.text.splitlines()
    ours = ("base_url", "model", "g.h", "[endpoints", "endpoints", '["endpoints"', "[ endpoints")
    foreign = [line for line in text.splitlines() if not line.lstrip().startswith(ours) and "{" not in line]
    rest = iter(lines)
    assert all(any(line == each for each in rest) for line in foreign), "a line was changed or moved"


@settings(max_examples=150)
@given(files(), st.sampled_from(["endpoint", "model"]))
def test_setting_and_removing_a_value_leaves_the_lines_of_any_file(text: str, key: str) -> None:
    assume(key not in tomllib.loads(text))
    changed = ConfigText(text).with_value(key, 'va"lue')
    assert changed.values[key] == 'va"lue'
    removed = changed.with_value(key, None).text
    assert removed in {text, f"{text}\n", f"{text}\r\n"}
