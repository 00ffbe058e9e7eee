"""Errors as sentences that a person can act on."""

from __future__ import annotations

import re
import shlex
from html import unescape
from json import JSONDecoder
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from tui_chat.chat.events import Failed
from tui_chat.chat.secrets import Secrets
from tui_chat.chat.wording.sentences import clause, ended
from tui_chat.chat.wording.sizes import readable_size
from tui_chat.wire.http.charset import decoded_text, page_charset

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_chat.wire.sources.files import OfferedFile

EXCERPT: Final = 300
"""Maximum characters of foreign text quoted in a sentence."""

ERROR_BODY: Final = 256 * 1024
"""Maximum bytes read of an error response."""

ERROR_BODY_WAIT: Final = 5.0
"""Seconds of silence after which the rest of an error response is not awaited, because the status is enough."""

NO_SECRETS: Final = Secrets()

LOOKED_AT: Final = 16 * 1024
"""Maximum characters of a server's message or a page's title that regular expressions search."""

_LARGEST_CODE: Final = 10**12
_MAX_DEPTH: Final = 8
"""Maximum nesting level at which an error object is searched."""

_MESSAGES: Final = ("message", "detail", "msg", "error_msg", "status_msg", "reason", "errors", "base_resp", "Message",
                    "error_description", "error_message", "errorMessage", "title")  # fmt: skip
"""Fields that hold an error's message, the best first."""

_XML_MESSAGE: Final = re.compile(r"<message>([^<]{1,4000})</message>", re.IGNORECASE)
"""The message of an error in XML, as object stores and some gateways write it."""


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
        return _inside(document.strip(), depth) or ServerError(document.strip() or None)
    if not isinstance(document, dict):
        return ServerError()
    kind, code = _word(document.get("type")), _word(document.get("code"))
    error = document.get("error")
    if isinstance(error, dict):
        inner = parse_error(error, depth + 1)
        return ServerError(inner.message, inner.type, inner.code or code)
    if isinstance(error, str) and error.strip():
        message = _word(document.get("message")) or _word(document.get("error_description"))
        said = error.strip() if not message or message == error else message
        return _inside(said, depth) or ServerError(said, kind, code)
    for key in _MESSAGES:
        value = document.get(key)
        if isinstance(value, str) and value.strip():
            return _inside(value.strip(), depth) or ServerError(value.strip(), kind, code)
        if isinstance(value, (dict, list)) and (inner := parse_error(value, depth + 1)).message:
            if key == "base_resp" and not base_response_fails(document):
                continue
            return ServerError(inner.message, None, code)  # FastAPI's `detail[].type` names a check, not an error
    for key, value in document.items():
        if key.endswith("Exception") and isinstance(value, dict) and (inner := parse_error(value, depth + 1)).message:
            return ServerError(inner.message, key, code)  # Amazon Bedrock
    return ServerError(None, kind, code)


def _inside(text: str, depth: int) -> ServerError | None:
    """The error in a message that is itself the JSON of an error, as gateways pass it on; `None`: it is none."""
    if text[:1] not in {"{", "["}:
        return None
    try:
        document = JSONDecoder().decode(text)
    except (ValueError, RecursionError):
        return None
    inner = parse_error(document, depth + 1)
    return inner if inner.message else None


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
    text. JSON in which no message is known is quoted as it is."""
    text = decoded_text(body, page_charset(content_type, body)).lstrip("\ufeff").strip()
    if text[:1] in {"{", "["}:
        try:
            document, _ = JSONDecoder().raw_decode(text)
        except (ValueError, RecursionError):
            return ServerError()
        reported = parse_error(document).masked(secrets)
        if reported.message or not _says_something(document):
            return reported
        return reported._replace(message=excerpt(secrets.masked(text)))
    # Errors also arrive as server-sent events, from servers that choose the status late.
    for line in text.splitlines():
        if line.startswith("data:") and line[5:].lstrip()[:1] == "{":
            return read_body(line[5:].strip().encode(), secrets)
    if not text or text.startswith("<"):
        found = _XML_MESSAGE.search(secrets.masked(text)[:LOOKED_AT]) if text.startswith(("<?xml", "<Error")) else None
        return ServerError(excerpt(unescape(found[1])) or None) if found else ServerError()
    return ServerError(excerpt(secrets.masked(text)))


def _says_something(document: object) -> bool:
    """Whether a document has a value that is not empty, at any level that errors have."""
    level = [document] if isinstance(document, (dict, list)) else []
    for _ in range(_MAX_DEPTH):
        values = [value for item in level for value in (item.values() if isinstance(item, dict) else item)]
        if any(value and not isinstance(value, (dict, list)) for value in values):
            return True
        level = [value for value in values if isinstance(value, (dict, list))]
    return False


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
    title = decoded_text(body[begin : min(end, begin + 2 * LOOKED_AT)], page_charset(content_type, body))
    return excerpt(secrets.masked(title)[:LOOKED_AT])  # a secret split by the first cut lies behind the second


def check_base_url(url: str) -> str:
    """Return the advice on the base URL for a request to `url` that reached something else than the API."""
    path = urlsplit(url).path
    versioned = any(part[:1] == "v" and part[1:2].isdigit() for part in path.split("/"))
    if not versioned and path.endswith("/chat/completions"):
        return "Check the base URL: most end in /v1"
    return f"Check the base URL: {excerpt(path)} was asked for"


def unfinished(seconds: float | None) -> str:
    """A sentence to append: the rest of the server's message was not awaited any longer; empty for `None`."""
    return "" if seconds is None else f" The rest of what it says did not come within {seconds:g} s."


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
        f"{check_base_url(url)}; or a login page or a proxy may stand in between.",
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
