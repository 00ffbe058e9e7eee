"""Anthropic's SDK."""

from __future__ import annotations

from typing import Any

import anthropic

from tests.server.sdk.checking import CALLING, CITY, NUMBERS, SLOWLY, STOP, Server, equal, lost, main, raised, stopped

TOOLS = [
    {"name": "weather", "input_schema": CITY},
    {"name": "clock", "input_schema": {"type": "object", "properties": {}}},
]


def client(server: Server, retries: int = 0, **options: Any) -> Any:
    return anthropic.Anthropic(**{"base_url": server.root_url, "api_key": server.key, "max_retries": retries} | options)


def asking(text: str, model: str, **options: Any) -> dict[str, Any]:
    return {"model": model, "max_tokens": 1000, "messages": [{"role": "user", "content": text}]} | options


def text_streams_with_its_usage(server: Server) -> str:
    with client(server).messages.stream(**asking("count to 10", "count")) as stream:
        pieces = [*stream.text_stream]
        message = stream.get_final_message()
    equal("".join(pieces), NUMBERS)
    equal((message.stop_reason, message.usage.input_tokens, message.usage.output_tokens), ("end_turn", 3, 10))
    short = client(server).messages.create(**asking("count to 10", "count", max_tokens=3, stream=True))
    reasons = [event.delta.stop_reason for event in short if event.type == "message_delta"]
    equal(reasons, ["max_tokens"])
    return f"{len(pieces)} pieces"


def a_whole_answer_is_one_object(server: Server) -> str:
    message = client(server).messages.create(**asking("count to 10", "count"))
    equal((message.content[0].text, message.usage.output_tokens), (NUMBERS, 10))
    return str(message.stop_reason)


def thinking_is_a_block_of_its_own(server: Server) -> str:
    with client(server).messages.stream(**asking("think", "think")) as stream:
        stream.until_done()
        message = stream.get_final_message()
    equal([block.type for block in message.content], ["thinking", "text"])
    equal(message.content[0].thinking.startswith("The question"), True)
    return f"{len(message.content[0].thinking)} characters"


def tools_are_called_and_their_results_taken(server: Server) -> str:
    with client(server).messages.stream(**asking(CALLING, "tools", tools=TOOLS)) as stream:
        stream.until_done()
        message = stream.get_final_message()
    calls = [block for block in message.content if block.type == "tool_use"]
    equal(message.stop_reason, "tool_use")
    equal([(call.name, call.input) for call in calls], [("weather", {"city": "Paris", "days": 3}), ("clock", {})])
    results = [{"type": "tool_result", "tool_use_id": call.id, "content": f"{call.name} is fine"} for call in calls]
    messages = [
        {"role": "user", "content": CALLING},
        {"role": "assistant", "content": [block.model_dump(exclude_none=True) for block in message.content]},
        {"role": "user", "content": results},
    ]
    answer = client(server).messages.create(model="tools", max_tokens=100, messages=messages, tools=TOOLS)
    text = str(answer.content[0].text)
    equal("weather is fine" in text and "clock is fine" in text, True)
    return str(message.content[0].text)


def a_stop_hangs_up(server: Server) -> str:
    with client(server).messages.stream(**asking(STOP, "count", extra_headers={"X-TUI-Chat": SLOWLY})) as stream:
        next(stream.text_stream)
    return stopped()


def errors_are_of_their_kind(server: Server) -> str:
    kinds = {
        "401": anthropic.AuthenticationError,
        "404": anthropic.NotFoundError,
        "429": anthropic.RateLimitError,
        "500": anthropic.InternalServerError,
    }
    for status, kind in kinds.items():
        raised(kind, client(server).messages.create, **asking("?", f"fault:{status}"))
    overloaded: Any = raised(
        anthropic.APIStatusError, lambda: client(server).messages.create(**asking("?", "fault:529"))
    )
    equal(overloaded.body["error"]["type"], "overloaded_error")
    stranger = client(server, api_key="sk-wrong")
    raised(anthropic.AuthenticationError, lambda: stranger.messages.create(**asking("?", "echo")))
    again = client(server, retries=2).messages.create(**asking("count to 10", "count?fault=529&times=2&retry=0"))
    equal(again.content[0].text, NUMBERS)
    return ", ".join(kind.__name__ for kind in kinds.values())


def an_error_in_mid_stream_is_raised(server: Server) -> str:
    def told(model: str) -> str:
        with client(server).messages.stream(**asking("?", model)) as stream:
            return "".join(stream.text_stream)

    error: Any = raised(anthropic.APIStatusError, lambda: told("fault:error?type=overloaded_error"))
    equal(error.body["error"]["type"], "overloaded_error")
    lost(lambda: told("fault:drop"))
    equal(told("fault:cut"), "1 2 3")  # the SDK does not tell
    return "APIStatusError; that of the HTTP library when dropped; nothing when cut"


def models_are_listed(server: Server) -> str:
    names = [model.id for model in client(server).models.list()]
    equal({"demo", "echo", "count"} <= set(names), True)
    return ", ".join(names)


if __name__ == "__main__":
    main(
        text_streams_with_its_usage,
        a_whole_answer_is_one_object,
        thinking_is_a_block_of_its_own,
        tools_are_called_and_their_results_taken,
        a_stop_hangs_up,
        errors_are_of_their_kind,
        an_error_in_mid_stream_is_raised,
        models_are_listed,
    )
