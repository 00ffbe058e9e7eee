"""The recorded answers of `../shared/streams` (or TUI_CHAT_STREAMS), which other people's software explained."""

from __future__ import annotations

import json
import os
import random
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tui_chat.chat.events import CutOff, Failed, Finished
from tui_chat.chat.message import CitationPart, Message, TextPart

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(os.environ.get("TUI_CHAT_STREAMS", Path(__file__).parents[3] / "shared" / "streams"))

needs_corpus = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"the recorded answers are not at {FOLDER} (TUI_CHAT_STREAMS names another folder)"
)


@dataclass(frozen=True)
class Case:
    name: str
    about: dict[str, Any]
    body: bytes

    @property
    def expected(self) -> Any:
        return self.about["expected"]

    @property
    def dialect(self) -> str:
        return str(
            self.about.get("dialect", "ollama-chat" if "/api/chat" in self.about.get("path", "") else "openai-chat")
        )


@cache
def cases(folder: str, *suffixes: str, dialect: str | None = None) -> list[Case]:
    """The cases of one folder; empty where the corpus is absent."""
    found = []
    for path in sorted((FOLDER / folder).glob("*.json")):
        about = json.loads(path.read_text(encoding="utf-8"))
        bodies = [body for suffix in suffixes if (body := path.with_suffix(suffix)).exists()]
        if bodies and dialect in {None, about.get("dialect")}:
            found.append(Case(path.stem, about, bodies[0].read_bytes()))
    return found


def params(found: list[Case]) -> list[Any]:
    """The cases as parameters of a test, named by their files."""
    return [pytest.param(case, id=case.name) for case in found]


def among_parts(kind: str, message: Message, expected: list[str]) -> None:
    """Blocks of a reply may be joined where they make one paragraph, and are never cut where the provider does not."""
    edges = set(accumulate(len(part) for part in expected))
    found = list(accumulate(len(part) for part in message.parts if isinstance(part, TextPart) and part.kind == kind))
    assert edges.issuperset(found), f"{kind}: parts end at {found}, and may at {sorted(edges)}"


CUTS = ("whole", "sevens", "random-1", "random-2", "random-3")
"""Ways to cut a body, but for `bytes`, which takes long over a socket."""


def cut(body: bytes, how: str) -> Iterator[bytes]:
    """The body in pieces: `whole`, `bytes`, `sevens`, or `random-SEED`."""
    step = {"whole": len(body) or 1, "bytes": 1, "sevens": 7}.get(how)
    if step is not None:
        yield from (body[at : at + step] for at in range(0, len(body), step))
        return
    chance = random.Random(f"{how}{len(body)}")
    at = 0
    while at < len(body):
        size = chance.choice((1, 2, 3, 5, 17, 64, 300, 2000))
        yield body[at : at + size]
        at += size


def check(message: Message, expected: dict[str, Any], *, ollama: bool = False) -> None:
    """A settled reply against what the corpus expects of it.

    The corpus leaves `<think>` markup in the text and the dialect reads it as reasoning; no text in it begins with such
    a tag, so both can be compared as they stand.
    """

    def among(key: str, got: object, *wanted: object) -> None:
        allowed = [*wanted, *expected.get(f"{key}_also_ok", [])]
        assert got in allowed, f"{key}: {got!r} is none of {allowed!r}"

    ending = message.ending
    assert ending is not None
    error = expected["error"]
    optional_error = expected.get("error_optional")
    if isinstance(ending, Failed):
        assert error is not None or ending.message == optional_error, f"failed without need: {ending}"
        if error is not None and error["message"] is not None:
            assert ending.message == error["message"]
            assert ending.code == (None if error["code"] is None else str(error["code"]))
    else:
        assert error is None, f"not reported as failed: {ending}"
    sign = "error" if isinstance(ending, Failed) else ending.sign if isinstance(ending, (Finished, CutOff)) else None
    if not (isinstance(ending, Failed) and optional_error):
        # To the corpus, an empty `data:` as the only sign is a body that just ends.
        among("ended", "eof" if sign == "empty-data" else sign, expected["ended"])
    reason = ending.reason if isinstance(ending, (Finished, Failed)) else None
    among("finish_reason", reason, expected["finish_reason"])
    among("text", message.text, expected["text"] or "")
    assert message.reasoning == (expected["reasoning"] or "")
    assert message.refusal == (expected["refusal"] or "")
    assert len(message.tool_calls) == len(expected["tool_calls"])
    for call, wanted in zip(message.tool_calls, expected["tool_calls"], strict=True):
        assert call.name == wanted["name"]
        # Newer versions of Ollama give ids, which the software that made the corpus does not read.
        assert call.id == (wanted["id"] or "") or (wanted["id"] is None and ollama)
        if "arguments" in wanted:
            assert call.arguments == wanted["arguments"]
        elif not expected.get("tool_calls_incomplete"):
            assert json.loads(call.arguments or "{}") == wanted["arguments_object"]
    usage = message.usage and {
        name: getattr(message.usage, name) for name in ("input", "output", "total", "reasoning", "cached")
    }
    assert usage in (
        [expected["usage"], expected["usage_optional"]] if "usage_optional" in expected else [expected["usage"]]
    )
    for kind in ("text", "reasoning"):
        if parts := expected.get(f"{kind}_parts"):
            among_parts(kind, message, parts)
    citations = [part.url for part in message.parts if isinstance(part, CitationPart)]
    if "citations" in expected:
        assert citations == expected["citations"]
    assert len(citations) == expected.get("annotations", len(citations))
