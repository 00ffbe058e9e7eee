"""Errors as sentences that a person can act on."""

from __future__ import annotations

import re
import shlex
from email.utils import parsedate_to_datetime
from html import unescape
from http import HTTPStatus
from json import JSONDecoder
from time import time
from typing import TYPE_CHECKING, Final, NamedTuple

from tui_chat.chat.events import Failed
from tui_chat.chat.secrets import Secrets
from tui_chat.chat.wording.hints import OTHER_MODEL
from tui_chat.chat.wording.sentences import clause, ended
from tui_chat.chat.wording.sizes import readable_size
from tui_chat.wire.failures.overflow import OVERFLOW_HINT, OVERFLOW_PROBLEM, is_overflow
from tui_chat.wire.http.charset import decoded_text, page_charset

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_chat.chat.events import FailureKind
    from tui_chat.wire.http.proxy import Proxy
    from tui_chat.wire.sources.files import OfferedFile

EXCERPT: Final = 300
"""Maximum characters of foreign text quoted in a sentence."""

ERROR_BODY: Final = 256 * 1024
"""Maximum bytes read of an error response."""

ERROR_BODY_WAIT: Final = 5.0
"""Seconds of silence after which the rest of an error response is not awaited, because the status is enough."""

NO_SECRETS: Final = Secrets()

_LOOKED_AT: Final = 16 * 1024
"""Maximum characters of a server's message or a page's title that regular expressions search."""

_LARGEST_CODE: Final = 10**12
_MAX_DEPTH: Final = 8
"""Maximum nesting level at which an error object is searched."""

_XML_MESSAGE: Final = re.compile(r"<message>([^<]{1,4000})</message>", re.IGNORECASE)
"""The message of an error in XML, as object stores and some gateways write it."""

_MODEL: Final = re.compile(r"\bmodel\b", re.IGNORECASE)
_PLAIN_ON_TLS: Final = (b"http request was sent to https port", b"http request to an https server")
"""The answer of nginx and Go servers to plain HTTP on a TLS port."""
_OVERFLOWS: Final = frozenset({400, 413, 422, 500})
"""Statuses with which servers report that a conversation is too long."""
NO_CREDIT: Final = frozenset({"insufficient_quota", "billing_hard_limit_reached", "insufficient_credits"})
"""Error codes for which waiting does not help."""


class ConnectFailedError(Exception):
    """No response was received."""

    def __init__(self, failed: Failed, *, again: bool) -> None:
        super().__init__(failed.problem)
        self.failed = failed
        self.again = again
        """Whether another attempt may help."""


class ConnectionLostError(Exception):
    """The response body broke off. The text is a clause that says how."""


class UndecodableError(ConnectionLostError):
    """The body has a compression that is not supported."""

    def __init__(self, coding: str) -> None:
        super().__init__(f"the answer is compressed ({excerpt(coding)}) in a way that cannot be undone here")


class ServerError(NamedTuple):
    """The fields of a server's error object, unchanged."""

    message: str | None = None
    type: str | None = None
    code: str | None = None

    def masked(self, secrets: Secrets) -> ServerError:
        """Return a copy with `secrets` masked."""
        return ServerError(*(None if text is None else secrets.masked(text) for text in self))


def parse_error(document: object, depth: int = 0) -> ServerError:
    """Parse an error object of any known format (the test lists their senders). `depth` is its nesting level."""
    if depth > _MAX_DEPTH:
        return ServerError()
    if isinstance(document, list):
        # Google's OpenAI-compatible endpoint wraps the object in an array.
        return next(
            (reported for item in document if (reported := parse_error(item, depth + 1)).message), ServerError()
        )
    if isinstance(document, str):
        return ServerError(document.strip() or None)
    if not isinstance(document, dict):
        return ServerError()
    kind, code = _word(document.get("type")), _word(document.get("code"))
    error = document.get("error")
    if isinstance(error, dict):
        inner = parse_error(error, depth + 1)
        return ServerError(inner.message, inner.type, inner.code or code)
    if isinstance(error, str) and error.strip():
        message = _word(document.get("message"))
        return ServerError(error.strip() if not message or message == error else message, kind, code)
    for key in ("message", "detail", "msg", "error_msg", "status_msg", "reason", "errors", "base_resp"):
        value = document.get(key)
        if isinstance(value, str) and value.strip():
            return ServerError(value.strip(), kind, code)
        if isinstance(value, (dict, list)) and (inner := parse_error(value, depth + 1)).message:
            if key == "base_resp" and not base_response_fails(document):
                continue
            return ServerError(inner.message, None, code)  # FastAPI's `detail[].type` names a check, not an error
    for key, value in document.items():
        if key.endswith("Exception") and isinstance(value, dict) and (inner := parse_error(value, depth + 1)).message:
            return ServerError(inner.message, key, code)  # Amazon Bedrock
    return ServerError(None, kind, code)


def base_response_fails(document: Mapping[str, object]) -> bool:
    """Whether the `base_resp` of MiniMax, which stands in each answer, reports a failure."""
    base = document.get("base_resp")
    return isinstance(base, dict) and bool(base.get("status_code"))


def is_reported(error: object) -> bool:
    """Whether the value of an `error` field is an error; some servers fill it in to say that there is none."""
    if not isinstance(error, dict):
        return bool(error)
    said = str(error.get("message") or error.get("msg") or "").strip().lower()
    return any(error.values()) and not (_word(error.get("code")) == "0" and said in {"", "ok", "success"})


def _word(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    if isinstance(value, int) and abs(value) > _LARGEST_CODE:
        return None
    return str(value) or None


def read_body(body: bytes, secrets: Secrets = NO_SECRETS, content_type: str = "") -> ServerError:
    """Parse the body of an error response, with secrets masked: JSON whatever its type says, XML, or a short plain
    text."""
    text = decoded_text(body, page_charset(content_type, body)).lstrip("\ufeff").strip()
    if text[:1] in {"{", "["}:
        try:
            document, _ = JSONDecoder().raw_decode(text)
        except (ValueError, RecursionError):
            return ServerError()
        return parse_error(document).masked(secrets)
    # Errors also arrive as server-sent events, from servers that choose the status late.
    for line in text.splitlines():
        if line.startswith("data:") and line[5:].lstrip()[:1] == "{":
            return read_body(line[5:].strip().encode(), secrets)
    if not text or text.startswith("<"):
        found = _XML_MESSAGE.search(secrets.masked(text)[:_LOOKED_AT]) if text.startswith(("<?xml", "<Error")) else None
        return ServerError(excerpt(unescape(found[1])) or None) if found else ServerError()
    return ServerError(excerpt(secrets.masked(text)))


def excerpt(text: str) -> str:
    """The beginning of a foreign text, as one line."""
    line = " ".join(text[: 4 * EXCERPT].split())
    return line if len(line) <= EXCERPT else line[: EXCERPT - 1] + "…"


def sentence(ours: str, theirs: str) -> str:
    """A sentence that quotes the beginning of a foreign text."""
    reported = excerpt(theirs)
    return ended(f"{ours}: {reported}" if clause(reported).strip(".") else ours)


def page_title(body: bytes, secrets: Secrets = NO_SECRETS, content_type: str = "") -> str:
    """The title of a web page for use in a sentence, with secrets masked; empty if it has none."""
    lower = body.lower()  # lowering bytes keeps positions
    tag = lower.find(b"<title")
    begin = lower.find(b">", tag) + 1 if tag >= 0 else 0
    end = lower.find(b"</title", begin) if begin else -1
    if end < 0:
        return ""
    title = decoded_text(body[begin : min(end, begin + 2 * _LOOKED_AT)], page_charset(content_type, body))
    return excerpt(secrets.masked(title)[:_LOOKED_AT])  # a secret split by the first cut lies behind the second


def unfinished(seconds: float | None) -> str:
    """A sentence to append: the rest of the server's message was not awaited any longer; empty for `None`."""
    return "" if seconds is None else f" The rest of what it says did not come within {seconds:g} s."


def of_status(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    url: str,
    key_sent: bool = True,
    model: str = "",
    secrets: Secrets = NO_SECRETS,
    proxy: Proxy | None = None,
) -> Failed:
    """The failure for a status outside 2xx, with `secrets` masked in the server's message. `headers` has lower-case
    names; `proxy` is the proxy of the request."""
    content_type = headers.get("content-type", "")
    reported = read_body(body, secrets, content_type)
    if status == 407:
        return Failed(*proxy_password(proxy), "key", url, status, reported.message, reported.type, reported.code)
    problem, hint, kind = _diagnosis(status, headers, body, reported, key_sent=key_sent, model=model)
    problem = f"{problem} ({f'{status} {_phrase(status)}'.strip()})"
    if reported.message:
        problem = sentence(problem, reported.message)
    else:
        title = page_title(body, secrets, content_type)
        problem += f": a web page titled “{title}”." if title else "."
    return Failed(problem, hint, kind, url, status, reported.message, reported.type, reported.code)


class _Diagnosis(NamedTuple):
    """The beginning of the sentence about an error, and what to do."""

    problem: str
    hint: str
    kind: FailureKind = "request"


def _diagnosis(
    status: int, headers: Mapping[str, str], body: bytes, reported: ServerError, *, key_sent: bool, model: str
) -> _Diagnosis:
    start = body[:_LOOKED_AT].lower()
    match status:
        case 401:
            return _refused_key(headers, key_sent=key_sent)
        case 403:
            hint = "Check what the key's account may use: the model, the region, the project."
            return _Diagnosis("The key may not do this", hint, "key")
        case 402:
            return _Diagnosis("The account has no credit left", "Top up the account with the provider.", "key")
        case 404 if _MODEL.search(_words_of(reported)):
            return _Diagnosis(f"The server does not know the model {model}".rstrip(), OTHER_MODEL)
        case 404 | 405:
            return _Diagnosis("There is no chat API at this address", "Check the base URL: most end in /v1.")
        case _ if status in _OVERFLOWS and is_overflow(
            reported.message or "", reported.code or "", reported.type or ""
        ):
            return _Diagnosis(OVERFLOW_PROBLEM, OVERFLOW_HINT)
        case 400 if any(words in start for words in _PLAIN_ON_TLS):
            return _Diagnosis("The server speaks TLS on this port", "Begin the base URL with https://.")
        case 413 | 414:
            return _Diagnosis("The request is too large for the server", "Start a new chat, or send less.")
        case 429 if reported.code in NO_CREDIT or reported.type in NO_CREDIT:
            return _Diagnosis("The account's quota is used up", "Check the plan and the billing.", "rate-limit")
        case 429:
            wait = retry_after(headers)
            hint = "Wait a moment and try again." if wait is None or wait < 1 else f"Try again in {_duration(wait)}."
            return _Diagnosis("The server asks to slow down (rate limit)", hint, "rate-limit")
        case 503 | 529:
            return _Diagnosis("The server is overloaded or still loading", "Wait a moment and try again.", "server")
        case 502 | 504:
            hint = "Check that the model's server runs; try again."
            return _Diagnosis("The gateway gets no answer from the model's server", hint, "server")
        case _ if status >= 500:
            return _Diagnosis("The server failed", "Try again; the server's own log says more.", "server")
        case _:
            return _Diagnosis("The server refused the request", "What the server says should tell what to change.")


def _refused_key(headers: Mapping[str, str], *, key_sent: bool) -> _Diagnosis:
    if key_sent:
        hint = "Check the key, and that it belongs to this server."
        return _Diagnosis("The server refused the key", hint, "key")
    if headers.get("www-authenticate", "").lower().startswith("basic"):
        hint = "Write them into the base URL, as in https://user:password@host/v1."
        return _Diagnosis("The server wants a user and a password", hint, "key")
    return _Diagnosis("The server wants a key and none is set", "Set the key of this endpoint.", "key")


def _words_of(reported: ServerError | Failed) -> str:
    return f"{(reported.message or '')[:_LOOKED_AT]} {reported.code or ''} {reported.type or ''}"


def names_model(failed: Failed) -> bool:
    """Whether a refusal concerns the model."""
    return bool(_MODEL.search(_words_of(failed)))


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def proxy_password(proxy: Proxy | None) -> tuple[str, str]:
    """The problem and the hint for a proxy that requires a password."""
    if proxy is None:
        hint = "No proxy is set here: the one that asks stands in front of the server. Ask who runs it."
        return "A proxy in front of the server wants a user and a password (407).", hint
    hint = f"Write them into {proxy.variable}, as in http://user:password@host:port."
    return f"The proxy {proxy.shown} wants a user and a password (407), or refuses those it got.", hint


def of_page(
    body: bytes,
    *,
    url: str,
    status: int,
    seconds: float | None = None,
    secrets: Secrets = NO_SECRETS,
    content_type: str = "",
) -> Failed:
    """The failure for a web page instead of an answer; `seconds` is the time its rest was awaited in vain."""
    title = page_title(body, secrets, content_type)
    problem = f"The server answered with a web page{f' titled “{title}”' if title else ''} in place of a reply."
    return Failed(
        problem + unfinished(seconds),
        "Check the base URL (most end in /v1), and whether a login page or a proxy stands in between.",
        "request",
        url,
        status,
    )


def of_coding(coding: str, *, url: str, status: int) -> Failed:
    """The failure for an answer whose compression is not supported."""
    return Failed(
        f"The answer is compressed in a way that cannot be undone here (Content-Encoding: {excerpt(coding)}).",
        "No compression was asked for: a proxy or gateway between here and the server may have added it. Turn it off "
        "there, or let it keep to Accept-Encoding.",
        "server",
        url,
        status,
    )


def of_file(file: OfferedFile, *, url: str, status: int) -> Failed:
    """The failure for a file download instead of an answer; `url` is the request's, including a question in it."""
    size = "" if file.size is None else f", {readable_size(file.size)}"
    shown = url if len(url) <= EXCERPT else "URL"
    return Failed(
        f"The server answered with a file ({file.name}{size}) in place of a reply.",
        f"To save it: tui-chat listen --save {shlex.quote(shown)}",
        "request",
        status=status,
    )


def of_refusal(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    url: str,
    secrets: Secrets = NO_SECRETS,
    proxy: Proxy | None = None,
) -> Failed:
    """The failure for a status of a plain URL that is not a chat API."""
    content_type = headers.get("content-type", "")
    reported = read_body(body, secrets, content_type).message
    shown = reported or page_title(body, secrets, content_type)
    if status == 407:
        return Failed(*proxy_password(proxy), "key", url, status, reported)
    problem = f"The server answered {f'{status} {_phrase(status)}'.strip()}"
    kind: FailureKind = "server" if status >= 500 else "request"
    match status:
        case 401 | 403:
            kind, hint = "key", "If it wants a key: -H 'Authorization: Bearer …'."
        case 404 | 410:
            hint = "Check the address."
        case 429:
            kind, hint = "rate-limit", "Wait a moment and try again."
            if (wait := retry_after(headers)) is not None and wait >= 1:
                hint = f"Try again in {_duration(wait)}."
        case _:
            hint = "Try again; the server's own log says more." if status >= 500 else "Check what the server wants."
    return Failed(sentence(problem, shown) if shown else f"{problem}.", hint, kind, url, status, reported)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds to wait that the server asks for (`Retry-After` as seconds or a date, `retry-after-ms`); `None`:
    none."""
    for name, scale in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = headers.get(name, "").strip()
        if re.fullmatch(r"\d{1,9}(\.\d{0,9})?", value):
            return float(value) / scale
    try:
        return max(0.0, parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - time())
    except (ValueError, OverflowError):
        return None


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{round(seconds)} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{round(seconds / 3600)} h" if seconds < 2 * 86400 else f"{round(seconds / 86400):,} days"
