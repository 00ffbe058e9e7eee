"""An endpoint as a value: its URL as people write it, its key, and what else each request carries."""

from __future__ import annotations

import ipaddress
import re
from base64 import b64encode
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import dataclass, replace
from tui_chat.chat.secrets import MASK, Secrets, in_headers, in_query, in_user_info
from tui_chat.chat.wording.sentences import ended
from tui_chat.wire.url_detection import ALTERNATIVES, dialect_of, keeps_slash, root_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Reach: TypeAlias = Literal["loopback", "private", "public"]
"""The distance that a request travels: within this machine, within a private network, or over the internet."""

_PRIVATE_NAMES: Final = (".local", ".lan", ".home", ".internal", ".intranet", ".corp", ".localdomain", ".home.arpa")
_NO_SLASHES: Final = re.compile(r"(https?):(?!//)", re.IGNORECASE)
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):/+")
_LONGEST: Final = 16 * 1024
"""Maximum characters of a URL; servers accept no longer ones, and redirects supply foreign URLs."""

FRAMING_HEADERS: Final = frozenset({"content-length", "transfer-encoding", "connection", "upgrade"})
"""Headers about the connection and the body's length; another value than ours would break the request."""

PLACEHOLDER: Final = "{message}"
"""Placeholder for the question in a base URL."""

_PLACEHOLDER: Final = re.compile(r"\{message\}|%7[Bb]message%7[Dd]")


_QUESTIONS: Final = frozenset({"message", "msg", "q", "query", "question", "prompt", "text", "input", "content", "ask"})
"""Usual names of the query parameter that holds the question."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address and settings of requests. Raises `SetupError` for values that cannot be used.

    `base_url` may be written with or without scheme, `/v1`, a trailing slash, or as the full path of an operation. It
    is stored as the root of request paths (see `url_detection.root_of`), without its user and password. With the
    dialect `auto` the URL determines the dialect: a URL with `{message}` in its path or query, or one that ends in
    `?message=`, is for `simple-get` and keeps its path.
    """

    base_url: str
    key: str = field(default="", repr=False)
    name: str = ""
    """The name in the settings; if empty, the host is shown."""
    dialect: str = "openai-chat"
    """A name in `DIALECTS`, or `auto`."""
    guessed: bool = False
    """The dialect was neither chosen by a person nor certain from the URL, so the response may change it."""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    """Fields added to each request's JSON, overriding ours (sampling fields of vLLM and SGLang, for instance)."""
    allow_insecure_key: bool = False
    """Send the key over plain http to a public host."""
    inline_reasoning: bool = True
    """Treat `<think>…</think>` at the very start of a reply as reasoning; False leaves it in the text."""
    send_unfinished: bool = True
    """Send replies that were stopped, cut off or failed back with their text; False omits them."""
    user_info: str = field(default="", repr=False)
    """The URL's `user:password`, unchanged; sent as Basic authentication."""
    slash: bool = False
    """The URL was written as a full path with a trailing slash, which requests keep."""

    def __post_init__(self) -> None:
        parts = parts_of(self.base_url)
        if "@" in parts.netloc:
            user_info, _, netloc = parts.netloc.rpartition("@")
            object.__setattr__(self, "user_info", user_info)
            parts = parts._replace(netloc=netloc)
        path = re.sub("//+", "/", parts.path).rstrip("/")
        query = {**dict(parse_qsl(parts.query, keep_blank_values=True)), **self.query}
        filled = any(_PLACEHOLDER.search(text) for text in (parts.path, *query.values()))
        if not filled and (blank := _blank_field(query, self.dialect)):
            query[blank] = PLACEHOLDER
            filled = True
        if self.dialect == "auto" and filled:
            object.__setattr__(self, "dialect", "simple-get")
        elif filled != (self.dialect == "simple-get"):
            raise SetupError(_misplaced(self.dialect))
        elif self.dialect == "auto":
            dialect, certain = dialect_of(parts.hostname or "", parts.port, path)
            object.__setattr__(self, "dialect", dialect)
            object.__setattr__(self, "guessed", not certain)
        whole = path
        path = (
            _PLACEHOLDER.sub(PLACEHOLDER, parts.path) if filled else root_of(self.dialect, parts.hostname or "", path)
        )
        if not filled and parts.path.endswith("/") and keeps_slash(self.dialect, parts.hostname or "", whole):
            object.__setattr__(self, "slash", True)
        if self.dialect == "gemini":
            query.pop("alt", None)  # part of a pasted URL; each request adds it if needed
        object.__setattr__(self, "base_url", urlunsplit((parts.scheme, parts.netloc, path, "", "")))
        object.__setattr__(self, "query", query)
        key = self.key.strip()
        object.__setattr__(self, "key", key)
        if not key.isascii() or not key.isprintable() or " " in key:
            raise SetupError("The key holds characters no key has (a space, a line break, a quote?): copy it again.")
        for header, value in self.headers.items():
            if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", header) or not re.fullmatch(r"[\t -~]*", value):
                raise SetupError(f"The header {header!r} cannot be sent: its name or value holds odd characters.")
            if header.lower() in FRAMING_HEADERS:
                raise SetupError(f"The header {header!r} cannot be set: it describes the body, and is sent by itself.")
        secret = "password" if self.user_info and not self.key else "key"
        if (
            (self.key or self.user_info)
            and parts.scheme == "http"
            and self.reach == "public"
            and not self.allow_insecure_key
        ):
            raise SetupError(
                f"The {secret} would go to {parts.hostname} over plain http, readable on its way: use https, or set "
                "allow_insecure_key if you mean it."
            )

    def __repr__(self) -> str:
        """A representation without secrets: the key is masked, and only the names of headers and query parameters
        appear."""
        key = MASK if self.key else ""
        return (
            f"Endpoint({self.base_url!r}, key={key!r}, name={self.name!r}, dialect={self.dialect!r}, "
            f"headers={sorted(self.headers)}, query={sorted(self.query)})"
        )

    @property
    def host(self) -> str:
        """Host and port as they appear in the URL."""
        return urlsplit(self.base_url).netloc

    @property
    def label(self) -> str:
        """The endpoint's name for a person."""
        return self.name or self.host

    @property
    def reach(self) -> Reach:
        """The distance that requests travel, judged by the host name without any lookup."""
        return reach_of(urlsplit(self.base_url).hostname or "")

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences to show once."""
        if (self.key or self.user_info) and self.base_url.startswith("http:") and self.reach != "loopback":
            secret = "key" if self.key else "password"
            return (f"The {secret} goes to {self.host} over plain http: anyone on that network can read it.",)
        return ()

    @property
    def in_url(self) -> bool:
        """Whether the question is sent in the URL, without earlier messages."""
        return self.dialect == "simple-get"

    @property
    def own_headers(self) -> Mapping[str, str]:
        """The headers added to each request over those of its API: the configured ones, and authentication from the
        URL's user and password."""
        if not self.user_info or any(name.lower() == "authorization" for name in self.headers):
            return self.headers
        return {**basic_authorization(self.user_info), **self.headers}

    def url(self, path: str) -> str:
        """The full URL of `path` below the base URL; `path` may have its own query. For `simple-get`, `path` is the
        percent-encoded message that replaces the placeholder."""
        if self.in_url:
            query = f"?{urlencode(self.query)}" if self.query else ""
            return _PLACEHOLDER.sub(lambda _: path, self.base_url + query)
        if self.slash and "?" not in path:
            path += "/"
        if not self.query:
            return self.base_url + path
        return f"{self.base_url}{path}{'&' if '?' in path else '?'}{urlencode(self.query)}"

    @property
    def by_url(self) -> str:
        """The URL to write if the server takes the question in the URL; empty if that is unlikely."""
        path = urlsplit(self.base_url).path
        return (
            ""
            if self.in_url or re.search(r"^$|/v\d+[a-z]*$|^/api$", path)
            else f"{self.base_url}?message={PLACEHOLDER}"
        )

    def alternatives(self) -> Iterator[Endpoint]:
        """Yield the same server with other dialects to try, if this one was guessed."""
        if not self.guessed:
            return
        root = self.base_url
        for ending in ("/v1", "/api", "/v1beta"):
            root = root.removesuffix(ending)
        for name in ALTERNATIVES:
            if name != self.dialect:
                yield replace(self, base_url=root, dialect=name, guessed=False)

    @property
    def secrets(self) -> Secrets:
        """All secrets in requests: the key, and the values of headers and query parameters, except public ones and
        the question's placeholder."""
        query = {name: value for name, value in self.query.items() if not _PLACEHOLDER.search(value)}
        user_info = in_user_info(f"{self.user_info}@" if self.user_info else "")
        return Secrets([self.key, *user_info, *in_headers(self.headers), *in_query(query)])


def _blank_field(query: Mapping[str, str], dialect: str) -> str:
    """The empty query parameter that takes the question, as in `/chat?message=`; empty if there is none."""
    name, value = list(query.items())[-1] if query else ("", "")
    if value or dialect not in {"auto", "simple-get"}:
        return ""
    return name if dialect == "simple-get" or name.lower() in _QUESTIONS else ""


def _misplaced(dialect: str) -> str:
    example = f"http://127.0.0.1:8000/chat?message={PLACEHOLDER}"
    if dialect == "simple-get":
        return f"The API simple-get asks in the URL, and this one has no {PLACEHOLDER} in its path or query: {example}"
    return f"A URL with {PLACEHOLDER} in it is for the API simple-get, not for {dialect}: leave the API to auto."


def reach_of(host: str) -> Reach:
    """The distance that a request to `host` travels, judged by its name."""
    host = host.rstrip(".").lower()
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        if host == "localhost" or host.endswith(".localhost"):
            return "loopback"
        # A name without a dot cannot be on the public internet: a container, or a machine of the local network.
        return "private" if "." not in host or host.endswith(_PRIVATE_NAMES) else "public"
    if address.is_loopback or address.is_unspecified:
        return "loopback"
    return "public" if address.is_global else "private"


def parts_of(written: str, what: str = "base URL") -> SplitResult:
    """Split a URL as a person wrote it; the result always has a scheme and a host. `what` names the URL in the text
    of a `SetupError`."""
    text = _bare(written)
    if not text:
        raise SetupError(f"The {what} is empty.")
    if len(text) > _LONGEST:
        raise SetupError(f"The {what} is longer than {_LONGEST:,} characters.")
    shown = repr(_without_secrets(text))
    if re.search(r"[\s\x00-\x1f\x7f]", text):
        raise SetupError(f"The {what} {shown} has white space inside.")
    if begun := _NO_SLASHES.match(text):
        raise SetupError(f"The {what} {shown} cannot be read: it should begin with {begun[1].lower()}://.")
    if not _SCHEME.match(text):
        if "@" not in text and text.partition("/")[0].count(":") > 1 and not text.startswith("["):
            text = f"[{text}]"  # an IPv6 address alone
        host = _parsed(f"http://{text}", shown, what).hostname or ""
        text = f"{'https' if reach_of(host) == 'public' else 'http'}://{text}"
    parts = _parsed(text, shown, what)
    scheme = parts.scheme.lower()
    if scheme not in {"http", "https"}:
        raise SetupError(f"The {what} {shown} begins with {scheme}://; it must be http:// or https://.")
    if not parts.hostname:
        raise SetupError(f"The {what} {shown} names no host.")
    user_info, at, netloc = parts.netloc.rpartition("@")
    return parts._replace(scheme=scheme, netloc=f"{user_info}{at}{_normal_host(netloc)}")


def _bare(written: str) -> str:
    """A URL without white space, quotes or angle brackets around it, with which people copy it."""
    text = written.strip()
    if len(text) > 1 and text[0] + text[-1] in {'""', "''", "<>"}:
        return text[1:-1].strip()
    return text


def _normal_host(netloc: str) -> str:
    """Host and port in small letters, with the zone of an IPv6 address unchanged behind a plain percent sign: `%25eth0`
    is RFC 6874's form of `%eth0`."""
    address, percent, rest = netloc.partition("%")
    zone, bracket, port = rest.partition("]")
    if not (percent and bracket and address.startswith("[")):
        return netloc.lower()
    return f"{address.lower()}%{zone[2:] if zone.startswith('25') and len(zone) > 2 else zone}]{port}"


def basic_authorization(user_info: str) -> Mapping[str, str]:
    """The Basic authentication header for the `user:password` of a URL."""
    plain = unquote(user_info)
    credentials = plain if ":" in plain else f"{plain}:"
    return {"Authorization": f"Basic {b64encode(credentials.encode()).decode()}"}


def _without_secrets(text: str) -> str:
    """A possibly malformed URL without the part before an @ (it may be a password) and without its query."""
    user, at, rest = text.rpartition("@")
    scheme = user.partition("://")[0] + "://" if "://" in user else ""
    plain = f"{scheme}…@{rest}" if at else text
    before, mark, _ = plain.partition("?")
    return f"{before}?…" if mark else plain


def _parsed(text: str, shown: str, what: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises ValueError for an invalid port
    except ValueError as error:
        why = re.sub("'.*'", "…", str(error))  # it quotes the supposed host or port, which may be a password
        raise SetupError(ended(f"The {what} {shown} cannot be read: {why}")) from None
    if parts.hostname and not re.fullmatch(r"[^\s/?#@<>\\^`{|}\"]+", parts.hostname):
        raise SetupError(f"The {what} {shown} has no proper host name.")
    return parts
