"""What terminals send: whole and cut, typed and pasted, asked for and not."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import constants, events

from tui_chat.terminal.background import BackgroundReported
from tui_chat.terminal.input import BURST_GAP, PASTE_PATIENCE, SEQUENCE_PATIENCE, TerminalInput


class Line:
    """A terminal's line with a clock that a test moves, and what was understood of what came over it."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.input = TerminalInput(clock=lambda: self.now)
        self.events: list[object] = []

    def send(self, *reads: str, gap: float = 0.0) -> Line:
        """Let these arrive one after the other, `gap` seconds between them."""
        for read in reads:
            self.events += self.input.feed(read)
            self.wait(gap)
        return self

    def wait(self, seconds: float) -> Line:
        """Let time pass, and wake the input when it wants to be woken, as the driver does."""
        end = self.now + seconds
        while self.input.deadline is not None and self.input.deadline <= end:
            self.now = max(self.now, self.input.deadline)
            self.events += self.input.tick()
        self.now = end
        return self

    def meant(self) -> list[str]:
        """Keys by name, each stretch of text as one `text:…`, everything else by its class, but for what
        the terminal says of its background."""
        self.wait(60)
        said: list[str] = []
        for event in self.events:
            text = ""
            if isinstance(event, events.Paste):
                text = event.text.replace("\r\n", "\n").replace("\r", "\n")
            elif isinstance(event, events.Key):
                text = "\n" if event.key == "ctrl+j" else (event.character or "") if event.is_printable else ""
            if text and said and said[-1].startswith("text:"):
                said[-1] += text
            elif text:
                said.append(f"text:{text}")
            elif isinstance(event, events.Key):
                said.append(event.key)
            elif not isinstance(event, BackgroundReported):
                said.append(type(event).__name__)
        return said


def meant(*reads: str, gap: float = 0.0) -> list[str]:
    return Line().send(*reads, gap=gap).meant()


# Pastes.


def test_a_line_end_in_the_midst_of_a_burst_is_text() -> None:
    assert meant("alpha line\rbeta line\rgamma line") == ["text:alpha line\nbeta line\ngamma line"]


@pytest.mark.parametrize("text", ["a\rb\r", "a\r\nb\r\n", "a\r\r", "\ra\r", "a\n\tb\r", "é\r🙂\r"])
def test_a_paste_that_ends_with_a_line_end_sends_nothing(text: str) -> None:
    assert meant(text) == ["text:" + text.replace("\r\n", "\n").replace("\r", "\n")]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_a_paste_over_a_slow_line_sends_nothing(size: int) -> None:
    text = "first line\rsecond\r\rthird\r"
    reads = [text[at : at + size] for at in range(0, len(text), size)]
    assert meant(*reads, gap=BURST_GAP * 0.6) == ["text:first line\nsecond\n\nthird\n"]


def test_enter_after_fast_typing_sends() -> None:
    assert meant("hello\r") == ["text:hello", "enter"]
    assert meant("hello\r\n") == meant("hello\r", "\n") == ["text:hello", "enter"]
    assert meant("h", "i", "\r", "n", gap=0.03) == ["text:hi", "enter", "text:n"]


def test_enter_typed_alone_waits_for_nothing() -> None:
    line = Line().send("hello").wait(0.03)
    line.events.clear()
    line.send("\r")
    assert [event.key for event in line.events if isinstance(event, events.Key)] == ["enter"]
    assert line.input.deadline is None


def test_enter_before_another_key_is_enter_at_once() -> None:
    assert meant("hi\r\x1b[A") == ["text:hi", "enter", "up"]
    assert meant("hi\r\x13") == ["text:hi", "enter", "ctrl+s"]


def test_enter_after_a_paste_sends_it() -> None:
    line = Line().send("a\rb").wait(BURST_GAP * 2).send("\r")
    assert line.meant() == ["text:a\nb", "enter"]


def test_a_paste_in_brackets_is_whole_however_slowly_it_comes() -> None:
    pasted = "one\rtwo \x1b[A\x03"
    sent = f"\x1b[200~{pasted}\x1b[201~"
    for cut in range(1, len(sent)):
        line = Line().send(sent[:cut], sent[cut:], gap=SEQUENCE_PATIENCE * 0.9).send("\r")
        assert [event.text for event in line.events if isinstance(event, events.Paste)] == [pasted], cut
        assert line.meant()[-1] == "enter"
    line = Line().send(*sent, gap=0.01)
    assert [event.text for event in line.events if isinstance(event, events.Paste)] == [pasted]


@pytest.mark.parametrize("text", ["👩\u200d👩\u200d👧", "می\u200cخواهم", "\u200d", "a\u200c\u200db"])
def test_what_joins_characters_is_typed_like_them(text: str) -> None:
    assert meant(text) == [f"text:{text}"]
    assert meant(*text) == [f"text:{text}"]


def test_a_paste_whose_end_is_lost_is_taken_and_keys_work_again() -> None:
    line = Line().send("\x1b[200~pasted").wait(PASTE_PATIENCE).send("x")
    assert line.meant() == ["text:pastedx"]
    assert line.send("\x1b[201~\x03").meant() == ["text:pastedx", "ctrl+c"]


def test_a_huge_paste_comes_in_pieces_and_nothing_of_it_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_chat.terminal.input.LONGEST_PASTE", 1000)
    text = "".join(f"{number}\r" for number in range(2000))
    sent = f"\x1b[200~{text}\x1b[201~"
    line = Line().send(*(sent[at : at + 300] for at in range(0, len(sent), 300)))
    assert "".join(event.text for event in line.events if isinstance(event, events.Paste)) == text


# Answers.

ANSWERS = [
    "\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\",
    "\x1b]10;rgb:ffff/ffff/ffff\x07",
    "\x1b]4;1;rgb:cdcd/0000/0000\x1b\\",
    "\x1b]52;c;aGVsbG8=\x07",
    "\x1b]lthe title\x1b\\",
    "\x1b[?62;22c",
    "\x1b[?1;2c",
    "\x1b[>0;276;0c",
    "\x1b[>41;354;0c",
    "\x1bP>|tmux 3.3a\x1b\\",
    "\x1bP>|XTerm(388)\x1b\\",
    "\x1bP!|00000000\x1b\\",
    "\x1bP1$r0;1m\x1b\\",
    "\x1bP1+r544e=787465726d\x1b\\",
    "\x1b_Gi=31;OK\x1b\\",
    "\x1b[?1016;2$y",
    "\x1b[4;1$y",
    "\x1b[12;40R",
    "\x1b[?12;40;1R",
    "\x1b[?1u",
    "\x1b[?31u",
    "\x1b[0n",
    "\x1b[?997;1n",
    "\x1b[8;24;80t",
    "\x1b[4;600;800t",
    "\x1b[201~",
    "\x1b[13;2:3u",
    "\x1b[97;1:3u",
    "\x1b[99999999;1u",
    "\x1b[55555;1u",
    "\x1b[1;2:3A",
]
"""What a terminal may answer to a question of somebody, and reports of keys that were let go."""


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_is_neither_text_nor_a_key_wherever_it_is_cut(answer: str) -> None:
    assert meant(f"he{answer}y\r") == ["text:hey", "enter"]
    for cut in range(1, len(answer)):
        assert meant("he" + answer[:cut], answer[cut:] + "y\r") == ["text:hey", "enter"], cut
    for cut in range(2, len(answer)):
        parts = ["he" + answer[:cut], answer[cut:]]
        assert Line().send(*parts, gap=SEQUENCE_PATIENCE / 2).send("y\r").meant() == ["text:hey", "enter"], cut


@pytest.mark.parametrize("answer", [answer for answer in ANSWERS if answer[1:3] not in ("]l", "_G")])
def test_what_comes_after_an_escape_that_was_too_early_is_no_text(answer: str) -> None:
    assert meant("\x1b", answer[1:], gap=0.5) == ["escape"]


def test_an_answer_without_an_end_makes_nobody_deaf() -> None:
    line = Line().send("\x1b]11;rgb:1e1e").wait(SEQUENCE_PATIENCE + 0.1).send("typed\r")
    assert line.meant() == ["text:typed", "enter"]
    assert meant("\x1b]11;rgb:1e", "\r", gap=0.1) == ["enter"]
    assert meant("\x1b[" + "1;" * 5000 + "c", "x") == ["text:x"]


def test_what_textual_asked_for_reaches_it() -> None:
    assert meant("\x1b[?2026;2$y") == ["TerminalSupportsSynchronizedOutput"]
    assert meant("\x1b[48;24;80;600;800t") == ["Resize"]
    assert meant("\x1b[I\x1b[O") == ["AppFocus", "AppBlur"]
    assert meant("\x1b[<0;3;4M\x1b[<0;3;4m\x1b[<64;3;4M") == ["MouseDown", "MouseUp", "MouseScrollUp"]


@pytest.mark.parametrize("place", ["-1;-5", "0;-12", "-3;0", "-1234;99999"])
def test_a_mouse_that_left_the_window_types_nothing_wherever_it_is_cut(place: str) -> None:
    report = f"\x1b[<35;{place}M"
    for cut in range(2, len(report)):
        assert [each for each in meant(report[:cut], report[cut:]) if each != "MouseMove"] == [], cut


# Keys.


def test_a_lone_escape_is_the_key_after_its_delay_and_not_before() -> None:
    line = Line().send("\x1b")
    assert line.input.deadline == line.now + constants.ESCAPE_DELAY
    assert line.events == []
    assert line.meant() == ["escape"]
    assert line.input.deadline is None


MODIFIED = [number for number in range(1, 257) if (number - 1) & 63]


@pytest.mark.parametrize(
    "spelling", ["\x1b[13;{}u", "\x1b[13;{}:1u", "\x1b[13;{}:2u", "\x1b[27;{};13~", "\x1bO{}M", "\x1b[57414;{}u"]
)
def test_enter_with_any_modifier_is_no_plain_enter(spelling: str) -> None:
    for modifiers in MODIFIED:
        (key,) = meant(spelling.format(modifiers))
        assert key.endswith("+enter"), (modifiers, key)


def test_enter_as_others_spell_it_with_a_modifier() -> None:
    assert meant("\x1b\r") == ["alt+enter"]
    assert meant("\x1bOM") == ["shift+enter"]
    assert meant("\x1b\n") == ["text:\n"]
    assert meant("\x1b\x1b\r") == ["escape", "alt+enter"]


@pytest.mark.parametrize("locks", [0, 64, 128, 192])
def test_caps_lock_and_num_lock_change_no_key(locks: int) -> None:
    for code, key in ((13, "enter"), (9, "tab"), (127, "backspace"), (27, "escape"), (57414, "enter")):
        assert meant(f"\x1b[{code};{1 + locks}u") == [key]
    for final, key in (("A", "up"), ("D", "left"), ("H", "home"), ("P", "f1")):
        assert meant(f"\x1b[1;{1 + locks}{final}") == [key]
        assert meant(f"\x1b[1;{2 + locks}{final}") == [f"shift+{key}"]
    assert meant(f"\x1b[57400;{1 + locks}u") == ["text:1"]
    assert meant(f"\x1b[57409;{1 + locks};46u") == ["text:."]
    assert meant(f"\x1b[97;{1 + locks};97u") == ["text:a"]


@pytest.mark.parametrize(
    ("sequence", "key"),
    [
        ("\x1b[A", "up"),
        ("\x1bOA", "up"),
        ("\x1b[1;3A", "alt+up"),
        ("\x1b\x1b[A", "alt+up"),
        ("\x1b\x1bOA", "alt+up"),
        ("\x1b[1;5D", "ctrl+left"),
        ("\x1b[3~", "delete"),
        ("\x1b[3;5~", "ctrl+delete"),
        ("\x1b[Z", "shift+tab"),
        ("\x1b[11~", "f1"),
        ("\x1b[[A", "f1"),
        ("\x1b[24~", "f12"),
        ("\x1bz", "alt+z"),
        ("\x1b[122;3u", "alt+z"),
        ("\x1b[27;3;122~", "alt+z"),
        ("\x1b[27;5;95~", "ctrl+underscore"),
        ("\x1b[95;5u", "ctrl+underscore"),
        ("\x1b[99;5u", "ctrl+c"),
        ("\x1b[99;5:1u", "ctrl+c"),
        ("\x1b[99:67;5u", "ctrl+c"),
        ("\x1b[27;2;65~", "text:A"),
        ("\x1b[65;2u", "text:A"),
        ("\x1b[97:65;2u", "text:A"),
        ("\x1b[32;2u", "text: "),
        ("\x1b[228;1u", "text:ä"),
        ("\x1b[0;;229u", "text:å"),
        ("\x1b[0;;20013:25991u", "text:中文"),
        ("\x1b[97;3;229u", "text:å"),
        ("\x1bOp", "text:0"),
    ],
)
def test_a_key_as_terminals_spell_it(sequence: str, key: str) -> None:
    (said,) = meant(sequence)
    assert said == key or (key == "alt+z" and said in ("alt+z", "text:z"))


# Cut anywhere.

KEYS = [
    "\x1b[A", "\x1bOB", "\x1b[1;5C", "\x1b[3~", "\x1b[13;2u", "\x1b[13;129u", "\x1b[27;5;13~", "\x1b[97;1;97u",
    "\x1b\r", "\x1b\x1b[A", "\x1b[Z", "\x1b[11~", "\x1bOP", "\x1bOM", "\x1b[[A", "\x1b[<35;10;4M", "\x1b[<0;10;4m",
    "\x1b[I", "\x1b[O", "\x1b[M !!", "\x03", "\x13", "\x7f", "\x0a",
]  # fmt: skip
PASTES = ["\x1b[200~one\rtwo\x1b[201~", "\x1b[200~\x1b[201~", "\x1b[200~\x1b[Aé🙂\x07\x1b[201~"]
TEXTS = ["word", "déjà 🙂", "a line\rand more", "one\r\ntwo\r\n", "x", "fn():\n\treturn"]
pieces = st.lists(st.sampled_from(KEYS + PASTES + TEXTS + ANSWERS), min_size=1, max_size=8)


@given(pieces, st.data())
def test_cut_anywhere_it_means_the_same(parts: list[str], data: st.DataObject) -> None:
    sent = "".join(parts)
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(sent) - 1)), max_size=12)))
    reads = [sent[start:end] for start, end in itertools.pairwise([0, *cuts, len(sent)])]
    assert meant(*reads) == meant(sent)


@given(st.lists(st.text(st.sampled_from("\x1b[]PO_?<>;:0123456789~uMmRARc$y\\\x07\r\n\t ab\x03\x9c"), max_size=12)))
def test_nothing_that_comes_is_an_error_and_nothing_is_waited_for_without_end(reads: list[str]) -> None:
    line = Line().send(*reads, gap=0.004)
    line.wait(60)
    assert line.input.deadline is None
    line.send("\x03")
    line.wait(60)
    assert any(isinstance(event, events.Key) and event.key == "ctrl+c" for event in line.events)
