"""An endpoint that answers: asks, reads the answer as it comes, and turns each expected failure into the last event."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from tui_chat.chat.events import Alive, Failed, Opened, Retrying
from tui_chat.chat.ports import SetupError
from tui_chat.wire.dialects import DIALECTS
from tui_chat.wire.failures import NO_CREDIT, ConnectFailedError, ConnectionLostError, of_page, of_status, retry_after
from tui_chat.wire.framing import EventStream, Frame, FramingError, body_kind
from tui_chat.wire.model_lists import PATHS, read_models

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from tui_chat.chat.events import ChatEvent
    from tui_chat.chat.ports import ModelInfo
    from tui_chat.chat.turn import Question
    from tui_chat.wire.dialects import Dialect
    from tui_chat.wire.endpoint import Endpoint
    from tui_chat.wire.transport import Answer, Transport

log = logging.getLogger(__name__)

GRACE: Final = 2.0
"""Seconds of silence after a finish reason; then the answer is whole, even if the server keeps the connection open."""

MAX_DOCUMENT: Final = 16 * 1024 * 1024
"""Bytes of an answer that comes as one JSON document."""

_MAX_ERROR_BODY: Final = 256 * 1024
_MAX_TEXT: Final = 2000
_ERROR_BODY_WAIT: Final = 5.0
_MODELS_WAIT: Final = 15.0
_LONGEST_WAIT: Final = 120.0
"""Seconds; a server that asks for a longer pause than this is not asked again by itself."""

_AGAIN: Final = frozenset({408, 409, 429})
_NO_LIST: Final = frozenset({404, 405, 501})
_NO_MODELS: Final = "The server gives no list of models."


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, with its secrets."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]


class _RefusedError(Exception):
    """The server gave a status outside 2xx."""

    def __init__(self, failed: Failed, wait: float | None, body: bytes) -> None:
        super().__init__(failed.problem)
        self.failed = failed
        self.wait = wait
        self.body = body

    @property
    def again(self) -> bool:
        """Whether asking once more may help."""
        status = self.failed.status or 0
        if self.failed.code in NO_CREDIT or self.failed.type in NO_CREDIT or (self.wait or 0) > _LONGEST_WAIT:
            return False
        return status in _AGAIN or status >= 500


class Client:
    """A `Model` behind an `Endpoint`. Keeps its connection from turn to turn; may answer several questions at once."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        max_retries: int = 2,
        connect_timeout: float = 10.0,
        idle_timeout: float = 300.0,
        stream: bool = True,
    ) -> None:
        """Timeouts in seconds; `idle_timeout` is of silence (0: wait for ever), and there is none for the whole
        answer."""
        self._endpoint = endpoint
        self._max_retries = max_retries
        self._connect_timeout = connect_timeout
        self._idle_timeout = idle_timeout
        self._stream = stream
        self._refused: set[str] = set()
        """Fields of the request that the server does not take."""
        self._transport: Transport | None = None

    @property
    def endpoint(self) -> str:
        """Who answers, for a person."""
        return self._endpoint.label

    async def prepare(self) -> None:
        """Load what the first question needs, off the event loop; nothing is sent. Raises `SetupError` for proxy and
        certificate variables that cannot be used."""
        if self._transport is None:
            transport = await asyncio.to_thread(self._make_transport)
            self._transport = self._transport or transport

    async def aclose(self) -> None:
        """Close the connections."""
        if self._transport is not None:
            await self._transport.close()

    async def reply(self, question: Question) -> AsyncGenerator[ChatEvent, None]:
        """Ask, and give what happens as it happens; exactly one ending comes, last."""
        attempt = 0
        while True:
            dialect = DIALECTS[self._endpoint.dialect](inline_reasoning=self._endpoint.inline_reasoning)
            body = self._body(dialect, question)
            url = self._url(dialect)
            try:
                async with aclosing(self._exchange(dialect, body)) as batches:
                    async for batch in batches:
                        for event in batch:
                            yield self._addressed(event, url) if isinstance(event, Failed) else event
            except SetupError as error:
                yield Failed(str(error), "Correct it and start again.", "setup", url)
                return
            except _RefusedError as refused:
                if dropped := self._dropped(dialect, body, refused):
                    log.info("%s refuses %s: asking without", self.endpoint, ", ".join(sorted(dropped)))
                    continue
                failed, again, wait = refused.failed, refused.again, refused.wait
            except ConnectFailedError as error:
                failed, again, wait = error.failed, error.again, None
            else:
                return
            if not again or attempt >= self._max_retries:
                yield self._addressed(failed)
                return
            attempt += 1
            wait = _backoff(attempt) if wait is None else wait
            yield Retrying(attempt, self._max_retries, wait, failed.problem)
            await _pause(wait, question.hurry)

    def request(self, question: Question) -> Request:
        """What `reply` would send first. The transport adds `Host` and the like."""
        dialect = DIALECTS[self._endpoint.dialect](inline_reasoning=self._endpoint.inline_reasoning)
        body = self._body(dialect, question)
        return Request("POST", self._url(dialect), self._posting(dialect, body), body)

    async def models(self) -> tuple[ModelInfo, ...] | Failed:
        """The models the server lists, in its order; a failure where it does not."""
        url = self._endpoint.url(PATHS.get(self._endpoint.dialect, "/models"))
        headers = self._headers(DIALECTS[self._endpoint.dialect](), "application/json")
        try:
            await self.prepare()
            if self._transport is None:
                raise AssertionError("prepared without a transport")
            async with asyncio.timeout(_MODELS_WAIT), self._transport.ask("GET", url, headers) as answer:
                body = await _read(answer, MAX_DOCUMENT)
                if answer.status in _NO_LIST:
                    return Failed(_NO_MODELS, "Type the model's name.", "server", url, answer.status)
                if not 200 <= answer.status < 300:
                    return self._addressed(of_status(answer.status, answer.headers, body, url=url))
                return read_models(json.loads(body))
        except SetupError as error:
            return Failed(str(error), "Correct it and start again.", "setup", url)
        except ConnectFailedError as error:
            return self._addressed(error.failed)
        except (ConnectionLostError, TimeoutError, FramingError, ValueError, RecursionError):
            return Failed(_NO_MODELS, "Type the model's name.", "server", url)

    # ---- one request

    async def _exchange(self, dialect: Dialect, body: dict[str, Any]) -> AsyncGenerator[Sequence[ChatEvent], None]:
        """Send one request; batches of events, the very last of them an ending. Before the first batch it may raise
        `_RefusedError`, `ConnectFailedError` and `SetupError`."""
        url, headers = self._url(dialect), self._posting(dialect, body)
        await self.prepare()
        if self._transport is None:
            raise AssertionError("prepared without a transport")
        async with self._transport.ask("POST", url, headers, _encoded(body)) as answer:
            if not 200 <= answer.status < 300:
                raise await self._refusal(answer, url, str(body.get("model", "")))
            yield [Opened(answer.status, url)]
            async with aclosing(_hear(answer, dialect, url)) as batches:
                async for batch in batches:
                    yield batch

    async def _refusal(self, answer: Answer, url: str, model: str) -> _RefusedError:
        body = b""
        try:
            while len(body) < _MAX_ERROR_BODY and (chunk := await answer.chunk(within=_ERROR_BODY_WAIT)) is not None:
                body += chunk
        except (ConnectionLostError, TimeoutError):
            pass  # the status and what has come of the body say enough
        failed = of_status(answer.status, answer.headers, body, url=url, key_sent=bool(self._endpoint.key), model=model)
        return _RefusedError(failed, retry_after(answer.headers), body)

    def _make_transport(self) -> Transport:
        from tui_chat.wire.transport import Transport  # brings httpx with it: a tenth of a second

        return Transport(
            self._endpoint.base_url, connect_timeout=self._connect_timeout, idle_timeout=self._idle_timeout
        )

    def _url(self, dialect: Dialect) -> str:
        return self._endpoint.url(dialect.path)

    def _headers(self, dialect: Dialect, accept: str) -> Mapping[str, str]:
        return {"Accept": accept, **dialect.headers(self._endpoint.key), **self._endpoint.headers}

    def _posting(self, dialect: Dialect, body: Mapping[str, Any]) -> Mapping[str, str]:
        accept = "text/event-stream" if body.get("stream") else "application/json"
        return {"Content-Type": "application/json", **self._headers(dialect, accept)}

    def _body(self, dialect: Dialect, question: Question) -> dict[str, Any]:
        body = dialect.body(question, stream=self._stream)
        for name in self._refused & dialect.droppable:
            body.pop(name, None)
        return {**body, **self._endpoint.extra_body}

    def _dropped(self, dialect: Dialect, body: Mapping[str, Any], refused: _RefusedError) -> set[str]:
        """The fields that this refusal names and an answer does not need; they are left out from here on."""
        if refused.failed.status not in {400, 422}:
            return set()
        named = {name for name in dialect.droppable if name.encode() in refused.body}
        dropped = {name for name in named if name in body and name not in self._endpoint.extra_body}
        self._refused |= dropped
        return dropped

    def _addressed(self, failed: Failed, url: str = "") -> Failed:
        """With the URL where it has none, and without the key where the server quotes it."""
        masked = self._endpoint.masked
        return replace(
            failed,
            problem=masked(failed.problem),
            message=None if failed.message is None else masked(failed.message),
            url=failed.url or url,
        )


async def _hear(answer: Answer, dialect: Dialect, url: str) -> AsyncGenerator[Sequence[ChatEvent], None]:
    """The events of a 2xx answer, a batch for each piece of the body, an ending last.

    The Content-Type is not asked: servers mislabel all three, and the first byte tells.
    """
    head = b""
    lost = ""
    kind = None
    try:
        while kind is None and (chunk := await answer.chunk()) is not None:
            head += chunk
            kind = body_kind(head)
            if kind is None:
                yield [Alive()]
        if kind == "events":
            async with aclosing(_events(answer, dialect, head)) as batches:
                async for batch in batches:
                    yield batch
            return
        if kind is not None:
            head += await _read(answer, MAX_DOCUMENT - len(head))
    except ConnectionLostError as error:
        lost = str(error)
    except FramingError as error:
        lost = f"{error}, and was not read any further"
    if kind == "page":
        yield [of_page(head, url=url, status=answer.status)]
    elif kind == "json" and not lost:
        yield _document(dialect, head)
    else:
        yield dialect.close(lost)


async def _events(answer: Answer, dialect: Dialect, head: bytes) -> AsyncGenerator[Sequence[ChatEvent], None]:
    framing = EventStream()
    framed = False
    lost = ""
    chunk: bytes | None = head
    try:
        while chunk is not None:
            batch: list[ChatEvent] = []
            for frame in framing.feed(chunk):
                framed = True
                batch += dialect.take(frame)
            if dialect.over:
                try:
                    yield batch
                finally:
                    await answer.drain()
                return
            yield batch or [Alive()]
            chunk = await answer.chunk(within=GRACE if dialect.finishing else None)
    except ConnectionLostError as error:
        lost = str(error)
    except FramingError as error:
        lost = str(error)
    except TimeoutError:
        pass  # the finish reason has come, and nothing more within the grace
    rest: list[ChatEvent] = []
    frames = framing.close()
    if not framed and not frames:
        text = head[:_MAX_TEXT].decode("utf-8", "replace").strip()  # it was no event stream
        frames = [Frame("data", text, complete=False)]
    for frame in frames:
        rest += dialect.take(frame)
    yield [*rest, *dialect.close(lost)]


def _encoded(body: dict[str, Any]) -> bytes:
    """The request's JSON. A lone surrogate (from a broken reply, or a paste) becomes `?`: no server would take it."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _document(dialect: Dialect, body: bytes) -> Sequence[ChatEvent]:
    text = body.decode("utf-8-sig", "replace")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    return dialect.whole(document)


async def _read(answer: Answer, bound: int) -> bytes:
    """The rest of the body. Raises `FramingError` beyond `bound` bytes."""
    pieces: list[bytes] = []
    size = 0
    while (chunk := await answer.chunk()) is not None:
        pieces.append(chunk)
        size += len(chunk)
        if size > bound:
            raise FramingError(f"the answer is larger than {MAX_DOCUMENT >> 20} MiB")
    return b"".join(pieces)


def _backoff(attempt: int) -> float:
    """Seconds before attempt `attempt`: doubling from half a second to eight, each with up to a quarter of jitter."""
    return min(8.0, 0.25 * 2.0**attempt) * random.uniform(0.75, 1.0)


async def _pause(seconds: float, hurry: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(seconds):
            await hurry.wait()
    except TimeoutError:
        pass
    hurry.clear()
