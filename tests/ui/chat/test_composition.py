"""The chat screen is composed of widgets and controllers: it has few methods and attributes of its own."""

from __future__ import annotations

from types import FunctionType

from textual.screen import Screen

from tests.ui.scripted import ScriptedBackend
from tui_chat.ui.chat.chat_screen import ChatScreen

MOST_METHODS, MOST_ATTRIBUTES = 92, 29
"""Lower them with every step; raise them only together with a reason here."""


def test_the_screen_has_few_methods_and_attributes_over_its_whole_class_chain() -> None:
    chain = [each for each in ChatScreen.__mro__ if each.__module__.startswith("tui_chat.")]
    methods = {
        name for each in chain for name, value in vars(each).items() if isinstance(value, FunctionType | property)
    }
    attributes = vars(ChatScreen(ScriptedBackend())).keys() - vars(Screen()).keys()
    assert len(methods) <= MOST_METHODS, sorted(methods)
    assert len(attributes) <= MOST_ATTRIBUTES, sorted(attributes)
