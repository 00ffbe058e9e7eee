"""The effort, the persona and the templates of a chat line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tui_chat.chat.choices.chat_choices import NO_PERSONA, Persona, persona_problem, with_persona
from tui_chat.chat.choices.effort import DEFAULT, effort_problem
from tui_chat.chat.choices.templates import INPUT, blanks, filled
from tui_chat.chat.clean import clean_line
from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import replace
from tui_chat.cli.output import called

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_chat.chat.backend_ports import Setup
    from tui_chat.chat.session import Session


class Notice(NamedTuple):
    """A sentence for a person."""

    text: str
    wanted: bool
    """It is said in quiet mode too: an error, or an answer to a question."""


def effort_set(session: Session, word: str) -> Notice:
    """Set the effort of a chat; without a word, only tell it."""
    if problem := effort_problem(word) if word else "":
        return Notice(problem, wanted=True)
    if word:
        session.conversation.set_choices(replace(session.conversation.choices, effort=word))
    return Notice(f"The effort is {session.effort or DEFAULT}.", wanted=not word)


def persona_set(session: Session, name: str, setup: Setup) -> Notice:
    """Let a persona answer; without a name, only tell which does, and which there are."""
    conversation, personas = session.conversation, setup.personas
    if not name:
        current, known = conversation.choices.persona or NO_PERSONA, ", ".join(personas) or NO_PERSONA
        return Notice(clean_line(f"The persona is {current}; there are: {known}."), wanted=True)
    if problem := persona_problem(name, personas):
        return Notice(problem, wanted=True)
    persona = personas.get(name)
    choices, system = with_persona(conversation.choices, conversation.system, persona, personas, setup.usual_system)
    conversation.set_choices(choices)
    conversation.set_system(system)
    return Notice(clean_line(_who_answers(session, persona, setup)), wanted=False)


def _who_answers(session: Session, persona: Persona | None, setup: Setup) -> str:
    if persona is None:
        return "No persona is set in this chat."
    if persona.endpoint not in {"", setup.connection.name}:
        how = f"{called()} plain -p {persona.name}"
        return f"{persona.name} answers the next questions, but not at its own endpoint: for that, {how}"
    session.model_name = persona.model or session.model_name
    return f"{persona.name} answers the next questions."


def filled_by_lines(name: str, template: str, text: str, ask: Callable[[str], str | None] | None) -> str | None:
    """Return a template with its blanks filled: by `text`, and by what `ask` returns for each of the others. `None`:
    nothing more is typed. Raises `SetupError` with one sentence."""
    values = {INPUT: text} if text else {}
    missing = [blank for blank in blanks(template) if blank not in values]
    if missing and ask is None:
        raise SetupError(f"the template {name} needs {', '.join(missing)}: use {called()} ask -t {name} --set")
    for blank in missing:
        given = None if ask is None else ask(f"{blank}: ")
        if given is None:
            return None
        values[blank] = given
    if not (prompt := filled(template, values)).strip():
        raise SetupError(f"the template {name} is empty: type a text behind /{name}")
    return prompt
