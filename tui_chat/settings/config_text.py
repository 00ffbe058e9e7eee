"""Changes to the text of config.toml that leave everything else in it as it was, comments and order included.

The text is cut into sections at its `[headers]`; tomlkit changes single values inside one section; the standard
library's parser, which also reads the settings, confirms that nothing else changed.
"""

from __future__ import annotations

import re
import tomllib
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ENDPOINTS: Final = "endpoints"
_BOM: Final = "\ufeff"
_HEADER: Final = re.compile(r"[ \t]*\[")


class UnchangeableError(SetupError):
    """The text cannot be changed as wanted without risk to the rest of it."""


@dataclass(frozen=True, slots=True)
class _Section:
    """A header line with everything up to the next one; the first section has no header."""

    path: tuple[str, ...]
    """The keys in the header; empty for the first section."""
    text: str
    array: bool = False
    """Whether the header is of an array of tables: `[[…]]`."""

    @property
    def parts(self) -> tuple[str, str]:
        """The text up to its last statement, and the blank lines and comments after that."""
        whole = _canonical(tomllib.loads(self.text))
        lines = _lines_of(self.text)
        cut = len(lines)
        while cut and (not (line := lines[cut - 1].strip()) or line.startswith("#")):
            cut -= 1
        for end in range(cut, len(lines) + 1):  # the end of a text over several lines may look like a comment
            body = "".join(lines[:end])
            if _parses_to(body, whole):
                return body, "".join(lines[end:])
        return self.text, ""


class ConfigText:
    """The text of config.toml. Each change returns a new one; raises `UnchangeableError` if it would touch more."""

    def __init__(self, text: str) -> None:
        """Raises `ValueError` (or `RecursionError`) for a text that is not TOML."""
        self.text: Final = text
        self._bom = _BOM if text.startswith(_BOM) else ""
        self._plain = text.removeprefix(_BOM)
        self.values: Final[dict[str, Any]] = tomllib.loads(self._plain)
        """The values in the text."""
        self._line_end = "\r\n" if "\r\n" in self._plain and not re.search(r"(?<!\r)\n", self._plain) else "\n"

    def endpoint(self, name: str) -> dict[str, Any] | None:
        """The values in the text for an endpoint; `None`: there are none."""
        endpoints = self.values.get(_ENDPOINTS)
        found = endpoints.get(name) if isinstance(endpoints, dict) else None
        return found if isinstance(found, dict) else None

    def with_endpoint(self, name: str, values: Mapping[str, object], *, before: str = "") -> ConfigText:
        """Add the endpoint `name`, or change it; with `before`, the endpoint of that name is renamed. A value of `None`
        removes the key."""
        old = before or name
        wanted = deepcopy(self.values)
        tables = wanted.setdefault(_ENDPOINTS, {})
        known = self.endpoint(old)
        if not isinstance(tables, dict) or (known is None and old in tables):
            raise UnchangeableError("the endpoints there are no tables; change it in an editor")
        if known is None:
            given = {key: value for key, value in values.items() if value is not None}
            tables[name] = given
            return self._checked(self._appended(name, given), wanted)
        changed = {key: value for key, value in {**known, **values}.items() if value is not None}
        wanted[_ENDPOINTS] = {name if each == old else each: table for each, table in tables.items()}
        wanted[_ENDPOINTS][name] = changed
        edits = {key: value for key, value in values.items() if known.get(key) != value}
        text = self._edited(old, edits) if edits else self._plain
        if name != old:
            text = _renamed(text, old, name)
        return self._checked(text, wanted)

    def without_endpoint(self, name: str) -> ConfigText:
        """Remove an endpoint; comments after it, which may belong to what follows, stay."""
        if self.endpoint(name) is None:
            return self
        wanted = deepcopy(self.values)
        del wanted[_ENDPOINTS][name]
        sections = _sections(self._plain)
        mine = [index for index, section in enumerate(sections) if section.path[:2] == (_ENDPOINTS, name)]
        if not wanted[_ENDPOINTS]:
            del wanted[_ENDPOINTS]
        if not mine:
            return self._checked(self._changed_inside(lambda tables: tables.pop(name)), wanted)
        pieces: list[str] = []
        for index, section in enumerate(sections):
            if index not in mine:
                pieces.append(section.text)
                continue
            kept = _kept_after(section.parts[1]) if index + 1 < len(sections) else _after_last(section.parts[1])
            if pieces:
                pieces[-1] = _without_blank_line(pieces[-1])
            pieces.append(kept)
        return self._checked("".join(pieces), wanted)

    def with_value(self, key: str, value: str | None) -> ConfigText:
        """Set a value that stands in no table; `None` removes it."""
        if self.values.get(key) == value:
            return self
        wanted = deepcopy(self.values)
        first, *rest = _sections(self._plain)
        if value is None:
            del wanted[key]
            head = _with_tomlkit(first.text, lambda document: document.pop(key))
            if not tomllib.loads(head):
                head = re.sub(r"\A\r?\n", "", head)  # it stood between this value and what follows
        elif key in self.values:
            wanted[key] = value
            head = _with_tomlkit(first.text, lambda document: document.update({key: value}))
        else:
            wanted[key] = value
            body, tail = first.parts
            line = self._lines({key: value})
            gap = self._line_end if not body and (tail or rest) else ""
            head = _ended(body, self._line_end) + line + gap + tail
        return self._checked(self._own_line_ends(head) + "".join(section.text for section in rest), wanted)

    # ---- one section

    def _appended(self, name: str, values: Mapping[str, object]) -> str:
        """The text with the endpoint at its end."""
        gap = self._line_end if self._plain else ""
        header = f"[{_ENDPOINTS}.{_key(name)}]{self._line_end}"
        text = _ended(self._plain, self._line_end) + gap + header + self._lines(values)
        if _ENDPOINTS in self.values and not _parses(text):  # `endpoints = {…}` takes no table from outside
            return self._changed_inside(lambda tables: tables.update({name: _inline(values)}))
        return text

    def _edited(self, name: str, edits: Mapping[str, object]) -> str:
        """The text with some values of an endpoint changed."""
        sections = _sections(self._plain)
        path = (_ENDPOINTS, name)
        mine = [index for index, section in enumerate(sections) if section.path == path]
        if not mine:
            deeper = [index for index, section in enumerate(sections) if section.path[:2] == path]
            if not deeper:
                return self._changed_inside(lambda tables: _apply(tables[name], edits))
            given = {key: value for key, value in edits.items() if value is not None}
            header = f"[{_ENDPOINTS}.{_key(name)}]{self._line_end}{self._lines(given)}{self._line_end}"
            pieces = [section.text for section in sections]
            pieces.insert(deeper[0], header)
            return "".join(pieces)
        index = mine[0]
        body, tail = sections[index].parts
        known = tomllib.loads(body)[_ENDPOINTS][name]
        old = {key: value for key, value in edits.items() if key in known}
        new = {key: value for key, value in edits.items() if key not in known and value is not None}
        if old:
            body = self._own_line_ends(_with_tomlkit(body, lambda document: _apply(document[_ENDPOINTS][name], old)))
        pieces = [section.text for section in sections]
        pieces[index] = (_ended(body, self._line_end) + self._lines(new) if new else body) + tail
        return "".join(pieces)

    def _changed_inside(self, change: Callable[[Any], object]) -> str:
        return self._own_line_ends(_changed_inside(self._plain, change))

    # ---- pieces of text

    def _lines(self, values: Mapping[str, object]) -> str:
        return "".join(f"{_key(key)} = {_value(value)}{self._line_end}" for key, value in values.items())

    def _own_line_ends(self, text: str) -> str:
        return re.sub(r"\r?\n", "\r\n", text) if self._line_end == "\r\n" else text

    def _checked(self, text: str, wanted: Mapping[str, Any]) -> ConfigText:
        """The changed text, if it says what is wanted and nothing else."""
        try:
            made = ConfigText(self._bom + text)
        except (ValueError, RecursionError) as error:
            raise UnchangeableError("this cannot be changed here; change it in an editor") from error
        if _canonical(_without_empty(made.values)) != _canonical(_without_empty(wanted)):
            raise UnchangeableError("this cannot be changed here without changing more; change it in an editor")
        return made


def _renamed(text: str, old: str, name: str) -> str:
    """The text with an endpoint's name changed in all headers."""
    sections = _sections(text)
    if not any(section.path[:2] == (_ENDPOINTS, old) for section in sections):
        return _changed_inside(text, lambda tables: tables.update({name: tables.pop(old)}))
    return "".join(
        _with_path(section, (_ENDPOINTS, name, *section.path[2:]))
        if section.path[:2] == (_ENDPOINTS, old)
        else section.text
        for section in sections
    )


def _changed_inside(text: str, change: Callable[[Any], object]) -> str:
    """The text with the endpoints changed where they stand in the first section or in `[endpoints]`."""
    sections = _sections(text)
    for index, section in enumerate(sections):
        if section.path in {(), (_ENDPOINTS,)} and _ENDPOINTS in tomllib.loads(section.text):
            texts = [each.text for each in sections]
            texts[index] = _with_tomlkit(section.text, lambda document: change(document[_ENDPOINTS]))
            return "".join(texts)
    raise UnchangeableError("the endpoints are written in an unusual way; change them in an editor")


def _sections(text: str) -> list[_Section]:
    """Cut a TOML text at its headers."""
    sections: list[_Section] = []
    path: tuple[str, ...] = ()
    array = False
    piece: list[str] = []
    for line in _lines_of(text):
        header = _header(line) if _HEADER.match(line) else None
        if header is not None and _parses("".join(piece)):  # it stands in no array and no text over several lines
            sections.append(_Section(path, "".join(piece), array))
            (path, array), piece = header, []
        piece.append(line)
    return [*sections, _Section(path, "".join(piece), array)]


def _header(line: str) -> tuple[tuple[str, ...], bool] | None:
    """The keys of a header line, and whether it is of an array; `None` if it is not a header."""
    try:
        value: Any = tomllib.loads(line)
    except ValueError:
        return None
    path: list[str] = []
    while isinstance(value, dict) and value:
        key, value = next(iter(value.items()))
        path.append(key)
    return tuple(path), isinstance(value, list)


def _with_path(section: _Section, path: tuple[str, ...]) -> str:
    """A section's text with other keys in its header."""
    line = _lines_of(section.text)[0]
    indent = line[: len(line) - len(line.lstrip())]
    opening, closing = ("[[", "]]") if section.array else ("[", "]")
    for end in range(line.find(closing), len(line)):
        if line.startswith(closing, end) and _header(line[: end + len(closing)]) == (section.path, section.array):
            header = f"{indent}{opening}{'.'.join(map(_key, path))}{line[end:]}"
            return header + section.text[len(line) :]
    raise UnchangeableError("a header is written in an unusual way; change it in an editor")


def _kept_after(tail: str) -> str:
    """The comments that remain after a removed section: those behind a blank line, or directly above a header."""
    lines = _lines_of(tail)
    blank = next((index for index, line in enumerate(lines) if not line.strip()), 0)
    return "".join(lines[blank:]) if lines else ""


def _after_last(tail: str) -> str:
    """The comments that remain after a removed section at the end of the file: those behind a blank line."""
    lines = _lines_of(tail)
    blank = next((index for index, line in enumerate(lines) if not line.strip()), len(lines))
    return "".join(lines[blank:])


def _without_blank_line(text: str) -> str:
    """A text without the blank line at its end."""
    for end in ("\r\n", "\n"):
        if text.endswith(end) and (text == end or text[: -len(end)].endswith("\n")):
            return text[: -len(end)]
    return text


def _lines_of(text: str) -> list[str]:
    """The lines of a text with their ends; TOML has no other line ends than these, inside a text it has."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _ended(text: str, line_end: str) -> str:
    return text if not text or text.endswith("\n") else text + line_end


def _with_tomlkit(text: str, change: Callable[[Any], object]) -> str:
    """The text after `change` of the document that tomlkit reads in it."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text)
        change(document)
        return tomlkit.dumps(document)
    except (TOMLKitError, KeyError, TypeError, AttributeError) as error:  # it knows fewer forms than TOML has
        raise UnchangeableError("this cannot be changed here; change it in an editor") from error


def _apply(table: Any, edits: Mapping[str, object]) -> None:
    for key, value in edits.items():
        if value is None:
            table.pop(key, None)
        else:
            table[key] = value


def _inline(values: Mapping[str, object]) -> Any:
    import tomlkit

    table = tomlkit.inline_table()
    table.update(values)
    return table


def _key(name: str) -> str:
    import tomlkit

    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else tomlkit.item(name).as_string()


def _value(value: object) -> str:
    import tomlkit

    return tomlkit.item(value).as_string()


def _parses(text: str) -> bool:
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _parses_to(text: str, canonical: object) -> bool:
    try:
        return _canonical(tomllib.loads(text)) == canonical
    except (ValueError, RecursionError):
        return False


def _canonical(value: object) -> object:
    """A value that can be compared: numbers by their spelling, because `nan` equals nothing and 1 equals 1.0."""
    if isinstance(value, dict):
        return {key: _canonical(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_canonical(inner) for inner in value]
    return value if isinstance(value, str) else repr(value)


def _without_empty(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values without a table of endpoints that is empty, which means the same as none."""
    return {key: value for key, value in values.items() if key != _ENDPOINTS or value}
