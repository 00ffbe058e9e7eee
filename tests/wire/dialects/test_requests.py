"""What each dialect makes of the same question."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.wire.test_request_messages import answer
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import CutOff, Finished, Opaque
from tui_chat.chat.message import Attachment
from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.turn import Question
from tui_chat.wire.dialects import DIALECTS
from tui_chat.wire.request_messages import GO_ON, MessageRules, RequestMessages, request_messages

OPTIONS: dict[str, Any] = {
    "temperature": 0.5,
    "top_p": 0.9,
    "max_tokens": 100,
    "seed": 7,
    "stop": "END",
    "reasoning_effort": "low",
    "odd": {"a": 1},
}
PNG = Attachment("p.png", "image/png", b"png")
PDF = Attachment("d.pdf", "application/pdf", b"pdf")
PNG64, PDF64 = (base64.b64encode(file.data).decode() for file in (PNG, PDF))


def body(name: str, conversation: Conversation, *, stream: bool = True, prefill: bool = True, **options: Any) -> Any:
    question = Question(tuple(conversation.path()), conversation.system, options.pop("model", "m"), options)
    made = request_messages(question, endpoint="here", stream=stream)
    return DIALECTS[name]().body(
        RequestMessages(made.model, made.system, made.messages, made.options, stream, MessageRules(prefill))
    )


def talk(*, ending: Any = None, opaque: str = "") -> Conversation:
    conversation = Conversation("Be brief.")
    conversation.add_question("one")
    answer(conversation, "two", ending or Finished("stop", "eof"), *([Opaque(opaque)] if opaque else []))
    if ending is None:
        conversation.add_question("three")
    return conversation


def test_options_have_their_own_places() -> None:
    chat = body("openai-chat", talk(), **OPTIONS)
    assert chat.items() >= OPTIONS.items()

    responses = body("openai-responses", talk(), **OPTIONS)
    assert responses["max_output_tokens"] == 100
    assert responses["reasoning"] == {"effort": "low", "summary": "auto"}
    assert responses["include"] == ["reasoning.encrypted_content"]
    assert responses["store"] is False
    assert responses.items() >= {"temperature": 0.5, "top_p": 0.9, "seed": 7, "odd": {"a": 1}}.items()
    assert not {"max_tokens", "reasoning_effort"} & responses.keys()

    anthropic = body("anthropic-messages", talk(), **OPTIONS)
    assert anthropic["thinking"] == {"type": "enabled", "budget_tokens": 1024}
    assert anthropic["max_tokens"] == 1124
    assert anthropic["stop_sequences"] == ["END"]
    assert anthropic["odd"] == {"a": 1}
    assert not {"temperature", "top_p"} & anthropic.keys()  # refused while the model thinks
    assert not {"stop", "reasoning_effort"} & anthropic.keys()

    assert body("gemini", talk(), **OPTIONS)["generationConfig"] == {
        "stopSequences": ["END"],
        "thinkingConfig": {"includeThoughts": True, "thinkingBudget": 1024},
        "temperature": 0.5,
        "topP": 0.9,
        "maxOutputTokens": 100,
        "seed": 7,
        "odd": {"a": 1},
    }

    ollama = body("ollama-chat", talk(), **OPTIONS, keep_alive="5m")
    assert ollama["options"] == {
        "temperature": 0.5,
        "top_p": 0.9,
        "seed": 7,
        "num_predict": 100,
        "stop": ["END"],
        "odd": {"a": 1},
    }
    assert (ollama["think"], ollama["keep_alive"]) == (True, "5m")


def test_without_options_nothing_is_sent_that_nobody_asked_for() -> None:
    assert body("openai-chat", talk()).keys() == {"model", "messages", "stream", "stream_options"}
    assert body("openai-responses", talk()).keys() == {"model", "stream", "store", "instructions", "input"}
    assert body("anthropic-messages", talk()).keys() == {"model", "max_tokens", "stream", "system", "messages"}
    gemini = body("gemini", talk())
    assert gemini.keys() == {"contents", "systemInstruction", "generationConfig"}
    assert gemini["generationConfig"] == {"thinkingConfig": {"includeThoughts": True}}
    assert body("ollama-chat", talk()).keys() == {"model", "messages", "stream"}


def test_the_conversation_has_each_apis_shape() -> None:
    turns = [{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"}]
    turns.append({"role": "user", "content": "three"})
    system = {"role": "system", "content": "Be brief."}
    assert body("openai-chat", talk())["messages"] == [system, *turns]
    assert body("ollama-chat", talk())["messages"] == [system, *turns]
    anthropic = body("anthropic-messages", talk())
    assert (anthropic["system"], anthropic["messages"]) == ("Be brief.", turns)
    responses = body("openai-responses", talk())
    assert responses["instructions"] == "Be brief."
    assert responses["input"] == [
        {"role": "user", "content": [{"type": "input_text", "text": "one"}]},
        {"role": "assistant", "content": [{"type": "output_text", "text": "two"}]},
        {"role": "user", "content": [{"type": "input_text", "text": "three"}]},
    ]
    gemini = body("gemini", talk())
    assert gemini["systemInstruction"] == {"parts": [{"text": "Be brief."}]}
    assert gemini["contents"] == [
        {"role": "user", "parts": [{"text": "one"}]},
        {"role": "model", "parts": [{"text": "two"}]},
        {"role": "user", "parts": [{"text": "three"}]},
    ]


def test_pictures_and_documents_have_each_apis_parts() -> None:
    conversation = Conversation()
    conversation.add_question("look", [PNG, PDF])
    assert body("openai-chat", conversation)["messages"][0]["content"] == [
        {"type": "text", "text": "look"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG64}"}},
        {"type": "file", "file": {"filename": "d.pdf", "file_data": f"data:application/pdf;base64,{PDF64}"}},
    ]
    assert body("openai-responses", conversation)["input"][0]["content"] == [
        {"type": "input_text", "text": "look"},
        {"type": "input_image", "image_url": f"data:image/png;base64,{PNG64}"},
        {"type": "input_file", "filename": "d.pdf", "file_data": f"data:application/pdf;base64,{PDF64}"},
    ]
    assert body("anthropic-messages", conversation)["messages"][0]["content"] == [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG64}},
        {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": PDF64}},
        {"type": "text", "text": "look"},
    ]
    assert body("gemini", conversation)["contents"][0]["parts"] == [
        {"inlineData": {"mimeType": "image/png", "data": PNG64}},
        {"inlineData": {"mimeType": "application/pdf", "data": PDF64}},
        {"text": "look"},
    ]
    with pytest.raises(SetupError, match=r"d\.pdf"):
        body("ollama-chat", conversation)
    pictured = Conversation()
    pictured.add_question("look", [PNG])
    assert body("ollama-chat", pictured)["messages"] == [{"role": "user", "content": "look", "images": [PNG64]}]


@pytest.mark.parametrize("name", ["anthropic-messages", "ollama-chat"])
def test_a_reply_is_gone_on_with_as_the_beginning_of_the_answer(name: str) -> None:
    cut = talk(ending=CutOff("lost"))
    assert body(name, cut)["messages"][-1] == {"role": "assistant", "content": "two"}
    assert body(name, cut, prefill=False)["messages"][-1] == {"role": "user", "content": GO_ON}


@pytest.mark.parametrize("name", ["openai-chat", "openai-responses", "gemini"])
def test_a_reply_is_gone_on_with_by_a_plain_request(name: str) -> None:
    made = body(name, talk(ending=CutOff("lost")))
    turns = made.get("messages") or made.get("input") or made.get("contents")
    assert GO_ON in str(turns[-1])
    assert "two" in str(turns[-2])


def test_with_thinking_anthropic_is_asked_to_go_on() -> None:
    made = body("anthropic-messages", talk(ending=CutOff("lost")), reasoning_effort="high")
    assert made["messages"][-1] == {"role": "user", "content": GO_ON}


@pytest.mark.parametrize(
    ("name", "opaque", "found"),
    [
        (
            "openai-chat",
            '{"reasoning_details": [{"type": "reasoning.encrypted", "data": "x"}]}',
            {"reasoning_details": [{"type": "reasoning.encrypted", "data": "x"}]},
        ),
        ("openai-responses", '{"type": "reasoning", "encrypted_content": "x"}', {"encrypted_content": "x"}),
        ("anthropic-messages", '{"type": "thinking", "thinking": "t", "signature": "x"}', {"signature": "x"}),
        ("gemini", '{"text": "", "thoughtSignature": "x"}', {"thoughtSignature": "x"}),
    ],
)
def test_what_has_to_go_back_goes_back_in_its_own_place(name: str, opaque: str, found: dict[str, Any]) -> None:
    made = body(name, talk(opaque=opaque))

    def holds(value: Any) -> bool:
        if isinstance(value, dict):
            return value.items() >= found.items() or any(map(holds, value.values()))
        return isinstance(value, list) and any(map(holds, value))

    assert holds(made)
    for other in DIALECTS.keys() - {name}:
        assert not holds(body(other, talk(opaque=opaque)))  # whatever was written for another API


@pytest.mark.parametrize(
    ("effort", "model", "thinking"),
    [
        ("none", "gemini-2.5-flash", {"thinkingBudget": 0}),
        ("high", "gemini-2.5-pro", {"includeThoughts": True, "thinkingBudget": 24576}),
        (512, "gemini-2.5-pro", {"includeThoughts": True, "thinkingBudget": 512}),
        ("high", "gemini-3-pro", {"includeThoughts": True, "thinkingLevel": "high"}),
        ("none", "gemini-3-flash", {"includeThoughts": True, "thinkingLevel": "minimal"}),
        (None, "gemini-2.5-flash", {"includeThoughts": True}),
    ],
)
def test_effort_is_a_budget_or_a_level_for_gemini(effort: object, model: str, thinking: dict[str, Any]) -> None:
    """Google refuses to be asked for summaries of the thoughts where nothing is to be thought."""
    made = body("gemini", talk(), model=model, reasoning_effort=effort)
    assert made["generationConfig"]["thinkingConfig"] == thinking


@pytest.mark.parametrize(
    ("effort", "model", "think"),
    [("none", "qwen3", False), ("low", "qwen3", True), ("low", "gpt-oss:20b", "low"), (True, "qwen3", True)],
)
def test_effort_is_a_switch_or_a_level_for_ollama(effort: object, model: str, think: object) -> None:
    assert body("ollama-chat", talk(), model=model, reasoning_effort=effort)["think"] == think


def test_gemini_has_the_model_in_the_path() -> None:
    request = RequestMessages("models/gemini-2.5-flash", "", ())
    assert DIALECTS["gemini"].path(request) == "/models/gemini-2.5-flash:streamGenerateContent?alt=sse"  # type: ignore[attr-defined]
    whole = RequestMessages("tuned/x?y", "", (), stream=False)
    assert DIALECTS["gemini"].path(whole) == "/models/tuned%2Fx%3Fy:generateContent"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("openai-chat", ("Authorization", "Bearer k")),
        ("openai-responses", ("Authorization", "Bearer k")),
        ("anthropic-messages", ("x-api-key", "k")),
        ("gemini", ("x-goog-api-key", "k")),
        ("ollama-chat", ("Authorization", "Bearer k")),
    ],
)
def test_the_key_goes_where_the_api_wants_it(name: str, header: tuple[str, str]) -> None:
    assert header in DIALECTS[name]().headers("k").items()
    assert "k" not in DIALECTS[name]().headers("").values()
