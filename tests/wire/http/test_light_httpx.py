"""httpx without the modules that it names and the program does not use: they are not imported, and work when they are
used after all."""

from __future__ import annotations

import subprocess
import sys

import pytest

SPARED = ("urllib.request", "http.client", "http.cookiejar", "email.message", "httpcore._sync", "httpx._main", "click")


def run(code: str) -> str:
    """Return what a new process prints."""
    return subprocess.check_output([sys.executable, "-c", code], text=True)


def test_what_is_not_used_is_not_imported() -> None:
    code = f"import sys, tui_chat.wire.http.transport; print([n for n in {SPARED} if sys.modules.get(n) is not None])"
    assert run(code).strip() == "[]"


CLIENT = r"""
import tui_chat.wire.http.transport
import httpx

def answer(request):
    headers = {"set-cookie": "a=b", "content-type": "text/plain; charset=latin-1"}
    return httpx.Response(200, content=b"h\xe4" + request.headers.get("cookie", "").encode(), headers=headers)

client = httpx.Client(transport=httpx.MockTransport(answer))
for _ in range(3):
    print(ascii(client.get("http://example.com/").text), client.cookies["a"])
import email.message, urllib.request, http.cookiejar, httpcore
for made in (email.message.Message, urllib.request.Request, http.cookiejar.CookieJar, type(httpcore.ConnectionPool())):
    print(made.__name__)
"""


@pytest.mark.parametrize(
    "first", ["", "import httpx, urllib.request, email.message"], ids=["ours-first", "theirs-first"]
)
def test_a_client_with_cookies_and_text_works_in_the_same_process(first: str) -> None:
    assert run(first + CLIENT).splitlines() == [
        r"'h\xe4' b",
        r"'h\xe4a=b' b",
        r"'h\xe4a=b' b",
        "Message",
        "Request",
        "CookieJar",
        "ConnectionPool",
    ]
