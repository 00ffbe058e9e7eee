"""What replies used and cost is kept with them, and added up."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.history.chats import store
from tests.history.files import given_out, taken_in
from tests.history.files import history as empty_history
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import Finished, Stopped, TextDelta, Usage, UsageReport
from tui_chat.chat.prices import Cost, Prices
from tui_chat.chat.usage.sums import UsageRow, use_of
from tui_chat.history import messages, schema
from tui_chat.history.usage import uses

if TYPE_CHECKING:
    from pathlib import Path

    from tui_chat.chat.message import Message
    from tui_chat.history.store import Store

PRICES = Prices(1_000_000, 2_000_000, cached=500_000)


def answer(
    chat: Conversation,
    usage: Usage | None,
    prices: Prices | None = PRICES,
    ending: Finished | Stopped | None = None,
    model: str = "m",
) -> Message:
    """One exchange."""
    reply = chat.begin_reply(
        chat.add_question("why?"), model=model, endpoint="host", at=1.0, prices=prices, prompt_estimate=7
    )
    reports = [] if usage is None else [UsageReport(usage, at=2.0)]
    chat.apply(reply, TextDelta("because", at=2.0), *reports, ending or Finished("stop", "eof", at=3.0))
    return reply


def kept(history: Store) -> Conversation:
    """A chat that is recorded."""
    chat = Conversation()
    history.record(chat)
    return chat


def test_prices_cost_and_source_are_there_at_the_next_start(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        chat = kept(history)
        answer(chat, Usage(1000, 100, cached=400, cached_apart=True))
        answer(chat, Usage(10, 10, cost=0.25), None)
        answer(chat, None, ending=Stopped(at=3.0))
        answer(chat, None, None)
    with store(tmp_path) as history:
        read = [message for message in history.open(chat.id).messages.values() if message.role == "assistant"]
        assert [message.cost for message in read] == [
            Cost(1000 * 1_000_000 + 400 * 500_000 + 100 * 2_000_000, "settings", estimated=True),
            Cost(250_000_000_000, "server"),
            Cost(7 * 1_000_000 + 2 * 2_000_000, "settings", estimated=True),
            None,
        ]
        assert (read[0].prices, read[0].prompt_estimate) == (PRICES, 7)
        assert read[0].usage == Usage(1000, 100, cached=400, cached_apart=True)
        assert (read[2].usage, read[3].usage) == (None, None)


def test_a_reply_whose_program_was_killed_keeps_what_it_cost_so_far(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        chat = kept(history)
        reply = chat.begin_reply(
            chat.add_question("why?"), model="m", endpoint="host", at=1.0, prices=PRICES, prompt_estimate=7
        )
        chat.apply(reply, TextDelta("because", at=2.0))
        history.chats()
        with closing(sqlite3.connect(history.path)) as database:
            database.execute("UPDATE messages SET instance = 'dead' WHERE instance IS NOT NULL")
            database.commit()
        history.chats()
        held = history.read(lambda database: list(uses(database)))
        assert held is not None
        assert [used.cost for used in held] == [Cost(7 * 1_000_000 + 2 * 2_000_000, "settings", estimated=True)]


def test_sums_by_model_are_exact_and_say_what_is_missing(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        chat = kept(history)
        for _ in range(10):
            answer(chat, Usage(1, 1, cost=0.1), None, model="dear")
        answer(chat, Usage(5, 6), None, model="unpriced")
        answer(chat, None, None, Stopped(at=3.0), model="unpriced")
        report = history.usage("model")
    dear, unpriced = report.rows
    assert (dear.name, dear.replies, dear.input, dear.output, str(dear.cost)) == ("dear", 10, 10, 10, "$1.00")
    assert (unpriced.unpriced, unpriced.partial, unpriced.estimated, str(unpriced.cost)) == (2, True, True, "")
    assert (unpriced.input, unpriced.output) == (5 + 7, 6 + 2)
    assert str(report.total.cost) == "$1.00+"


def test_memory_and_disk_count_alike(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        chat = kept(history)
        answer(chat, Usage(0, 0))
        answer(chat, Usage(10, 20, 99, 30, 40, reasoning_apart=True, cached_apart=True))
        answer(chat, Usage(), ending=Stopped(at=3.0))
        answer(chat, Usage(cost=0.5), None)
        found = history.read(lambda database: list(uses(database)))
    assert found == [used for message in chat.messages.values() if (used := use_of(message)) is not None]


def test_a_chat_is_added_up_without_its_new_replies_and_those_of_other_chats(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        chat, other = kept(history), kept(history)
        old = [answer(chat, Usage(10, 20, cost=0.5), None), answer(chat, None, None, Stopped(at=3.0))]
        answer(chat, Usage(1000, 1000, cost=100.0), None)
        answer(other, Usage(1000, 1000, cost=100.0), None)
        sums = history.used_by(chat.id, {reply.id for reply in old})
    assert (sums.replies, sums.input, sums.output, sums.unknown_inputs, sums.estimated) == (2, 17, 22, 0, True)
    assert (str(sums.cost), sums.partial) == ("$0.50+", True)


def test_copies_and_imports_are_not_counted_twice(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        chat = kept(history)
        answer(chat, Usage(10, 10, cost=0.5))
        copy = history.duplicate(chat.id)
        assert history.usage("day").total.requests == 1
        (_, reply) = history.open(copy).messages.values()
        assert reply.copied
        assert reply.cost == Cost(500_000_000_000, "server")
        assert history.used_by(copy, {reply.id}) == UsageRow("total")


def test_requests_for_titles_are_counted_and_named(tmp_path: Path) -> None:
    aside = Conversation()
    with store(tmp_path) as history:
        chat = kept(history)
        answer(chat, Usage(10, 10, cost=0.5))
        history.keep_request(chat.id, "title", answer(aside, Usage(3, 2, cost=0.25)))
        total = history.usage("endpoint").total
    assert (total.replies, total.titles, total.input, str(total.cost)) == (1, 1, 13, "$0.75")


def test_only_what_came_since_a_day_counts(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        chat = kept(history)
        reply = answer(chat, Usage(10, 10))
        assert history.usage("day", reply.created - 1).total.replies == 1
        assert history.usage("day", reply.created + 1).rows == ()


def test_an_empty_history_used_nothing(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        assert history.usage("day").total == UsageRow("total")


@pytest.mark.parametrize("version", range(1, schema.VERSION))
def test_files_of_earlier_versions_open_and_their_replies_count(tmp_path: Path, version: int) -> None:
    with store(tmp_path) as history:
        path = history.path
    path.parent.mkdir(exist_ok=True, parents=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for _ in range(version):
            schema.migrate(database)
        database.execute("INSERT INTO chats (key, id, created, changed, messages) VALUES (1, 'c', 1, 1, 2)")
        database.execute("INSERT INTO messages (key, chat, id, role, created) VALUES (1, 1, 'q', 'user', 1)")
        database.execute(
            "INSERT INTO messages (key, chat, id, parent, role, created, model, deltas, usage, ending) VALUES"
            " (2, 1, 'r', 1, 'assistant', 1, 'old', 3, ?, ?)",
            ('{"input": 4, "output": 5, "cost": 0.5}', '{"ended": "finished", "reason": "stop", "sign": "eof"}'),
        )
    with store(tmp_path) as history:
        assert history.usage("model").rows[0].name == "old"
        assert str(history.usage("model").total.cost) == "$0.50"
        assert history.open("c").messages["r"].usage == Usage(4, 5, cost=0.5)


def test_ask_and_the_screen_have_newest_chats_of_their_own(tmp_path: Path) -> None:
    with store(tmp_path) as history:
        screen, ask = kept(history), kept(history)
        answer(screen, Usage(1, 1))
        ask.origin = "ask"
        answer(ask, Usage(1, 1))
        assert (history.newest(), history.newest("ask")) == (screen.id, ask.id)
        assert {chat.id: chat.origin for chat in history.chats()} == {screen.id: "", ask.id: "ask"}
        assert history.open(ask.id).origin == "ask"
    with store(tmp_path) as history:
        ask = history.open(ask.id)
        history.record(ask)
        assert ask.origin == "ask"
        ask.origin = ""
        answer(ask, Usage(1, 1))
        assert (history.newest(), history.newest("ask")) == (ask.id, None)


def test_costs_and_purposes_go_out_and_come_in_with_the_lossless_export(tmp_path: Path) -> None:
    with store(tmp_path / "one") as history:
        chat = kept(history)
        answer(chat, Usage(10, 20, 99, 30, 40, reasoning_apart=True, cached_apart=True))
        aside = Conversation()
        reply = answer(aside, Usage(1, 1, cost=0.5))
        chat.add_summary(aside.messages[reply.parent or ""], reply)
    with store(tmp_path / "one") as history, closing(sqlite3.connect(history.path)) as database:
        data = given_out(database)
    with empty_history() as database:
        assert [chat.outcome for chat in taken_in(database, data)] == ["new"]
        for key, message in enumerate(chat.messages.values(), 1):
            held, _ = messages.read(database, key)
            assert (held.purpose, held.cost, held.usage) == (message.purpose, message.cost, message.usage)
        assert given_out(database) == data
