"""The demo's answers: help about tui-chat from its table of commands, and sample texts.

It matches simple words and says so itself, so that nobody takes it for a language model.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from tui_chat.chat.quick_dataclass import dataclass
from tui_chat.commands import COMMANDS, Command, by_slash, written

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class RunScript:
    """Answer with another script."""

    script: str


DemoAnswer: TypeAlias = RunScript | str

CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Kana, Chinese characters and Hangul, for use inside the brackets of a regular expression."""

QUOTED = 400
"""The number of characters of a question that are repeated."""

NATURE = "This is a scripted demo: no language model stands behind it, and every sentence was written beforehand."

TRY = """\
Things to try:

- *How do I connect a real endpoint?*
- *Which keys are there?* · *How do I stop a reply?* · *How do I copy?*
- *Show me Markdown* · *a table* · *some code* · *中文*
- *Think about it* · *Count to 50* · *Write something long* · *Call a tool*
- *What happens when a reply fails?*
"""

CONNECT = """\
Type `/connect`. Pick a provider, enter the key and press Enter: the connection is tested, and saved if it works. \
**Find local servers**, in the same list, looks for Ollama, LM Studio, llama.cpp and vLLM on this computer.

In the shell it goes like this:

```sh
export TUI_CHAT_BASE_URL=https://api.openai.com/v1   # or DeepSeek, OpenRouter, your gateway …
export TUI_CHAT_API_KEY=…                            # your key
export TUI_CHAT_MODEL=…                              # a model it has
tui-chat
```

A server on this computer usually needs no key:

```sh
TUI_CHAT_BASE_URL=http://localhost:11434 TUI_CHAT_MODEL=qwen3 tui-chat   # Ollama
```
"""

PRIVACY = """\
The demo that answers when nothing is configured is a small server inside tui-chat itself, on a loopback port with a \
key made for this start. Nothing leaves your computer.

With a real endpoint, your messages go to that endpoint and to nobody else.
"""

NUMBERS = """\
The status row shows the state first and, while a reply runs, its tokens, tokens per second and the time to the first \
token; on the right is what the whole chat has used. A `~` marks an estimate; what the server did not say is left out.

Here in the demo they follow a made-up but steady rule: each piece of text counts as one token.
"""


FAILURES = """\
The endpoint behind this demo can fail on purpose. Choose as the model what should go wrong, and ask anything:

| Command | What goes wrong |
|---|---|
| `/model fault:cut` | the reply breaks off |
| `/model fault:error` | the server reports an error in the middle |
| `/model fault:429?retry=5&times=1` | it asks to slow down for five seconds, once |
| `/model fault:hang` | nothing more comes |
| `/model fault:escapes` | the text tries to take over the terminal |
| `/model demo` | nothing, as before |

`tui-chat serve --list`, in a shell, lists all of them, and `tui-chat serve` runs this endpoint for clients of your own.
"""


def listed(*ids: str) -> str:
    """Help lines for these commands, in the table's order."""
    return "\n".join(_line(command) for command in COMMANDS if command.id in ids)


def _line(command: Command) -> str:
    ways = [f"**{written(key)}**" for key in command.default_keys[:1]]
    if command.slash:
        ways.append(f"`/{command.slash}{' ' + command.argument if command.argument else ''}`")
    place = " on a focused message" if command.place == "message" else ""
    return f"- {' or '.join(ways)}{place}: {command.help}"


def _greeting() -> str:
    stop, helps, leave = (written(_command(name).default_keys[0]) for name in ("stop", "help", "quit"))
    return (
        f"**Welcome to tui-chat.** {NATURE} It answers the way an endpoint would, word by word, so that you can find "
        f"your way around first.\n\n{TRY}\n**{stop}** stops a reply, **{helps}** shows help, **{leave}** quits.\n"
    )


def _keys() -> str:
    rows = [
        f"| {' · '.join(written(key) for key in command.default_keys)} | {command.title} |"
        for command in COMMANDS
        if command.default_keys and command.place != "message"
    ]
    on_message = [
        f"**{written(command.default_keys[0])}** {command.title[0].lower()}{command.title[1:]}"
        for command in COMMANDS
        if command.default_keys and command.place == "message"
    ]
    table = "\n".join(["| Key | What it does |", "|---|---|", *rows])
    return f"{table}\n\nOn a focused message: {', '.join(on_message)}.\n\nEvery key has a command too: type `/`.\n"


def _slash_words() -> str:
    rows = [f"| `/{command.slash}` | {command.title} |" for command in COMMANDS if command.slash]
    return "\n".join(["| Command | What it does |", "|---|---|", *rows]) + "\n\nType `/` and a few letters.\n"


def _history() -> str:
    if by_slash("chats"):
        kept = listed("chats")
    else:
        kept = "Chats are not kept after you quit, so copy what you need:\n\n" + listed("copy_reply", "copy_chat")
    return f"{listed('history_previous', 'history_next')}\n\n{kept}\n"


def _command(name: str) -> Command:
    return next(command for command in COMMANDS if command.id == name)


@dataclass(frozen=True, slots=True)
class Topic:
    """A pattern to find in a question, and the answer to it."""

    words: str
    """A regular expression, searched at the start of words, ignoring case."""
    answer: Callable[[], DemoAnswer]

    def fits(self, question: str) -> bool:
        """Whether the question contains the words."""
        return re.search(rf"(?<!\w)(?:{self.words})", question, re.IGNORECASE) is not None


TOPICS: tuple[Topic, ...] = (
    Topic(r"what can you|what is this", _greeting),
    Topic(r"connect|endpoint|api.?key|base.?url|configur|set.?up|real (?:model|one)|provider", lambda: CONNECT),
    Topic(r"openai|deepseek|siliconflow|openrouter|ollama|llama|vllm|lm studio|gemini|claude", lambda: CONNECT),
    Topic(r"priva|sent (?:to|anywhere)|secure|telemetry|safe\b", lambda: PRIVACY),
    Topic(r"who are you|what are you|(?:which|what) model|are you|gpt", lambda: f"{NATURE}\n\n{TRY}"),
    Topic(r"keys?\b|shortcut|keyboard|binding|hotkey", _keys),
    Topic(r"slash|commands\b", _slash_words),
    Topic(r"fail|fault|errors?\b|go(?:es)? wrong|break", lambda: FAILURES),
    Topic(r"tools?\b|function.?call", lambda: RunScript("tools")),
    Topic(r"stop|cancel|abort|interrupt", lambda: listed("stop", "interrupt", "retry")),
    Topic(r"copy|clipboard|select", lambda: listed("copy_reply", "copy_code", "copy_chat", "message_copy", "mouse")),
    Topic(r"histor|earlier|saved?\b|keep\b|kept\b", _history),
    Topic(r"attach|images?\b|pictures?\b|upload", lambda: listed("attach", "paste_image", "preview")),
    Topic(r"find\b|search", lambda: listed("find", "chats", "history_search")),
    Topic(r"wire\b|requests?\b|frames?\b", lambda: listed("wire", "heat")),
    Topic(r"compare|side by side|several models", lambda: listed("compare")),
    Topic(r"effort|persona|system prompt", lambda: listed("effort", "persona", "system")),
    Topic(r"export", lambda: listed("export")),
    Topic(r"quit|exit|leave|bye\b|see you", lambda: listed("quit", "interrupt")),
    Topic(r"retry|again\b|regenerate", lambda: listed("retry", "message_retry")),
    Topic(r"queue|wait", lambda: listed("send", "queue")),
    Topic(r"new chat|start over|clear", lambda: listed("new")),
    Topic(r"scroll|page", lambda: listed("page_up", "page_down", "top", "bottom")),
    Topic(r"fold|unfold|hide", lambda: listed("fold", "message_fold")),
    Topic(r"new.?line|multi.?line|several lines", lambda: listed("newline", "editor")),
    Topic(r"themes?\b|colou?rs?\b|dark\b|light\b", lambda: listed("theme")),
    Topic(r"tokens?\b|status bar|numbers|usage|speed|cost", lambda: NUMBERS),
    Topic(r"help", lambda: listed("help", "palette", "connect")),
    Topic(r"tables?\b", lambda: RunScript("table")),
    Topic(r"code\b|python|program|function", lambda: RunScript("code")),
    Topic(r"think|reason", lambda: RunScript("think")),
    Topic(rf"cjk|chinese|japanese|korean|emoji|unicode|[{CJK}]", lambda: RunScript("cjk")),
    Topic(r"count", lambda: RunScript("count")),
    Topic(r"long\b|essay|story", lambda: RunScript("long")),
    Topic(r"markdown|format|show", lambda: RunScript("markdown")),
    Topic(r"hi\b|hello|hey\b|hallo\b|hola\b|bonjour|good (?:morning|day|evening)", _greeting),
)
"""In order; the first that matches answers."""


def answer(question: str, *, opening: bool) -> DemoAnswer:
    """The demo's answer to `question`; `opening`: it is the first question of the conversation."""
    for topic in TOPICS:
        if topic.fits(question):
            return topic.answer()
    if named := _named(question):
        return listed(*named)
    if not question.strip():
        return _greeting()
    shown = question.strip()
    shown = shown if len(shown) <= QUOTED else f"{shown[:QUOTED]}…"
    quote = "\n".join(f"> {line}" for line in shown.splitlines())
    if opening:
        return f"{NATURE} So all I can do with this is repeat it:\n\n{quote}\n\n{TRY}"
    return (
        f"No script of this demo fits that, so here it is again:\n\n{quote}\n\n"
        "It knows *keys*, *connect*, *stop*, *copy*, *history*, *Markdown*, *table*, *code*, *think*, *count*, *tools* "
        "and *failures*.\n"
    )


def _named(question: str) -> list[str]:
    """The commands whose slash word occurs in the question; words shorter than five letters are too common."""
    words = set(re.findall(r"\w+", question.lower()))
    return [command.id for command in COMMANDS if len(command.slash) >= 5 and command.slash in words]
