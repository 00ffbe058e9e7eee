"""A person's choices for one chat, apart from its system prompt; and personas, which set all of them at once."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from tui_chat.chat.choices.effort import effort_option
from tui_chat.chat.clean import clean_line
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.chat.wording.spelling import meant

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_VALUE = 20
"""The most characters of an option's value that are shown."""
NO_PERSONA = "none"
"""The word for no persona."""
OPTION_WORDS = {"reasoning_effort": "effort"}
"""Options that are shown by another word."""


@dataclass(frozen=True, slots=True)
class ChatChoices:
    """The persona and the effort of a chat."""

    persona: str = ""
    """The name of the persona; empty: none."""
    effort: str = ""
    """One of `effort.EFFORTS`; empty: the settings' own."""
    options: Mapping[str, object] = field(default_factory=dict)
    """The persona's sampling options."""

    def options_with(self, options: Mapping[str, object]) -> Mapping[str, object]:
        """Return the options of a question: the persona's, over these `options`, over these the effort."""
        return {**self.options, **options, **effort_option(self.effort)}


@dataclass(frozen=True, slots=True)
class Persona:
    """A name for a way of answering: a system prompt, a model and how it is asked. Empty fields change nothing."""

    name: str
    system: str = ""
    model: str = ""
    endpoint: str = ""
    """The endpoint's name in the settings."""
    effort: str = ""
    options: Mapping[str, object] = field(default_factory=dict)

    @property
    def choices(self) -> ChatChoices:
        """The choices of a chat with this persona."""
        return ChatChoices(self.name, self.effort, self.options)


def with_persona(
    held: ChatChoices, system: str, persona: Persona | None, personas: Mapping[str, Persona], usual_system: str
) -> tuple[ChatChoices, str]:
    """Return the choices and the system prompt of a chat in which `persona` answers from now on; `None`: none does.

    The persona before takes along what it brought, and what a person set in the chat stays. One that is no longer
    among `personas` is taken to have brought the system prompt. `usual_system` is the settings' system prompt.
    """
    before = personas.get(held.persona)
    effort = held.effort
    if before is not None:
        if before.system and system == before.system:
            system = usual_system
        if before.effort == effort:
            effort = ""
    elif held.persona:
        system = usual_system
    if persona is None:
        return ChatChoices(effort=effort), system
    return ChatChoices(persona.name, persona.effort or effort, persona.options), persona.system or system


def persona_problem(name: str, personas: Mapping[str, Persona]) -> str:
    """A sentence about a name that is none of a persona; empty: it is one, or the word for none."""
    if name in personas or name == NO_PERSONA:
        return ""
    near = meant(name, personas)
    known = f"did you mean {near}?" if near else f"there are {', '.join(personas) or 'none'}."
    return clean_line(f"There is no persona {name!r}; {known}")


def choice_words(
    choices: ChatChoices, effort: str, options: Mapping[str, object], *, system: str, usual_system: str
) -> list[str]:
    """Return what is special about a chat, each in a few words for a person, the most telling first: its persona, its
    effort, its sampling options and that its system prompt is its own.

    `effort` is the one that holds, the settings' included; empty: the server's own. `usual_system` is the system prompt
    of its persona or else of the settings.
    """
    words = [choices.persona] if choices.persona else []
    if effort:
        words.append(f"effort {effort}")
    words += [f"{OPTION_WORDS.get(name, name)} {str(value)[:LONGEST_VALUE]}" for name, value in options.items()]
    if system != usual_system:
        words.append("own system prompt" if system else "no system prompt")
    return [clean_line(word) for word in words]
