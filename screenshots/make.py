"""Draws the pictures of the README from the demo endpoint: `python screenshots/make.py`, or with the names of some.

The program runs as a newcomer would run it, with nothing configured, and is driven by keys. Each picture is an SVG as
Textual exports it and a PNG drawn from that; the first one moves, and its PNG is one of its frames.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from html import escape, unescape
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, cast

import cairosvg
from providers import served, write_config
from rich.cells import cell_len

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from textual.pilot import Pilot

    from tui_chat.ui.app import ChatApp

HERE = Path(__file__).parent
SIZE, LOW, WIDE = (100, 30), (100, 24), (132, 32)
PATIENCE = 30.0
PNG_SCALE = 1220 / 1238
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
    svg = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.DOTALL).replace("Fira Code", "DejaVu Sans Mono")
    # What makes it large: rows need no clipping, since no letter leaves its cell.
    svg = re.sub(r'<clipPath id="[^"]*-line-\d+">.*?</clipPath>\s*', "", svg, flags=re.DOTALL)
    svg = re.sub(r' clip-path="url\(#[^"]*-line-\d+\)"', "", svg)
    svg = svg.replace(' shape-rendering="crispEdges"', "").replace(
        "<style>", "<style>rect{shape-rendering:crispEdges}", 1
    )
    svg = re.sub(r"\bterminal-(\d+)", lambda name: f"t{int(name[1]):x}", svg)
    return svg.replace("&#160;", "\u00a0")


def save(app: ChatApp, name: str) -> None:
    """Write `name`.svg and `name`.png."""
    write(picture(app), name)


def write(svg: str, name: str, still: str = "") -> None:
    """Write `name`.svg and `name`.png; `still` is drawn in place of an SVG that moves."""
    (HERE / f"{name}.svg").write_text(svg, encoding="utf-8")
    drawn = with_all_glyphs(still or svg)
    # At this scale letters of whole pixels fill their cells; a picture of several is made as wide as one.
    width = round(PNG_SCALE * _size_of(svg)[0]) // (2 if "<svg x=" in svg else 1)
    cairosvg.svg2png(bytestring=drawn.encode(), write_to=str(HERE / f"{name}.png"), output_width=width)
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


def _size_of(svg: str) -> tuple[float, float]:
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    if box is None:
        raise ValueError("the picture has no size")
    return float(box[1]), float(box[2])


def strip(frames: Sequence[str], name: str) -> None:
    """Write pictures of one size as one picture, two in a row, in the order of reading."""
    width, height = _size_of(frames[0])
    placed = [
        svg.replace(
            "<svg ", f'<svg x="{number % 2 * width}" y="{number // 2 * height}" width="{width}" height="{height}" ', 1
        )
        for number, svg in enumerate(frames)
    ]
    size = f"0 0 {2 * width} {(len(frames) + 1) // 2 * height}"
    write(f'<svg viewBox="{size}" xmlns="http://www.w3.org/2000/svg">{"".join(placed)}</svg>', name)


def film(frames: Sequence[tuple[str, float]], name: str, still: int) -> None:
    """Write pictures of one size, each with the seconds it is shown, as one that moves and begins again at its end.
    The frame `still` is shown where nothing moves: where that is not wanted, or not possible."""
    width, height = _size_of(frames[0][0])
    total = sum(seconds for _, seconds in frames)
    rules, groups, at = [], [], 0.0
    for number, (svg, seconds) in enumerate(frames):
        shown, hidden = 100 * at / total, 100 * (at + seconds) / total
        before = "0%{visibility:hidden}" if shown else ""
        steps = f"{before}{shown:.2f}%{{visibility:visible}}{hidden:.2f}%,100%{{visibility:hidden}}"
        seen = "visible" if number == still else "hidden"
        rules.append(
            f"@keyframes f{number}{{{steps}}}"
            f".f{number}{{visibility:{seen};animation:f{number} {total:.1f}s step-end infinite}}"
        )
        groups.append(f'<g class="f{number}">{svg}</g>')
        at += seconds
    calm = "@media (prefers-reduced-motion:reduce){g{animation:none!important}}"
    head = f'<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">'
    write(f"{head}<style>{''.join(rules)}{calm}</style>{''.join(groups)}</svg>", name, frames[still][0])


async def typed(pilot: Pilot[None], app: ChatApp, text: str) -> None:
    """Put a text into the prompt."""
    app.chat.composer.prompt.put(text)
    await pilot.pause(0.1)


async def ask(pilot: Pilot[None], app: ChatApp, text: str) -> None:
    """Type and send."""
    before = len(app.chat.conversation.messages)
    app.chat.composer.prompt.put(text)
    await pilot.press("enter")
    await until(pilot, lambda: len(app.chat.conversation.messages) > before)


def heard(app: ChatApp) -> int:
    """Characters of the last reply so far."""
    reply = app.chat.conversation.last_reply
    return len(reply.text) if reply else 0


async def at_rest(pilot: Pilot[None], app: ChatApp) -> None:
    """Wait until the reply has ended and is drawn."""
    await until(pilot, lambda: not app.chat.conversation.replying)
    await pilot.pause(0.2)


async def new_chat(pilot: Pilot[None], app: ChatApp) -> None:
    """Begin an empty chat."""
    await pilot.press("ctrl+n")
    await until(pilot, lambda: not app.chat.conversation.messages)


async def started(pilot: Pilot[None], app: ChatApp) -> None:
    """Wait for the first screen."""
    await until(pilot, lambda: app.chat.ready and app.chat.query("#welcome"))
    await pilot.pause()


async def moving(pilot: Pilot[None], app: ChatApp) -> None:
    """A question is typed, its reply streams and ends; the next reply is stopped, and what is typed stays."""
    await started(pilot, app)
    frames: list[tuple[str, float]] = []

    def take(seconds: float) -> None:
        frames.append((picture(app), seconds))

    async def write_question(text: str) -> None:
        for end in range(4, len(text), 5):
            await typed(pilot, app, text[:end])
            take(0.18)
        await typed(pilot, app, text)
        take(0.6)

    await write_question("show me what Markdown looks like here")
    await ask(pilot, app, "show me what Markdown looks like here")
    still = 0
    for characters in range(60, 1400, 110):
        await until(pilot, lambda characters=characters: heard(app) > characters or not app.chat.conversation.replying)  # type: ignore[misc]
        await pilot.pause(0.05)
        take(0.45)
        if characters == 830:
            still = len(frames) - 1
    await at_rest(pilot, app)
    take(2.2)
    await write_question("think about a puzzle")
    await ask(pilot, app, "think about a puzzle")
    for size in (-1, -1, -1, 10, 60, 120):
        await until(pilot, lambda size=size: heard(app) > size)  # type: ignore[misc]
        await pilot.pause(0.25)
        take(0.45)
    await typed(pilot, app, "what I typed stays")
    take(0.6)
    await pilot.press("escape")
    await at_rest(pilot, app)
    take(3.0)
    film(frames, "streaming", still)


async def first_run(pilot: Pilot[None], app: ChatApp) -> None:
    """What a newcomer sees."""
    await started(pilot, app)
    save(app, "first-run")


async def markdown(pilot: Pilot[None], app: ChatApp) -> None:
    """The end of a reply in Markdown."""
    await started(pilot, app)
    await ask(pilot, app, "show me what Markdown looks like here")
    await at_rest(pilot, app)
    save(app, "markdown")


async def stopping(pilot: Pilot[None], app: ChatApp) -> None:
    """A reply that thinks, answers and is stopped, frame by frame."""
    await started(pilot, app)
    await ask(pilot, app, "think about a puzzle")
    frames = []
    for size in (-1, 40, 120):
        await until(pilot, lambda size=size: heard(app) > size)  # type: ignore[misc]
        await pilot.pause(0.9 if size < 0 else 0.2)
        frames.append(picture(app))
    await typed(pilot, app, "and the typed text stays")
    await pilot.press("escape")
    await at_rest(pilot, app)
    strip([*frames, picture(app)], "stopping")


async def chats(pilot: Pilot[None], app: ChatApp) -> None:
    """A search in all chats."""
    from tui_chat.ui.dialogs.row_list import RowList

    await started(pilot, app)
    for question in ("show me what Markdown looks like here", "中文 🌊", "what can you do?", "think about a puzzle"):
        await new_chat(pilot, app)
        await ask(pilot, app, question)
        await at_rest(pilot, app)
    await pilot.press("ctrl+s", *"what")
    await until(pilot, lambda: " reply " in app.screen.query_one(RowList).render().plain)
    save(app, "chats")


async def wire(pilot: Pilot[None], app: ChatApp) -> None:
    """What came over the wire, beside the reply that it became."""
    await started(pilot, app)
    await ask(pilot, app, "some code, please")
    await at_rest(pilot, app)
    await typed(pilot, app, "/wire")
    await pilot.press("enter")
    await until(pilot, lambda: app.chat.commands.wire.inspector is not None)
    await pilot.pause(0.5)
    save(app, "wire")


async def error(pilot: Pilot[None], app: ChatApp) -> None:
    """A server that is not there."""
    await until(pilot, lambda: app.chat.ready)
    await ask(pilot, app, "is anybody there?")
    await until(pilot, lambda: (reply := app.chat.conversation.last_reply) and reply.settled)
    await pilot.pause(0.2)
    save(app, "error")


async def models(pilot: Pilot[None], app: ChatApp) -> None:
    """The models of two endpoints."""
    from tui_chat.ui.dialogs.row_list import RowList

    await until(pilot, lambda: app.chat.ready)
    await pilot.press("ctrl+o")
    await until(pilot, lambda: "$" in app.screen.query_one(RowList).render().plain)
    await pilot.pause(0.5)
    save(app, "models")


async def endpoint(pilot: Pilot[None], app: ChatApp) -> None:
    """The form for an endpoint, after its test."""
    from tui_chat.ui.dialogs.endpoints.endpoint_form import EndpointForm
    from tui_chat.ui.dialogs.endpoints.result_row import ResultRow

    await started(pilot, app)
    app.chat.composer.prompt.put("/connect")
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, EndpointForm) and app.screen.is_mounted)
    form = cast("EndpointForm", app.screen)
    form.fields.provider.set(next(at for at, each in enumerate(form.fields.presets) if not each.base_url))
    form.fields.url.take(f"http://localhost:{os.environ[GATEWAY]}/v1")
    form.fields.key_boxes["typed"].take("sk-a-key-that-is-out-of-date-3f2a")
    form.set_focus(form.fields.url)
    await pilot.press("enter")
    await until(pilot, lambda: "401" in form.query_one(ResultRow).text)
    await pilot.pause(0.3)
    save(app, "endpoint")


GATEWAY = "PORT_OF_THE_GATEWAY"
NOWHERE = {"TUI_CHAT_BASE_URL": "http://localhost:9/v1", "TUI_CHAT_MODEL": "qwen3", "TUI_CHAT_MAX_RETRIES": "0"}
SCENES: Sequence[tuple[str, Callable[[Pilot[None], ChatApp], Awaitable[None]], tuple[int, int]]] = (
    ("streaming", moving, SIZE),
    ("first-run", first_run, SIZE),
    ("markdown", markdown, SIZE),
    ("stopping", stopping, LOW),
    ("chats", chats, SIZE),
    ("wire", wire, WIDE),
    ("models", models, SIZE),
    ("endpoint", endpoint, LOW),
    ("error", error, LOW),
)


async def draw(scene: Callable[[Pilot[None], ChatApp], Awaitable[None]], size: tuple[int, int]) -> None:
    """Run the program for one picture."""
    from tui_chat.backend.backend import AppBackend
    from tui_chat.ui.app import ChatApp

    app = ChatApp(AppBackend({}, inspect=True))
    async with app.run_test(size=size) as pilot:
        await scene(pilot, app)


def main(names: Sequence[str]) -> None:
    """All pictures, or those named, with nothing of the person's own configuration in them."""
    for name in list(os.environ):
        if name.startswith(("TUI_CHAT_", "OPENAI_")) or name.endswith("_API_KEY"):
            del os.environ[name]
    os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    with served() as ports:
        for name, scene, size in SCENES:
            if names and name not in names:
                continue
            with tempfile.TemporaryDirectory() as home:
                os.environ |= {"HOME": home} | {
                    f"XDG_{kind}_HOME": f"{home}/{kind.lower()}" for kind in ("CONFIG", "DATA", "STATE", "CACHE")
                }
                if name == "models":
                    write_config(Path(home) / "config", ports)
                os.environ |= {"error": NOWHERE, "endpoint": {GATEWAY: str(ports["gateway"])}}.get(name, {})
                asyncio.run(draw(scene, size))


if __name__ == "__main__":
    main(sys.argv[1:])
