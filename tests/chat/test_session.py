from __future__ import annotations

import asyncio
import logging

import pytest

from tests.chat.models import ListModel, Step
from tests.patience import PATIENCE
from tui_chat.chat.conversation import Conversation
from tui_chat.chat.events import CutOff, Failed, Finished, Grown, Retrying, Stopped, TextDelta
from tui_chat.chat.message import Attachment
from tui_chat.chat.model_ports import Connection
from tui_chat.chat.recipient import Recipient, change_of_host
from tui_chat.chat.session import Queued, Session

DONE = Finished("stop", "done-sentinel")


def session(*answers: list[Step]) -> tuple[Session, ListModel]:
    model = ListModel(list(answers))
    return Session(Conversation(), model, "m", bug_hint="See the log."), model


async def seen_change(of: Session, kind: type, count: int = 1) -> None:
    """Wait for `count` changes of `kind`."""
    seen: list[object] = []
    enough = asyncio.Event()

    def look(_: object, __: object, change: object) -> None:
        if isinstance(change, kind):
            seen.append(change)
            if len(seen) == count:
                enough.set()

    unsubscribe = of.conversation.subscribe(look)
    async with asyncio.timeout(PATIENCE):
        await enough.wait()
    unsubscribe()


def queued(of: Session) -> list[str]:
    return [each.text for each in of.queue]


def said(of: Session) -> list[str]:
    return [message.text for message in of.conversation.path()]


async def test_a_question_gets_its_reply() -> None:
    it, model = session([TextDelta("hi"), DONE])
    it.send("hello")
    busy = [it.busy]
    await it.idle()
    assert [*busy, it.busy] == [True, False]
    assert said(it) == ["hello", "hi"]
    assert model.asked[0].model == "m"


async def test_what_is_sent_during_a_reply_waits_and_is_asked_after_it() -> None:
    go_on = asyncio.Event()
    it, model = session([TextDelta("1"), go_on, DONE], [TextDelta("2"), DONE], [TextDelta("3"), DONE])
    it.send("one")
    await seen_change(it, Grown)
    it.send("two")
    it.send("three")
    assert queued(it) == ["two", "three"]
    go_on.set()
    await it.idle()
    assert it.queue == []
    assert said(it) == ["one", "1", "two", "2", "three", "3"]
    assert model.closed == 3


async def test_a_queued_text_can_be_taken_back() -> None:
    it, _ = session([TextDelta("1"), asyncio.Event()])
    changes: list[int] = []
    it.queue_changed = lambda: changes.append(len(it.queue))
    it.send("one")
    await seen_change(it, Grown)
    picture = Attachment("p.png", "image/png", b"png")
    it.send("two", [picture])
    assert it.unqueue(0) == Queued("two", (picture,))
    assert changes == [1, 0]
    await it.close()


@pytest.mark.parametrize("ending", [CutOff("cut"), Failed("no")])
async def test_the_queue_waits_when_a_reply_ends_badly(ending: Step) -> None:
    go_on = asyncio.Event()
    it, model = session([TextDelta("1"), go_on, ending])
    it.send("one")
    await seen_change(it, Grown)
    it.send("two")
    go_on.set()
    await it.idle()
    assert queued(it) == ["two"]
    assert len(model.asked) == 1


async def test_a_stop_ends_the_reply_and_a_second_one_does_nothing() -> None:
    it, model = session([TextDelta("1"), asyncio.Event()])
    it.send("one")
    await seen_change(it, Grown)
    assert it.stop()
    assert not it.stop()
    await it.idle()
    assert not it.stop()
    leaf = it.conversation.leaf
    assert leaf is not None
    assert leaf.ending == Stopped()
    assert leaf.text == "1"
    assert model.closed == 1


async def test_a_turn_is_cancelled_only_once_while_its_connection_closes() -> None:
    closing = asyncio.Event()
    it, model = session([TextDelta("1"), asyncio.Event()])
    model.closing = closing
    it.send("one")
    await seen_change(it, Grown)
    it.stop()
    closer = asyncio.create_task(it.close())
    waiter = asyncio.create_task(it.idle())
    await asyncio.sleep(0)
    it.stop()
    waiter.cancel()
    await asyncio.wait({waiter})
    assert model.closed == 0
    closing.set()
    await closer
    assert model.closed == 1


async def test_what_is_sent_after_a_stop_is_asked_once_the_old_connection_is_closed() -> None:
    closing = asyncio.Event()
    it, model = session([TextDelta("1"), asyncio.Event()], [TextDelta("2"), DONE])
    model.closing = closing
    it.send("one")
    await seen_change(it, Grown)
    it.stop()
    it.send("two")
    assert it.queue == []
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(model.asked) == 1
    closing.set()
    await it.idle()
    assert said(it) == ["one", "1", "two", "2"]


async def test_a_stop_before_the_first_step_leaves_the_question_and_no_reply() -> None:
    it, model = session([TextDelta("1"), DONE])
    it.send("one")
    assert it.stop()
    await it.idle()
    assert said(it) == ["one"]
    assert model.asked == []
    assert not it.busy
    assert it.retry()
    await it.idle()
    assert said(it) == ["one", "1"]


async def test_a_retry_is_a_sibling_of_the_reply_before() -> None:
    it, _ = session([TextDelta("1"), CutOff("cut")], [TextDelta("2"), DONE])
    it.send("one")
    await it.idle()
    assert it.retry()
    await it.idle()
    leaf = it.conversation.leaf
    assert leaf is not None
    assert said(it) == ["one", "2"]
    assert [message.text for message in it.conversation.siblings(leaf)] == ["1", "2"]


async def test_there_is_nothing_to_retry_in_an_empty_chat_or_during_a_reply() -> None:
    it, _ = session([TextDelta("1"), asyncio.Event()])
    assert not it.retry()
    it.send("one")
    await seen_change(it, Grown)
    assert not it.retry()
    await it.close()


async def test_hurry_ends_the_wait_for_a_retry_and_nothing_else() -> None:
    it, model = session([Retrying(1, 2, 60.0, "busy"), asyncio.Event()])
    assert not it.retry_now()
    it.send("one")
    await seen_change(it, Retrying)
    assert it.retry_now()
    assert model.asked[0].retry_now.is_set()
    await it.close()
    assert not it.retry_now()


async def test_a_bug_loses_no_words_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    it, _ = session([TextDelta("1"), ZeroDivisionError()], [TextDelta("2"), DONE])
    with caplog.at_level(logging.ERROR):
        it.send("one")
        await it.idle()
    leaf = it.conversation.leaf
    assert leaf is not None
    assert leaf.text == "1"
    assert isinstance(leaf.ending, Failed)
    assert "ZeroDivisionError" in caplog.text
    it.send("two")
    await it.idle()
    assert said(it)[-1] == "2"


async def test_cancelling_a_waiter_does_not_cancel_the_turn() -> None:
    go_on = asyncio.Event()
    it, _ = session([TextDelta("1"), go_on, DONE])
    it.send("one")
    await seen_change(it, Grown)
    waiter = asyncio.create_task(it.idle())
    await asyncio.sleep(0)
    waiter.cancel()
    await asyncio.wait({waiter})
    assert it.busy
    go_on.set()
    await it.idle()
    assert it.conversation.leaf is not None
    assert it.conversation.leaf.ending == DONE


async def test_a_reply_that_broke_off_is_gone_on_with_by_a_child_of_it() -> None:
    it, model = session([TextDelta("Once upon"), CutOff("lost")], [TextDelta(" a time"), DONE])
    it.send("tell me")
    await it.idle()
    first = it.conversation.leaf
    assert it.continue_()
    assert not it.continue_()  # one at a time
    await it.idle()
    second = it.conversation.leaf
    assert first is not None
    assert second is not None
    assert second.parent == first.id
    assert it.conversation.continued(second) == [first, second]
    assert [message.text for message in model.asked[1].messages] == ["tell me", "Once upon"]
    assert said(it) == ["tell me", "Once upon", " a time"]


async def test_a_whole_reply_and_an_empty_one_are_not_gone_on_with() -> None:
    it, _ = session([TextDelta("whole"), DONE], [CutOff("lost")])
    assert not it.continue_()
    for text in ("one", "two"):
        it.send(text)
        await it.idle()
        assert not it.continue_()


async def test_a_continuation_that_failed_is_tried_again_as_one() -> None:
    it, model = session([TextDelta("half"), CutOff("lost")], [Failed("No.")], [TextDelta(" done"), DONE])
    it.send("tell me")
    await it.idle()
    assert it.continue_()
    await it.idle()
    assert it.retry()
    await it.idle()
    assert [message.text for message in model.asked[2].messages] == ["tell me", "half"]
    assert said(it) == ["tell me", "half", " done"]


async def test_options_and_attachments_go_with_the_question_also_from_the_queue() -> None:
    go_on = asyncio.Event()
    it, model = session([TextDelta("1"), go_on, DONE], [TextDelta("2"), DONE])
    picture = Attachment("p.png", "image/png", b"png")
    it.options = {"temperature": 0.5}
    it.send("one")
    await seen_change(it, Grown)
    it.send("two", [picture])
    go_on.set()
    await it.idle()
    assert model.asked[1].messages[-1].attachments == (picture,)
    assert model.asked[0].messages[0].attachments == ()
    assert model.asked[1].options == {"temperature": 0.5}


async def test_what_is_held_is_asked_one_by_one_with_its_attachments() -> None:
    go_on = asyncio.Event()
    it, model = session([TextDelta("1"), go_on, Failed("no")], [TextDelta("2"), DONE], [TextDelta("3"), DONE])
    picture = Attachment("p.png", "image/png", b"png")
    it.send("one")
    await seen_change(it, Grown)
    it.send("two", [picture])
    it.enqueue(["three"])
    go_on.set()
    await it.idle()
    assert queued(it) == ["two", "three"]
    assert it.ask_next()
    assert not it.ask_next()
    await it.idle()
    assert said(it) == ["one", "1", "two", "2", "three", "3"]
    assert model.asked[1].messages[-1].attachments == (picture,)
    assert not it.ask_next()


async def test_closing_keeps_what_is_queued_and_asks_none_of_it() -> None:
    go_on = asyncio.Event()
    it, model = session([TextDelta("1"), go_on, DONE], [TextDelta("2"), DONE])
    it.send("one")
    await seen_change(it, Grown)
    it.send("two")
    await it.close()
    assert queued(it) == ["two"]
    assert len(model.asked) == 1


async def test_an_edited_question_is_asked_beside_the_old_one() -> None:
    it, model = session([TextDelta("1"), DONE], [TextDelta("2"), DONE], [TextDelta("3"), DONE])
    picture = Attachment("p.png", "image/png", b"png")
    it.send("one", [picture])
    await it.idle()
    question = it.conversation.path()[0]
    it.send("and then?")
    await it.idle()
    it.edit(question, "one, better")
    await it.idle()
    assert said(it) == ["one, better", "3"]
    assert [message.text for message in it.conversation.siblings(question)] == ["one", "one, better"]
    assert [message.text for message in model.asked[2].messages] == ["one, better"]
    assert model.asked[2].messages[0].attachments == (picture,)


async def test_an_edit_during_a_reply_stops_that_and_keeps_its_text() -> None:
    it, _ = session([TextDelta("half"), asyncio.Event()], [TextDelta("2"), DONE])
    it.send("one")
    await seen_change(it, Grown)
    question, reply = it.conversation.path()
    it.edit(question, "two")
    await it.idle()
    assert said(it) == ["two", "2"]
    assert (reply.text, reply.ending) == ("half", Stopped())


async def test_the_reply_under_way_stands_below_all_that_it_answers_and_goes_on_with() -> None:
    go_on = asyncio.Event()
    it, _ = session([TextDelta("half"), CutOff("lost")], [TextDelta("other"), DONE], [TextDelta("rest"), go_on, DONE])
    it.send("one")
    await it.idle()
    question, half = it.conversation.path()
    it.retry()
    await it.idle()
    other = it.conversation.leaf
    it.conversation.select(half)
    assert it.continue_()
    assert it.answers(question)  # before its first step, too
    await seen_change(it, Grown)
    rest = it.conversation.leaf
    assert other is not None
    assert rest is not None
    assert [it.answers(message) for message in (question, half, rest, other)] == [True, True, True, False]
    go_on.set()
    await it.idle()
    assert not it.answers(question)


def two_endpoints() -> tuple[Session, ListModel, ListModel, asyncio.Event]:
    """A session with an endpoint whose first reply waits for an event, and the model of another endpoint."""
    go_on = asyncio.Event()
    here = ListModel([[TextDelta("1"), go_on, DONE], [TextDelta("2"), DONE]])
    it = Session(Conversation(), here)
    it.connect(Connection(here, "tiny", host="here:1", name="lab"))
    return it, here, ListModel([[TextDelta("3"), DONE], [TextDelta("4"), DONE]]), go_on


def elsewhere(model: ListModel) -> Connection:
    return Connection(model, "large", host="there:2")


async def test_a_chat_remembers_whom_it_was_sent_to() -> None:
    it, *_, go_on = two_endpoints()
    assert not it.changes_host
    go_on.set()
    it.send("one")
    await it.idle()
    assert it.conversation.recipient == it.recipient == Recipient("here:1", "lab", "tiny")
    it.model_name = "other"
    assert not it.changes_host


async def test_nothing_goes_to_another_host_before_somebody_agreed() -> None:
    it, here, there, go_on = two_endpoints()
    go_on.set()
    it.send("one")
    await it.idle()
    it.connect(elsewhere(there))
    assert it.changes_host
    question = it.conversation.path()[0]
    ways = (
        lambda: it.send("two"),
        lambda: it.edit(question, "other words"),
        it.retry,
        lambda: it.retry(question),
    )
    for way in ways:
        with pytest.raises(RuntimeError, match="another host"):
            way()
    assert said(it) == ["one", "1"]
    assert change_of_host(it.conversation, it.recipient) == (
        "This chat was with lab (here:1); all of it goes to there:2 now."
    )
    it.agree()
    it.send("two")
    await it.idle()
    assert (len(here.asked), len(there.asked)) == (1, 1)
    it.connect(Connection(here, "tiny", host="here:1"))
    assert it.changes_host  # the way back is another change


async def test_an_unfinished_reply_is_not_continued_elsewhere_unasked() -> None:
    it, _, there, _ = two_endpoints()
    it.send("one")
    await seen_change(it, Grown)
    it.stop()
    await it.idle()
    it.connect(elsewhere(there))
    with pytest.raises(RuntimeError, match="another host"):
        it.continue_()


async def test_what_is_queued_waits_when_the_endpoint_was_changed_meanwhile() -> None:
    it, here, there, go_on = two_endpoints()
    it.send("one")
    await seen_change(it, Grown)
    it.send("queued")
    it.connect(elsewhere(there))
    go_on.set()
    await it.idle()
    assert (queued(it), len(here.asked), there.asked) == (["queued"], 1, [])
    with pytest.raises(RuntimeError, match="another host"):
        it.ask_next()
    assert queued(it) == ["queued"]
    it.agree()
    assert it.ask_next()
    await it.idle()
    assert [question.messages[-1].text for question in there.asked] == ["queued"]


async def test_an_agreement_is_for_one_change() -> None:
    it, here, there, go_on = two_endpoints()
    go_on.set()
    it.send("one")
    await it.idle()
    it.connect(elsewhere(there))
    it.agree()
    it.connect(Connection(here, "tiny", host="here:1"))
    it.send("two")
    await it.idle()
    it.connect(elsewhere(there))
    assert it.changes_host


async def test_a_chat_of_which_nothing_is_known_is_not_sent_unasked() -> None:
    conversation = Conversation()
    conversation.add_question("from elsewhere")
    it = Session(conversation, there := ListModel([[TextDelta("so"), DONE]]))
    it.connect(elsewhere(there))
    assert it.changes_host
    assert change_of_host(conversation, it.recipient).startswith("It is not known whom this chat was with; all of it")
