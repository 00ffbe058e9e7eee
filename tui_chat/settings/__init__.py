"""What can be set, where it is read from, and whom it says to ask."""

from tui_chat.settings import no_plugins  # noqa: F401 - before anything here imports pydantic
