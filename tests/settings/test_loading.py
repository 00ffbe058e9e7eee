from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tui_chat.chat.model_ports import SetupError
from tui_chat.settings.config import PriceSettings, Settings
from tui_chat.settings.folders import Folders
from tui_chat.settings.loading import Variable, load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]


@pytest.fixture
def write(home: Path) -> Write:
    """Writes a file into the configuration folder."""

    def write(name: str, text: str) -> Path:
        path = home / ".config" / "tui-chat" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def problems(flags: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(SetupError) as caught:
        load(flags or {})
    return str(caught.value).splitlines()


def test_with_nothing_set_every_setting_has_its_default() -> None:
    loaded = load({})
    assert loaded.settings.base_url == ""
    assert loaded.settings.max_retries == 2
    assert {loaded.origin(name) for name in Settings.model_fields} == {"default"}


def test_each_source_gives_way_to_the_one_before_it(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    def origin() -> tuple[str, str]:
        loaded = load(flags)
        return loaded.settings.model, loaded.origin("model")

    flags: dict[str, str] = {}
    monkeypatch.setenv("OPENAI_MODEL", "foreign")
    assert origin() == ("foreign", "OPENAI_MODEL")
    toml = write("config.toml", 'model = "file"')
    assert origin() == ("file", f"model in {toml}")
    dotenv = write(".env", "TUI_CHAT_MODEL=dotenv\n")
    assert origin() == ("dotenv", f"TUI_CHAT_MODEL in {dotenv}")
    monkeypatch.setenv("TUI_CHAT_MODEL", "variable")
    assert origin() == ("variable", "TUI_CHAT_MODEL")
    flags["model"] = "flag"
    assert origin() == ("flag", "--model")


def test_of_two_foreign_variables_the_newer_name_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_BASE", "http://old")
    assert load({}).settings.base_url == "http://old"
    monkeypatch.setenv("OPENAI_BASE_URL", "http://new")
    assert load({}).settings.base_url == "http://new"


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch, write: Write) -> None:
    write("config.toml", 'model = "file"')
    monkeypatch.setenv("TUI_CHAT_MODEL", "")
    assert load({}).settings.model == "file"


def test_a_dotenv_in_the_working_folder_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("TUI_CHAT_MODEL=trap\nOPENAI_API_KEY=sk-trap\n")
    monkeypatch.chdir(tmp_path)
    loaded = load({})
    assert loaded.settings.model == ""
    assert "OPENAI_API_KEY" not in loaded.variables


def test_a_named_env_file_takes_the_place_of_the_one_in_the_configuration_folder(tmp_path: Path, write: Write) -> None:
    write(".env", "TUI_CHAT_MODEL=usual\n")
    other = tmp_path / "other.env"
    other.write_text("export TUI_CHAT_SYSTEM='be brief'  # a comment\nGROQ_API_KEY=gsk\n")
    loaded = load({}, other)
    assert (loaded.settings.model, loaded.settings.system) == ("", "be brief")
    assert loaded.variables["GROQ_API_KEY"] == Variable("gsk", f"GROQ_API_KEY in {other}")


def test_a_named_env_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"--env-file: there is no file .*absent"):
        load({}, tmp_path / "absent")


def test_a_table_as_a_variable_is_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_CHAT_HEADERS", '{"X-Team": "a"}')
    monkeypatch.setenv("TUI_CHAT_EXTRA_BODY", '{"top_k": 5, "stop": ["a"]}')
    monkeypatch.setenv("TUI_CHAT_PRICES", '{"input": 0.27, "output": 1.1}')
    settings = load({}).settings
    assert settings.headers == {"X-Team": "a"}
    assert settings.extra_body == {"top_k": 5, "stop": ["a"]}
    assert settings.prices == PriceSettings(input=0.27, output=1.1)


def test_a_table_in_the_file_is_toml(write: Write) -> None:
    write("config.toml", '[headers]\nX-Team = "a"\n[extra_body.chat_template_kwargs]\nenable_thinking = false\n')
    settings = load({}).settings
    assert settings.headers == {"X-Team": "a"}
    assert settings.extra_body == {"chat_template_kwargs": {"enable_thinking": False}}


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("TUI_CHAT_MAX_RETRIES", "many", "should be a whole number"),
        ("TUI_CHAT_MAX_RETRIES", "-1", "greater than or equal to 0"),
        ("TUI_CHAT_IDLE_TIMEOUT", "0", "greater than 0"),
        ("TUI_CHAT_IDLE_TIMEOUT", "nan", "finite"),
        ("TUI_CHAT_HEADERS", "{oops", "is not JSON"),
        ("TUI_CHAT_HEADERS", '{"a": 1}', "a should be text"),
        ("TUI_CHAT_PRICES", '{"input": 1}', "output is missing"),
        ("TUI_CHAT_LOG_LEVEL", "loud", "'debug', 'info'"),
        ("TUI_CHAT_API", "soap", "there is no API 'soap'"),
    ],
)
def test_a_bad_value_is_one_line_that_names_its_variable(
    name: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    (line,) = problems()
    assert line.startswith(f"{name}: ")
    assert says in line


def test_a_bad_value_never_quotes_a_secret(write: Write) -> None:
    path = write("config.toml", 'api_key = ["sk-very-secret"]')
    (line,) = problems()
    assert line.startswith(f"api_key in {path}, line 1: ")
    assert "sk-very-secret" not in line


@pytest.mark.parametrize("value", ["5", "true", '["ctrl+b", 7]', "[[]]", "1979-05-27"])
def test_a_key_that_is_no_text_is_told_with_its_line_and_what_there_may_be(value: str, write: Write) -> None:
    path = write("config.toml", f'[keys]\nnew = "ctrl+b"\nundo = {value}\n')
    assert problems() == [f'keys in {path}, line 3: undo should be a key such as "ctrl+b", a list of keys, or "none"']


def test_a_bad_flag_is_named_as_the_flag_it_is() -> None:
    assert problems({"api": "soap"})[0].startswith("--api: ")


def test_unknown_variables_and_keys_are_all_told_with_what_was_meant(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("config.toml", 'modell = "x"\n_env_file = "y"\n')
    dotenv = write(".env", "TUI_CHAT_SISTEM=x\n")
    monkeypatch.setenv("TUI_CHAT_BASEURL", "http://x")
    monkeypatch.setenv("TUI_CHAT_MAX_RETRIES", "many")
    lines = problems()
    assert lines[:4] == [
        "TUI_CHAT_BASEURL: there is no such setting; did you mean TUI_CHAT_BASE_URL?",
        f"TUI_CHAT_SISTEM in {dotenv}: there is no such setting; did you mean TUI_CHAT_SYSTEM?",
        f"modell in {path}: there is no such setting; did you mean model?",
        f"_env_file in {path}: there is no such setting",
    ]
    assert lines[4].startswith("TUI_CHAT_MAX_RETRIES: ")


def test_bad_toml_names_the_file_and_the_line(write: Write) -> None:
    path = write("config.toml", 'model = "a"\nbase_url = \n')
    (line,) = problems()
    assert line.startswith(f"{path}: cannot be read: ")
    assert "line 2" in line


def test_a_theme_is_set_by_its_short_name(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write("config.toml", 'theme = "contrast"')
    assert load({}).settings.theme == "tui-chat-contrast"
    monkeypatch.setenv("TUI_CHAT_THEME", "light")
    assert load({}).settings.theme == "tui-chat-light"


def test_a_theme_that_does_not_exist_is_named_with_those_that_do(write: Write) -> None:
    write("config.toml", 'theme = "purple"')
    (line,) = problems()
    assert "there is no theme 'purple'; known are auto, dark, light, contrast, ansi-dark" in line


def test_a_file_that_is_no_text_is_named(write: Write) -> None:
    path = write("config.toml", "")
    path.write_bytes(b"theme = 'nord'\nmodel = '\xff'")
    assert problems() == [f"{path}: cannot be read: it is not UTF-8 (line 2); save it in that encoding"]


def test_a_bad_line_in_a_dotenv_names_the_file_and_the_line(write: Write, caplog: pytest.LogCaptureFixture) -> None:
    path = write(".env", "TUI_CHAT_MODEL=a\nthis is not an assignment\n")
    assert problems() == [f"{path}: line 2 is not NAME=VALUE"]
    assert not caplog.records


def test_folders_follow_the_xdg_variables_and_a_relative_one_is_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    folders = Folders.of_this_person()
    assert folders.state == tmp_path / "tui-chat"
    assert folders.cache.is_absolute()


def test_endpoints_stand_in_the_file_as_tables_or_in_a_variable_as_json(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("config.toml", '[endpoints.a]\nbase_url = "x"\n[endpoints.a.options]\ntemperature = 0.2\n')
    endpoint = load({}).settings.endpoints["a"]
    assert (endpoint.base_url, endpoint.options, endpoint.api) == ("x", {"temperature": 0.2}, "auto")
    monkeypatch.setenv("TUI_CHAT_ENDPOINTS", '{"b": {"base_url": "y"}}')
    assert list(load({}).settings.endpoints) == ["b"]


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ('a.modle = "x"', "a.modle is not a setting; did you mean model?"),
        ('a.api = "soap"', "a.api there is no API 'soap'"),
        ('a.key = "k"\na.key_env = "K"', "a has key and key_env: keep one of them"),
        ("a.headers = { X = 1 }", "a.headers.X should be text"),
        ('demo.base_url = "x"', "demo is the name of the built-in endpoint"),
        ('"a\\nb".base_url = "x"', "is not a name that can be typed"),
        ("a = 3", "a should be a table"),
    ],
)
def test_a_bad_endpoint_is_one_line_that_names_file_and_setting(table: str, says: str, write: Write) -> None:
    path = write("config.toml", f"[endpoints]\n{table}\n")
    (line,) = problems()
    assert line.startswith((f"endpoints in {path}, line ", f"endpoints in {path}: "))
    assert says in line


def test_a_key_of_an_endpoint_is_not_quoted(write: Write) -> None:
    write("config.toml", '[endpoints.a]\nkey = ["sk-secret"]')
    assert "sk-secret" not in problems()[0]
    write("config.toml", '[endpoints.a]\nbase_url = "x"\nkey = "sk-secret"')
    assert "sk-secret" not in repr(load({}).settings)


@pytest.mark.parametrize("name", ["config.toml", ".env"])
def test_a_byte_order_mark_before_the_settings_is_passed_over(write: Write, name: str) -> None:
    text = 'model = "m1"\r\n' if name == "config.toml" else "TUI_CHAT_MODEL=m1\r\n"
    write(name, f"\ufeff{text}")
    assert load({}).settings.model == "m1"
