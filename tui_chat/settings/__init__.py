"""The settings, their sources, and the endpoints they define."""

from tui_chat.settings import no_plugins  # noqa: F401 - before anything here imports pydantic
