"""The least that a client written with httpx can be: reads the stream line by line, parses it, keeps the text.

    python -m tests.benchmarks.floors.bare_loop URL

Each line on standard input asks once; the marks of the benchmark are printed when they are read.
"""

from __future__ import annotations

import asyncio
import json
import sys

import httpx


async def ask(client: httpx.AsyncClient, url: str) -> str:
    """The reply's text."""
    pieces: list[str] = []
    body = {"model": "paced", "stream": True, "messages": [{"role": "user", "content": "go"}]}
    async with client.stream("POST", f"{url}/chat/completions", json=body, timeout=None) as response:
        async for line in response.aiter_lines():
            if not line.startswith("data: ") or line == "data: [DONE]":
                continue
            piece = json.loads(line[6:])["choices"][0]["delta"].get("content")
            if piece:
                pieces.append(piece)
                if "LAST" in piece or "HEAD" in piece:
                    print(piece, flush=True)
    return "".join(pieces)


async def main() -> None:
    """Ask as often as told."""
    async with httpx.AsyncClient() as client:
        print("READY", flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            await ask(client, sys.argv[1])


if __name__ == "__main__":
    asyncio.run(main())
