"""Imports the parts of pydantic and pydantic-settings that the settings need, without what else those bring along: JSON
schemas, time zones, and settings from command lines, clouds and files of other kinds."""

from __future__ import annotations

import sys
from typing import Any

from tui_chat.late_modules import StandIn, stand_ins
from tui_chat.settings import no_plugins, quick_schema  # noqa: F401 - before pydantic is imported

_SOURCES = "pydantic_settings.sources.providers."
_KINDS = ("aws", "azure", "cli", "gcp", "json", "nested_secrets", "pyproject", "toml", "yaml")
_SCHEMAS = "pydantic.json_schema"

# It stays there until it is used, because pydantic imports it again for each field of a model.
sys.modules.setdefault(_SCHEMAS, StandIn(_SCHEMAS))

_UNUSED = ("argparse", "dotenv", "zoneinfo", *(_SOURCES + kind for kind in _KINDS))
_RESOURCES = StandIn("importlib.resources.abc", Traversable=Any)
"""It is named in the types of paths alone, and brings along what makes temporary files and unpacks archives."""

with stand_ins([*map(StandIn, _UNUSED), _RESOURCES]):
    from pydantic import AfterValidator as AfterValidator
    from pydantic import BaseModel as BaseModel
    from pydantic import BeforeValidator as BeforeValidator
    from pydantic import ConfigDict as ConfigDict
    from pydantic import Field as Field
    from pydantic import JsonValue as JsonValue
    from pydantic import SecretStr as SecretStr
    from pydantic import ValidationError as ValidationError
    from pydantic import field_validator as field_validator
    from pydantic import model_validator as model_validator
    from pydantic_settings import BaseSettings as BaseSettings
    from pydantic_settings import DotEnvSettingsSource as DotEnvSettingsSource
    from pydantic_settings import EnvSettingsSource as EnvSettingsSource
    from pydantic_settings import NoDecode as NoDecode
    from pydantic_settings import PydanticBaseSettingsSource as PydanticBaseSettingsSource
    from pydantic_settings import SettingsConfigDict as SettingsConfigDict
