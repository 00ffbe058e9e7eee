"""The least that a command written with httpx can be: asks once and prints the pieces as they come.

python -m tests.benchmarks.floors.bare_ask URL
"""

from __future__ import annotations

import asyncio
import json
import sys

import httpx


async def main() -> None:
    """Ask and print."""
    body = {"model": "paced", "stream": True, "messages": [{"role": "user", "content": "go"}]}
    async with (
        httpx.AsyncClient() as client,
        client.stream("POST", f"{sys.argv[1]}/chat/completions", json=body, timeout=None) as response,
    ):
        async for line in response.aiter_lines():
            if line.startswith("data: ") and line != "data: [DONE]":
                sys.stdout.write(json.loads(line[6:])["choices"][0]["delta"].get("content") or "")
                sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
