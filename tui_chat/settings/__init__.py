"""The settings, their sources, and the endpoints they define."""

from tui_chat.settings import no_plugins, quick_schema  # noqa: F401 - before anything here imports pydantic
