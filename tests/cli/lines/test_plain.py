"""`tui-chat plain`: its words in this process, and the real program in a real terminal and at a real pipe."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE
from contextlib import asynccontextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest

from tests.byte_server import HANG, LAST_CHUNK, ByteServer, chunked, head, stream
from tests.chat.models import ListModel, Step
from tests.patience import PATIENCE
from tests.pty_terminal import Terminal
from tui_chat.chat.backend_ports import Setup
from tui_chat.chat.choices.chat_choices import Persona
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import (
    CutOff,
    Failed,
    Finished,
    ReasoningDelta,
    Retrying,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from tui_chat.chat.model_ports import Connection, ModelInfo
from tui_chat.chat.quick_dataclass import replace
from tui_chat.chat.wording.hints import EFFORT_REFUSED
from tui_chat.cli.lines.plain import Plain

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from pathlib import Path

    from tests.byte_server import Request, Script
    from tests.byte_server import Step as ServerStep

PROGRAM = (sys.executable, "-m", "tui_chat", "plain")
DONE = b"data: [DONE]\n\n"
WHOLE = Finished("stop", "done-sentinel")
TWICE: list[list[Step]] = [[TextDelta("so"), WHOLE]] * 2


class Lines:
    """What is typed, or piped in."""

    def __init__(self, texts: Sequence[str], *, person: bool) -> None:
        self.person = person
        self._left = list(texts)

    def text(self, prompt: str) -> str | None:
        return self._left.pop(0) if self._left else None


class Backend:
    """Lists models."""

    def __init__(self, told: Sequence[ModelInfo] | Failed, templates: Mapping[str, str]) -> None:
        self._told = told
        self._templates = templates

    def template(self, name: str) -> str:
        return self._templates[name]

    async def models(self) -> Sequence[ModelInfo] | Failed:
        return self._told


class Talk:
    """A chat in this process."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self._capfd = capfd
        self.model = ListModel([])
        self.begun: list[Conversation] = []
        """The conversations there were."""
        self.models: Sequence[ModelInfo] | Failed = ()
        self.setup = Setup(Connection(self.model, "tiny"))
        self.templates: dict[str, str] = {}

    def __call__(
        self, texts: Sequence[str], *answers: list[Step], person: bool = False, **options: Any
    ) -> tuple[int, str, str]:
        """Status, standard output, standard error."""
        self.model.answers = list(answers)
        setup = replace(self.setup, connection=Connection(self.model, "tiny", name="here"))

        def new() -> Conversation:
            self.begun.append(Conversation())
            return self.begun[-1]

        with asyncio.Runner() as runner:
            lines: Any = Lines(texts, person=person)
            backend: Any = Backend(self.models, self.templates)
            status = Plain(backend, setup, lines, new(), new, **options).run(runner)
        out, err = self._capfd.readouterr()
        return status, out, err


@pytest.fixture
def talk(capfd: pytest.CaptureFixture[str]) -> Talk:
    return Talk(capfd)


def test_replies_are_on_stdout_and_numbers_on_stderr(talk: Talk) -> None:
    usage = UsageReport(Usage(input=3, output=2, total=5))
    status, out, err = talk(
        ["one", "", "two"], [TextDelta("Hel"), TextDelta("lo"), usage, WHOLE], [TextDelta("yes\n"), WHOLE]
    )
    assert (status, out) == (0, "Hello\nyes\n")
    assert "tui-chat: tokens: 3 in, 2 out, 5 total" in err
    assert [len(question.messages) for question in talk.model.asked] == [1, 3]


@pytest.mark.parametrize(
    ("ending", "status", "says"),
    [
        (CutOff("the connection was lost"), 6, "The reply was cut off: the connection was lost."),
        (Finished("length", "eof"), 6, "The reply ended at the length limit (length); it is incomplete."),
        (Finished("content_filter", "eof"), 6, "A content filter ended the reply"),
        (
            Failed("The server refused the key.", "Check the key.", "key", "http://h/"),
            3,
            "The server refused the key.\nCheck the key.\nhttp://h/",
        ),
    ],
)
def test_a_reply_that_is_not_whole_is_told_in_words_and_by_the_status(
    talk: Talk, ending: Any, status: int, says: str
) -> None:
    found, out, err = talk(["one", "two"], [TextDelta("Hel"), ending], [TextDelta("whole"), WHOLE], quiet=True)
    assert (found, out) == (status, "Hel\nwhole\n")
    assert says in err


def test_a_person_hears_what_to_do_about_it_and_leaves_with_0(talk: Talk) -> None:
    status, _, err = talk(["one", "two", "exit"], [TextDelta("Hel"), CutOff("x")], [Failed("Oh.", "")], person=True)
    assert status == 0
    assert "/continue asks for the rest, /retry asks again." in err
    assert "Oh.\n/retry asks again.\n" in err
    assert "A plain chat with tiny at a list." in err


def test_retries_reasoning_and_tool_calls_are_told(talk: Talk) -> None:
    call = ToolCallDelta(0, "1", "look", "{}")
    retrying = Retrying(1, 2, 0.5, "The server is overloaded.")
    _, out, err = talk(["one"], [retrying, ReasoningDelta("Hm"), ReasoningDelta("m"), TextDelta("so"), call, WHOLE])
    assert out == "so\n"
    assert "The server is overloaded. Trying again in 0.5 s (1 of 2)." in err
    assert err.count("The model is thinking.") == 1
    assert "The model asks to call look({}); it is not run." in err


def test_quiet_leaves_replies_and_errors_alone(talk: Talk) -> None:
    _, out, err = talk(["one", "/nonsense"], [ReasoningDelta("Hm"), TextDelta("so"), WHOLE], quiet=True)
    assert (out, err) == ("so\n", "tui-chat: There is no command /nonsense. Put a space in front to send it as text.\n")


def test_the_effort_and_the_persona_of_a_chat_are_set_and_told(talk: Talk) -> None:
    pirate = Persona("pirate", "Arr.", "ship", "", "high", {"temperature": 1})
    far = Persona("far", "Far.", "theirs", "other")
    talk.setup = replace(talk.setup, personas={"pirate": pirate, "far": far}, usual_system="")
    texts = ["/effort", "/effort low", "one", "/persona pirate", "two", "/persona", "/persona far", "three"]
    texts += ["/persona none", "four", "/effort hihg", "/persona pirat"]
    _, _, err = talk(texts, *TWICE, *TWICE)
    one, two, three, four = talk.model.asked
    assert (one.system, one.model, one.options) == ("", "tiny", {"reasoning_effort": "low"})
    assert (two.system, two.model) == ("Arr.", "ship")
    assert two.options == {"temperature": 1, "reasoning_effort": "high"}
    assert (three.system, three.model) == ("Far.", "ship"), "its model is one of another endpoint"
    assert (four.system, four.options) == ("", {})
    said = [line.removeprefix("tui-chat: ") for line in err.splitlines()]
    assert "The effort is default." in said
    assert "The persona is pirate; there are: pirate, far." in said
    assert any("not at its own endpoint: for that, " in line and line.endswith("plain -p far") for line in said)
    assert "There is no effort 'hihg'; did you mean high?" in said
    assert "There is no persona 'pirat'; did you mean pirate?" in said


def test_a_refused_effort_says_how_it_is_dropped_here(talk: Talk) -> None:
    failed = Failed("The server refused the request.", EFFORT_REFUSED, "request", status=400)
    _, _, err = talk(["/effort off", "one"], [failed])
    assert "for this model: /effort default drops it." in err


def test_a_template_is_filled_by_the_lines_that_a_person_types(talk: Talk) -> None:
    talk.templates = {"tr": "To {{language}}: {{input}}", "bare": " "}
    talk.setup = replace(talk.setup, templates=tuple(talk.templates))
    _, _, err = talk(["/tr good day", "German", "/tr", "French", "hi", "/bare", "/baree"], *TWICE, person=True)
    assert [question.messages[-1].text for question in talk.model.asked] == ["To German: good day", "To French: hi"]
    assert "The template bare is empty: type a text behind /bare." in err
    assert "did you mean /bare?" in err
    _, _, err = talk(["/tr good day", "German"], [TextDelta("so"), WHOLE])
    assert "The template tr needs language: use " in err
    assert talk.model.asked[-1].messages[-1].text == "German", "what is piped in is not taken for a blank"


def test_slash_words_do_what_they_say(talk: Talk) -> None:
    texts = ["/system Be brief.", "one", "/retry", "/model other", "two", " /not a command", "/new", "/retry", "three"]
    texts += ["/system none", "/system", "/continue", "/usage", "/help", "/quit", "never"]
    answers: list[list[Step]] = [[TextDelta("so"), UsageReport(Usage(input=3, output=2)), WHOLE] for _ in range(5)]
    _, _, err = talk(texts, *answers)
    asked = talk.model.asked
    assert [question.messages[-1].text for question in asked] == ["one", "one", "two", " /not a command", "three"]
    assert [question.model for question in asked] == ["tiny", "tiny", "other", "other", "other"]
    assert [question.system for question in asked] == ["Be brief."] * 4 + [""]
    assert [len(conversation.messages) for conversation in talk.begun] == [7, 2]
    for sentence in (
        "There is no question to ask again.",
        "There is no system prompt.",
        "nothing to continue",
        "The whole chat: 3 in, 2 out",
        "/new  ",
        'between """ and """',
    ):
        assert sentence in err


def test_a_reply_is_gone_on_with(talk: Talk) -> None:
    _, out, _ = talk(["one", "/continue"], [TextDelta("Hel"), CutOff("x")], [TextDelta("lo"), WHOLE])
    assert out == "Hel\nlo\n"
    assert talk.begun[0].path()[-1].text == "lo"


def test_models_are_listed_and_none_of_their_names_drives_a_terminal(talk: Talk) -> None:
    talk.models = [ModelInfo("tiny"), ModelInfo("big\x1b[2J")]
    _, out, err = talk(["/model", "/model x\x1b[2J"])
    assert out == ""
    assert "tiny (chosen)\nbig" in err
    assert "\x1b" not in err
    talk.models = Failed("The server gives no list of models.", "Type the model's name.")
    assert "no list of models.\nType the model's name." in talk(["/model"])[2]


def test_what_a_model_says_is_cleaned_for_a_pipe_too(talk: Talk) -> None:
    assert talk(["one"], [TextDelta("\x1b[2Jfine\r\n"), WHOLE], quiet=True)[1] == "\ufffd[2Jfine\n"


# ---- the real program


def text(content: str, reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": reason}
    return b"data: " + json.dumps({"model": "tiny", "choices": [choice]}).encode() + b"\n\n"


def answer(*pieces: str) -> list[ServerStep]:
    return stream([*map(text, pieces), text("", "stop"), DONE])


def question(request: Request) -> str:
    asked = json.loads(request.body)["messages"][-1]["content"]
    assert isinstance(asked, str)
    return asked


def echo(request: Request) -> list[ServerStep]:
    """The last message, and which in the conversation it was."""
    return answer(f"{len(json.loads(request.body)['messages'])}: {question(request)}")


def environment(server: ByteServer, **variables: str) -> dict[str, str]:
    return {
        **os.environ,
        "TUI_CHAT_BASE_URL": server.url,
        "TUI_CHAT_MODEL": "tiny",
        "TUI_CHAT_MAX_RETRIES": "0",
        **variables,
    }


@asynccontextmanager
async def process(server: ByteServer, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    started = await asyncio.create_subprocess_exec(
        *PROGRAM, *arguments, env=environment(server), stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    try:
        async with asyncio.timeout(PATIENCE):
            yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.communicate()


class Chat:
    """The program in a terminal."""

    def __init__(self, server: ByteServer, *arguments: str, **variables: str) -> None:
        self.server = server
        env = environment(server, **({"TERM": "xterm-256color"} | variables))
        self.terminal = Terminal([*PROGRAM, *arguments], env)

    async def sees(self, what: str | Callable[[], object]) -> None:
        condition = (lambda: what in self.terminal.text) if isinstance(what, str) else what
        await asyncio.to_thread(self.terminal.until, condition, repr(what))

    async def says(self, keys: str) -> None:
        """Type at the prompt."""
        await self.sees(lambda: self.terminal.text.rstrip().endswith("You:"))
        self.terminal.send(keys)

    async def clears(self) -> None:
        """Ctrl+C at the prompt. Python looks for signals while it waits for a key and not before, so that one that
        comes at a program's speed may have to come again."""
        sent = [0.0]

        def cleared() -> bool:
            if monotonic() > sent[0] + 2:
                sent[0] = monotonic()
                self.terminal.send("\x03")
            return "The line is cleared. exit or Ctrl+D quits." in self.terminal.text

        await self.sees(cleared)

    async def ends(self) -> int:
        status = await asyncio.to_thread(self.terminal.wait)
        assert self.terminal.modes_left_on() == []
        return status


@asynccontextmanager
async def chat(script: Script, *arguments: str, **variables: str) -> AsyncIterator[Chat]:
    async with ByteServer(script) as server:
        opened = Chat(server, *arguments, **variables)
        with opened.terminal:
            yield opened


async def test_a_chat_in_a_terminal_from_the_first_line_to_the_last(home: Path) -> None:
    prompts = home / ".local/state/tui-chat/prompts.jsonl"
    prompts.parent.mkdir(parents=True)
    prompts.write_text('"from before"\n')
    async with chat(echo) as opened:
        await opened.sees("A plain chat with tiny at 127.0.0.1")
        await opened.says("\x1b[A")
        await opened.sees("You: from before")
        opened.terminal.send(" on\r")
        await opened.sees("tiny: 1: from before on")
        await opened.says("one \\\r")
        await opened.sees("more:")
        opened.terminal.send("two\r")
        await opened.sees("tiny: 3: one\ntwo")
        await opened.says("\x1b[200~a\n  b\x1b[201~")  # pasted
        await opened.sees("  b")
        opened.terminal.send("\r")
        await opened.sees("tiny: 5: a\n  b")
        await opened.says("\x04")
        assert await opened.ends() == 0
        await opened.sees("To continue this chat: tui-chat plain --cid ")
    kept = [json.loads(line) for line in prompts.read_text().splitlines()]
    assert kept == ["from before", "from before on", "one \ntwo", "a\n  b"]


async def test_ctrl_c_stops_the_reply_and_not_the_program() -> None:
    def script(request: Request) -> list[ServerStep]:
        waits: dict[str, list[ServerStep]] = {"wait": [head(), *chunked([text("Hel")]), HANG], "silence": [HANG]}
        return waits.get(question(request).split("\n\n")[-1]) or answer("lo")  # a question without an answer goes along

    async with chat(script) as opened:
        await opened.says("silence\r")
        await opened.server.until(lambda: len(opened.server.requests) == 1)
        opened.terminal.send("\x03")
        await opened.sees("The reply is stopped.")
        await opened.says("wait\r")
        await opened.sees("tiny: Hel")
        opened.terminal.send("\x03")
        await opened.sees("/continue asks for the rest")
        await opened.server.until(lambda: len(opened.server.hang_ups) == 2)
        await opened.says("half a li")
        await opened.sees("half a li")
        await opened.clears()
        await opened.says("exit\r")
        assert await opened.ends() == 0


async def test_what_is_typed_while_a_reply_comes_is_the_next_text() -> None:
    gate = asyncio.Event()

    def script(request: Request) -> list[ServerStep]:
        slow: list[ServerStep] = [
            head(),
            *chunked([text("slow")]),
            gate,
            *chunked([text("", "stop"), DONE]),
            LAST_CHUNK,
        ]
        return slow if question(request) == "first" else answer(f"then {question(request)}")

    async with chat(script, "-n") as opened:
        await opened.says("first\r")
        await opened.sees("tiny: slow")
        opened.terminal.send("second\r")
        await opened.sees("second")  # echoed by the terminal
        gate.set()
        await opened.sees("tiny: then second")
        await opened.says("\x04")
        assert await opened.ends() == 0


async def test_nothing_drives_a_terminal_that_knows_nothing_and_no_log_keeps_nothing(home: Path) -> None:
    evil = "\x1b]52;c;ZXZpbA==\x07\x1b[2J\x9b31m\u202e secret words"
    async with chat(lambda _: answer(evil), "-n", TERM="dumb") as opened:
        await opened.says("one\\\r")
        await opened.sees("more:")
        opened.terminal.send("two\r")
        await opened.sees("secret words")
        await opened.says("half")
        await opened.clears()
        await opened.says("exit\r")
        assert await opened.ends() == 0
        assert b"\x1b" not in opened.terminal.raw
        assert "\x9b".encode() not in opened.terminal.raw
    assert question(opened.server.requests[0]) == "one\ntwo"
    assert files_with(b"secret words", home) == []


def files_with(words: bytes, folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and words in path.read_bytes()]


async def test_a_signal_during_a_reply_ends_the_chat_in_order() -> None:
    async with chat(lambda _: [head(), *chunked([text("Hel")]), HANG]) as opened:
        await opened.says("hello\r")
        await opened.sees("tiny: Hel")
        opened.terminal.process.send_signal(signal.SIGTERM)
        assert await opened.ends() == 143
        await opened.server.until(lambda: len(opened.server.hang_ups) == 1)


@pytest.mark.slow
@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
async def test_a_signal_at_the_prompt_ends_the_chat_in_order(term: str, number: signal.Signals) -> None:
    async with chat(echo, TERM=term) as opened:
        await opened.says("at the prompt")
        await opened.sees("at the prompt")
        opened.terminal.process.send_signal(number)
        assert await opened.ends() == 128 + number


async def test_each_line_of_a_pipe_is_a_question_and_the_chat_is_kept() -> None:
    async with ByteServer(echo) as server:
        async with process(server, "-q") as piped:
            out, err = await piped.communicate("\ufeffone\n\ntwo \\\nlines\r\nexit\nnever\n".encode())
        assert (piped.returncode, out.decode(), err.decode()) == (0, "1: one\n3: two \nlines\n", "")
        async with process(server, "-q", "-c") as piped:
            assert (await piped.communicate(b"three"))[0] == b"5: three\n"


async def test_ctrl_c_ends_a_pipe() -> None:
    async with ByteServer(lambda _: [head(), *chunked([text("Hel")]), HANG]) as server, process(server, "-q") as piped:
        assert piped.stdin is not None
        assert piped.stdout is not None
        piped.stdin.write(b"one\ntwo\n")
        assert await piped.stdout.readexactly(3) == b"Hel"
        piped.send_signal(signal.SIGINT)
        assert await piped.wait() == 130
        assert len(server.requests) == 1


@pytest.mark.slow
async def test_a_reader_that_has_had_enough_ends_it_quietly() -> None:
    async with ByteServer(echo) as server:
        command = f"yes question | {' '.join(PROGRAM)} -q | head -n 1; exit ${{PIPESTATUS[1]}}"
        piped = await asyncio.create_subprocess_exec(
            "bash", "-c", command, env=environment(server), stdout=PIPE, stderr=PIPE
        )
        async with asyncio.timeout(PATIENCE):
            out, err = await piped.communicate()
    assert (piped.returncode, out, err) == (0, b"1: question\n", b"")
