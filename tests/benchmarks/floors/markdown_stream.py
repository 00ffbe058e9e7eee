"""A minimal chat as Textual's documentation suggests it: an Input, and replies in `Markdown` by `MarkdownStream`.

python -m tests.benchmarks.floors.markdown_stream URL
"""

from __future__ import annotations

import json
import sys

import httpx
from textual import work
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Input, Markdown


class MinimalChat(App[None]):
    """No stop, no errors, no history: only what it takes to see a reply."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._http = httpx.AsyncClient(timeout=None)
        self._messages: list[dict[str, str]] = []

    def compose(self) -> ComposeResult:
        """The conversation and the box."""
        yield VerticalScroll()
        yield Input(placeholder="chat READY")

    def on_mount(self) -> None:
        """Follow the newest text, type into the box."""
        self.query_one(VerticalScroll).anchor()
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Ask."""
        event.input.clear()
        self.ask(event.value)

    @work
    async def ask(self, text: str) -> None:
        """Stream the reply into a widget of its own."""
        pane = self.query_one(VerticalScroll)
        reply = Markdown()
        await pane.mount_all([Markdown(text), reply])
        self._messages.append({"role": "user", "content": text})
        body = {"model": "paced", "stream": True, "messages": self._messages}
        stream = Markdown.get_stream(reply)
        said: list[str] = []
        try:
            async with self._http.stream("POST", f"{self._url}/chat/completions", json=body) as response:
                async for line in response.aiter_lines():
                    if line.startswith("data: ") and line != "data: [DONE]":
                        piece = json.loads(line[6:])["choices"][0]["delta"].get("content")
                        if piece:
                            said.append(piece)
                            await stream.write(piece)
        finally:
            await stream.stop()
        self._messages.append({"role": "assistant", "content": "".join(said)})


if __name__ == "__main__":
    MinimalChat(sys.argv[1]).run()
