"""The client of an endpoint: send a question, read the response as it arrives, and end with an event for each
expected failure."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import aclosing, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from tui_chat.chat.choices.effort import OPTION
from tui_chat.chat.events import Adapted, Failed, ResponseStarted, Retrying
from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import dataclass, replace
from tui_chat.chat.wording.hints import EFFORT_REFUSED
from tui_chat.wire.context_window import context_window
from tui_chat.wire.dialects import DIALECTS
from tui_chat.wire.dialects.detect import DetectedDialect
from tui_chat.wire.dialects.effort import names_effort, spelled
from tui_chat.wire.endpoint import PLACEHOLDER
from tui_chat.wire.failures.errors import (
    ERROR_BODY,
    ERROR_BODY_WAIT,
    ConnectFailedError,
    ConnectionLostError,
    of_coding,
    of_file,
    of_status,
    retry_after,
    unfinished,
)
from tui_chat.wire.failures.refusals import difference, learned
from tui_chat.wire.failures.retrying import RefusedError, backoff, pause
from tui_chat.wire.foreign import decoded
from tui_chat.wire.framing import FramingError
from tui_chat.wire.http.redirects import RedirectFollower, redirect_of
from tui_chat.wire.model_lists import PATHS, read_models
from tui_chat.wire.reply_size import ReplySize
from tui_chat.wire.request_messages import MessageRules, request_messages
from tui_chat.wire.response_reader import read_events
from tui_chat.wire.sources.files import offered_file

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from tui_chat.chat.events import ChatEvent
    from tui_chat.chat.model_ports import ModelInfo
    from tui_chat.chat.turn import Question
    from tui_chat.wire.dialects import Dialect, ResponseDecoder
    from tui_chat.wire.endpoint import Endpoint
    from tui_chat.wire.http.transport import HttpResponse, Transport
    from tui_chat.wire.request_fixes import RequestFix
    from tui_chat.wire.tape.tape import Tape

log = logging.getLogger(__name__)

MAX_DOCUMENT: Final = 16 * 1024 * 1024
"""Maximum bytes of a response that is one JSON document."""

MAX_FACTS: Final = 1024 * 1024
"""Maximum bytes of a small document about a model."""

_MODELS_WAIT: Final = 15.0
_FACTS_WAIT: Final = 3.0
_WARM_WAIT: Final = 5.0
_SHAPE: Final = frozenset({400, 422, 500})
"""Statuses of refusals whose text may say what to change in the request; some servers answer 500 when a chat
template raises."""
_NO_LIST: Final = frozenset({404, 405, 501})
_NO_MODELS: Final = "The server gives no list of models."


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, including its secrets."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _PreparedRequest:
    """One prepared request for a question."""

    method: str
    url: str
    shown: str
    """The URL as shown to people, with `{message}` in place of a question in the URL."""
    headers: Mapping[str, str]
    body: dict[str, Any]
    dialect: Dialect
    decoder: ResponseDecoder
    continuing: bool
    system: bool
    """Whether the request has a system prompt separate from the messages."""


class Client:
    """A `Model` that asks an `Endpoint`. It keeps connections open between turns and can answer several questions at
    once."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        max_retries: int = 2,
        connect_timeout: float = 10.0,
        idle_timeout: float = 300.0,
        head_timeout: float = 30.0,
        max_reply: int = 16,
        stream: bool = True,
        rest: float = 0.0,
        tape: Tape | None = None,
    ) -> None:
        """Timeouts are in seconds: `idle_timeout` limits silence (0: no limit), `head_timeout` the response's
        headers, an error's text and a web page once they have begun. The whole response has no time limit.
        `max_reply` is the maximum reply size in MiB of text. `rest`: seconds between two reads of a reply that arrives
        in faster pieces, for a reader that shows no more at once. Each question's requests and responses are kept on
        `tape`, for the sake of whose times nothing rests."""
        self._endpoint = endpoint
        self._max_retries = max_retries
        self._connect_timeout = connect_timeout
        self._idle_timeout = idle_timeout
        self._head_timeout = head_timeout
        self._max_reply = max_reply
        self._stream = stream
        self._rest = rest
        self._tape = tape
        self._request_fixes: list[RequestFix] = []
        """Changes to every request that refusals have called for."""
        self._rules = MessageRules()
        self._follower = RedirectFollower(self._make_transport, self._add_secrets)
        self._secrets = endpoint.secrets
        """Secrets masked in everything that is reported, including the proxy's once the transport exists."""

    @property
    def endpoint(self) -> str:
        """The endpoint's name for a person."""
        return self._endpoint.label

    async def prepare(self) -> None:
        """Load what the first request needs without blocking the event loop; sends nothing. Raises `SetupError` for
        invalid proxy and certificate variables."""
        await self._follower.transport(self._endpoint.base_url)

    def _add_secrets(self, transport: Transport) -> None:
        self._secrets |= transport.secrets

    async def aclose(self) -> None:
        """Close the connections."""
        await self._follower.close()

    async def warm(self) -> None:
        """Open the connection before the next question; sends nothing. Failures are only logged, because the
        question will report them."""
        try:
            transport = await self._follower.transport(self._endpoint.base_url)
            async with asyncio.timeout(_WARM_WAIT):
                await transport.open_ahead(self._endpoint.base_url)
        except (SetupError, ConnectFailedError, TimeoutError) as error:
            log.info("The connection to %s was not opened in advance: %s", self.endpoint, error)

    async def reply(self, question: Question) -> AsyncGenerator[Sequence[ChatEvent], None]:
        """Send the question and yield its events in batches of those that arrived together; the last event is the
        only ending."""
        attempt = 0
        others = iter(self._endpoint.alternatives())
        no_api: Failed | None = None
        endpoint = self._endpoint
        while True:
            try:
                await self.prepare()  # loads the proxy's secrets
                prepared = self._prepare_request(endpoint, question)
                async with aclosing(self._exchange(prepared)) as batches:
                    async for batch in batches:
                        self._endpoint = endpoint
                        if isinstance(last := batch[-1], Failed):
                            batch = [*batch[:-1], replace(last, url=last.url or prepared.shown)]
                        yield self._secrets.masked_events(batch)
            except SetupError as error:
                failed = Failed(str(error), "Correct it and start again.", "setup", endpoint.base_url)
                yield self._secrets.masked_events([failed])
                return
            except RefusedError as refused:
                if refused.no_api and endpoint.guessed | (no_api is not None):
                    no_api = no_api or refused.failed
                    if (other := next(others, None)) is not None:
                        log.info("%s has no API at %s: asking in another", self.endpoint, prepared.shown)
                        endpoint = other
                        continue
                    refused.failed = _with_url_hint(no_api, self._endpoint)
                elif (how := self._learn(prepared, refused)) is not None:
                    if how:
                        yield [Adapted(how)]
                    continue
                failed, again, wait = refused.failed, refused.again, refused.wait
                if failed.status in _SHAPE and question.options.get(OPTION) and names_effort(refused.body):
                    failed = replace(failed, hint=EFFORT_REFUSED)
            except ConnectFailedError as error:
                failed, again, wait = replace(error.failed, url=prepared.shown), error.again, None
            else:
                return
            if not again or attempt >= self._max_retries:
                yield self._secrets.masked_events([failed])
                return
            attempt += 1
            wait = backoff(attempt) if wait is None else wait
            yield self._secrets.masked_events([Retrying(attempt, self._max_retries, wait, failed.problem)])
            await pause(wait, question.retry_now)

    def request(self, question: Question) -> Request:
        """Return the request that `reply` would send first; the transport adds `Host` and similar headers. Raises
        `SetupError` for attachments that cannot be sent."""
        prepared = self._prepare_request(self._endpoint, question)
        return Request(prepared.method, prepared.url, prepared.headers, prepared.body)

    async def models(self) -> tuple[ModelInfo, ...] | Failed:
        """Fetch the server's model list in its order; a failure if it has none."""
        if self._endpoint.in_url:
            url = self._secrets.masked(self._endpoint.url(PLACEHOLDER))
            return Failed(_NO_MODELS, "This kind of endpoint has none to choose from.", "server", url)
        listed = await self._models(self._endpoint)
        for other in self._endpoint.alternatives():
            if not isinstance(listed, Failed) or listed.status not in _NO_LIST:
                break
            found = await self._models(other)
            listed = listed if isinstance(found, Failed) else found
        masked = self._secrets.masked_fields
        return masked(listed) if isinstance(listed, Failed) else tuple(masked(model) for model in listed)

    async def _models(self, endpoint: Endpoint) -> tuple[ModelInfo, ...] | Failed:
        url = endpoint.url(PATHS.get(endpoint.dialect, "/models"))
        try:
            await self.prepare()
            headers = _json_headers(endpoint)
            async with asyncio.timeout(_MODELS_WAIT), self._follower.ask("GET", url, headers) as (answer, at):
                body = await _read(answer, MAX_DOCUMENT)
                if answer.status in _NO_LIST:
                    return Failed(_NO_MODELS, "Type the model's name.", "server", url, answer.status)
                if not 200 <= answer.status < 300:
                    return self._refused(answer, body, at, "")
                return read_models(json.loads(body))
        except SetupError as error:
            return Failed(str(error), "Correct it and start again.", "setup", url)
        except ConnectFailedError as error:
            return error.failed
        except (ConnectionLostError, TimeoutError, FramingError, ValueError, RecursionError):
            return Failed(_NO_MODELS, "Type the model's name.", "server", url)

    async def context_window(self, model: str, options: Mapping[str, object]) -> int | None:
        """Ask the server for the size of a model's context window in tokens, apart from its list of models; `None`
        if it does not tell it. `options` are the sampling options of requests, which may set it."""
        return await context_window(self._endpoint, model, options, self._fetch)

    async def _fetch(self, url: str, body: Mapping[str, Any] | None) -> object:
        """Return a JSON document beside the API, or `None` if the server has none."""
        method, sent = ("GET", None) if body is None else ("POST", _encoded(dict(body)))
        headers = _json_headers(self._endpoint) | ({} if body is None else {"Content-Type": "application/json"})
        try:
            await self.prepare()
            async with asyncio.timeout(_FACTS_WAIT), self._follower.ask(method, url, headers, sent) as (answer, _):
                if answer.status != 200:
                    return None
                return decoded((await _read(answer, MAX_FACTS)).decode())
        except (ConnectFailedError, ConnectionLostError, TimeoutError, FramingError, ValueError) as error:
            log.info("%s was asked at %s and did not tell: %r", self.endpoint, urlsplit(url).path, error)
            return None

    # ---- one request

    def _prepare_request(self, endpoint: Endpoint, question: Question) -> _PreparedRequest:
        """Prepare the request of a question for an endpoint, including the changes learned from refusals. Raises
        `SetupError`."""
        if endpoint.dialect not in DIALECTS:
            raise SetupError(f"{endpoint.dialect} is no API known here; there are {', '.join(DIALECTS)}.")
        make = partial(self._dialect, endpoint)
        dialect = make(endpoint.dialect)
        request = request_messages(
            question,
            endpoint=self.endpoint,
            send_unfinished=endpoint.send_unfinished,
            stream=self._stream,
            rules=self._rules,
        )
        request = replace(request, options=spelled(request.options, endpoint))
        body = dialect.body(request)
        for fix in self._request_fixes:
            body = fix.applied_to(body)
        body |= endpoint.extra_body
        accept = "application/json"
        if body.get("stream", self._stream):
            accept = "application/x-ndjson" if dialect.lines else "text/event-stream"
        headers = {
            **({} if endpoint.in_url else {"Content-Type": "application/json"}),
            "Accept": accept,
            **dialect.headers(endpoint.key),
            **endpoint.own_headers,
        }
        decoder = DetectedDialect(dialect, endpoint.dialect, make) if endpoint.guessed or dialect.plain else dialect
        url = endpoint.url(dialect.path(request))
        system = bool(request.system.strip())
        if endpoint.in_url:
            return _PreparedRequest(
                "GET", url, endpoint.url(PLACEHOLDER), headers, {}, dialect, decoder, request.continuing, system
            )
        return _PreparedRequest("POST", url, url, headers, body, dialect, decoder, request.continuing, system)

    def _dialect(self, endpoint: Endpoint, name: str) -> Dialect:
        dialect = DIALECTS[name](inline_reasoning=endpoint.inline_reasoning)
        dialect.secrets = self._secrets
        return dialect

    async def _exchange(self, prepared: _PreparedRequest) -> AsyncGenerator[Sequence[ChatEvent], None]:
        """Send one request and yield batches of events, the last event an ending. Before the first batch it may
        raise `RefusedError`, `ConnectFailedError` and `SetupError`."""
        await self.prepare()
        body = _encoded(prepared.body) if prepared.method == "POST" else None
        taped = None
        if self._tape is not None:
            taped = self._tape.begin(prepared.method, prepared.url, prepared.headers, body or b"", self._secrets)
        with nullcontext() if taped is None else taped:
            async with self._follower.ask(prepared.method, prepared.url, prepared.headers, body) as (answer, at):
                if taped is not None:
                    taped.responded(answer, self._secrets)
                if not 200 <= answer.status < 300:
                    shown = prepared.shown if prepared.url != prepared.shown else at
                    raise await self._refusal(answer, shown, str(prepared.body.get("model", "")))
                yield [ResponseStarted(answer.status, prepared.shown, answer.sent)]
                async with aclosing(self._events(answer, prepared)) as batches:
                    async for batch in batches:
                        yield batch

    async def _events(
        self, answer: HttpResponse, prepared: _PreparedRequest
    ) -> AsyncGenerator[Sequence[ChatEvent], None]:
        """Yield the batches of events of a 2xx response; the last event is an ending."""
        headers = {name: self._secrets.masked(value) for name, value in answer.headers.items()}
        if (file := offered_file(headers, prepared.url)) is not None:
            yield [of_file(file, url=prepared.url, status=answer.status)]
            return
        if answer.cannot_undo:
            yield [of_coding(answer.cannot_undo, url=prepared.shown, status=answer.status)]
            return
        answer.rest = max(answer.rest, self._rest) if self._tape is None else 0.0
        size = ReplySize(self._max_reply)
        reading = read_events(answer, prepared.decoder, prepared.shown, self._head_timeout, self._secrets)
        async with aclosing(reading) as batches:
            async for batch in batches:
                yield (bounded := size.bounded(batch, answer.size))
                if bounded is not batch:
                    return

    async def _refusal(self, answer: HttpResponse, url: str, model: str) -> RefusedError:
        body, seconds = await answer.beginning(ERROR_BODY, ERROR_BODY_WAIT, self._head_timeout)
        failed = self._refused(answer, body, url, model)
        failed = replace(failed, problem=failed.problem + unfinished(seconds))
        if self._endpoint.in_url and failed.status in {404, 405}:
            failed = replace(failed, hint="Check the address in the base URL.")
        return RefusedError(failed, retry_after(answer.headers), body)

    def _refused(self, answer: HttpResponse, body: bytes, url: str, model: str) -> Failed:
        """The failure for a response from `url` with a status outside 2xx."""
        has_key = bool(self._endpoint.key)
        if 300 <= answer.status < 400:
            base_url = self._endpoint.base_url
            return redirect_of(answer).failure(url, base_url=base_url, has_key=has_key, secrets=self._secrets)
        return of_status(
            answer.status,
            answer.headers,
            body,
            url=url,
            key_sent=has_key,
            model=model,
            secrets=self._secrets,
            proxy=answer.proxy,
        )

    def _make_transport(self, url: str) -> Transport:
        from tui_chat.wire.http.transport import Transport  # imports httpx, which takes a tenth of a second

        return Transport(
            url,
            connect_timeout=self._connect_timeout,
            idle_timeout=self._idle_timeout,
            head_timeout=self._head_timeout,
            secrets=self._secrets,
        )

    def _learn(self, prepared: _PreparedRequest, refused: RefusedError) -> str | None:
        """Learn from a refusal how to change later requests, so that the question can be sent again. Returns a
        clause that tells a person the change (empty if it does not matter to a person), or `None` if nothing can be
        changed."""
        if refused.failed.status not in _SHAPE:
            return None
        text = refused.body.decode("utf-8", "replace")
        rules = learned(self._rules, text, continuing=prepared.continuing, system=prepared.system)
        if rules != self._rules:
            how = difference(self._rules, rules)
            log.info("%s refuses the conversation's shape: %s", self.endpoint, how)
            self._rules = rules
            return how
        extra = self._endpoint.extra_body
        found = [
            fix
            for fix in prepared.dialect.request_fixes(text, prepared.body)
            if fix not in self._request_fixes
            and fix.field.partition(".")[0] not in extra
            and fix.applied_to(prepared.body) != prepared.body
        ]
        self._request_fixes += found
        for fix in found:
            log.info("%s refuses %s: asking without", self.endpoint, fix.field)
        return "" if found else None


def _with_url_hint(failed: Failed, endpoint: Endpoint) -> Failed:
    """Add a hint about the URL to write if the server takes the question in the URL."""
    if not endpoint.by_url:
        return failed
    return replace(failed, hint=f"{failed.hint} If the server takes the question in its URL, set {endpoint.by_url}")


def _json_headers(endpoint: Endpoint) -> dict[str, str]:
    """The headers of a request for a document beside the API."""
    return {
        "Accept": "application/json",
        **DIALECTS[endpoint.dialect]().headers(endpoint.key),
        **endpoint.own_headers,
    }


def _encoded(body: dict[str, Any]) -> bytes:
    """Encode the request's JSON. A lone surrogate (from a broken reply or a paste) becomes `?`, because no server
    accepts it."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


async def _read(answer: HttpResponse, bound: int) -> bytes:
    """Read the rest of the body. Raises `FramingError` beyond `bound` bytes."""
    pieces: list[bytes] = []
    size = 0
    while (chunk := await answer.chunk()) is not None:
        pieces.append(chunk)
        size += len(chunk)
        if size > bound:
            raise FramingError(f"the answer is larger than {MAX_DOCUMENT >> 20} MiB")
    return b"".join(pieces)
