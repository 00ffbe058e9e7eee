"""Draws the pictures of the README from the demo endpoint: `python screenshots/make.py`.

The program runs as a newcomer would run it, with nothing configured, and is driven by keys. Each picture is an SVG as
Textual exports it and a PNG drawn from that.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from html import escape, unescape
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import cairosvg
from rich.cells import cell_len

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.pilot import Pilot

    from tui_chat.ui.app import ChatApp

HERE = Path(__file__).parent
SIZE = (100, 30)
PATIENCE = 30.0
CJK_FONT = "Noto Sans Mono CJK SC"
EMOJI_FONT = "Noto Color Emoji"
OTHER_GLYPHS = re.compile(
    "[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\uffdc]+|[\U0001f000-\U0001faff]+"
)
"""Runs of characters that monospace fonts lack."""


async def until(pilot: Pilot[None], condition: Callable[[], object]) -> None:
    """Let the program work until `condition` holds."""
    end = monotonic() + PATIENCE
    while not condition():
        if monotonic() > end:
            raise TimeoutError("the program did not come to the picture")
        await pilot.pause(0.02)


def picture(app: ChatApp) -> str:
    """The screen as an SVG for any page: the font is whatever monospace font the reader has, nothing is fetched."""
    svg = app.export_screenshot(title="tui-chat")
    return re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.DOTALL).replace("Fira Code", "DejaVu Sans Mono")


def save(app: ChatApp, name: str) -> None:
    """Write `name`.svg and `name`.png."""
    write(picture(app), name)


def write(svg: str, name: str) -> None:
    """Write `name`.svg and `name`.png."""
    (HERE / f"{name}.svg").write_text(svg, encoding="utf-8")
    cairosvg.svg2png(bytestring=with_all_glyphs(svg).encode(), write_to=str(HERE / f"{name}.png"), output_width=1220)
    print(name)


def with_all_glyphs(svg: str) -> str:
    """Name a font for what the monospace font lacks, and place it in its cells: a browser does both by itself, CairoSVG
    does not."""
    return re.sub(
        r'(<text [^>]*?\bx=")([\d.]+)("[^>]*?\btextLength=")([\d.]+)("[^>]*>)([^<>]+)(?=</text>)', _placed, svg
    )


def _placed(text: re.Match[str]) -> str:
    runs = re.split(f"({OTHER_GLYPHS.pattern})", unescape(text[6]))
    if len(runs) == 1:
        return text[0]
    cell = float(text[4]) / len("".join(runs))  # Rich takes each character for one cell
    placed, at = [], float(text[2])
    for number, run in enumerate(runs):
        if run:
            other = EMOJI_FONT if ord(run[0]) > 0x1F000 else CJK_FONT
            font = f' font-family="{other}"' if number % 2 else ""
            placed.append(f'<tspan x="{at:.1f}"{font}>{escape(run)}</tspan>')
        at += cell * cell_len(run)
    return text[1] + text[2] + text[3] + text[4] + text[5] + "".join(placed)


def strip(frames: Sequence[str], name: str) -> None:
    """Write pictures of one size as one picture, two in a row, in the order of reading."""
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', frames[0])
    if box is None:
        raise ValueError("the picture has no size")
    width, height = float(box[1]), float(box[2])
    placed = [
        svg.replace(
            "<svg ", f'<svg x="{number % 2 * width}" y="{number // 2 * height}" width="{width}" height="{height}" ', 1
        )
        for number, svg in enumerate(frames)
    ]
    size = f"0 0 {2 * width} {(len(frames) + 1) // 2 * height}"
    write(f'<svg viewBox="{size}" xmlns="http://www.w3.org/2000/svg">{"".join(placed)}</svg>', name)


async def ask(pilot: Pilot[None], app: ChatApp, text: str) -> None:
    """Type and send."""
    app.chat.composer.prompt.put(text)
    await pilot.press("enter")
    await until(pilot, lambda: app.chat.conversation.messages)


def heard(app: ChatApp) -> int:
    """Characters of the last reply so far."""
    reply = app.chat.conversation.last_reply
    return len(reply.text) if reply else 0


async def demo_pictures() -> None:
    """First run, streaming, stopped, the list of chats."""
    from tui_chat.backend.backend import AppBackend
    from tui_chat.ui.app import ChatApp
    from tui_chat.ui.dialogs.row_list import RowList

    app = ChatApp(AppBackend({}))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.chat.ready and app.chat.query("#welcome"))
        await pilot.pause()
        save(app, "first-run")
        await ask(pilot, app, "show me what Markdown looks like here")
        await until(pilot, lambda: heard(app) > 700)
        await pilot.pause(0.1)
        save(app, "streaming")
        await until(pilot, lambda: not app.chat.conversation.replying)
        await pilot.pause(0.2)
        save(app, "markdown")
        await pilot.press("ctrl+n")
        await until(pilot, lambda: not app.chat.conversation.messages)
        frames = []
        await ask(pilot, app, "think")
        for size in (-1, 40, 120):
            await until(pilot, lambda size=size: heard(app) > size)  # type: ignore[misc]
            await pilot.pause(0.2)
            frames.append(picture(app))
        await pilot.press("escape")
        await until(pilot, lambda: not app.chat.conversation.replying)
        app.chat.composer.prompt.put("and the typed text stays")
        await pilot.pause(0.2)
        save(app, "stopped")
        strip([*frames, picture(app)], "stopping")
        await pilot.press("ctrl+s", *"what")
        await until(pilot, lambda: " reply " in app.screen.query_one(RowList).render().plain)
        save(app, "chats")


async def error_picture() -> None:
    """A server that is not there."""
    from tui_chat.backend.backend import AppBackend
    from tui_chat.ui.app import ChatApp

    os.environ |= {"TUI_CHAT_BASE_URL": "http://localhost:9/v1", "TUI_CHAT_MODEL": "qwen3", "TUI_CHAT_MAX_RETRIES": "0"}
    app = ChatApp(AppBackend({}))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.chat.ready)
        await ask(pilot, app, "is anybody there?")
        await until(pilot, lambda: (reply := app.chat.conversation.last_reply) and reply.settled)
        await pilot.pause(0.2)
        save(app, "error")


def main() -> None:
    """All pictures, with nothing of the person's own configuration in them."""
    for name in list(os.environ):
        if name.startswith(("TUI_CHAT_", "OPENAI_")) or name.endswith("_API_KEY"):
            del os.environ[name]
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"HOME": home} | {
            f"XDG_{kind}_HOME": f"{home}/{kind.lower()}" for kind in ("CONFIG", "DATA", "STATE", "CACHE")
        }
        asyncio.run(demo_pictures())
        asyncio.run(error_picture())


if __name__ == "__main__":
    main()
