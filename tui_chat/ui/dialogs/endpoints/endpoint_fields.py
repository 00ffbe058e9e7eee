"""The fields of the form for an endpoint: what they hold at first, what they say, and the draft they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_chat.chat.endpoint_ports import EndpointDraft
from tui_chat.ui.dialogs.endpoints.form_fields import Choice, Field, SecretInput
from tui_chat.ui.dialogs.filter_input import DialogInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_chat.chat.endpoint_ports import EndpointManager, FormField, KeySource, Preset
    from tui_chat.chat.model_ports import LocalServer

SOURCES: Final = {"typed": "typed here", "variable": "in an environment variable", "command": "printed by a command"}
"""The sources of a key, in the form's words."""
KEPT: Final = "as it is saved"
_SAYS_NOTHING: Final = {"api", "www", "com", "ai", "org"}
"""Parts of a host's name that do not identify the endpoint."""
LABELS: Final = {"typed": "API key", "variable": "Variable", "command": "Command", "kept": "API key"}


def _on_this_computer(host: str) -> bool:
    """Whether a host with its port is this computer itself."""
    return host.partition(":")[0] == "localhost" or host.startswith(("127.", "[::1]"))


def names_for_host(host: str) -> list[str]:
    """Return names for an endpoint, the best first: `local` and `local-8080` for a server on this computer, the whole
    address in the network, else the telling part of the host's name."""
    name, _, port = host.strip("[]").rpartition("]:") if host.startswith("[") else host.partition(":")
    name, port = (name, port) if name else (port, "")
    if _on_this_computer(host):
        return ["local", *([f"local-{port}"] if port else [])]
    parts = name.replace(":", ".").split(".")
    if all(part.isdigit() for part in parts) or ":" in name:
        return ["-".join(filter(None, parts))]
    return ["-".join([part for part in parts if part not in _SAYS_NOTHING][:2]) or "endpoint"]


class EndpointFields:
    """The inputs and choices of the form, which follow the chosen provider and the typed URL."""

    def __init__(
        self,
        manager: EndpointManager,
        draft: EndpointDraft,
        keys: Mapping[str, str],
        provider_changed: Callable[[], None],
    ) -> None:
        """`keys`: the dialog's actions by key, which work in the inputs. `provider_changed` is called when the person
        chooses another provider."""
        self._manager = manager
        self._draft = draft
        self._provider_changed = provider_changed
        self.presets = manager.presets()
        editing = bool(draft.before)
        self._sources: list[KeySource] = [*(["kept"] if draft.key_source == "kept" else []), *SOURCES]  # type: ignore[list-item]
        source = "typed" if draft.key_source == "none" else draft.key_source
        words = [KEPT if each == "kept" else SOURCES[each] for each in self._sources]
        self.provider = Choice([each.name for each in self.presets], self._preset_of(draft.base_url), self.take_preset)
        self.url = DialogInput(keys, draft.base_url, placeholder="https://…")
        self.source = Choice(words, self._sources.index(source), self.show_source)
        self.key_boxes: dict[str, DialogInput] = {
            "typed": SecretInput(keys, placeholder="paste or type it"),
            "variable": DialogInput(keys, draft.key if source == "variable" else "", placeholder="OPENAI_API_KEY"),
            "command": DialogInput(keys, draft.key if source == "command" else "", placeholder="pass show openai"),
        }
        self.model = DialogInput(keys, draft.model, placeholder="listed by the test")
        self.name = DialogInput(keys, draft.name)
        starts = (draft.default if editing else not manager.starts_with) or False
        self._start = Choice(["as before", "use this one"], int(starts))
        self.rows: dict[str, Field] = {
            "provider": Field("Provider", self.provider),
            "url": Field("URL", self.url),
            "source": Field("Key", self.source),
            **{each: Field(LABELS[each], box) for each, box in self.key_boxes.items()},
            "model": Field("Model", self.model, more=True),
            "name": Field("Name", self.name),
            "start": Field("At start", self._start),
        }
        """The rows of the form in their order, by name."""

    @property
    def preset(self) -> Preset:
        """The provider that is chosen."""
        return self.presets[self.provider.index]

    @property
    def host(self) -> str:
        """The host that the typed URL names; empty if it names none."""
        return self._manager.read_url(self.url.text).host

    @property
    def key_source(self) -> KeySource:
        """The chosen source of the key."""
        return self._sources[self.source.index]

    @property
    def key_box(self) -> DialogInput | Choice:
        """The input of the key; if the saved key stays, the choice that says so."""
        return self.source if self.key_source == "kept" else self.key_boxes[self.key_source]

    @property
    def typed_key(self) -> str:
        """The key that is typed here, whether or not its input is shown."""
        return self.key_boxes["typed"].text.strip()

    def draft(self) -> EndpointDraft:
        """The endpoint as the fields have it."""
        source, key = self.key_source, ""
        if source != "kept":
            key = self.key_boxes[source].text.strip()
        starts = bool(self._start.index)
        return EndpointDraft(
            self.url.text.strip(),
            source if key or source == "kept" else "none",
            key,
            self.model.text.strip(),
            self.name.text.strip() or self._usual_name(),
            starts if starts != bool(self._draft.default) else None,
            self._draft.before,
        )

    def _usual_name(self) -> str:
        preset, host = self.preset, self.host
        own = self._manager.read_url(preset.base_url).host if preset.base_url else ""
        names = [preset.endpoint] if preset.endpoint and own == host else names_for_host(host)
        names += [f"{names[0]}-{number}" for number in range(2, 1000)]
        taken = {each.id for each in self._manager.endpoints()} - {self._draft.before}
        return next(each for each in names if each not in taken)

    def _preset_of(self, url: str) -> int:
        """The index of the preset that a URL belongs to; the last is for any other."""
        host = self._manager.read_url(url).host if url else ""
        hosts = [self._manager.read_url(each.base_url).host if each.base_url else "" for each in self.presets]
        if not url:
            return 0
        return hosts.index(host) if host in hosts else len(hosts) - 1

    def take_preset(self) -> None:
        """Fill in what is usual for the chosen provider."""
        preset = self.preset
        self.url.take(preset.base_url)
        self.key_boxes["variable"].take(preset.variable)
        self.source.index = self._sources.index(
            "variable" if preset.variable and self._manager.variable_is_set(preset.variable) else "typed"
        )
        self.source.refresh()
        self.model.take("")
        self._provider_changed()
        self.show_source()
        self.show_url()

    def take_server(self, server: LocalServer) -> None:
        """Begin with a server that was found on this computer."""
        self.provider.set(self._preset_of(server.base_url))
        self.url.put(server.base_url)
        if len(server.models) == 1:
            self.model.put(server.models[0])

    def show_source(self) -> None:
        """Show only the input of the chosen source of the key."""
        for each in SOURCES:
            self.rows[each].display = each == self.key_source
        self.show_key()

    def show_url(self) -> None:
        """Say below the URL what it was completed to, name the provider that it belongs to, and suggest a name for the
        endpoint."""
        text = self.url.text.strip()
        if text:
            self.provider.show(self._preset_of(text))
        reading = self._manager.read_url(text) if text else None
        note = ""
        if reading is not None and reading.problem:
            note = reading.problem
        elif reading is not None and reading.url != text.rstrip("/"):
            note = f"asks {reading.url}"
        self.rows["url"].note(note, warning=reading is not None and bool(reading.problem))
        self.name.placeholder = self._usual_name() if text else ""
        self.show_key()

    def show_key(self) -> None:
        """Say below the key where it is kept and which host it is sent to."""
        host = self.host or "this endpoint"
        source = self.key_source
        if source == "kept":
            self.rows["source"].note(f"sent to {host} only")
            return
        self.rows["source"].note("")
        text = self.key_boxes[source].text.strip()
        field = self.rows[source]
        match source:
            case "typed" if text:
                field.note(f"kept in config.toml (0600), for {host} only")
            case "typed":
                local = self.preset.local or _on_this_computer(self.host)
                field.note("most servers on this computer need none" if local else "empty: no key is sent")
            case "variable" if text and not self._manager.variable_is_set(text):
                field.note(f"{text} is not set here; set it before tui-chat starts", warning=True)
            case "variable":
                field.note(f"its value is sent to {host} only")
            case _:
                field.note(f"its first line of output is sent to {host} only; no shell is used")

    def clear_marks(self) -> None:
        """Mark no field as wrong."""
        for each in self.rows.values():
            each.remove_class("-bad")

    def mark(self, field: FormField) -> None:
        """Mark the field that has to be changed, and focus it."""
        name = (self.key_source if self.key_source != "kept" else "source") if field == "key" else field
        self.rows[name].add_class("-bad")
        self.rows[name].content.focus()
