"""The plain classes that handle commands of the chat screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from tui_chat.chat.quick_dataclass import dataclass

if TYPE_CHECKING:
    from tui_chat.ui.chat.attachment_commands import AttachmentCommands
    from tui_chat.ui.chat.branch_commands import BranchCommands
    from tui_chat.ui.chat.chat_commands import ChatCommands
    from tui_chat.ui.chat.context_commands import ContextCommands
    from tui_chat.ui.chat.copy_commands import CopyCommands
    from tui_chat.ui.chat.display_commands import DisplayCommands
    from tui_chat.ui.chat.navigation_commands import NavigationCommands, VersionCommands
    from tui_chat.ui.chat.option_commands import OptionCommands
    from tui_chat.ui.chat.persona_commands import PersonaCommands
    from tui_chat.ui.chat.prompt_commands import PromptCommands
    from tui_chat.ui.chat.start_commands import StartCommands
    from tui_chat.ui.chat.template_commands import TemplateCommands
    from tui_chat.ui.compare.compare_commands import CompareCommands
    from tui_chat.ui.inspector.wire_commands import WireCommands
    from tui_chat.ui.transcript.message_view import MessageView


@dataclass(frozen=True, slots=True)
class ScreenCommands:
    """By the names that the table of commands gives them."""

    navigation: NavigationCommands
    copying: CopyCommands
    display: DisplayCommands
    options: OptionCommands
    personas: PersonaCommands
    templates: TemplateCommands
    branches: BranchCommands
    chats: ChatCommands
    start: StartCommands
    context: ContextCommands
    versions: VersionCommands
    attaching: AttachmentCommands
    prompts: PromptCommands
    wire: WireCommands
    comparing: CompareCommands

    def act_on(self, request: MessageView.ActionRequested) -> None:
        """Retry, continue or copy, as was clicked in a reply."""
        view = request.view
        match request.action:
            case "retry":
                self.branches.retry_message(view.message)
            case "continue":
                self.branches.continue_message(view.message)
            case "copy code":
                self.copying.copy_code_of(view.messages, request.number)
            case _:
                assert_never(request.action)
