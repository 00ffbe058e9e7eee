"""The client of an endpoint: send a question, read the response as it arrives, and end with an event for each
expected failure."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tui_chat.chat.choices.effort import OPTION
from tui_chat.chat.events import Adapted, Failed, ResponseStarted, Retrying
from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import dataclass, replace
from tui_chat.chat.wording.hints import EFFORT_REFUSED
from tui_chat.wire import documents
from tui_chat.wire.dialects.effort import refuses_effort
from tui_chat.wire.failures.errors import ConnectFailedError, of_coding, of_file
from tui_chat.wire.failures.refused_response import refusal
from tui_chat.wire.failures.retrying import RefusedError, backoff, pause
from tui_chat.wire.http.redirects import RedirectFollower
from tui_chat.wire.model_details import ModelDetails
from tui_chat.wire.reply_size import ReplySize
from tui_chat.wire.request_builder import REFUSED_SHAPE, RequestBuilder
from tui_chat.wire.response_reader import read_events
from tui_chat.wire.sources.files import offered_file

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from tui_chat.chat.events import ChatEvent
    from tui_chat.chat.model_ports import ModelInfo
    from tui_chat.chat.turn import Question
    from tui_chat.wire.endpoint import Endpoint
    from tui_chat.wire.http.transport import HttpResponse, Transport
    from tui_chat.wire.request_builder import PreparedRequest
    from tui_chat.wire.tape.tape import Tape

log = logging.getLogger(__name__)

_WARM_WAIT: Final = 5.0


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, including its secrets."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]


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
        """Timeouts are in seconds: `idle_timeout` limits silence (0: no limit, nor for the end of a
        response whose end was announced), `head_timeout` the response's
        headers, an error's text and a web page once they have begun. The whole response has no time limit.
        `max_reply` is the maximum reply size in MiB of text. `rest`: seconds between two reads of a reply that arrives
        in faster pieces, for a reader that shows no more at once. Each question's requests and responses are kept on
        `tape`; if its times are to be exact, nothing rests."""
        self._endpoint = endpoint
        self._max_retries = max_retries
        self._connect_timeout = connect_timeout
        self._idle_timeout = idle_timeout
        self._head_timeout = head_timeout
        self._max_reply = max_reply
        self._rest = rest
        self._tape = tape
        self._builder = RequestBuilder(stream=stream)
        self._follower = RedirectFollower(self._make_transport, endpoint.secrets)
        self._details = ModelDetails(endpoint, partial(documents.facts, endpoint, self._follower))

    @property
    def endpoint(self) -> str:
        """The endpoint's name for a person."""
        return self._endpoint.label

    async def prepare(self) -> None:
        """Load what the first request needs without blocking the event loop; sends nothing. Raises `SetupError` for
        invalid proxy and certificate variables."""
        await self._follower.transport(self._endpoint.base_url)

    async def aclose(self) -> None:
        """Close the connections to all servers."""
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
        attempt = requests = 0
        others = self._endpoint.alternatives()
        no_api: Failed | None = None
        endpoint = self._endpoint
        while True:
            try:
                await self.prepare()  # loads the proxy's secrets
                prepared = await self._builder.prepared(endpoint, question, self._follower.secrets)
                requests += 1
                async with aclosing(self._exchange(prepared, question, requests)) as batches:
                    async for batch in batches:
                        self._endpoint = endpoint
                        if isinstance(last := batch[-1], Failed):
                            batch = [*batch[:-1], replace(last, url=last.url or prepared.shown)]
                        yield self._follower.secrets.masked_events(batch)
            except SetupError as error:
                failed = Failed(str(error), "Correct it and start again.", "setup", endpoint.base_url)
                yield self._follower.secrets.masked_events([failed])
                return
            except RefusedError as refused:
                if refused.no_api and endpoint.guessed | (no_api is not None):
                    no_api = no_api or refused.failed
                    if (other := next(others, None)) is not None:
                        log.info("%s has no API at %s: asking in another", self.endpoint, prepared.shown)
                        endpoint = other
                        continue
                    refused.failed = _with_url_hint(no_api, self._endpoint)
                elif (how := self._builder.learn(self._endpoint, prepared, refused)) is not None:
                    if how:
                        yield [Adapted(how)]
                    continue
                failed, again, wait = refused.failed, refused.again, refused.wait
                if (
                    failed.status in REFUSED_SHAPE
                    and question.options.get(OPTION)
                    and refuses_effort(failed, refused.body)
                ):
                    failed = replace(failed, hint=EFFORT_REFUSED)
            except ConnectFailedError as error:
                failed, again, wait = replace(error.failed, url=prepared.shown), error.again, None
            else:
                return
            if not again or attempt >= self._max_retries:
                yield self._follower.secrets.masked_events([failed])
                return
            attempt += 1
            wait = backoff(attempt) if wait is None else wait
            yield self._follower.secrets.masked_events([Retrying(attempt, self._max_retries, wait, failed.problem)])
            await pause(wait, question.retry_now)

    def request(self, question: Question) -> Request:
        """Return the request that `reply` would send first; the transport adds `Host` and similar headers. Raises
        `SetupError` for attachments that cannot be sent."""
        prepared = self._builder.prepare(self._endpoint, question, self._follower.secrets)
        return Request(prepared.method, prepared.url, prepared.headers, prepared.body)

    async def models(self) -> tuple[ModelInfo, ...] | Failed:
        """Fetch the server's model list in its order; a failure if it has none."""
        return await documents.models(self._endpoint, self._follower)

    async def model_details(self, model: str, options: Mapping[str, object]) -> ModelInfo:
        """Ask the server for the size of a model's context window, and whether it takes pictures, also apart from its
        list of models. `options` are the sampling options of requests, which may set the size."""
        return await self._details.about(model, options)

    # ---- one request

    async def _exchange(
        self, prepared: PreparedRequest, question: Question, number: int
    ) -> AsyncGenerator[Sequence[ChatEvent], None]:
        """Send one request, the `number`th for its question, and yield batches of events, the last event an ending.
        Before the first batch it may raise `RefusedError`, `ConnectFailedError` and `SetupError`."""
        await self.prepare()
        body = prepared.content
        taped = None
        if self._tape is not None:
            taped = self._tape.begin(
                prepared.method,
                prepared.url,
                prepared.headers,
                body or b"",
                self._follower.secrets,
                question=question.messages[-1].id if question.messages else "",
                attempt=number,
            )
        with nullcontext() if taped is None else taped:
            async with self._follower.ask(prepared.method, prepared.url, prepared.headers, body) as (answer, at):
                answer.recognise_compression()
                if taped is not None:
                    taped.responded(answer, self._follower.secrets)
                if not 200 <= answer.status < 300:
                    shown = prepared.shown if prepared.url != prepared.shown else at
                    raise await self._refusal(answer, shown, prepared)
                yield [ResponseStarted(answer.status, prepared.shown, answer.sent)]
                async with aclosing(self._events(answer, prepared)) as batches:
                    async for batch in batches:
                        yield batch

    async def _events(
        self, answer: HttpResponse, prepared: PreparedRequest
    ) -> AsyncGenerator[Sequence[ChatEvent], None]:
        """Yield the batches of events of a 2xx response; the last event is an ending."""
        headers = {name: self._follower.secrets.masked(value) for name, value in answer.headers.items()}
        if (file := offered_file(headers, prepared.url)) is not None:
            yield [of_file(file, url=prepared.url, status=answer.status)]
            return
        if answer.cannot_undo:
            yield [of_coding(answer.cannot_undo, url=prepared.shown, status=answer.status)]
            return
        exact = self._tape is not None and self._tape.exact
        answer.rest = 0.0 if exact else max(answer.rest, self._rest)
        size = ReplySize(self._max_reply)
        reading = read_events(
            answer,
            prepared.decoder,
            prepared.shown,
            self._head_timeout,
            self._follower.secrets,
            patient=not self._idle_timeout,
        )
        async with aclosing(reading) as batches:
            async for batch in batches:
                yield (bounded := size.bounded(batch, answer.size))
                if bounded is not batch:
                    return

    async def _refusal(self, answer: HttpResponse, url: str, prepared: PreparedRequest) -> RefusedError:
        return await refusal(
            answer,
            url,
            endpoint=self._endpoint,
            model=str(prepared.body.get("model", "")),
            secrets=self._follower.secrets,
            head_timeout=self._head_timeout,
        )

    def _make_transport(self, url: str) -> Transport:
        from tui_chat.wire.http.transport import Transport  # imports httpx, which takes a tenth of a second

        return Transport(
            url,
            connect_timeout=self._connect_timeout,
            idle_timeout=self._idle_timeout,
            head_timeout=self._head_timeout,
            secrets=self._follower.secrets,
        )


def _with_url_hint(failed: Failed, endpoint: Endpoint) -> Failed:
    """Add a hint about the URL to write if the server takes the question in the URL."""
    if not endpoint.by_url:
        return failed
    return replace(failed, hint=f"{failed.hint} If the server takes the question in its URL, set {endpoint.by_url}")
