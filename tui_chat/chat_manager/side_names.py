"""Names of the models of a comparison: `MODEL`, `MODEL@ENDPOINT`, or `@ENDPOINT` for the endpoint's own model."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import replace
from tui_chat.chat.wording.spelling import meant
from tui_chat.chat_manager.comparison import LEAST_SIDES, MOST_SIDES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui_chat.chat.endpoint_ports import EndpointManager
    from tui_chat.chat.model_ports import Connection


class SideName(NamedTuple):
    """A model and its endpoint."""

    model: str
    """Empty: the endpoint's own choice."""
    endpoint: str = ""
    """Empty: the current one."""

    def __str__(self) -> str:
        return f"{self.model}@{self.endpoint}" if self.endpoint else self.model


def side_name(text: str, endpoints: Iterable[str]) -> SideName:
    """Return the model and the endpoint that a text names. `endpoints` are the known names; a model's own name may
    have an `@`, so that only a known endpoint after the last one counts. Raises `SetupError` for an unknown one: the
    question would go to another host than was meant."""
    known = sorted(endpoints, key=len, reverse=True)
    for name in known:
        if text.endswith(f"@{name}"):
            return SideName(text.removesuffix(f"@{name}"), name)
    model, at, endpoint = text.rpartition("@")
    if not text or not at or not model:  # models of some providers begin with an @
        if text:
            return SideName(text)
        raise SetupError("a model has no name; write MODEL or MODEL@ENDPOINT")
    near = meant(endpoint, known)
    hint = f"did you mean {near}?" if near else f"known are {', '.join(sorted(known))}"
    raise SetupError(
        f"{text}: there is no endpoint {endpoint!r}; {hint} (if the @ belongs to the model's name: {text}@ENDPOINT)"
    )


def choice_of(text: str, manager: EndpointManager) -> SideName:
    """Return the model that a person names with `/model`, and its endpoint if that is not the current one: `MODEL`,
    `MODEL@ENDPOINT` or `@ENDPOINT`. A model that the current endpoint does not list is taken from another one, if that
    is the only one which lists it. Reads small files. Raises `SetupError` for a misspelt endpoint."""
    infos = manager.endpoints()
    ids = {each.name: each.id for each in infos} | {each.id: each.id for each in infos}
    _, at, wanted = text.rpartition("@")
    if at and (wanted in ids or meant(wanted, ids)):
        name = side_name(text, ids)
        return name._replace(endpoint=ids.get(name.endpoint, ""))
    lists = {each.id: manager.known_models(each.id) for each in infos}
    having = [each for each in infos if (known := lists[each.id]) and text in {model.name for model in known.models}]
    here_too = any(each in having or lists[each.id] is None for each in infos if each.current)
    return SideName(text, having[0].id if len(having) == 1 and not here_too else "")


def side_names(texts: Sequence[str], endpoints: Iterable[str]) -> list[SideName]:
    """Return what two to four texts name. Raises `SetupError` for more or fewer, and for an unknown endpoint."""
    if not LEAST_SIDES <= len(texts) <= MOST_SIDES:
        given = "one is" if len(texts) == 1 else f"{len(texts) or 'none'} are"
        raise SetupError(f"name {LEAST_SIDES} to {MOST_SIDES} models to compare; {given} given")
    known = tuple(endpoints)
    return [side_name(text, known) for text in texts]


def connections_to(names: Sequence[SideName], current: Connection, manager: EndpointManager) -> list[Connection]:
    """Return a connection for each name; those without an endpoint are for the `current` one. May run the commands
    that print keys. Raises `SetupError` where an endpoint cannot be used or none is chosen."""
    found = []
    for name in names:
        if name.endpoint:
            found.append(manager.connection_to(name.endpoint, name.model))
        elif current.undecided:
            raise SetupError(f"{name}: {current.why_undecided} Write {name}@ENDPOINT.")
        else:
            found.append(replace(current, model_name=name.model))
    return found
