"""Find model servers on this machine; used only when a person asks for it."""

from __future__ import annotations

import asyncio
from typing import Final

from tui_chat.chat.events import Failed
from tui_chat.chat.model_ports import LocalServer
from tui_chat.wire.client import Client
from tui_chat.wire.endpoint import Endpoint

USUAL_PORTS: Final = {
    11434: "Ollama",
    1234: "LM Studio",
    8080: "llama.cpp",
    8000: "vLLM",
    5000: "text-generation-webui",
    4000: "LiteLLM",
}
"""Port → the server that usually listens there, in display order."""

_PATIENCE: Final = 1.0


async def find_local_servers(ports: dict[int, str] | None = None, within: float = _PATIENCE) -> list[LocalServer]:
    """Return the servers on 127.0.0.1 that list their models within `within` seconds, or say that they want a key. All
    ports are queried at once, without a key."""
    asked = USUAL_PORTS if ports is None else ports
    found = await asyncio.gather(*(_ask(port, name, within) for port, name in asked.items()))
    return [server for server in found if server is not None]


async def _ask(port: int, name: str, within: float) -> LocalServer | None:
    endpoint = Endpoint(f"http://127.0.0.1:{port}/v1", name=name)
    client = Client(endpoint, max_retries=0, connect_timeout=within, idle_timeout=within)
    try:
        async with asyncio.timeout(within):
            models = await client.models()
    except TimeoutError:
        return None
    finally:
        await client.aclose()
    if isinstance(models, Failed):
        # Other programs on these ports refuse too, without the words of an API.
        wants_key = models.status == 401 and bool(models.message)
        return LocalServer(name, endpoint.base_url, (), wants_key=True) if wants_key else None
    return LocalServer(name, endpoint.base_url, tuple(model.name for model in models))
