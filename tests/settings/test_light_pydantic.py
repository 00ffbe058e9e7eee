"""pydantic and pydantic-settings come without what the settings do not need, and are still whole."""

from __future__ import annotations

import subprocess
import sys

UNUSED = {
    *("argparse", "dotenv", "zoneinfo", "importlib.resources", "tempfile", "pydantic_settings.sources.providers.cli"),
    *("pydantic_settings.sources.providers.aws", "pydantic_settings.sources.providers.yaml"),
}


def run(code: str) -> str:
    program = f"import sys\nimport tui_chat.settings.config\n{code}"
    return subprocess.check_output([sys.executable, "-W", "error", "-c", program], text=True, timeout=60).strip()


def test_the_settings_come_without_it() -> None:
    assert run(f"print(sorted({UNUSED} & sys.modules.keys()))") == "[]"


def test_the_schemas_of_json_are_not_read_until_they_are_wanted() -> None:
    code = (
        "read = type(sys.modules['pydantic.json_schema']).__name__\n"
        "schema = tui_chat.settings.config.PriceSettings.model_json_schema()\n"
        "print(read, sorted(schema['properties']), type(sys.modules['pydantic.json_schema']).__name__)"
    )
    assert run(code) == "StandIn ['cached', 'input', 'output', 'reasoning'] module"


def test_a_model_for_a_command_line_still_works() -> None:
    code = (
        "from pydantic_settings import BaseSettings, CliApp, CliSettingsSource\n"
        "class Own(BaseSettings):\n"
        "    size: int = 0\n"
        "print(CliApp.run(Own, cli_args=['--size', '7']), CliSettingsSource.__name__)"
    )
    assert run(code) == "size=7 CliSettingsSource"


def test_what_was_left_out_can_be_imported() -> None:
    code = (
        "import argparse, zoneinfo, dotenv, importlib.resources\n"
        "assert importlib.resources.files('pydantic').joinpath('main.py').is_file()\n"
        "from pydantic.json_schema import GenerateJsonSchema\n"
        "from pydantic_settings.sources.providers.yaml import YamlConfigSettingsSource as yaml\n"
        "print(argparse.Namespace(a=1), dotenv.dotenv_values.__module__, GenerateJsonSchema.__name__, yaml.__name__)"
    )
    assert run(code) == "Namespace(a=1) dotenv.main GenerateJsonSchema YamlConfigSettingsSource"
