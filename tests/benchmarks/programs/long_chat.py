"""The whole app, begun with a conversation of many messages.

python -m tests.benchmarks.programs.long_chat MESSAGES
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.benchmarks.programs.stored import stored
from tui_chat.backend.backend import AppBackend
from tui_chat.ui.app import ChatApp
from tui_chat.ui.chat.chat_screen import ChatScreen

if TYPE_CHECKING:
    from tui_chat.chat.backend_ports import Setup


class LongChatScreen(ChatScreen):
    """Opens the long conversation as soon as the settings are loaded."""

    async def begin(self, setup: Setup) -> None:
        """Then the app is as it always is."""
        await super().begin(setup)
        if messages := int(sys.argv[1]):
            recipient = None if self.session is None else self.session.recipient
            await self.switcher.show_chat(stored(messages, recipient))


if __name__ == "__main__":
    # A chat of the history's is on disk already; this one would be written while the reply is measured.
    app = ChatApp(AppBackend({"history": "false"}))
    app.chat = LongChatScreen(app.backend)
    app.run()
