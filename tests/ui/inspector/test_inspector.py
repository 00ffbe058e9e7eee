"""The inspector shows what came over the wire, live, and lets one find one's way in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.canaries import leaks
from tests.ui.inspector.wires import DONE, KEY, Clock, Response, answered, delta, inspecting
from tests.ui.scripted import until
from tui_chat.ui.inspector.frame_list import FrameList

if TYPE_CHECKING:
    from textual.strip import Strip

    from tests.ui.inspector.wires import InspectorHost

PIECES = [delta("Every "), b": keep-alive\n\n", delta("match"), DONE]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


async def test_it_says_that_there_is_nothing_yet() -> None:
    async with inspecting() as (app, pilot):
        await until(pilot, lambda: "Nothing has been sent yet." in app.text)


async def test_a_response_is_shown_as_it_comes(clock: Clock) -> None:
    async with inspecting() as (app, pilot):
        response = Response(app.tape, clock)
        await until(pilot, lambda: "POST https://api.example" in app.text)
        response.say(*PIECES[:3])
        await until(pilot, lambda: '"match"' in app.text)
        assert ": keep-alive" in app.text
        response.say(DONE)
        response.end()
        await until(pilot, lambda: "body complete" in app.text)
        assert "4 events" in app.text


async def test_a_stall_a_retry_and_a_break_are_marked(clock: Clock) -> None:
    async with inspecting() as (app, pilot):
        failed = Response(app.tape, clock, status=503)
        failed.end()
        response = Response(app.tape, clock, attempt=2)
        response.say(*(delta(str(number)) for number in range(9)))
        response.say(delta("late"), after=2.5)
        response.end("the connection was lost")
        await until(pilot, lambda: "cut off: the connection was lost" in app.text)
        late = next(row for row in app.rows() if '"late"' in row)
        assert "!2500" in late
        await until(pilot, lambda: all(words in app.text for words in ("1 stall", "503", "↻ 2")))


async def test_silence_is_told_while_it_lasts(clock: Clock) -> None:
    async with inspecting() as (app, pilot):
        response = Response(app.tape, clock)
        response.say(delta("x"))
        await until(pilot, lambda: "no data for" in app.text)
        response.end()
        await until(pilot, lambda: "no data for" not in app.text)


async def test_what_is_not_taken_while_it_is_paused_is_no_silence(clock: Clock) -> None:
    async with inspecting() as (app, pilot):
        response = Response(app.tape, clock)
        response.say(delta("x"))
        await until(pilot, lambda: "no data for" in app.text)
        await pilot.press("space")
        await until(pilot, lambda: "paused" in app.text and "no data for" not in app.text)
        response.end()


async def test_new_frames_move_the_list_only_while_the_last_row_is_picked(clock: Clock) -> None:
    async with inspecting(size=(80, 16)) as (app, pilot):
        response = Response(app.tape, clock)
        response.say(*(delta(f"n{number}") for number in range(30)))
        await until(pilot, lambda: '"n29"' in app.text)
        await pilot.press("up")
        response.say(*(delta(f"m{number}") for number in range(30)))
        await until(pilot, lambda: "60 events" in app.text)
        assert '"n29"' in app.text
        assert '"m29"' not in app.text
        await pilot.press("end")
        await until(pilot, lambda: '"m29"' in app.text)
        response.say(delta("newest"))
        await until(pilot, lambda: '"newest"' in app.text)


async def test_pause_takes_nothing_new_until_it_ends(clock: Clock) -> None:
    async with inspecting() as (app, pilot):
        response = Response(app.tape, clock)
        response.say(delta("first"))
        await until(pilot, lambda: '"first"' in app.text)
        await pilot.press("space")
        await until(pilot, lambda: "paused" in app.text)
        response.say(delta("second"))
        response.end()
        await until(pilot, lambda: not app.inspector.exchange or not app.inspector.exchange.running)
        assert '"second"' not in app.text
        await pilot.press("space")
        await until(pilot, lambda: '"second"' in app.text)


async def test_the_filter_shows_what_contains_the_words(clock: Clock) -> None:
    async with inspecting() as (app, pilot):
        answered(app.tape, clock, PIECES)
        await until(pilot, lambda: "body complete" in app.text)
        await pilot.press("/", *"MATC")
        await until(pilot, lambda: '"match"' in app.text and '"Every "' not in app.text)
        assert "1 of 4" in app.text
        await pilot.press("enter", "enter")
        await until(pilot, lambda: app.opened)
        assert app.opened[0][0].shown == '"match"'


async def test_letters_typed_before_the_filter_opened_are_not_lost(clock: Clock) -> None:
    async with inspecting() as (app, pilot):
        answered(app.tape, clock, PIECES)
        await until(pilot, lambda: "body complete" in app.text)
        app.simulate_key("slash")
        for letter in "match":
            app.simulate_key(letter)
        await until(pilot, lambda: app.inspector.filter.text == "match")


async def test_a_picked_frame_tells_how_likely_its_token_was_and_what_else_was(clock: Clock) -> None:
    logprobs = {"content": [{"token": "Every", "logprob": -0.1, "top_logprobs": [
        {"token": "Every", "logprob": -0.1}, {"token": "Each", "logprob": -3.0}]}]}  # fmt: skip
    chunk = {"choices": [{"index": 0, "delta": {"content": "Every"}, "logprobs": logprobs}]}
    async with inspecting() as (app, pilot):
        answered(app.tape, clock, [b"data: " + json.dumps(chunk).encode() + b"\n\n"])
        await until(pilot, lambda: "body complete" in app.text)
        await pilot.press("up")
        await until(pilot, lambda: '"Every" 90 % (or "Each" 5 %)' in app.text)


async def test_nothing_is_drawn_while_nothing_comes(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = 0
    draw = FrameList.render_line

    def counting(self: FrameList, y: int) -> Strip:
        nonlocal drawn
        drawn += 1
        return draw(self, y)

    async with inspecting() as (app, pilot):
        answered(app.tape, clock, PIECES)
        await until(pilot, lambda: "body complete" in app.text)
        monkeypatch.setattr(FrameList, "render_line", counting)
        for _ in range(20):
            app.inspector.update()
            await pilot.pause()
        assert drawn == 0
        await pilot.press("up")
        await until(pilot, lambda: drawn > 0)


async def test_only_one_kind_is_shown(clock: Clock) -> None:
    async with inspecting() as (app, pilot):
        answered(app.tape, clock, PIECES)
        await until(pilot, lambda: "body complete" in app.text)
        await pilot.press("f")
        await until(pilot, lambda: "2 of 4 text" in app.text)
        assert ": keep-alive" not in app.text
        await pilot.press("F")
        await until(pilot, lambda: ": keep-alive" in app.text)


async def test_frames_that_come_later_go_through_the_filter_too(clock: Clock) -> None:
    async with inspecting() as (app, pilot):
        response = Response(app.tape, clock)
        response.say(delta("one"))
        await until(pilot, lambda: '"one"' in app.text)
        await pilot.press("/", *"tw")
        await until(pilot, lambda: '"one"' not in app.text)
        response.say(delta("two"), delta("three"))
        await until(pilot, lambda: '"two"' in app.text)
        assert '"three"' not in app.text


async def test_the_tabs_show_request_response_and_times(clock: Clock) -> None:
    async with inspecting() as (app, pilot):
        answered(app.tape, clock, PIECES)
        await pilot.press("right")
        await until(pilot, lambda: "Authorization: Bearer ••••cdef" in app.text)
        assert 'model: "m"' in app.text
        await pilot.press("right")
        await until(pilot, lambda: "content-type: text/event-stream" in app.text)
        await pilot.press("4")
        await until(pilot, lambda: "time to first token" in app.text)


async def test_the_shown_tab_is_the_marked_one(clock: Clock) -> None:
    async with inspecting() as (app, pilot):
        answered(app.tape, clock, [delta("a"), DONE])
        await until(pilot, lambda: "body complete" in app.text)
        for key, name in (("2", "Request"), ("3", "Response"), ("4", "Timing"), ("1", "Stream")):
            await pilot.press(key)
            await pilot.pause()
            assert _underlined(app) == name


def _underlined(app: InspectorHost) -> str:
    row = app.inspector.tabs.region.y
    strip = app.screen._compositor.render_strips()[row]
    return "".join(part.text for part in strip if part.style is not None and part.style.underline)


async def test_json_folds(clock: Clock) -> None:
    async with inspecting() as (app, pilot):
        answered(app.tape, clock, PIECES)
        await pilot.press("2")
        await until(pilot, lambda: "▾ messages: [1]" in app.text)
        while "▸ ▾ messages" not in app.text.replace("▸   ▾", "▸ ▾"):
            await pilot.press("down")
        await pilot.press("enter")
        await until(pilot, lambda: "▸ messages: [1]" in app.text)
        assert "role" not in app.text


async def test_requests_are_picked_one_by_one_and_a_new_one_is_followed(clock: Clock) -> None:
    async with inspecting() as (app, pilot):
        for name in ("one", "two"):
            answered(app.tape, clock, [delta(name)])
        await until(pilot, lambda: '"two"' in app.text)
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: '"one"' in app.text)
        answered(app.tape, clock, [delta("three")])
        await until(pilot, lambda: len(app.inspector.exchanges.exchanges) == 3)
        assert '"one"' in app.text
        await pilot.press("right_square_bracket", "right_square_bracket")
        await until(pilot, lambda: '"three"' in app.text)
        answered(app.tape, clock, [delta("four")])
        await until(pilot, lambda: '"four"' in app.text)


async def test_its_owner_copies_saves_and_closes(clock: Clock) -> None:
    async with inspecting() as (app, pilot):
        answered(app.tape, clock, PIECES)
        await until(pilot, lambda: "body complete" in app.text)
        await pilot.press("y", "s", "up", "o", "q")
        await until(pilot, lambda: app.closed)
        assert (app.copied, app.saved, [frame.kind for frame in app.places]) == ([1], [1], ["done"])


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 36), (200, 60), (20, 5)])
async def test_no_key_is_seen_in_any_tab_at_any_size(clock: Clock, size: tuple[int, int]) -> None:
    async with inspecting(size=size) as (app, pilot):
        answered(app.tape, clock, [delta(f"your key: {KEY}"), b"data: {}\n\n"])
        for tab in "1234":
            await pilot.press(tab, "home")
            await pilot.pause()
            assert leaks(KEY, app.text) == []
            await pilot.press("end")
            await pilot.pause()
            assert leaks(KEY, app.text) == []


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (200, 60)])
async def test_rows_fit_and_the_keys_stand_in_the_last_one(clock: Clock, size: tuple[int, int]) -> None:
    async with inspecting(size=size) as (app, pilot):
        answered(app.tape, clock, [delta("long " * 100), *PIECES])
        await until(pilot, lambda: "body complete" in app.text)
        rows = app.rows()
        assert rows[0].split()[:3] == ["Request", "and", "response"]
        assert "tabs" in rows[-1]
        assert any("…" in row for row in rows)


async def test_the_keys_are_those_that_do_something_now(clock: Clock) -> None:
    async with inspecting(size=(120, 24)) as (app, pilot):
        await until(pilot, lambda: "Nothing has been sent yet." in app.text)
        assert "open" not in app.rows()[-1]
        answered(app.tape, clock, PIECES)
        await until(pilot, lambda: "body complete" in app.text)
        assert "open" not in app.rows()[-1]  # the end is no frame
        assert "problem" not in app.rows()[-1]
        await pilot.press("up")
        await until(pilot, lambda: "Enter open" in app.rows()[-1])
        await pilot.press("slash")
        await until(pilot, lambda: "Esc drop the filter" in app.rows()[-1])
        assert "tabs" not in app.rows()[-1]
        await pilot.press("enter", "4")
        await until(pilot, lambda: "filter" not in app.rows()[-1])
        assert "Enter" not in app.rows()[-1]
        await pilot.press("2", "end")
        await until(pilot, lambda: "Enter whole text" in app.rows()[-1])


async def test_a_problem_is_counted_and_one_key_leads_to_it(clock: Clock) -> None:
    async with inspecting(size=(120, 24)) as (app, pilot):
        answered(app.tape, clock, [delta("a"), b"no field\n\n", delta("b"), *(delta(str(n)) for n in range(40)), DONE])
        await until(pilot, lambda: "1 problem" in app.text and "e next problem" in app.rows()[-1])
        await pilot.press("e")
        await until(pilot, lambda: '! 8 bytes here cannot be read  "b"' in app.text)
        await until(pilot, lambda: app.rows()[-2].strip() == "8 bytes here cannot be read")
        assert app.inspector.frames.frame is not None
        assert app.inspector.frames.frame.shown == '"b"'


async def test_the_body_of_an_error_is_shown_below_its_head_and_its_words_in_the_stream(clock: Clock) -> None:
    async with inspecting(size=(120, 24)) as (app, pilot):
        refused = Response(app.tape, clock, status=401, content_type="application/json")
        refused.say(b'{"error": {"message": "No such key.", "code": "invalid_api_key"}}')
        refused.end()
        await until(pilot, lambda: "No such key." in app.text)
        await pilot.press("3")
        await until(pilot, lambda: 'code: "invalid_api_key"' in app.text)
        assert "401 Unauthorized" in app.text


async def test_frames_are_gone_through_while_one_is_open(clock: Clock) -> None:
    async with inspecting() as (app, pilot):
        answered(app.tape, clock, PIECES)
        await until(pilot, lambda: "body complete" in app.text)
        await pilot.press("up", "enter")
        await until(pilot, lambda: app.opened)
        assert app.neighbour(1) is None  # the end is no frame
        found = app.neighbour(-1)
        assert found is not None
        assert (found[0].shown, found[1]) == ('"match"', delta("match"))
        assert app.inspector.frames.frame is found[0]


async def test_the_question_mark_explains_it(clock: Clock) -> None:
    async with inspecting() as (app, pilot):
        await pilot.press("question_mark")
        await until(pilot, lambda: app.guides == 1)


async def test_the_first_request_takes_the_place_of_the_words_and_the_keys_move_in_its_frames(clock: Clock) -> None:
    async with inspecting() as (app, pilot):
        await until(pilot, lambda: "Nothing has been sent yet." in app.text)
        assert "Timing" not in app.text
        answered(app.tape, clock, PIECES)
        await until(pilot, lambda: "body complete" in app.text)
        assert app.focused is app.inspector.frames
