from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tui_chat.chat.message import Attachment
from tui_chat.ui.composer.held_prompts import HeldPrompts
from tui_chat.ui.composer.prompt_attachments import PromptAttachments

if TYPE_CHECKING:
    from collections.abc import Callable


class Reading:
    """A file that is read when the test says so."""

    def __init__(self, attachments: PromptAttachments) -> None:
        self._file: asyncio.Future[Attachment | None] = asyncio.get_running_loop().create_future()
        attachments.add(self._read())

    async def _read(self) -> list[Attachment | None]:
        return [await self._file]

    def end(self, *, well: bool = True) -> None:
        self._file.set_result(Attachment("notes.txt", "text/plain", b"words") if well else None)


def held() -> tuple[PromptAttachments, HeldPrompts, list[tuple[str, ...]]]:
    happened: list[tuple[str, ...]] = []
    files = PromptAttachments(lambda: None)
    prompts = HeldPrompts(
        files,
        lambda text, chat: happened.append(("submitted", text, chat, *(each.name for each in files.take()))),
        lambda text, after_another: happened.append(("back", text, "after another" if after_another else "alone")),
    )
    return files, prompts, happened


async def settled(condition: Callable[[], bool]) -> None:
    for _ in range(100):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("the condition did not come true")


async def test_prompts_are_submitted_in_their_order_however_long_each_file_is_read() -> None:
    files, prompts, happened = held()
    first = Reading(files)
    prompts.hold("first", "a")
    second = Reading(files)
    prompts.hold("second", "b")
    assert prompts.texts == ["first", "second"]
    second.end()
    for _ in range(20):
        await asyncio.sleep(0)
    assert happened == []
    first.end()
    await settled(lambda: len(happened) == 2)
    assert [each[:3] for each in happened] == [("submitted", "first", "a"), ("submitted", "second", "b")]
    assert prompts.texts == []


@pytest.mark.parametrize("before", [True, False])
async def test_a_prompt_with_a_file_that_cannot_be_read_is_given_back(before: bool) -> None:
    files, prompts, happened = held()
    if before:
        prompts.hold("before", "a")
        await settled(lambda: not prompts.texts)
    reading = Reading(files)
    prompts.hold("text", "a")
    reading.end(well=False)
    await settled(lambda: not prompts.texts)
    assert happened[-1] == ("back", "text", "after another" if before else "alone")
