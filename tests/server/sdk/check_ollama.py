"""Ollama's SDK."""

from __future__ import annotations

from typing import Any

import ollama

from tests.server.sdk.checking import CALLING, CITY, NUMBERS, SLOWLY, STOP, Server, equal, lost, main, raised, stopped

TOOLS = [
    {"type": "function", "function": {"name": "weather", "parameters": CITY}},
    {"type": "function", "function": {"name": "clock", "parameters": {"type": "object", "properties": {}}}},
]


def client(server: Server, key: str = "", options: str = "") -> Any:
    headers = {"Authorization": f"Bearer {key or server.key}", "X-TUI-Chat": options}
    return ollama.Client(host=server.root_url, headers=headers)


def said(text: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text}]


def text_streams_with_its_usage(server: Server) -> str:
    chunks = [*client(server).chat(model="count", messages=said("count to 10"), stream=True)]
    equal("".join(chunk.message.content for chunk in chunks), NUMBERS)
    last = chunks[-1]
    equal((last.done, last.done_reason, last.prompt_eval_count, last.eval_count), (True, "stop", 3, 10))
    return f"{len(chunks)} lines"


def a_whole_answer_is_one_object(server: Server) -> str:
    answer = client(server).chat(model="count", messages=said("count to 10"), options={"num_predict": 3})
    equal((answer.message.content, answer.done_reason, answer.eval_count), ("1 2 3", "length", 3))
    return str(answer.done_reason)


def thinking_stands_apart(server: Server) -> str:
    chunks = [*client(server).chat(model="think", messages=said("think"), stream=True)]
    thinking = "".join(chunk.message.thinking or "" for chunk in chunks)
    equal(thinking.startswith("The question"), True)
    return f"{len(thinking)} characters"


def tools_are_called_and_their_results_taken(server: Server) -> str:
    chunks = [*client(server).chat(model="tools", messages=said(CALLING), tools=TOOLS, stream=True)]
    calls = [call for chunk in chunks for call in chunk.message.tool_calls or []]
    found = [(call.function.name, dict(call.function.arguments)) for call in calls]
    equal(found, [("weather", {"city": "Paris", "days": 3}), ("clock", {})])
    messages = said(CALLING)
    messages.append({"role": "assistant", "content": "", "tool_calls": [call.model_dump() for call in calls]})
    messages += [{"role": "tool", "tool_name": name, "content": f"{name} is fine"} for name, _ in found]
    text = client(server).chat(model="tools", messages=messages, tools=TOOLS).message.content
    equal("weather is fine" in text and "clock is fine" in text, True)
    return "called, and their results sent back"


def a_stop_hangs_up(server: Server) -> str:
    stream = client(server, options=SLOWLY).chat(model="count", messages=said(STOP), stream=True)
    next(stream)
    stream.close()
    return stopped()


def errors_are_of_their_kind(server: Server) -> str:
    for status in (400, 404, 429, 500):
        error: Any = raised(ollama.ResponseError, client(server).chat, model=f"fault:{status}", messages=said("?"))
        equal(error.status_code, status)
    stranger: Any = raised(
        ollama.ResponseError, lambda: client(server, key="wrong").chat(model="echo", messages=said("?"))
    )
    equal(stranger.status_code, 401)
    return "ResponseError with its status"


def an_error_in_mid_stream_is_raised(server: Server) -> str:
    def told(model: str) -> str:
        chunks = client(server).chat(model=model, messages=said("?"), stream=True)
        return "".join(chunk.message.content for chunk in chunks)

    error: Any = raised(ollama.ResponseError, lambda: told("fault:error"))
    equal(error.error, "This is the error that was asked for.")
    lost(lambda: told("fault:drop"))
    equal(told("fault:cut"), "1 2 3")  # the SDK does not tell
    return "ResponseError; that of the HTTP library when dropped; nothing when cut"


def models_are_listed(server: Server) -> str:
    names = [model.model for model in client(server).list().models]
    equal({"demo", "echo", "count"} <= set(names), True)
    return ", ".join(names)


if __name__ == "__main__":
    main(
        text_streams_with_its_usage,
        a_whole_answer_is_one_object,
        thinking_stands_apart,
        tools_are_called_and_their_results_taken,
        a_stop_hangs_up,
        errors_are_of_their_kind,
        an_error_in_mid_stream_is_raised,
        models_are_listed,
    )
