"""OpenAI's SDK, chat completions."""

from __future__ import annotations

import asyncio
from typing import Any

import openai

from tests.server.sdk.checking import CALLING, CITY, NUMBERS, SLOWLY, STOP, Server, equal, main, raised, stopped

TOOLS = [
    {"type": "function", "function": {"name": "weather", "parameters": CITY}},
    {"type": "function", "function": {"name": "clock", "parameters": {"type": "object", "properties": {}}}},
]


def client(server: Server, retries: int = 0, **options: Any) -> Any:
    return openai.OpenAI(**{"base_url": server.base_url, "api_key": server.key, "max_retries": retries} | options)


def said(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def text_streams_with_its_usage(server: Server) -> str:
    options = {"stream": True, "stream_options": {"include_usage": True}}
    chunks = [*client(server).chat.completions.create(model="count", messages=said("count to 10"), **options)]
    pieces = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    equal("".join(pieces), NUMBERS)
    equal(chunks[-2].choices[0].finish_reason, "stop")
    equal(chunks[-1].usage.completion_tokens, 10)
    return f"{len(pieces)} chunks"


def usage_in_every_chunk_is_read(server: Server) -> str:
    chunks = [
        *client(server).chat.completions.create(model="count?usage=every", messages=said("count to 10"), stream=True)
    ]
    equal([chunk.usage.completion_tokens for chunk in chunks], [*range(1, 11), 10])
    equal({chunk.choices[0].delta.role for chunk in chunks}, {"assistant"})
    return f"{len(chunks)} chunks"


def every_framing_is_read(server: Server) -> str:
    styles = ["newline=crlf", "newline=cr", "space=no&event=message", "pieces=1", "end=none", "finish=never"]
    styles.append("keep-alive=0.02&first=0.1")
    for style in styles:
        chunks = client(server).chat.completions.create(
            model=f"count?{style}", messages=said("count to 10"), stream=True
        )
        equal("".join(chunk.choices[0].delta.content or "" for chunk in chunks), NUMBERS)
    return ", ".join(styles)


def a_whole_answer_is_one_object(server: Server) -> str:
    answer = client(server).chat.completions.create(model="count", messages=said("count to 10"))
    equal(answer.choices[0].message.content, NUMBERS)
    equal(answer.usage.total_tokens, answer.usage.prompt_tokens + 10)
    return str(answer.usage.total_tokens)


def the_helper_puts_reasoning_and_text_together(server: Server) -> str:
    with client(server).chat.completions.stream(model="think", messages=said("think")) as stream:
        kinds = {event.type for event in stream}
        message = stream.get_final_completion().choices[0].message
    equal(kinds >= {"chunk", "content.delta", "content.done"}, True)
    equal("46." in message.content, True)
    equal(message.reasoning_content.startswith("The question"), True)
    return ", ".join(sorted(kinds))


def tools_are_called_and_their_results_taken(server: Server) -> str:
    messages: list[dict[str, Any]] = [*said(CALLING)]
    with client(server).chat.completions.stream(model="tools", messages=messages, tools=TOOLS) as stream:
        stream.until_done()
        choice = stream.get_final_completion().choices[0]
    calls = choice.message.tool_calls
    equal(choice.finish_reason, "tool_calls")
    equal(
        [(call.function.name, call.function.arguments) for call in calls],
        [("weather", '{"city": "Paris", "days": 3}'), ("clock", "{}")],
    )
    messages.append(choice.message.model_dump(exclude_none=True))
    messages += [
        {"role": "tool", "tool_call_id": call.id, "content": f"{call.function.name} is fine"} for call in calls
    ]
    answer = client(server).chat.completions.create(model="tools", messages=messages, tools=TOOLS)
    text = str(answer.choices[0].message.content)
    equal("weather is fine" in text and "clock is fine" in text, True)
    return str(choice.message.content)


def a_stop_hangs_up(server: Server) -> str:
    options = {"stream": True, "extra_headers": {"X-TUI-Chat": SLOWLY}}
    stream = client(server).chat.completions.create(model="count", messages=said(STOP), **options)
    for _ in range(3):
        next(stream)
    stream.close()
    return stopped()


def a_cancelled_task_hangs_up(server: Server) -> str:
    async def ask(heard: asyncio.Event) -> None:
        asynchronous = openai.AsyncOpenAI(base_url=server.base_url, api_key=server.key)
        options = {"stream": True, "extra_headers": {"X-TUI-Chat": SLOWLY}}
        async with await asynchronous.chat.completions.create(model="count", messages=said(STOP), **options) as stream:
            async for _ in stream:
                heard.set()

    async def cancel() -> str:
        heard = asyncio.Event()
        task = asyncio.create_task(ask(heard))
        await heard.wait()
        task.cancel()
        await asyncio.wait({task})
        return stopped()

    return asyncio.run(cancel())


def errors_are_of_their_kind(server: Server) -> str:
    kinds = {
        "401": openai.AuthenticationError,
        "403": openai.PermissionDeniedError,
        "404": openai.NotFoundError,
        "422": openai.UnprocessableEntityError,
        "429": openai.RateLimitError,
        "503": openai.InternalServerError,
    }
    for status, kind in kinds.items():
        error: Any = raised(kind, client(server).chat.completions.create, model=f"fault:{status}", messages=said("?"))
        equal("the failure that was asked for" in str(error), True)
    stranger = client(server, api_key="sk-wrong")
    raised(openai.AuthenticationError, lambda: stranger.chat.completions.create(model="echo", messages=said("?")))
    unknown: Any = raised(
        openai.NotFoundError, lambda: client(server).chat.completions.create(model="no-such", messages=said("?"))
    )
    equal(unknown.code, "model_not_found")
    return ", ".join(kind.__name__ for kind in kinds.values())


def what_fails_twice_is_asked_again(server: Server) -> str:
    answer = client(server, retries=2).chat.completions.create(
        model="count?fault=429&times=2&retry=0", messages=said("count to 10")
    )
    equal(answer.choices[0].message.content, NUMBERS)
    return "answered the third time"


def an_error_in_mid_stream_is_raised(server: Server) -> str:
    def told(model: str) -> list[str]:
        stream = client(server).chat.completions.create(model=model, messages=said("?"), stream=True)
        return [chunk.choices[0].delta.content for chunk in stream]

    for shape in ("error", "error-event", "error-chunk"):
        error = raised(openai.APIError, told, f"fault:{shape}")
        equal(str(error), "This is the error that was asked for.")
    raised(openai.APIConnectionError, lambda: told("fault:drop"))
    # What the SDK does not tell: an `error:` line, and a reply that just ends.
    equal(told("fault:error-line"), ["1", " 2", " 3"])
    equal(told("fault:cut"), ["1", " 2", " 3"])
    return "APIError; APIConnectionError when dropped; nothing when cut"


def models_are_listed(server: Server) -> str:
    names = [model.id for model in client(server).models.list()]
    equal({"demo", "echo", "count"} <= set(names), True)
    return ", ".join(names)


if __name__ == "__main__":
    main(
        text_streams_with_its_usage,
        usage_in_every_chunk_is_read,
        every_framing_is_read,
        a_whole_answer_is_one_object,
        the_helper_puts_reasoning_and_text_together,
        tools_are_called_and_their_results_taken,
        a_stop_hangs_up,
        a_cancelled_task_hangs_up,
        errors_are_of_their_kind,
        what_fails_twice_is_asked_again,
        an_error_in_mid_stream_is_raised,
        models_are_listed,
    )
