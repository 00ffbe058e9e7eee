"""Two pages for a browser, `/` and `/events`: static files without a build step or external resources."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
NAMES = ("chat.html", "chat.js", "events.html", "events.js", "icon.svg", "key.js", "page.css")
"""The files in this folder that are served."""

HEADERS = {
    "Cache-Control": "no-cache",
    # Scripts and styles only from these files, requests only to this server, and no text ever parsed as HTML.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def page_routes() -> list[Route]:
    """The routes of the pages and their files. They contain nothing secret, so they need no key: the pages ask for it
    and send it with their requests."""
    return [
        Route("/", _chat),
        Route("/events", _events),
        Route("/pages/{name}", _part),
    ]


async def _chat(_request: Request) -> Response:
    return _file("chat.html")


async def _events(_request: Request) -> Response:
    return _file("events.html")


async def _part(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in NAMES:
        raise HTTPException(404)
    return _file(name)


def _file(name: str) -> Response:
    return Response(_content(name), headers=HEADERS, media_type=TYPES[name.rpartition(".")[2]])


@cache
def _content(name: str) -> bytes:
    return files(__name__).joinpath(name).read_bytes()
