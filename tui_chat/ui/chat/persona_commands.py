"""The commands for how a chat is answered: its effort and its persona."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from tui_chat.chat.choices.chat_choices import NO_PERSONA, persona_problem, with_persona
from tui_chat.chat.choices.effort import DEFAULT, EFFORTS, effort_problem
from tui_chat.chat.clean import clean_line
from tui_chat.chat.events import Failed
from tui_chat.chat.quick_dataclass import replace
from tui_chat.chat.wording.hints import EFFORT_REFUSED

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from textual.app import App
    from textual.worker import Worker

    from tui_chat.chat.choices.chat_choices import Persona
    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.session import Session
    from tui_chat.ui.notify import Notify

_NOTES = {
    "off": "answers at once",
    "low": "thinks a little",
    "medium": "thinks for a while",
    "high": "thinks long",
    DEFAULT: "as the server decides",
}


class PersonaConnections(Protocol):
    """The part of the connection controller that the commands use."""

    @property
    def personas(self) -> Mapping[str, Persona]:
        """The personas of the settings by name."""
        ...

    @property
    def usual_system(self) -> str:
        """The system prompt of the settings."""
        ...

    def show_header(self) -> None:
        """Show who answers, and what is special about the chat."""
        ...

    def has_endpoint(self, name: str) -> bool:
        """Whether an endpoint of that name can answer."""
        ...

    async def answer_with(self, endpoint: str, model: str) -> None:
        """Have another endpoint or model answer; empty: the same as before."""
        ...


class PersonaScreen(Protocol):
    """The part of the screen that the commands use."""

    @property
    def connections(self) -> PersonaConnections:
        """The controller that holds the session and its connection."""
        ...

    @property
    def app(self) -> App[object]:
        """The app, which shows dialogs and knows the keys."""
        ...

    @property
    def conversation(self) -> Conversation:
        """The conversation that is shown."""
        ...

    @property
    def session(self) -> Session | None:
        """Runs the turns of the shown chat; `None` until the settings are loaded."""
        ...

    def run_worker(self, work: Callable[[], Coroutine[None, None, None]]) -> Worker[None]:
        """Run a coroutine that ends with the screen."""
        ...


class PersonaCommands:
    """Sets the effort and the persona of the shown chat."""

    def __init__(self, screen: PersonaScreen, retry: Callable[[], object], notify: Notify) -> None:
        """`retry` asks the last question again."""
        self._screen = screen
        self._retry = retry
        self._notify = notify

    # Effort

    def effort(self, word: str = "") -> None:
        """Set how much the model thinks: by a word, or picked from a list."""
        session = self._screen.session
        if session is None:
            return
        if word.strip():
            self._set_effort(word.strip().lower())
        else:
            choices = [(each, _NOTES[each]) for each in EFFORTS]
            self._screen.run_worker(partial(self._pick, "Effort", choices, session.effort or DEFAULT, self._set_effort))

    def _set_effort(self, effort: str) -> None:
        session = self._screen.session
        if session is None:
            return
        if problem := effort_problem(effort):
            self._notify(clean_line(problem), bad=True)
            return
        conversation = session.conversation
        conversation.set_choices(replace(conversation.choices, effort=effort))
        last = conversation.last_reply
        refused = last is not None and isinstance(last.ending, Failed) and EFFORT_REFUSED in last.ending.hint
        self._notify(f"Effort: {effort}." if effort != DEFAULT else "Effort: the server's default.")
        if refused and last is conversation.leaf and not session.busy:
            self._retry()

    # Personas

    def persona(self, name: str = "") -> None:
        """Answer as a persona of the settings: by name, or picked from a list."""
        personas = self._screen.connections.personas
        if name.strip():
            self._take_persona(name.strip())
        elif not personas:
            self._notify("There are no personas; [personas.NAME] tables in config.toml make them.", bad=True)
        else:
            choices = [(each, _about(persona)) for each, persona in personas.items()]
            choices.append((NO_PERSONA, "the settings' own"))
            current = self._screen.conversation.choices.persona or NO_PERSONA
            self._screen.run_worker(partial(self._pick, "Personas", choices, current, self._take_persona))

    def _take_persona(self, name: str) -> None:
        personas, conversation = self._screen.connections.personas, self._screen.conversation
        persona = personas.get(name)
        if problem := persona_problem(name, personas):
            self._notify(problem, bad=True)
            return
        if persona is not None and persona.endpoint and not self._screen.connections.has_endpoint(persona.endpoint):
            self._notify(clean_line(f"{name} answers at {persona.endpoint}, but there is no such endpoint."), bad=True)
            return
        usual = self._screen.connections.usual_system
        choices, system = with_persona(conversation.choices, conversation.system, persona, personas, usual)
        conversation.set_system(system)
        conversation.set_choices(choices)
        if persona is None:
            self._notify("No persona is set in this chat.")
            return
        self._notify(clean_line(f"{name} answers the next questions."))
        if persona.endpoint or persona.model:
            self._screen.run_worker(partial(self._screen.connections.answer_with, persona.endpoint, persona.model))

    async def _pick(
        self, title: str, choices: Sequence[tuple[str, str]], current: str, take: Callable[[str], None]
    ) -> None:
        from tui_chat.ui.dialogs.choice_dialog import ChoiceDialog

        chosen = await self._screen.app.push_screen_wait(ChoiceDialog(title, choices, current, "None match."))
        if chosen is not None:
            take(chosen)


def _about(persona: Persona) -> str:
    """A persona in a few words."""
    words = [" · ".join(filter(None, (persona.model, persona.endpoint))), persona.system]
    return clean_line(next(filter(None, words), "")) + (f" · effort {persona.effort}" if persona.effort else "")
