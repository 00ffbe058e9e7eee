"""Google's SDK."""

from __future__ import annotations

import asyncio
from typing import Any

from google import genai
from google.genai import errors, types

from tests.server.sdk.checking import CALLING, CITY, NUMBERS, SLOWLY, STOP, Server, equal, lost, main, raised, stopped

TOOLS = [
    {
        "function_declarations": [
            {"name": "weather", "parameters_json_schema": CITY},
            {"name": "clock", "parameters_json_schema": {"type": "object", "properties": {}}},
        ]
    }
]


def client(server: Server, key: str = "", options: str = "") -> Any:
    # The SDK takes no `?` in a model's name, so the options go into the header.
    http = types.HttpOptions(base_url=server.root_url, headers={"X-TUI-Chat": options})
    return genai.Client(api_key=key or server.key, http_options=http)


def text_streams_with_its_usage(server: Server) -> str:
    google = client(server)
    chunks = [*google.models.generate_content_stream(model="count", contents="count to 10")]
    equal("".join(chunk.text or "" for chunk in chunks), NUMBERS)
    equal(chunks[-1].candidates[0].finish_reason, types.FinishReason.STOP)
    equal(chunks[-1].usage_metadata.candidates_token_count, 10)
    return f"{len(chunks)} chunks"


def a_whole_answer_is_one_object(server: Server) -> str:
    google = client(server)
    answer = google.models.generate_content(
        model="count", contents="count to 10", config=types.GenerateContentConfig(max_output_tokens=3)
    )
    equal((answer.text, answer.candidates[0].finish_reason), ("1 2 3", types.FinishReason.MAX_TOKENS))
    return str(answer.usage_metadata.total_token_count)


def a_chat_goes_on(server: Server) -> str:
    google = client(server)
    chat = google.chats.create(model="echo", config=types.GenerateContentConfig(system_instruction="Be brief."))
    equal([chat.send_message(text).text for text in ("one", "two")], ["one", "two"])
    return "echoed twice"


def thoughts_are_marked(server: Server) -> str:
    google = client(server)
    chunks = [*google.models.generate_content_stream(model="think", contents="think")]
    parts = [part for chunk in chunks for part in chunk.candidates[0].content.parts or []]
    thoughts = "".join(part.text for part in parts if part.thought)
    equal(thoughts.startswith("The question"), True)
    equal(chunks[-1].usage_metadata.thoughts_token_count, sum(bool(part.thought) for part in parts))
    return f"{len(thoughts)} characters"


def tools_are_called_and_their_results_taken(server: Server) -> str:
    google = client(server)
    by_hand = types.AutomaticFunctionCallingConfig(disable=True)
    config = types.GenerateContentConfig(tools=TOOLS, automatic_function_calling=by_hand)
    chunks = [*google.models.generate_content_stream(model="tools", contents=CALLING, config=config)]
    calls = [call for chunk in chunks for call in chunk.function_calls or []]
    equal([(call.name, call.args) for call in calls], [("weather", {"city": "Paris", "days": 3}), ("clock", {})])
    contents = [
        types.Content(role="user", parts=[types.Part(text=CALLING)]),
        types.Content(role="model", parts=[types.Part(function_call=call) for call in calls]),
        types.Content(
            role="user",
            parts=[types.Part.from_function_response(name=call.name, response={"result": "fine"}) for call in calls],
        ),
    ]
    text = google.models.generate_content(model="tools", contents=contents, config=config).text
    equal(text.count("fine"), 2)
    return str(chunks[0].text)


def a_python_function_is_called_by_the_sdk(server: Server) -> str:
    def weather(city: str, days: int) -> str:
        """The weather."""
        return f"sun over {city} for {days} days"

    google = client(server)
    chat = google.chats.create(model="tools", config=types.GenerateContentConfig(tools=[weather]))
    text = chat.send_message("Call weather for Paris, 3 days").text
    equal("sun over Paris for 3 days" in text, True)
    return "called, and its result sent back"


def a_cancelled_task_hangs_up(server: Server) -> str:
    async def ask(heard: asyncio.Event) -> None:
        google = client(server, options=SLOWLY)
        async for _ in await google.aio.models.generate_content_stream(model="count", contents=STOP):
            heard.set()

    async def cancel() -> str:
        heard = asyncio.Event()
        task = asyncio.create_task(ask(heard))
        await heard.wait()
        task.cancel()
        await asyncio.wait({task})
        return stopped()

    return asyncio.run(cancel())


def a_stop_hangs_up(server: Server) -> str:
    google = client(server, options=SLOWLY)
    stream = google.models.generate_content_stream(model="count", contents=STOP)
    next(stream)
    stream.close()
    del stream
    return stopped()


def errors_are_of_their_kind(server: Server) -> str:
    google = client(server)
    for status, word in {"401": "UNAUTHENTICATED", "404": "NOT_FOUND", "429": "RESOURCE_EXHAUSTED"}.items():
        error: Any = raised(errors.ClientError, google.models.generate_content, model=f"fault:{status}", contents="?")
        equal((error.code, error.status), (int(status), word))
    raised(errors.ServerError, lambda: google.models.generate_content(model="fault:503", contents="?"))
    stranger = client(server, key="wrong")
    raised(errors.ClientError, lambda: stranger.models.generate_content(model="echo", contents="?"))
    return "ClientError, ServerError"


def an_error_in_mid_stream_is_raised(server: Server) -> str:
    google = client(server)

    def told(model: str) -> str:
        return "".join(chunk.text or "" for chunk in google.models.generate_content_stream(model=model, contents="?"))

    raised(errors.ServerError, lambda: told("fault:error"))
    lost(lambda: told("fault:drop"))
    equal(told("fault:cut"), "1 2 3")  # the SDK does not tell
    return "ServerError; that of the HTTP library when dropped; nothing when cut"


def models_are_listed(server: Server) -> str:
    google = client(server)
    names = [model.name for model in google.models.list()]
    equal({"models/demo", "models/echo", "models/count"} <= set(names), True)
    return ", ".join(names)


if __name__ == "__main__":
    main(
        text_streams_with_its_usage,
        a_whole_answer_is_one_object,
        a_chat_goes_on,
        thoughts_are_marked,
        tools_are_called_and_their_results_taken,
        a_python_function_is_called_by_the_sdk,
        a_stop_hangs_up,
        a_cancelled_task_hangs_up,
        errors_are_of_their_kind,
        an_error_in_mid_stream_is_raised,
        models_are_listed,
    )
