"""A transcript without widgets, for commands that are tested without the app."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from tui_chat.ui.transcript.branch_path import BranchPath

if TYPE_CHECKING:
    from tui_chat.chat.conversation import Conversation
    from tui_chat.chat.message import Message
    from tui_chat.ui.transcript.transcript import Transcript


class FakeView:
    """Shows an entry of the path."""

    def __init__(self, messages: list[Message]) -> None:
        self.messages = messages
        self.folds = 0

    @property
    def message(self) -> Message:
        """The newest message of the entry."""
        return self.messages[-1]

    def toggle_fold(self) -> None:
        """Note the call."""
        self.folds += 1


class FakePane:
    """Remembers which message is focused."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.path = BranchPath()
        self.path.show(conversation)
        self.focused_view: FakeView | None = None
        self.views: list[FakeView] = []
        self.revealed: list[Message] = []

    @property
    def as_transcript(self) -> Transcript:
        """This object, typed as the transcript it stands for."""
        return cast("Transcript", self)

    def reread(self) -> None:
        """Show what the conversation is by now, as the real one does when it is told."""
        self.path.reread(self.conversation)
        self.path.switch(self.conversation.path())

    def view_of(self, message: Message) -> FakeView | None:
        """The view of an entry, if the test put one in."""
        return next((view for view in self.views if message in view.messages), None)

    def offset_of(self, _: FakeView) -> int:
        """Every view stands at the top edge."""
        return 0

    def reveal(self, message: Message, *, focus: bool = False, offset: int | None = None) -> None:
        """Note the message, and focus it."""
        self.revealed.append(message)
        if focus:
            self.focused_view = FakeView(self.path.messages_of(self.path.entry_of(message)))


class Notices:
    """Keeps the sentences that a person would see."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.refusals: list[str] = []

    def __call__(self, text: str, *, bad: bool = False, seconds: float = 4) -> None:
        """Add the notice to the list."""
        (self.refusals if bad else self.sentences).append(text)
