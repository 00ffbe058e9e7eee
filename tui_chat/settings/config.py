"""The settings: their names, types, defaults and descriptions. `loading` reads them from their sources."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from tui_chat.chat.wording.theme_names import full_name, short_name
from tui_chat.settings.light_pydantic import (
    AfterValidator,
    BaseModel,
    BaseSettings,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    NoDecode,
    PydanticBaseSettingsSource,
    SecretStr,
    SettingsConfigDict,
    model_validator,
)
from tui_chat.settings.light_pydantic import field_validator as validator

LONGEST_NAME = 80
"""The most characters of a person's name for something that an error quotes."""
PREFIX = "TUI_CHAT_"
MOST_DOLLARS = 1_000_000
"""The highest price for a million tokens."""
APIS = ("auto", "openai-chat", "openai-responses", "anthropic-messages", "gemini", "ollama-chat", "simple-get")
NO_PERSONA = "none"
DEMO = "demo"
"""The name of the built-in endpoint."""
THEMES = (
    "auto", "tui-chat-dark", "tui-chat-light", "tui-chat-contrast", "ansi-dark", "ansi-light", "atom-one-dark",
    "atom-one-light", "catppuccin-frappe", "catppuccin-latte", "catppuccin-macchiato", "catppuccin-mocha", "dracula",
    "flexoki", "gruvbox", "monokai", "nord", "rose-pine", "rose-pine-dawn", "rose-pine-moon", "solarized-dark",
    "solarized-light", "textual-dark", "textual-light", "tokyo-night",
)  # fmt: skip
"""The names of the themes, and the one that follows the terminal's background. They are listed here because importing
them would load the screen's parts in every command."""


def _from_text(value: object) -> object:
    """Parse a table that was given as a variable, which is JSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error
    except ValueError as error:
        raise ValueError(f"should be a table, or in a variable JSON; it is not JSON: {error}") from error


def _several(value: object) -> object:
    """Take one text for a list of one."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        raise ValueError('should be a key such as "ctrl+b", a list of keys, or "none"')
    return tuple(texts)


def _known_api(api: str) -> str:
    if api in APIS:
        return api
    raise ValueError(f"there is no API {api[:LONGEST_NAME]!r}; known are {', '.join(APIS)}")


def _known_theme(name: str) -> str:
    full = full_name(name, THEMES)
    if full in THEMES:
        return full
    known = ", ".join(short_name(each) for each in THEMES)
    raise ValueError(f"there is no theme {name[:LONGEST_NAME]!r}; known are {known}")


def _no_flag(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("should be a number")  # noqa: TRY004 - pydantic reports no TypeError
    return value


def _known_options(options: dict[str, JsonValue]) -> dict[str, JsonValue]:
    if options:
        from tui_chat.chat.options import option_problem  # most people set none

        for name, value in options.items():
            if value is not None and (problem := option_problem(name, value)):
                raise ValueError(problem)
    return options


Options = Annotated[dict[str, JsonValue], AfterValidator(_known_options)]
Price = Annotated[float, BeforeValidator(_no_flag)]
Tokens = Annotated[int, BeforeValidator(_no_flag)]
Api = Annotated[str, AfterValidator(_known_api)]
Keys = Annotated[tuple[str, ...], BeforeValidator(_several)]

TABLE = ConfigDict(extra="forbid", allow_inf_nan=False, defer_build=True)
"""Of a table within the settings: it is built with `Settings`, and would be built twice if it were by itself too."""


class PriceSettings(BaseModel):
    """US dollars per million tokens."""

    model_config = TABLE

    input: Price = Field(ge=0, le=MOST_DOLLARS)
    output: Price = Field(ge=0, le=MOST_DOLLARS)
    cached: Price | None = Field(default=None, ge=0, le=MOST_DOLLARS)
    """Of prompt tokens that the provider had cached; otherwise they cost as much as others."""
    reasoning: Price | None = Field(default=None, ge=0, le=MOST_DOLLARS)
    """Of reasoning tokens; otherwise they cost as much as others of the reply."""


class ModelSettings(BaseModel):
    """One `[models."NAME"]` table: facts about a model that its server does not report, or reports wrongly."""

    model_config = TABLE

    context_window: Tokens | None = Field(default=None, gt=0)
    """The tokens that prompt and reply may have together."""
    prices: PriceSettings | None = None


class EndpointSettings(BaseModel):
    """One `[endpoints.NAME]` table. What it does not set is the same as for all endpoints."""

    model_config = TABLE

    base_url: str = ""
    api: Api = "auto"
    key: SecretStr = SecretStr("")
    key_env: str = ""
    """The variable that holds the key."""
    key_command: str = ""
    """The command whose first line of output is the key; it is run without a shell."""
    model: str = ""
    headers: dict[str, str] = Field({})
    query: dict[str, str] = Field({})
    extra_body: dict[str, JsonValue] = Field({})
    options: Options = Field({})
    send_unfinished: bool = True
    context_window: Tokens | None = Field(default=None, gt=0)
    prices: PriceSettings | None = None
    models: dict[str, ModelSettings] = Field({})

    @model_validator(mode="after")
    def _one_key(self) -> EndpointSettings:
        said = [name for name in ("key", "key_env", "key_command") if name in self.model_fields_set]
        if len(said) > 1:
            raise ValueError(f"has {' and '.join(said)}: keep one of them")
        return self


class PersonaSettings(BaseModel):
    """One `[personas.NAME]` table. What it does not set stays as it is."""

    model_config = TABLE

    system: str = ""
    model: str = ""
    endpoint: str = ""
    effort: Literal["", "default", "off", "low", "medium", "high"] = ""
    options: Options = Field({})


class Settings(BaseSettings):
    """Every setting with its description. Its variable is `TUI_CHAT_` and the name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", allow_inf_nan=False)

    endpoint: str = Field(
        "", description="The endpoint to use: one of the names in endpoints; if empty, base_url is used."
    )
    base_url: str = Field(
        "", description="The endpoint, with or without /v1 or the full path; or any URL with {message} in it."
    )
    api_key: SecretStr = Field(SecretStr(""), description="Its key; it is only sent to that endpoint's host.")
    model: str = Field("", description="The model to use; empty: the endpoint's only one.")
    api: Api = Field("auto", description=f"The API it speaks: {', '.join(APIS)}.")
    system: str = Field("", description="The system prompt of new chats.")
    theme: Annotated[str, AfterValidator(_known_theme)] = Field(
        "auto",
        description="The colours of the screen: dark, light, contrast, ansi-dark and more; auto: as the terminal's "
        "background is.",
    )
    width: Annotated[int, Field(ge=20)] | Literal["full"] = Field(
        100, description="The widest column of text in cells, or full: as wide as the window."
    )
    signs: Literal["unicode", "ascii"] = Field(
        "unicode", description="The signs of the screen; ascii, where the terminal draws some of them two cells wide."
    )
    motion: Literal["full", "reduced"] = Field(
        "full", description="How often clocks on the screen change: four times a second, or once (reduced)."
    )
    keys: Annotated[dict[str, Keys], NoDecode, BeforeValidator(_from_text)] = Field(
        {}, description="Keys of commands by their names: a key, a list, or none; a variable holds JSON."
    )
    max_retries: int = Field(2, ge=0, description="Times a request is sent again before its first answer; 0: never.")
    connect_timeout: float = Field(10, gt=0, description="Seconds to wait for a connection.")
    idle_timeout: float = Field(300, gt=0, description="Seconds of silence after which a reply is given up.")
    head_timeout: float = Field(
        30, gt=0, description="Seconds an answer's head, an error's text or a web page may take once it has begun."
    )
    max_reply: int = Field(16, gt=0, description="MiB of text at which a reply is ended; what was received is kept.")
    headers: Annotated[dict[str, str], NoDecode, BeforeValidator(_from_text)] = Field(
        {}, description="Additional HTTP headers; a variable holds JSON."
    )
    query: Annotated[dict[str, str], NoDecode, BeforeValidator(_from_text)] = Field(
        {}, description="Query parameters to add to the URL; a variable holds JSON."
    )
    extra_body: Annotated[dict[str, JsonValue], NoDecode, BeforeValidator(_from_text)] = Field(
        {}, description="Fields to add to the request's body; a variable holds JSON."
    )
    options: Annotated[Options, NoDecode, BeforeValidator(_from_text)] = Field(
        {}, description="Sampling options (temperature, max_tokens, …) of each question; a variable holds JSON."
    )
    send_unfinished: bool = Field(True, description="Send replies that were stopped or cut off back as they are.")
    effort: Literal["default", "off", "low", "medium", "high"] = Field(
        "default", description="How much the model thinks first: off, low, medium, high, or the server's default."
    )
    persona: str = Field("", description="The persona of new chats: one of the names in personas.")
    personas: Annotated[dict[str, PersonaSettings], NoDecode, BeforeValidator(_from_text)] = Field(
        {}, description="Personas by name: system, model, endpoint, effort, options; a variable holds JSON."
    )
    endpoints: Annotated[dict[str, EndpointSettings], NoDecode, BeforeValidator(_from_text)] = Field(
        {}, description="Endpoints by name, each a table with settings of its own; a variable holds JSON."
    )
    serve_key: SecretStr = Field(SecretStr(""), description="The key that clients of `tui-chat serve` have to send.")
    allow_insecure_key: bool = Field(False, description="Send the key even over plain http to a public host.")
    record: str = Field("", description="A folder for a tape of each request and response; empty: none is recorded.")
    wire_memory: int = Field(
        8, ge=0, le=1024, description="MiB of requests and responses that are kept for the wire inspector; 0: none."
    )
    history: bool = Field(True, description="Save chats on disk; off: they are lost when the program ends.")
    titles: Literal["rule", "model"] = Field(
        "rule", description="Titles of chats: by rule from the first question, or by a short request to the model."
    )
    renderer: Literal["auto", "textual"] = Field(
        "auto",
        description="How the screen is drawn: auto, the quickest way; textual, Textual's public interface alone.",
    )
    window_title: bool = Field(True, description="Show the chat's title in the terminal's title.")
    window_progress: Literal["auto", "on", "off"] = Field(
        "auto",
        description="Show in the terminal's tab or taskbar that a reply is coming; auto: where it is known to support "
        "that.",
    )
    hyperlinks: Literal["auto", "on", "off"] = Field(
        "auto", description="Write links as links of the terminal; auto: where it is known to support them."
    )
    notify: Literal["auto", "bell", "off"] = Field(
        "auto",
        description="Announce a reply that took over 5 seconds while another window has the focus; auto: by a "
        "notification where the terminal is known to support them, else by the bell.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How detailed the log file is.")
    prices: Annotated[PriceSettings | None, NoDecode, BeforeValidator(_from_text)] = Field(
        None,
        description="US dollars per million tokens: input, output, and cached or reasoning if they differ; "
        "a variable holds JSON.",
    )
    context_window: Tokens | None = Field(
        None, gt=0, description="The size of the context window in tokens, if the server does not report it."
    )
    models: Annotated[dict[str, ModelSettings], NoDecode, BeforeValidator(_from_text)] = Field(
        {}, description="Models by name, each a table with context_window and prices; a variable holds JSON."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Use only the values given to the constructor: `load` reads the sources itself, because it has to know which
        of them set what."""
        return (init_settings,)

    @validator("personas")
    @classmethod
    def _persona_names(cls, personas: dict[str, PersonaSettings]) -> dict[str, PersonaSettings]:
        for name in personas:
            if name == NO_PERSONA:
                raise ValueError(f"{NO_PERSONA} is the word for no persona; choose another name")
            if not name.strip() or not name.isprintable():
                raise ValueError(f"{name[:LONGEST_NAME]!r} is not a name that can be typed")
        return personas

    @validator("endpoints")
    @classmethod
    def _names(cls, endpoints: dict[str, EndpointSettings]) -> dict[str, EndpointSettings]:
        for name in endpoints:
            if name == DEMO:
                raise ValueError(f"{DEMO} is the name of the built-in endpoint; choose another one")
            if not name.strip() or not name.isprintable():
                raise ValueError(f"{name[:LONGEST_NAME]!r} is not a name that can be typed")
        return endpoints
