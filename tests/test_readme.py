"""What the README names exists: settings, commands, flags, keys, files and chapters."""

from __future__ import annotations

import re
from pathlib import Path

from tui_chat.cli.arguments import PARSERS
from tui_chat.commands import COMMANDS, by_slash, written
from tui_chat.settings.config import EndpointSettings, Settings
from tui_chat.settings.providers import PROVIDERS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
FLAGS_OF_OTHERS = {"-N", "-g", "-as", "-sg", "--from", "--plot", "--runs"}
"""Flags of other programs that the README names."""


def test_the_table_has_every_setting_with_its_default_and_its_sentence() -> None:
    table = README.partition("<!-- settings -->")[2].partition("<!-- end of settings -->")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*) \|$", table, re.MULTILINE)
    assert {name: (default, sentence) for name, default, sentence in rows} == {
        name: (_shown(field.default), field.description) for name, field in Settings.model_fields.items()
    }


def test_the_settings_of_an_endpoint_are_named() -> None:
    text = README.partition("<!-- end of settings -->")[2].partition("## ")[0]
    assert set(re.findall(r"`(\w+)`", text)) == set(EndpointSettings.model_fields)


def _shown(default: object) -> str:
    secret = getattr(default, "get_secret_value", None)
    value = secret() if secret is not None else default
    if value in ("", None, {}, (), []):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def quoted() -> list[str]:
    """What stands in backticks in the prose."""
    prose = re.sub(r"```.*?```", "", README, flags=re.DOTALL)
    return [" ".join(each.split()) for each in re.findall(r"`([^`]+)`", prose)]


def test_each_command_of_the_screen_that_is_named_exists() -> None:
    named = {each.split()[0] for each in quoted() if re.match(r"/[a-z]+( |$)", each)}
    assert len(named) > 15
    served = {"/stream", "/health", "/events", "/api"}  # paths of servers
    templates = {"/translate"}
    assert {word for word in named - served - templates if by_slash(word[1:]) is None} == set()


def test_each_flag_that_is_named_exists() -> None:
    known = {flag for make in PARSERS.values() for flag in make()._option_string_actions}
    named = {flag for each in quoted() for flag in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", each)}
    assert len(named) > 30
    assert named - known - FLAGS_OF_OTHERS == set()


def test_the_variable_of_each_provider_is_named() -> None:
    assert [each.variable for each in PROVIDERS if f"`{each.variable}`" not in README] == []


def test_each_file_that_is_named_or_linked_exists() -> None:
    linked = {each.partition("#")[0] for each in re.findall(r"\]\(([^)]+)\)", README)} - {""}
    named = {each for each in quoted() if each.startswith("tui_chat/")}
    own = {each for each in linked if not each.startswith("https://")}
    assert own
    assert named
    assert [each for each in own | named if not (ROOT / each).exists()] == []


def test_each_chapter_that_is_linked_exists() -> None:
    titles = re.findall(r"^#+ (.+)$", README, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
    assert set(re.findall(r"\]\(#([^)]+)\)", README)) <= anchors


def test_the_keys_of_the_table_are_keys_of_commands() -> None:
    table = README.partition("| key | does |")[2].partition("\n\n")[0]
    named = set(re.findall(r"\b(?:Ctrl|Alt)\+[A-Z]\b|\bF\d+\b", table))
    assert len(named) > 20
    assert named - {written(key) for command in COMMANDS for key in command.default_keys} == set()
