"""Endpoints with lists of models, which refuse every key, for the pictures of the model picker and of the form."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


def _model(name: str, window: int, price: tuple[float, float] | None = None) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": name, "object": "model", "context_length": window}
    if price is not None:
        asked, answered = price
        entry["pricing"] = {"prompt": f"{asked / 1e6:.8f}", "completion": f"{answered / 1e6:.8f}"}
    return entry


LISTS = {
    "gateway": [
        _model("openai/gpt-4o-mini", 128_000, (0.15, 0.60)),
        _model("openai/gpt-4o", 128_000, (2.50, 10.0)),
        _model("anthropic/claude-sonnet-4.5", 200_000, (3.0, 15.0)),
        _model("google/gemini-2.5-flash", 1_048_576, (0.30, 2.50)),
        _model("deepseek/deepseek-chat", 163_840, (0.28, 0.88)),
        _model("mistralai/mistral-small", 131_072, (0.05, 0.10)),
    ],
    "laptop": [_model("qwen3:8b", 40_960), _model("llama3.2:3b", 131_072), _model("gemma3:12b", 131_072)],
}


PORTS = {"gateway": 4000, "laptop": 11434}
"""The usual ports of such servers, as they are seen in the pictures where they are free."""


def _handler(models: Sequence[dict[str, Any]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.headers["Authorization"]:
                self.answer(401, {"error": {"message": "Incorrect API key provided."}})
            elif self.path.split("?")[0] == "/v1/models":
                self.answer(200, {"object": "list", "data": list(models)})
            else:
                self.answer(404, {})

        def do_POST(self) -> None:
            self.do_GET()

        def answer(self, status: int, told: dict[str, Any]) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def _server(port: int, models: Sequence[dict[str, Any]]) -> ThreadingHTTPServer:
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), _handler(models))
    except OSError:
        return ThreadingHTTPServer(("127.0.0.1", 0), _handler(models))


@contextmanager
def served() -> Iterator[dict[str, int]]:
    """Serve the lists, and give their ports by name."""
    servers = {name: _server(port, LISTS[name]) for name, port in PORTS.items()}
    for server in servers.values():
        threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield {name: server.server_address[1] for name, server in servers.items()}
    finally:
        for server in servers.values():
            server.shutdown()
            server.server_close()


def write_config(folder: Path, ports: dict[str, int]) -> None:
    """Write a config.toml with the served endpoints."""
    lines = ['endpoint = "gateway"']
    for name, port in ports.items():
        first = LISTS[name][0]["id"]
        lines += [f"[endpoints.{name}]", f'base_url = "http://localhost:{port}/v1"', f'model = "{first}"']
    path = folder / "tui-chat" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    path.chmod(0o600)
