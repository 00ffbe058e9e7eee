"""The form in which an endpoint is added, tested and changed."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static, TextArea

from tui_chat.chat.clean import clean_line
from tui_chat.chat.endpoint_ports import EndpointDraft, TestReport
from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import dataclass, replace
from tui_chat.ui.dialogs.dialog import ROWS_FOR_BLANKS, Dialog
from tui_chat.ui.dialogs.dialog_rows import Hint
from tui_chat.ui.dialogs.endpoints.form_fields import Choice, Field, SecretInput
from tui_chat.ui.dialogs.endpoints.model_rows import ModelChooser
from tui_chat.ui.dialogs.endpoints.preset_picker import PresetPicker
from tui_chat.ui.dialogs.filter_input import DialogInput
from tui_chat.ui.numbers import pace, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.timer import Timer
    from textual.worker import Worker

    from tui_chat.chat.endpoint_ports import EndpointManager, FormField, KeySource
    from tui_chat.chat.model_ports import ModelInfo

SOURCES: Final = {"typed": "typed here", "variable": "in an environment variable", "command": "printed by a command"}
"""Where a key may come from, in the form's words."""
KEPT: Final = "as it is saved"
LABELS: Final = {"typed": "API key", "variable": "Variable", "command": "Command", "kept": "API key"}
ROWS_AROUND, ROWS_AROUND_IF_LOW = 6, 2
"""Rows of the dialog besides its fields."""
NARROW: Final = 60
"""Cells of the window below which sentences begin at the left."""
TICK: Final = 0.2
"""Seconds between two looks at the clock while a test runs."""

TEST_HINTS = (
    Hint("enter", "test and save", "submit"),
    Hint("ctrl+s", "save without testing", "save"),
    Hint("tab", "next field", "next_field"),
    Hint("ctrl+o", "models", "choose_model"),
)


@dataclass(frozen=True, slots=True)
class SavedEndpoint:
    """What was saved: the endpoint's id, and the model to chat with."""

    id: str
    model: str
    found: str = ""
    """What its test found, in a few words; empty: it was not tested."""


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
    EndpointForm > .panel > VerticalScroll { height: auto; scrollbar-size-vertical: 1; }
    EndpointForm.-narrow Field > .note { padding: 0 2 0 2; }
    EndpointForm .result { height: auto; padding: 0 2; margin: 1 0 0 0; display: none; }
    EndpointForm.-low .result { margin: 0; }
    EndpointForm .result.-shown { display: block; }
    EndpointForm .result > Static { height: auto; }
    EndpointForm .result > .sign { width: 2; }
    EndpointForm .result > .words { width: 1fr; }
    """

    def __init__(self, manager: EndpointManager, draft: EndpointDraft | None = None) -> None:
        """`draft`: the endpoint to change; `None`: a new one is added."""
        super().__init__()
        self._manager = manager
        self._presets = manager.presets()
        self._editing = draft is not None and bool(draft.before)
        self._draft = draft = draft or EndpointDraft("")
        if self._editing:
            self.title = f"Edit {clean_line(draft.before)}"
        self._models: Sequence[ModelInfo] = ()
        self._tested: EndpointDraft | None = None
        """The draft whose test went well."""
        self._test: Worker[None] | None = None
        self._saving = False
        self._report = TestReport()
        self._began = 0.0
        self._clock: Timer | None = None
        self._key_host = ""
        """The host that the URL's field named when the key was typed."""
        self._agreed_host = ""
        """The other host that the key may go to, because the person was told and pressed Enter again."""
        self._sources: list[KeySource] = [*(["kept"] if draft.key_source == "kept" else []), *SOURCES]  # type: ignore[list-item]
        source = "typed" if draft.key_source == "none" else draft.key_source
        words = [KEPT if each == "kept" else SOURCES[each] for each in self._sources]
        self._provider = Choice(
            [each.name for each in self._presets], self._preset_of(draft.base_url), self._take_preset
        )
        self._url = DialogInput(self.keys, draft.base_url, placeholder="https://…")
        self._source = Choice(words, self._sources.index(source), self._show_source)
        self._key_boxes: dict[str, DialogInput] = {
            "typed": SecretInput(self.keys),
            "variable": DialogInput(self.keys, draft.key if source == "variable" else "", placeholder="OPENAI_API_KEY"),
            "command": DialogInput(self.keys, draft.key if source == "command" else "", placeholder="pass show openai"),
        }
        self._model = DialogInput(self.keys, draft.model, placeholder="any; the test lists what there is")
        self._name_box = DialogInput(self.keys, draft.name)
        starts = (draft.default if self._editing else not manager.starts_with) or False
        self._start = Choice(["as before", "use this one"], int(starts))
        self._fields: dict[str, Field] = {
            "provider": Field("Provider", self._provider),
            "url": Field("URL", self._url),
            "source": Field("Key", self._source),
            **{each: Field(LABELS[each], box) for each, box in self._key_boxes.items()},
            "model": Field("Model", self._model, more=True),
            "name": Field("Name", self._name_box),
            "start": Field("At the start", self._start),
        }
        self._scroll = VerticalScroll(can_focus=False)
        self._sign = Static("", classes="sign")
        self._words = Static("", classes="words", markup=False)
        self._result = Horizontal(self._sign, self._words, classes="result")

    # ---- what is shown

    def compose_content(self) -> ComposeResult:
        """Compose the fields and the result of the test."""
        with self._scroll:
            yield from self._fields.values()
            yield self._result

    def on_mount(self) -> None:
        """Focus the first field that has to be filled in."""
        if not self._editing:
            self._take_preset()
        self._show_source()
        self._show_url()
        (self._url if self._editing else self._provider).focus()

    def on_resize(self, event: events.Resize) -> None:
        """Keep the focused field in sight."""
        super().on_resize(event)
        low = event.size.height < ROWS_FOR_BLANKS
        around = (ROWS_AROUND_IF_LOW if low else ROWS_AROUND) + (2 if self.app.native_ansi_color and low else 0)
        self._scroll.styles.max_height = max(3, event.size.height * 9 // 10 - around)
        self.set_class(event.size.width < NARROW, "-narrow")
        self.call_after_refresh(self._show_focused)

    def _show_focused(self) -> None:
        if self.focused is not None:
            self.focused.scroll_visible(animate=False)

    @property
    def key_source(self) -> KeySource:
        """Where the key comes from."""
        return self._sources[self._source.index]

    def draft(self) -> EndpointDraft:
        """The endpoint as the form has it now."""
        source, key = self.key_source, ""
        if source != "kept":
            key = self._key_boxes[source].text.strip()
        return EndpointDraft(
            self._url.text.strip(),
            source if key or source == "kept" else "none",
            key,
            self._model.text.strip(),
            self._name_box.text.strip() or self._usual_name(),
            bool(self._start.index) if self._start_changed else None,
            self._draft.before,
        )

    @property
    def _start_changed(self) -> bool:
        return bool(self._start.index) != bool(self._draft.default)

    def _usual_name(self) -> str:
        preset = self._presets[self._provider.index]
        host = self._manager.read_url(self._url.text).host
        own = self._manager.read_url(preset.base_url).host if preset.base_url else ""
        parts = [part for part in host.partition(":")[0].split(".") if part not in {"api", "www", "com", "ai", "org"}]
        name = preset.endpoint if preset.endpoint and own == host else "-".join(parts[:2]) or "endpoint"
        taken = {each.id for each in self._manager.endpoints()} - {self._draft.before}
        return next(each for each in (name, *(f"{name}-{number}" for number in range(2, 1000))) if each not in taken)

    def _preset_of(self, url: str) -> int:
        """The index of the preset that a URL belongs to; the last is for any other."""
        host = self._manager.read_url(url).host if url else ""
        hosts = [self._manager.read_url(each.base_url).host if each.base_url else "" for each in self._presets]
        if not url:
            return 0
        return hosts.index(host) if host in hosts else len(hosts) - 1

    def _take_preset(self) -> None:
        """Begin with what is usual for the chosen provider."""
        preset = self._presets[self._provider.index]
        self._url.take(preset.base_url)
        self._key_boxes["variable"].take(preset.variable)
        self._source.index = self._sources.index(
            "variable" if preset.variable and self._manager.variable_is_set(preset.variable) else "typed"
        )
        self._source.refresh()
        self._model.take("")
        self._models = ()
        self._show_source()
        self._show_url()

    def _show_source(self) -> None:
        """Show the input of the chosen source alone."""
        for each in SOURCES:
            self._fields[each].display = each == self.key_source
        self._show_key()

    def _show_url(self) -> None:
        """Say what was made of the URL, and name the endpoint by it."""
        text = self._url.text.strip()
        reading = self._manager.read_url(text) if text else None
        note = ""
        if reading is not None and reading.problem:
            note = reading.problem
        elif reading is not None and reading.url != text.rstrip("/"):
            note = f"asks {reading.url}"
        self._fields["url"].note(note, warning=reading is not None and bool(reading.problem))
        self._name_box.placeholder = self._usual_name() if text else ""
        self._show_key()

    def _show_key(self) -> None:
        """Say where the key is kept and whom it is sent to."""
        host = self._manager.read_url(self._url.text).host or "this endpoint"
        source = self.key_source
        preset = self._presets[self._provider.index]
        if source == "kept":
            self._fields["source"].note(f"sent to {host} only")
            return
        self._fields["source"].note("")
        text = self._key_boxes[source].text.strip()
        field = self._fields[source]
        match source:
            case "typed" if text:
                field.note(f"kept in config.toml (0600), sent to {host} only")
            case "typed":
                field.note("none needed on this computer" if preset.local else "empty: no key is sent")
            case "variable" if text and not self._manager.variable_is_set(text):
                field.note(f"{text} is not set here; set it before tui-chat starts", warning=True)
            case "variable":
                field.note(f"its value is sent to {host} only")
            case _:
                field.note(f"its first line of output is sent to {host} only; no shell is used")

    def _show_result(self) -> None:
        """Show how the test goes, or what it found."""
        report = self._report
        sign, words = Content(""), Content("")
        if report.doing:
            sign = Content.styled("…", "$role-accent")
            doing = f"{clean_line(report.doing)} ({monotonic() - self._began:.1f} s)   "
            words = Content.assemble(doing, ("Esc", "bold"), (" cancel", "$role-muted"))
        elif report.problem:
            sign = Content.styled("✗", "bold $role-error")
            advice = f"\n{clean_line(report.advice)}" if report.advice else ""
            words = Content.assemble((clean_line(report.problem), "$role-error"), advice)
        elif report.done:
            sign, words = Content.styled("✓", "bold $role-success"), Content("; ".join(_found(report)))
        self._sign.update(sign)
        self._words.update(words)
        self._result.set_class(bool(words.plain), "-shown")

    def _show_problem(self, problem: str, advice: str = "", field: FormField = "") -> None:
        self._report = TestReport(problem=problem, advice=advice, field=field, done=True)
        self._show_result()
        self._go_to(field)

    def _go_to(self, field: FormField) -> None:
        """Focus the field that has to be changed."""
        for each in self._fields.values():
            each.remove_class("-bad")
        if not field:
            self._result.scroll_visible(animate=False)
            return
        name = (self.key_source if self.key_source != "kept" else "source") if field == "key" else field
        self._fields[name].add_class("-bad")
        self._fields[name].content.focus()
        self.call_after_refresh(self._result.scroll_visible, animate=False)

    # ---- what is typed and chosen

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        box = event.text_area
        if box is self._url:
            self._show_url()
        elif box is self._key_boxes.get(self.key_source):
            self._key_host = self._manager.read_url(self._url.text).host
            self._agreed_host = ""
            self._show_key()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Hide a typed key from the log as soon as it is complete."""
        if event.widget is self._key_boxes["typed"] and self._key_boxes["typed"].text.strip():
            self._manager.hide(self._key_boxes["typed"].text)

    @on(Choice.Opened)
    def _opened(self, event: Choice.Opened) -> None:
        event.stop()
        if event.choice is self._provider:
            # With a callback: a worker that waits for another dialog would be cancelled in the midst of this one's end.
            self.app.push_screen(PresetPicker(self._presets, self._provider.index), self._provider_chosen)
        else:
            event.choice.step(1)

    def _provider_chosen(self, chosen: int | None) -> None:
        if chosen is not None:
            self._provider.set(chosen)
            preset = self._presets[chosen]
            (self._url if not preset.base_url else self._model if preset.local else self._keys_box()).focus()

    def _keys_box(self) -> DialogInput | Choice:
        return self._source if self.key_source == "kept" else self._key_boxes[self.key_source]

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
            where = self._manager.read_url(self._url.text).host
            self.app.push_screen(ModelChooser(self._models, self._model.text.strip(), where), self._model_chosen)

    def _model_chosen(self, chosen: str | None) -> None:
        if chosen is not None:
            self._model.put(chosen)
            self._model.focus()
            if self._report.choose:  # the test waited for this
                self.action_submit()

    # ---- testing and saving

    def action_close(self) -> None:
        """Stop the test, or else close the form."""
        if self._test is not None:
            self._stop_test()
            self._report = TestReport()
            self._show_result()
        elif not self._saving:
            self.dismiss(None)

    def _stop_test(self) -> None:
        if self._test is not None:
            self._test.cancel()
        self._test = None
        if self._clock is not None:
            self._clock.stop()
            self._clock = None

    def action_submit(self) -> None:
        """Test what is typed, and save it if the test goes well."""
        if self._test is not None or self._saving or not self._may_send_key():
            return
        draft = self.draft()
        if not draft.base_url:
            self._show_problem("The URL is empty.", "Choose a provider, or type the server's address.", "url")
            return
        for each in self._fields.values():
            each.remove_class("-bad")
        self._began = monotonic()
        self._clock = self.set_interval(TICK, self._show_result)
        self._test = self.run_worker(self._run_test(draft), group="test", exclusive=True)

    def action_save(self) -> None:
        """Save what is typed without a test."""
        if self._saving or not self._may_send_key():
            return
        self._stop_test()
        self.run_worker(self._save(self.draft()), group="save")

    def _may_send_key(self) -> bool:
        """Whether a typed key may go to the host that the URL names now; if that changed since the key was typed, the
        person is told first."""
        if self.key_source == "kept" or not self._key_boxes[self.key_source].text.strip():
            return True
        host = self._manager.read_url(self._url.text).host
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
                self._report = report
                if report.models is not None:
                    self._models = report.models
                self._show_result()
        self._stop_clock()
        self._test = None
        report = self._report
        if report.choose:
            self._model.focus()
            self.action_choose_model()
        elif report.problem:
            self._go_to(report.field)
        elif report.works:
            if not draft.model and report.model:
                self._model.put(report.model)
                draft = replace(draft, model=report.model)
            await self._save(draft)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.stop()
            self._clock = None

    async def _save(self, draft: EndpointDraft) -> None:
        self._saving = True
        try:
            if draft.key_source == "typed":
                self._manager.hide(draft.key)
            saved = await asyncio.to_thread(self._manager.save, draft)
        except SetupError as error:
            self._show_problem(str(error))
        else:
            found = "; ".join(_found(self._report)) if self._report.works else ""
            self.dismiss(SavedEndpoint(saved, draft.model, found))
        finally:
            self._saving = False


def _found(report: TestReport) -> list[str]:
    """What a test has found, in a few words."""
    found: list[str] = []
    if report.models:
        found.append(f"Connected: {len(report.models):,} model{'s' if len(report.models) != 1 else ''}")
    else:
        found.append("Connected")
    if report.choose:
        found.append("choose one")
    if report.first_token is not None:
        found.append(f"first token {seconds(report.first_token)}")
    if report.pace is not None:
        found.append(pace(report.pace, estimated=report.estimated))
    return found
