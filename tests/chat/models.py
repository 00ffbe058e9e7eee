"""Models for tests of turns and sessions: lists of events, with points at which they wait."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from tui_chat.chat.events import ChatEvent

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from tui_chat.chat.turn import Question

Step: TypeAlias = ChatEvent | asyncio.Event | BaseException


@dataclass
class ListModel:
    """Answers each question with the next list of steps: gives events, waits for asyncio events, raises exceptions."""

    answers: list[list[Step]]
    endpoint: str = "a list"
    asked: list[Question] = field(default_factory=list)
    closed: int = 0
    """How many answers have been closed, whole or not."""
    closing: asyncio.Event | None = None
    """What the closing of an answer waits for, as a connection's does."""

    async def reply(self, question: Question) -> AsyncGenerator[Sequence[ChatEvent], None]:
        self.asked.append(question)
        try:
            for step in self.answers.pop(0):
                if isinstance(step, asyncio.Event):
                    await step.wait()
                elif isinstance(step, BaseException):
                    raise step
                else:
                    yield [step]
        finally:
            if self.closing is not None:
                await self.closing.wait()
            self.closed += 1
