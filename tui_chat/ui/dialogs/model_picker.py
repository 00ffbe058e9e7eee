"""Choose a model of this endpoint, or another endpoint. Models that the server does not list can be typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.fuzzy import Matcher
from textual.message import Message
from textual.widgets import OptionList, Static, TextArea
from textual.widgets.option_list import Option

from tui_chat.chat.clean import clean_line
from tui_chat.chat.events import Failed
from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.chat.wording.hints import on_screen
from tui_chat.ui.composer.text_box import WritingBox
from tui_chat.ui.dialogs.dialog import Dialog
from tui_chat.ui.numbers import count, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from tui_chat.chat.backend_ports import Backend
    from tui_chat.chat.model_ports import ModelInfo


@dataclass(frozen=True, slots=True)
class ChosenModel:
    """A model of the current endpoint; an empty name is the endpoint's default."""

    name: str


@dataclass(frozen=True, slots=True)
class ChosenEndpoint:
    """Another endpoint, by its name in the config."""

    name: str


Choice: TypeAlias = ChosenModel | ChosenEndpoint


class FilterBox(WritingBox):
    """An input that filters the list; the list's keys also work here."""

    @dataclass
    class Done(Message):
        """Posted when Enter is pressed."""

        text: str

    @dataclass
    class Moved(Message):
        """Posted to move up or down in the list."""

        step: int

    def done(self) -> None:
        """Post `Done`."""
        self.post_message(self.Done(self.text.strip()))

    def own_key(self, key: str) -> bool:
        """Pass on Up and Down to the list, and ignore the keys for a new line."""
        if key in ("up", "down"):
            self.post_message(self.Moved(-1 if key == "up" else 1))
            return True
        return key in ("ctrl+j", "shift+enter", "alt+enter") or super().own_key(key)


class ModelsScreen(Dialog[Choice | None]):
    """A filtered list. Returns the choice, or `None` if it was closed with Esc."""

    DEFAULT_CSS = """
    ModelsScreen { align: center middle; }
    ModelsScreen > Vertical {
        width: 84; max-width: 96%; height: auto; max-height: 90%; background: $surface; padding: 1 2;
    }
    FilterBox, FilterBox:focus { height: 1; border: none; background: $background; padding: 0 1; margin: 1 0; }
    ModelsScreen OptionList { height: auto; max-height: 16; border: none; background: transparent; padding: 0; }
    ModelsScreen .why { color: $text-warning; margin: 0 0 1 0; height: auto; }
    ModelsScreen .hint { color: $text-muted; margin: 1 0 0 0; height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Close", show=False, priority=True)]

    def __init__(self, backend: Backend, current: str, why: str = "", *, endpoint: str = "") -> None:
        """`current`: the current model. `endpoint`: the name of the current endpoint, empty if there is none. `why`: a
        sentence above the list if a choice is required."""
        super().__init__()
        self._endpoint = endpoint
        self._touched = False
        """Whether the user has typed or moved the cursor; otherwise Enter changes nothing, unless a choice is
        required."""
        self._why = why
        self._backend = backend
        self._current = current
        self._models: Sequence[ModelInfo] = ()
        self._choices: list[Choice] = []
        # Stored rather than queried: the server's answer may arrive after the dialog was closed.
        self._box = FilterBox(placeholder="type to find, or a name that is not listed")
        self._options = OptionList(markup=False)
        self._hint = Static("Asking the server for its models …", classes="hint", markup=False)

    def compose(self) -> ComposeResult:
        """Compose title, input, list and hint."""
        with Vertical():
            if self._why:
                yield Static(clean_line(self._why), classes="why", markup=False)
            current = clean_line(self._current) or "the endpoint's own choice"
            yield Static(f"Model (now: {current})", markup=False)
            yield self._box
            yield self._options
            yield self._hint

    def on_mount(self) -> None:
        """Load the list from the server; text typed meanwhile is kept."""
        self._box.focus()
        self._show()
        self.run_worker(self._ask())

    async def _ask(self) -> None:
        hint = self._hint
        if self._why and not self._endpoint:
            hint.update("Enter takes it, Esc leaves it as it is.")
            return  # nobody who could be asked
        if (known := self._backend.known_models()) is not None:
            self._models = known.models
            hint.update(f"As the server told {seconds(known.age)} ago; asking again …")
            self._show()
        answer = await self._backend.models()
        if not self.is_attached:
            return  # the dialog was closed meanwhile
        if isinstance(answer, Failed):
            hint.update(clean_line(f"{answer.problem} {on_screen(answer.hint)} A name can be typed all the same."))
        else:
            self._models = answer
            hint.update("Enter takes it, Esc leaves it as it is.")
            self._show()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Filter the list."""
        event.stop()
        self._touched = True
        self._show()

    def on_filter_box_moved(self, event: FilterBox.Moved) -> None:
        """Move in the list."""
        self._touched = True
        options = self._options
        if event.step < 0:
            options.action_cursor_up()
        else:
            options.action_cursor_down()

    def on_filter_box_done(self, event: FilterBox.Done) -> None:
        """Choose the selected row, or else the typed name."""
        picked = self._options.highlighted
        if not (self._touched or self._why):
            self.dismiss(None)
        elif picked is not None and self._choices:
            self.dismiss(self._choices[picked])
        else:
            self.dismiss(ChosenModel(event.text))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Choose the clicked row."""
        self.dismiss(self._choices[event.option_index])

    def _show(self) -> None:
        typed = self._box.text.strip()
        matcher = Matcher(typed)
        listed: list[tuple[str, Choice, Content]] = [
            *((model.name, ChosenModel(model.name), _model_row(model)) for model in self._models),
            *((name, ChosenEndpoint(name), _row(name, "endpoint")) for name in self._backend.endpoints()),
        ]
        if typed:
            scored = [(matcher.match(name), choice, row) for name, choice, row in listed]
            scored.sort(key=lambda entry: -entry[0])
            listed = [("", choice, row) for score, choice, row in scored if score > 0]
            nobody = self._why and not self._endpoint
            if not nobody and not any(choice == ChosenModel(typed) for _, choice, _ in listed):
                listed.append((typed, ChosenModel(typed), _row(typed, "as typed")))
        options = self._options
        before = options.highlighted
        stood_on = [self._choices[before]] if self._touched and not typed and before is not None else []
        self._choices = [choice for _, choice, _ in listed]
        options.clear_options()
        options.add_options([Option(row) for _, _, row in listed])
        wanted = [*stood_on, ChosenModel(self._current)] if not typed else []
        if not (typed or self._models):
            wanted.append(ChosenEndpoint(self._endpoint))
        found = (self._choices.index(choice) for choice in wanted if choice in self._choices)
        options.highlighted = next(found, 0) if listed else None


def _row(name: str, note: str) -> Content:
    return Content(clean_line(name)) + (Content.styled(f"  {note}", "$text-muted") if note else "")


def _model_row(model: ModelInfo) -> Content:
    notes = []
    if model.context:
        notes.append(f"{count(model.context)} context")
    if model.input_price is not None and model.output_price is not None:
        notes.append(f"${model.input_price:g} / ${model.output_price:g} per million")
    return _row(model.name, " · ".join(notes))
