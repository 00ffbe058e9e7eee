"""The form in which an endpoint is added, tested and changed."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import TextArea

from tui_chat.chat.clean import clean_line
from tui_chat.chat.endpoint_ports import EndpointDraft, TestReport
from tui_chat.chat.model_ports import LocalServer, SetupError
from tui_chat.chat.quick_dataclass import dataclass, replace
from tui_chat.ui.dialogs.dialog import Dialog
from tui_chat.ui.dialogs.dialog_rows import Hint
from tui_chat.ui.dialogs.endpoints.endpoint_fields import EndpointFields
from tui_chat.ui.dialogs.endpoints.form_fields import Choice
from tui_chat.ui.dialogs.endpoints.model_rows import ModelChooser
from tui_chat.ui.dialogs.endpoints.preset_picker import PresetPicker
from tui_chat.ui.dialogs.endpoints.result_row import ResultRow, found
from tui_chat.ui.dialogs.filter_input import DialogInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.worker import Worker

    from tui_chat.chat.endpoint_ports import EndpointManager, FormField
    from tui_chat.chat.model_ports import ModelInfo

NARROW: Final = 60
"""Cells of the window below which sentences begin at the left."""

_NEXT, _SAVE = Hint("tab", "next field", "next_field"), Hint("ctrl+s", "save without testing", "save")
TEST_HINTS = (Hint("enter", "test and save", "submit"), _SAVE, _NEXT, Hint("ctrl+o", "models", "choose_model"))
MODEL_HINTS = (TEST_HINTS[0], TEST_HINTS[3], _NEXT, _SAVE)
LIST_HINTS = (Hint("enter", "choose", "open_choice"), _NEXT, _SAVE)
CHOICE_HINTS = (Hint("enter", "change", "open_choice"), _NEXT, _SAVE)


@dataclass(frozen=True, slots=True)
class SavedEndpoint:
    """The result of the form: the saved endpoint's id, and the model to chat with."""

    id: str
    model: str
    found: str = ""
    """The result of its test, in a few words; empty: it was not tested."""


class EndpointForm(Dialog[SavedEndpoint | None]):
    """Returns what was saved, or `None` if it was closed with Esc."""

    TITLE = "Add an endpoint"
    HINTS = TEST_HINTS
    BINDINGS: ClassVar[list[BindingType]] = [
        # With priority: else letters that are typed right behind a Tab would still go to the field before.
        Binding("tab", "next_field", show=False, priority=True),
        Binding("shift+tab", "previous_field", show=False, priority=True),
        Binding("down", "next_field", show=False, priority=True),
        Binding("up", "previous_field", show=False, priority=True),
    ]

    DEFAULT_CSS = """
    EndpointForm > .panel > VerticalScroll { height: auto; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    EndpointForm.-narrow Field > .note { padding: 0 2 0 2; }
    EndpointForm.-narrow Field > Horizontal > .label { width: 9; }
    EndpointForm.-low ResultRow { margin: 0; }
    """

    def __init__(self, manager: EndpointManager, draft: EndpointDraft | None = None) -> None:
        """`draft`: the endpoint to change, or what is known of a new one."""
        super().__init__()
        self._manager = manager
        draft = draft or EndpointDraft("")
        self._begins_with_url = bool(draft.base_url)
        self._editing = bool(draft.before)
        if self._editing:
            self.title = f"Edit {clean_line(draft.before)}"
        self.fields = EndpointFields(manager, draft, self.keys, self._forget_models)
        self.result = ResultRow()
        self._models: Sequence[ModelInfo] = ()
        self._test: Worker[None] | None = None
        self._saving = False
        self._key_host = ""
        """The host that the URL's field named when the key was typed."""
        self._agreed_host = ""
        """The other host that the key may go to, because the person pressed Enter again after a notice."""
        self._scroll = VerticalScroll(can_focus=False)

    # ---- what is shown

    def compose_content(self) -> ComposeResult:
        """Compose the fields and the result of the test."""
        with self._scroll:
            yield from self.fields.rows.values()
            yield self.result

    def on_mount(self) -> None:
        """Focus the first field that has to be filled in."""
        fields = self.fields
        if not self._begins_with_url:
            fields.take_preset()
        fields.show_source()
        fields.show_url()
        (fields.url if self._editing else fields.key_box if self._begins_with_url else fields.provider).focus()

    def on_resize(self, event: events.Resize) -> None:
        """Keep the focused field in sight."""
        super().on_resize(event)
        self._scroll.styles.max_height = max(3, self.rows_for_content(event.size.height))
        self.set_class(event.size.width < NARROW, "-narrow")
        self.call_after_refresh(self._show_focused)

    def on_descendant_focus(self) -> None:
        """Show the keys of the field that has the focus: Enter opens a list, or tests."""
        match self.focused:
            case self.fields.provider:
                self.hint_row.show(LIST_HINTS)
            case Choice():
                self.hint_row.show(CHOICE_HINTS)
            case self.fields.model:
                self.hint_row.show(MODEL_HINTS)
            case _:
                self.hint_row.show(TEST_HINTS)

    def action_open_choice(self) -> None:
        """Open the list of the field that has the focus, or take its next value."""
        if isinstance(self.focused, Choice):
            self.focused.open()

    def _show_focused(self) -> None:
        if self.focused is not None:
            self.focused.scroll_visible(animate=False)

    def _forget_models(self) -> None:
        self._models = ()

    def _show_problem(self, problem: str, advice: str = "", field: FormField = "") -> None:
        self.result.show(TestReport(problem=problem, advice=advice, field=field, done=True))
        self._go_to(field)

    def _go_to(self, field: FormField) -> None:
        """Focus the field that has to be changed."""
        self.fields.clear_marks()
        if not field:
            self.result.scroll_visible(animate=False)
            return
        self.fields.mark(field)
        self.call_after_refresh(self.result.scroll_visible, animate=False)

    # ---- what is typed and chosen

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        box = event.text_area
        if box is self.fields.url:
            self._forget_models()
            self.fields.show_url()
        elif box is self.fields.key_box:
            self._key_host = self.fields.host
            self._agreed_host = ""
            self.fields.show_key()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Hide a typed key from the log as soon as it is complete."""
        if event.widget is self.fields.key_boxes["typed"] and (key := self.fields.typed_key):
            self._manager.hide(key)

    @on(Choice.Opened)
    def _opened(self, event: Choice.Opened) -> None:
        event.stop()
        if event.choice is self.fields.provider:
            # With a callback: a worker that waits for another dialog would be cancelled in the midst of this one's end.
            fields, find = self.fields, self._manager.find_local_servers
            self.app.push_screen(PresetPicker(fields.presets, fields.provider.index, find), self._provider_chosen)
        else:
            event.choice.step(1)

    def _provider_chosen(self, chosen: int | LocalServer | None) -> None:
        fields = self.fields
        if isinstance(chosen, LocalServer):
            fields.take_server(chosen)
            (fields.key_box if chosen.wants_key else fields.model).focus()
        elif chosen is not None:
            fields.provider.set(chosen)
            preset = fields.preset
            (fields.url if not preset.base_url else fields.model if preset.local else fields.key_box).focus()

    def action_next_field(self) -> None:
        """Go to the next field, whose text is selected: what is typed replaces it."""
        self.focus_next()
        self._select_text()

    def action_previous_field(self) -> None:
        """Go to the field before, whose text is selected."""
        self.focus_previous()
        self._select_text()

    def _select_text(self) -> None:
        if isinstance(self.focused, DialogInput):
            self.focused.select_all()

    def action_choose_model(self) -> None:
        """Open the list of models, which a test has fetched."""
        if self.is_current:
            where = self.fields.host
            self.app.push_screen(ModelChooser(self._models, self.fields.model.text.strip(), where), self._model_chosen)

    def _model_chosen(self, chosen: str | None) -> None:
        if chosen is not None:
            self.fields.model.put(chosen)
            self.fields.model.focus()
            if self.result.report.choose:  # the test waited for this
                self.action_submit()

    # ---- testing and saving

    def action_close(self) -> None:
        """Stop the test, or else close the form."""
        if self._test is not None:
            self._stop_test()
            self.result.show(TestReport())
        elif not self._saving:
            self.dismiss(None)

    def _stop_test(self) -> None:
        if self._test is not None:
            self._test.cancel()
        self._test = None
        self.result.stop()

    def action_submit(self) -> None:
        """Test what is typed, and save it if the test goes well."""
        if self._test is not None or self._saving or not self._may_send_key():
            return
        draft = self.fields.draft()
        if not draft.base_url:
            self._show_problem("The URL is empty.", "Choose a provider, or type the server's address.", "url")
            return
        self.fields.clear_marks()
        self.result.start()
        self._test = self.run_worker(partial(self._run_test, draft), group="test", exclusive=True)

    def action_save(self) -> None:
        """Save what is typed without a test."""
        if self._saving or not self._may_send_key():
            return
        self._stop_test()
        _: Worker[None] = self.run_worker(partial(self._save, self.fields.draft()), group="save")

    def _may_send_key(self) -> bool:
        """Whether a typed key may go to the host that the URL names; if the host has changed since the key was typed, a
        notice asks first."""
        if self.fields.key_source == "kept" or not self.fields.draft().key:
            return True
        host = self.fields.host
        if not self._key_host or not host or host in {self._key_host, self._agreed_host}:
            return True
        self._agreed_host = host
        problem = f"This key was entered for {self._key_host}."
        self._show_problem(problem, f"Enter once more sends it to {host}; or enter the key of {host}.", "key")
        return False

    async def _run_test(self, draft: EndpointDraft) -> None:
        if draft.key_source == "typed":
            self._manager.hide(draft.key)
        async with aclosing(self._manager.test(draft)) as reports:
            async for report in reports:
                if report.models is not None:
                    self._models = report.models
                self.result.show(report)
        self.result.stop()
        self._test = None
        report = self.result.report
        if report.choose:
            self.fields.model.focus()
            self.action_choose_model()
        elif report.problem:
            self._go_to(report.field)
        elif report.works:
            if not draft.model and report.model:
                self.fields.model.put(report.model)
                draft = replace(draft, model=report.model)
            await self._save(draft)

    async def _save(self, draft: EndpointDraft) -> None:
        self._saving = True
        try:
            if draft.key_source == "typed":
                self._manager.hide(draft.key)
            saved = await asyncio.to_thread(self._manager.save, draft)
        except SetupError as error:
            self._show_problem(str(error))
        else:
            report = self.result.report
            self.dismiss(SavedEndpoint(saved, draft.model, found(report) if report.works else ""))
        finally:
            self._saving = False
