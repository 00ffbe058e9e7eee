from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.chat import events
from tui_chat.chat.events import Failed, Finished, ModelNamed, ResponseStarted, Retrying, TextDelta
from tui_chat.chat.secrets import MASK, SHORTEST, Secrets, in_headers, in_query, in_url

if TYPE_CHECKING:
    from tui_chat.chat.events import ChatEvent

SECRET = "a/b+c &d\"e'f<g>h"


@pytest.mark.parametrize(
    "spelling",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        re.sub("%..", lambda code: code[0].lower(), quote_plus(SECRET)),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET)[1:-1].replace("/", "\\/"),
        re.sub("[<>&'+]", lambda each: f"\\u{ord(each[0]):04x}", json.dumps(SECRET)[1:-1]),
        html.escape(SECRET),
        html.escape(SECRET, quote=False),
        b64encode(SECRET.encode()).decode(),
        b64encode(f":{SECRET}".encode()).decode(),
        repr(SECRET)[1:-1],
    ],
)
def test_a_secret_is_masked_as_programs_spell_it(spelling: str) -> None:
    assert Secrets([SECRET]).masked(f"said: {spelling}.") == f"said: {MASK}."


def test_a_secret_in_another_is_masked_with_it() -> None:
    assert Secrets(["abcdef", "abcdefghi"]).masked("abcdefghi abcdef") == f"{MASK} {MASK}"


@pytest.mark.parametrize("value", ["", "a", "x" * (SHORTEST - 1), "ollama", "lm-studio"])
def test_what_is_short_or_a_placeholder_stays(value: str) -> None:
    text = f"pull it with `ollama pull {value}`"
    assert Secrets([value]).masked(text) == text


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=SHORTEST, max_size=40),
    st.text(max_size=50),
    st.text(max_size=50),
)
def test_no_secret_is_left_in_any_text(secret: str, before: str, after: str) -> None:
    secrets = Secrets([secret])
    if not secrets.values:
        return
    for spelling in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1]):
        assert spelling not in secrets.masked(f"{before}{spelling}{after}").replace(MASK, "\0")


def test_headers_hold_credentials_with_and_without_their_scheme() -> None:
    credentials = b64encode(b"someone:password-1").decode()
    found = set(
        in_headers(
            {
                "Authorization": f"Basic {credentials}",
                "X-Api-Key": "key-2",
                "Cookie": "a=cookie-3; b=cookie-4",
                "User-Agent": "me",
            }
        )
    )
    assert {f"Basic {credentials}", credentials, "password-1", "key-2", "cookie-3", "cookie-4"} <= found
    assert "me" not in found


def test_a_query_holds_secrets_but_for_public_parameters() -> None:
    assert [*in_query({"api-version": "2024-10-21", "key": "k", "sig": "s"})] == ["k", "s"]


def test_a_url_holds_secrets_in_its_query_and_before_its_host() -> None:
    found = Secrets(in_url("https://someone:pass%2Fword@h/p?key=query-1"))
    assert {"pass%2Fword", "pass/word", "query-1"} <= found.values
    assert found.masked("https://someone:pass%2Fword@h/p?key=query-1") == f"https://someone:{MASK}@h/p?key={MASK}"


def test_all_texts_of_what_is_told_of_an_endpoint_are_masked_and_no_word_of_ours() -> None:
    secrets = Secrets(["secret", "request", "done-sentinel"])
    failed = Failed("secret", "secret", "request", "secret", 400, "secret", "secret", "secret", "secret")
    assert secrets.masked_event(failed) == Failed(MASK, MASK, "request", MASK, 400, MASK, MASK, MASK, MASK)
    assert secrets.masked_event(Finished("secret", "done-sentinel", "secret")) == Finished(MASK, "done-sentinel", MASK)
    assert secrets.masked_event(ModelNamed("secret")) == ModelNamed(MASK)
    assert secrets.masked_event(ResponseStarted(200, "u/secret")) == ResponseStarted(200, f"u/{MASK}")
    assert secrets.masked_event(Retrying(1, 2, 0.5, "secret", at=3.0)).at == 3.0


def test_a_reply_is_shown_as_it_came() -> None:
    reported: list[ChatEvent] = [
        TextDelta("secret"),
        events.ReasoningDelta("secret"),
        events.ToolCallDelta(0, arguments="secret"),
    ]
    assert Secrets(["secret"]).masked_events(reported) is reported


def test_a_batch_is_masked_where_one_event_is_no_reply() -> None:
    reported: list[ChatEvent] = [TextDelta("secret"), Finished("secret", "eof")]
    assert Secrets(["secret"]).masked_events(reported) == [TextDelta("secret"), Finished(MASK, "eof")]
