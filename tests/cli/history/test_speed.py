"""`tui-chat usage --speed`: the metrics of stored replies, as a table, JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from tests.history.chats import store
from tests.history.test_usage import kept
from tui_chat.chat.events import Finished, TextDelta, Usage, UsageReport
from tui_chat.cli.history.speed import show_speed

if TYPE_CHECKING:
    from pathlib import Path

    from tui_chat.chat.conversation import Conversation


def reply(chat: Conversation, model: str, first: float, *, tokens: int = 11) -> None:
    """A reply of eleven deltas over a second, the first after `first` seconds."""
    message = chat.begin_reply(chat.add_question("why?"), model=model, endpoint="host", at=100.0)
    for number in range(11):
        chat.apply(message, TextDelta("word ", at=100.0 + first + number / 10))
    chat.apply(message, UsageReport(Usage(3, tokens)), Finished("stop", "eof"))


def test_the_replies_of_each_model_have_their_medians(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with store(tmp_path) as history:
        chat = kept(history)
        for first in (0.2, 0.4, 0.6):
            reply(chat, "=quick", first)
        reply(chat, "slow", 3.0, tokens=101)
        assert show_speed(history, "model", 0.0) == 0
        table = capsys.readouterr().out.splitlines()
        assert table[1].split() == ["=quick", "3", "0.40", "s", "0.56", "s", "100.0", "ms", "100.0", "ms", "10.0", "33"]
        assert table[2].split() == ["slow", "1", "3.00", "s", "3.00", "s", "10.0", "ms", "10.0", "ms", "100.0", "101"]
        show_speed(history, "model", 0.0, "json")
        quick = json.loads(capsys.readouterr().out)["rows"][0]
        assert (quick["name"], quick["replies"], quick["first_token"]["p50"]) == ("=quick", 3, pytest.approx(0.4))
        show_speed(history, "endpoint", 0.0, "csv")
        (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
        assert (row["name"], row["replies"], row["inter_token_p50"]) == ("host", "4", "0.100000")
        show_speed(history, "day", 0.0)
        assert capsys.readouterr().out.splitlines()[1].split()[1] == "4"


def test_a_history_without_replies_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with store(tmp_path) as history:
        assert show_speed(history, "model", 0.0) == 0
    assert "no reply came yet" in capsys.readouterr().err
