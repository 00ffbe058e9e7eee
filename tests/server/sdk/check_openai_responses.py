"""OpenAI's SDK, Responses."""

from __future__ import annotations

from typing import Any

import openai

from tests.server.sdk.checking import CALLING, CITY, NUMBERS, SLOWLY, STOP, Server, equal, main, raised, stopped

TOOLS = [
    {"type": "function", "name": "weather", "parameters": CITY, "strict": False},
    {"type": "function", "name": "clock", "parameters": {"type": "object", "properties": {}}, "strict": False},
]


def client(server: Server, retries: int = 0) -> Any:
    return openai.OpenAI(base_url=server.base_url, api_key=server.key, max_retries=retries)


def text_streams_with_its_usage(server: Server) -> str:
    events = [*client(server).responses.create(model="count", input="count to 10", stream=True)]
    equal("".join(event.delta for event in events if event.type == "response.output_text.delta"), NUMBERS)
    equal([event.sequence_number for event in events], [*range(len(events))])
    equal(events[-1].response.output_text, NUMBERS)
    equal(events[-1].response.usage.output_tokens, 10)
    return ", ".join(event.type for event in events if not event.type.endswith("delta"))


def a_whole_answer_is_one_object(server: Server) -> str:
    answer = client(server).responses.create(model="count", input="count to 10")
    equal((answer.output_text, answer.status), (NUMBERS, "completed"))
    short = client(server).responses.create(model="count", input="count to 10", max_output_tokens=3)
    equal((short.output_text, short.incomplete_details.reason), ("1 2 3", "max_output_tokens"))
    return str(answer.usage.total_tokens)


def the_helper_puts_reasoning_and_text_together(server: Server) -> str:
    with client(server).responses.stream(model="think", input="think") as stream:
        kinds = {event.type for event in stream}
        answer = stream.get_final_response()
    equal([item.type for item in answer.output], ["reasoning", "message"])
    equal(answer.output[0].summary[0].text.startswith("The question"), True)
    equal("46." in answer.output_text, True)
    return f"{len(kinds)} kinds of events"


def tools_are_called_and_their_results_taken(server: Server) -> str:
    with client(server).responses.stream(model="tools", input=CALLING, tools=TOOLS) as stream:
        stream.until_done()
        answer = stream.get_final_response()
    calls = [item for item in answer.output if item.type == "function_call"]
    equal(
        [(call.name, call.arguments) for call in calls], [("weather", '{"city": "Paris", "days": 3}'), ("clock", "{}")]
    )
    given: list[dict[str, Any]] = [{"role": "user", "content": CALLING}]
    given += [item.model_dump(exclude_none=True) for item in answer.output]
    given += [
        {"type": "function_call_output", "call_id": call.call_id, "output": f"{call.name} is fine"} for call in calls
    ]
    text = client(server).responses.create(model="tools", input=given, tools=TOOLS).output_text
    equal("weather is fine" in text and "clock is fine" in text, True)
    return str(answer.output_text)


def a_stop_hangs_up(server: Server) -> str:
    stream = client(server).responses.create(
        model="count", input=STOP, stream=True, extra_headers={"X-TUI-Chat": SLOWLY}
    )
    for event in stream:
        if event.type == "response.output_text.delta":
            break
    stream.close()
    return stopped()


def errors_are_of_their_kind(server: Server) -> str:
    def told(model: str) -> list[str]:
        return [event.type for event in client(server).responses.create(model=model, input="?", stream=True)]

    raised(openai.RateLimitError, lambda: told("fault:429"))
    raised(openai.InternalServerError, lambda: told("fault:500"))
    equal(str(raised(openai.APIError, lambda: told("fault:error"))), "This is the error that was asked for.")
    raised(openai.APIConnectionError, lambda: told("fault:reset"))
    equal(told("fault:cut")[-1], "response.output_text.delta")  # the SDK does not tell
    answer = client(server, retries=1).responses.create(model="count?fault=500&times=1", input="count to 10")
    equal(answer.output_text, NUMBERS)
    return "RateLimitError, InternalServerError, APIError, APIConnectionError; nothing when cut"


if __name__ == "__main__":
    main(
        text_streams_with_its_usage,
        a_whole_answer_is_one_object,
        the_helper_puts_reasoning_and_text_together,
        tools_are_called_and_their_results_taken,
        a_stop_hangs_up,
        errors_are_of_their_kind,
    )
