"""A person's choices for one chat, and what a persona brings and takes along."""

from __future__ import annotations

from itertools import permutations

import pytest

from tui_chat.chat.choices.chat_choices import ChatChoices, Persona, choice_words, with_persona

PERSONAS = {
    each.name: each
    for each in (
        Persona("pirate", "Answer as a pirate.", "opus", "sea", "high", {"temperature": 1}),
        Persona("brief", model="small"),
        Persona("coder", "Write code.", effort="low"),
        Persona("plain"),
    )
}


@pytest.mark.parametrize("system", ["", "The usual one."])
@pytest.mark.parametrize("order", list(permutations(PERSONAS, 3)))
def test_the_last_persona_answers_as_if_no_other_had_been_before(order: tuple[str, ...], system: str) -> None:
    choices, prompt = ChatChoices(), system
    for name in order:
        choices, prompt = with_persona(choices, prompt, PERSONAS[name], PERSONAS, system)
    assert (choices, prompt) == with_persona(ChatChoices(), system, PERSONAS[order[-1]], PERSONAS, system)
    assert with_persona(choices, prompt, None, PERSONAS, system) == (ChatChoices(), system)


def test_what_a_person_set_stays_when_personas_come_and_go() -> None:
    own = ChatChoices(effort="medium")
    choices, system = with_persona(own, "My prompt.", PERSONAS["brief"], PERSONAS, "")
    assert (choices, system) == (ChatChoices("brief", "medium"), "My prompt.")
    assert with_persona(choices, system, None, PERSONAS, "") == (own, "My prompt.")
    assert with_persona(own, "My prompt.", None, PERSONAS, "") == (own, "My prompt."), "none was set"


def test_the_prompt_of_a_persona_that_is_no_longer_in_the_settings_goes_with_it() -> None:
    held = ChatChoices("gone", "high", {"top_p": 1})
    assert with_persona(held, "I was gone.", None, PERSONAS, "usual") == (ChatChoices(effort="high"), "usual")
    assert with_persona(held, "I was gone.", PERSONAS["brief"], PERSONAS, "usual")[1] == "usual"


@pytest.mark.parametrize(
    ("system", "words"), [("Answer as a pirate.", []), ("Mine.", ["own system prompt"]), ("", ["no system prompt"])]
)
def test_a_system_prompt_other_than_the_personas_is_told(system: str, words: list[str]) -> None:
    told = choice_words(ChatChoices("pirate"), "", {}, system=system, usual_system=PERSONAS["pirate"].system)
    assert told == ["pirate", *words]
