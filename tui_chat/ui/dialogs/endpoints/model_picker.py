"""The models of all endpoints in one list: choose one, type any other name, add, change and remove endpoints."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final

from tui_chat.chat.clean import clean_line
from tui_chat.chat.events import Failed
from tui_chat.chat.model_ports import ModelInfo, SetupError
from tui_chat.chat.quick_dataclass import dataclass, replace
from tui_chat.chat.wording.sentences import sentence
from tui_chat.ui.dialogs.dialog_rows import Hint
from tui_chat.ui.dialogs.endpoints.model_rows import CONTEXT, PRICE, notes_of
from tui_chat.ui.dialogs.list_dialog import ListDialog
from tui_chat.ui.dialogs.row_list import Column, Heading, ListItem, ListRow, Sentence
from tui_chat.ui.numbers import whole_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual.worker import Worker

    from tui_chat.chat.endpoint_ports import EndpointDraft, EndpointInfo, EndpointManager
    from tui_chat.ui.dialogs.endpoints.endpoint_form import SavedEndpoint

RECENT: Final = 5
"""The number of recently used models that are listed first."""
DEFAULT: Final = "server default"
"""The text of a row that leaves the model to the endpoint."""
BUILT_IN: Final = "built in"
"""The host of the demo."""


@dataclass(frozen=True, slots=True)
class ChosenModel:
    """A model of an endpoint."""

    endpoint: str
    """The endpoint's id; empty: the current one."""
    name: str
    """The model; empty: the endpoint's own choice."""


class ModelPicker(ListDialog[ChosenModel | None]):
    """Returns the choice, or `None` if it was closed with Esc."""

    TITLE = "Choose a model"
    PLACEHOLDER = "Filter, or type any model name"
    WIDE = True
    COLUMNS = (Column(leaves=1), CONTEXT, PRICE)
    HINTS = (
        Hint("enter", "choose", "choose"),
        Hint("ctrl+a", "add", "add"),
        Hint("ctrl+e", "edit", "edit"),
        Hint("ctrl+d", "remove", "remove"),
        Hint("ctrl+t", "at start", "make_default"),
        Hint("ctrl+r", "reload", "reload"),
    )

    def __init__(self, manager: EndpointManager, current: str, why: str = "", *, undecided: bool = False) -> None:
        """`current`: the current model. `why`: a sentence above the list if a choice is required. `undecided`: no
        endpoint is chosen yet."""
        super().__init__()
        self._manager = manager
        self._current = current
        self._why = why
        self._undecided = undecided
        self._infos: Sequence[EndpointInfo] = ()
        self._lists: dict[str, Sequence[ModelInfo]] = {}
        """The newest list of models of each endpoint."""
        self._states: dict[str, str] = {}
        """A note on each endpoint's list, in words."""
        self._problems: dict[str, str] = {}
        """The reason why an endpoint's list is missing."""
        self._recent: Sequence[tuple[str, str]] = ()
        self._moved_pick = False
        """Whether a person has moved the pick."""
        self._to_remove = ""
        """The endpoint that is removed when the key is pressed once more."""

    # ---- the rows

    def items(self, words: str) -> Sequence[ListItem]:
        """The models by endpoints, recent ones first; or those that fit the words, and the words as a name."""
        above = [Sentence(self._why, warning=True)] if self._why else []
        groups = [(info, list(self._rows_of(info))) for info in self._infos]
        rows = [row for _, group in groups for row in group]
        if words:
            found = self.matching(rows, words)
            self.set_note(f"{len(found):,} of {len(rows):,}")
            return [*above, *found, *self._typed_rows(words)]
        self.set_note("")
        by_value = {row.value: row for row in rows}
        recent = [by_value[choice] for each in self._recent if (choice := ChosenModel(*each)) in by_value]
        items: list[ListItem] = [*above]
        if recent and len(rows) > RECENT:
            items += [Heading("Recent"), *recent[:RECENT]]
        for info, group in groups:
            items += [self._heading_of(info), *self._problem_of(info)]
            items += [replace(row, notes=("", *row.notes[1:])) for row in group]
        if not rows:
            items.append(Sentence("No endpoint is set up yet: Ctrl+A adds one."))
        return items

    def _rows_of(self, info: EndpointInfo) -> Iterator[ListRow]:
        models = self._lists.get(info.id, ())
        listed = {model.name for model in models}
        wanted = [self._current if info.current and not self._undecided else "", info.model]
        unlisted = [name for name in dict.fromkeys(wanted) if name and name not in listed]
        for name in unlisted or ([] if models else [""]):
            yield self._row(info, name, notes_of(info.completed(ModelInfo(name))))
        for model in models:
            yield self._row(info, model.name, notes_of(info.completed(model)))

    def _row(self, info: EndpointInfo, name: str, notes: tuple[str, str]) -> ListRow:
        current = info.current and name == self._current and not self._undecided
        value = ChosenModel(info.id, name)
        sign = "●" if current else ""
        unnamed = info.name if info.host == BUILT_IN else DEFAULT
        return ListRow(name or unnamed, (info.name, *notes), value, sign=sign, also=(info.name, info.host))

    def _typed_rows(self, words: str) -> Iterator[ListRow]:
        """The words as the name of a model that is not listed, at each endpoint, the current one first."""
        for info in sorted(self._infos, key=lambda each: not each.current):
            if not any(model.name == words for model in self._lists.get(info.id, ())) and not info.problem:
                yield ListRow(words, (info.name, "", "as typed"), ChosenModel(info.id, words))

    def _count_of(self, info: EndpointInfo) -> str:
        """The number of models that an endpoint lists, in words; empty if it has no list."""
        if (listed := self._lists.get(info.id)) is None:
            return ""
        return f"{len(listed):,} model{'s' if len(listed) != 1 else ''}" if listed else "lists no models"

    def _heading_of(self, info: EndpointInfo) -> Heading:
        notes = [
            info.host if info.host != info.name else "",
            self._count_of(info),
            "at start" if info.default else "",
            self._states.get(info.id, ""),
        ]
        return Heading(info.name, " · ".join(note for note in notes if note))

    def _problem_of(self, info: EndpointInfo) -> list[Sentence]:
        """A sentence below the heading if the endpoint could not tell its models."""
        problem = info.problem or self._problems.get(info.id, "")
        return [Sentence(f"! {sentence(clean_line(problem))}", warning=True)] if problem else []

    def _show(self) -> None:
        """Show the list again; the pick stays where a person put it, else it is on the current model."""
        self.show_items(pick=None if self._moved_pick else self.first_pick())

    def first_pick(self) -> ChosenModel | None:
        """The value of the row that is picked at first: the current model."""
        current = self._current_info
        if current is None or self._undecided:
            return None
        models = self._lists.get(current.id, ())
        return ChosenModel(current.id, self._current or (models[0].name if models else ""))

    @property
    def _current_info(self) -> EndpointInfo | None:
        return next((info for info in self._infos if info.current), None)

    @property
    def _picked_info(self) -> EndpointInfo | None:
        """The endpoint whose row is picked."""
        row = self.list.picked
        if row is None or not isinstance(row.value, ChosenModel):
            return None
        chosen = row.value.endpoint
        return next((info for info in self._infos if info.id == chosen), None)

    # ---- asking the endpoints

    def on_mount(self) -> None:
        """Show what is known, and ask all endpoints at once for their models."""
        self._take_infos()
        super().on_mount()
        self._ask_all()

    def _take_infos(self) -> None:
        self._infos = self._manager.endpoints()
        self._recent = self._manager.recent()
        for info in self._infos:
            if info.id not in self._lists and (known := self._manager.known_models(info.id)) is not None:
                self._lists[info.id] = known.models
                self._states[info.id] = f"list from {_ago(known.age)}"

    def _ask_all(self, also: str = "") -> None:
        """Ask each endpoint that can be asked without a person's doing; `also`: one that needs it."""
        for info in self._infos:
            if info.problem:
                continue
            if info.asks_first and info.id != also:
                self._states.setdefault(info.id, "not asked yet" if info.host != BUILT_IN else "")
                continue
            self._states[info.id] = ", ".join(
                each for each in (self._states.get(info.id, "").removesuffix(", refreshing…"), "refreshing…") if each
            )
            _: Worker[None] = self.run_worker(partial(self._ask, info.id), group=f"list {info.id}", exclusive=True)
        self._show()

    async def _ask(self, endpoint: str) -> None:
        answer = await self._manager.models(endpoint)
        if not self.is_attached:
            return  # the dialog was closed meanwhile
        state = self._states.pop(endpoint, "").removesuffix("refreshing…").removesuffix(", ")
        if isinstance(answer, Failed):
            self._problems[endpoint] = answer.problem
            if endpoint in self._lists:
                self._states[endpoint] = state
        else:
            self._lists[endpoint] = answer
            self._problems.pop(endpoint, None)
        self._show()

    # ---- what a person does

    def choose(self, row: ListRow | None) -> None:
        """Close the dialog with the picked model."""
        if row is not None and isinstance(row.value, ChosenModel):
            self.dismiss(row.value)

    def picked(self, row: ListRow) -> None:
        """Another row: nothing is removed by the next press."""
        self._moved_pick = True
        self._forget_removal()

    def filter_changed(self) -> None:
        """Show what fits, and let nothing be removed by the next press."""
        self._forget_removal()
        super().filter_changed()

    def _forget_removal(self) -> None:
        if self._to_remove:
            self._to_remove = ""
            self.sub_title = ""

    def action_add(self) -> None:
        """Add an endpoint; saved, it is the choice."""
        self._fill_form(None)

    def action_edit(self) -> None:
        """Change the endpoint of the picked row; a server that was found is added."""
        info, row = self._picked_info, self.list.picked
        if info is not None and "://" in info.id and row is not None and isinstance(row.value, ChosenModel):
            from tui_chat.chat.endpoint_ports import EndpointDraft

            self._fill_form(EndpointDraft(info.id, model=row.value.name), current=True)
            return
        if info is None or not info.editable:
            self.sub_title = self._not_in_file(info)
            return
        try:
            draft = self._manager.draft_of(info.id)
        except SetupError as error:
            self.sub_title = str(error)
            return
        self._fill_form(draft, current=info.current)

    def _fill_form(self, draft: EndpointDraft | None, *, current: bool = False) -> None:
        from tui_chat.ui.dialogs.endpoints.endpoint_form import EndpointForm

        # With a callback: a worker that waits for another dialog would be cancelled in the midst of this one's end.
        form = EndpointForm(self._manager, draft)
        self.app.push_screen(form, lambda saved: self._saved(saved, draft, current=current))

    def _saved(self, saved: SavedEndpoint | None, draft: EndpointDraft | None, *, current: bool) -> None:
        if saved is None:
            return
        if draft is None or current:
            self.dismiss(ChosenModel(saved.id, saved.model))
            return
        if draft.before != saved.id:
            self._lists.pop(draft.before, None)
        self._take_infos()
        self._ask_all()

    def action_remove(self) -> None:
        """Remove the endpoint of the picked row from config.toml, when pressed twice."""
        info = self._picked_info
        if info is None or not info.editable:
            self.sub_title = self._not_in_file(info)
        elif self._to_remove != info.id:
            self._to_remove = info.id
            self.sub_title = f"Ctrl+D again removes {info.name} and its key from config.toml"
        else:
            _: Worker[None] = self.run_worker(partial(self._remove, info.id), group="remove", exclusive=True)

    async def _remove(self, name: str) -> None:
        try:
            await asyncio.to_thread(self._manager.remove, name)
        except SetupError as error:
            self.sub_title = str(error)
            return
        self._forget_removal()
        self.sub_title = f"{name} is removed"
        self._lists.pop(name, None)
        self._take_infos()
        self._show()

    def action_make_default(self) -> None:
        """Start with the picked model from the next time on."""
        row, info = self.list.picked, self._picked_info
        if row is None or info is None or not info.editable or not isinstance(row.value, ChosenModel):
            self.sub_title = self._not_in_file(info)
        else:
            _: Worker[None] = self.run_worker(partial(self._make_default, row.value), group="default", exclusive=True)

    async def _make_default(self, chosen: ChosenModel) -> None:
        try:
            await asyncio.to_thread(self._manager.make_default, chosen.endpoint, chosen.name)
        except SetupError as error:
            self.sub_title = str(error)
            return
        self.sub_title = f"tui-chat starts with {chosen.name or chosen.endpoint} from now on"
        self._take_infos()
        self._show()

    def action_reload(self) -> None:
        """Read config.toml again, and ask all endpoints again, the picked one in any case."""
        _: Worker[None] = self.run_worker(self._reload, group="reload", exclusive=True)

    async def _reload(self) -> None:
        info = self._picked_info
        try:
            await asyncio.to_thread(self._manager.reload)
        except SetupError as error:
            self.sub_title = str(error)
            return
        self.sub_title = ""
        self._take_infos()
        self._ask_all(info.id if info is not None else "")

    @staticmethod
    def _not_in_file(info: EndpointInfo | None) -> str:
        return f"{info.name if info is not None else 'This'} is not in config.toml"


def _ago(age: float) -> str:
    if age < 3600:
        return f"{whole_seconds(age).replace(' 00 s', '')} ago"
    return f"{age / 3600:.0f} h ago" if age < 86_400 else f"{age / 86_400:.0f} days ago"
