from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING

import httpx
import pytest

from tui_chat.server import pages

if TYPE_CHECKING:
    from tui_chat.server.embedded import EmbeddedServer


def get(server: EmbeddedServer, path: str) -> httpx.Response:
    return httpx.get(server.base_url.removesuffix("/v1") + path, trust_env=False)


@pytest.mark.parametrize("path", ["/", "/events"])
def test_a_page_and_all_it_is_made_of_come_from_here_without_a_key(server: EmbeddedServer, path: str) -> None:
    page = get(server, path)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "http:" not in page.text
    assert "https:" not in page.text
    parts = set(re.findall(r'(?:src|href)="(/pages/[^"]+)"', page.text))
    assert {"/pages/page.css", "/pages/icon.svg"} < parts
    for part in parts:
        assert get(server, part).status_code == 200


@pytest.mark.parametrize("path", ["/", "/events", "/pages/chat.js"])
def test_the_browser_is_told_to_run_nothing_else(server: EmbeddedServer, path: str) -> None:
    headers = get(server, path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; ")
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert headers["referrer-policy"] == "no-referrer", "a URL may hold the key"
    assert headers["x-content-type-options"] == "nosniff"


def test_all_files_are_served_and_no_others(server: EmbeddedServer) -> None:
    there = {each.name for each in files(pages).iterdir() if not each.name.startswith("__")}
    assert there == set(pages.NAMES)
    for other in ("__init__.py", "..%2fapp.py", "nothing.js"):
        assert get(server, f"/pages/{other}").status_code == 404
