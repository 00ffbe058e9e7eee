"""Pages are fetched as a whole, within bounds of time and size."""

from __future__ import annotations

from tests.byte_server import HANG, ByteServer, Request, Step, chunked, head, whole
from tui_chat.chat.backend_ports import FetchedPage
from tui_chat.chat.events import Failed
from tui_chat.wire.sources.page import fetch_page


def script(request: Request) -> list[Step]:
    match request.target:
        case "/moved":
            return whole(b"", 302, None, location="/page")
        case "/large":
            return [head(content_type="text/plain"), *chunked([b"x" * 40_000] * 3), HANG]
        case "/slow":
            return [head(content_type="text/plain"), *chunked([b"beginning"]), HANG]
        case "/page":
            return whole(b"<p>here", 200, "text/html")
        case _:
            return whole(b"no such page", 404, "text/plain")


def root(server: ByteServer) -> str:
    return server.url.removesuffix("/v1")


async def test_a_page_comes_whole_after_its_redirects() -> None:
    async with ByteServer(script) as server:
        page = await fetch_page(f"{root(server)}/moved#part")
    assert isinstance(page, FetchedPage)
    assert (page.url.removeprefix(root(server)), page.content_type, page.data) == ("/page", "text/html", b"<p>here")


async def test_what_is_too_large_too_slow_or_refused_is_a_failure() -> None:
    async with ByteServer(script) as server:
        large = await fetch_page(f"{root(server)}/large", most=50_000)
        slow = await fetch_page(f"{root(server)}/slow", seconds=0.3)
        refused = await fetch_page(f"{root(server)}/no")
    nobody = await fetch_page(f"{root(server)}/page", seconds=5)
    nonsense = await fetch_page("https://")
    failures = [large, slow, refused, nobody, nonsense]
    assert all(isinstance(each, Failed) for each in failures)
    problems = [each.problem for each in failures if isinstance(each, Failed)]
    assert "larger than" in problems[0]
    assert "longer than" in problems[1]
    assert "404" in problems[2]
