from __future__ import annotations

import re

import pytest

from tui_chat.commands import COMMANDS, by_slash, written
from tui_chat.server.scripted import demo
from tui_chat.server.scripted.behaviour import ResponseOptions, split_model
from tui_chat.server.scripted.demo import RunScript, answer
from tui_chat.server.scripted.scripts import SCRIPTS


def said(question: str, *, opening: bool = True) -> str:
    text = answer(question, opening=opening)
    assert isinstance(text, str)
    return text


@pytest.mark.parametrize("question", ["hi", "Hello!", "what can you do?", ""])
def test_it_greets_and_says_what_it_is(question: str) -> None:
    assert "Welcome to tui-chat" in said(question)
    assert "no language model" in said(question)


def test_the_keys_it_names_are_the_keys_there_are() -> None:
    table = said("Which keys are there?")
    for command in COMMANDS:
        for key in command.default_keys[:1]:
            assert written(key) in table, command.id


@pytest.mark.parametrize(
    ("question", "command"),
    [
        ("How do I stop a reply?", "stop"),
        ("how can I copy a code block", "copy_code"),
        ("how do i quit", "quit"),
        ("where is my history?", "history_previous"),
        ("change the theme", "theme"),
        ("how do I choose the model?", "model"),
        ("suspend", "suspend"),
        ("set a system prompt", "system"),
        ("new chat", "new"),
    ],
)
def test_questions_about_the_app_are_answered_from_its_help(question: str, command: str) -> None:
    asked_about = next(each for each in COMMANDS if each.id == command)
    assert asked_about.help in said(question)
    assert f"/{asked_about.slash}" in said(question)


@pytest.mark.parametrize(
    "question",
    ["How do I connect a real endpoint?", "where does the API key go", "I want to use Ollama", "怎么连接 DeepSeek?"],
)
def test_it_says_how_to_connect_an_endpoint(question: str) -> None:
    assert "export TUI_CHAT_BASE_URL=" in said(question)
    assert "TUI_CHAT_API_KEY" in said(question)
    assert by_slash("connect")


@pytest.mark.parametrize(
    ("question", "script"),
    [
        ("show me a table", "table"),
        ("some code", "code"),
        ("think", "think"),
        ("Think about it", "think"),
        ("中文", "cjk"),
        ("count to 50", "count"),
        ("Write something long", "long"),
        ("Show me Markdown", "markdown"),
    ],
)
def test_it_shows_what_a_reply_can_hold(question: str, script: str) -> None:
    assert answer(question, opening=True) == RunScript(script)
    assert script in SCRIPTS


def test_everything_it_suggests_has_an_answer() -> None:
    suggested = re.findall(r"\*([^*]+)\*", demo.TRY)
    assert len(suggested) > 8
    for question in suggested:
        found = answer(question, opening=True)
        assert isinstance(found, RunScript) or "> " not in found, question


def test_every_topic_has_words_to_say_and_every_script_exists() -> None:
    for topic in demo.TOPICS:
        match topic.answer():
            case RunScript(script):
                assert script in SCRIPTS
            case str(text):
                assert text.strip(), topic.words


@pytest.mark.parametrize("opening", [True, False])
def test_what_it_does_not_know_it_repeats_and_says_why(opening: bool) -> None:
    text = said("Tell me a joke\nabout tides", opening=opening)
    assert "> Tell me a joke\n> about tides\n" in text
    assert "demo" in text


def test_a_very_long_question_is_not_repeated_whole() -> None:
    assert len(said("x" * 100_000)) < 2_000


def test_the_failures_it_offers_exist() -> None:
    offered = re.findall(r"/model (\S+?)`", said("What happens when a reply fails?"))
    assert len(offered) > 4
    for model in offered:
        name, response_options = split_model(model, ResponseOptions())
        assert name in SCRIPTS or response_options.fault is not None, model
