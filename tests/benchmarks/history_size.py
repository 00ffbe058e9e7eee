"""A history of a million messages: how large it is, and what it costs to list, open, search and export it.

    python -m tests.benchmarks.history_size                      # 1,000,000 messages: some minutes, some 2 GB of disk
    python -m tests.benchmarks.history_size --messages 50000     # a look
    python -m tests.benchmarks.history_size --folder big --keep  # keep the history, and measure it again

The history is made of invented words that occur as words do (a few everywhere, most hardly ever), every twentieth
message in Chinese or Japanese, one word once; one chat has 10,000 messages, the others some twenty. It is written by
the functions that write everybody's. Each figure is of a process of its own: seconds of the clock and of the CPU from
the call to its result (the import of Python modules is not counted, what SQLite reads is), and the most memory that
was resident at any time, next to what it was before the call. The operating system's cache is warm. Linux only.

It is made in a temporary folder and removed at the end, or when it is interrupted.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from itertools import accumulate
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tui_chat.chat.events import Finished, Usage
from tui_chat.chat.message import Message, TextPart, Timing
from tui_chat.history import messages, search
from tui_chat.history.database import open_for_writing
from tui_chat.history.store import Store
from tui_chat.history.transfer.export import SUFFIXES, encoded, export
from tui_chat.history.writing.row_writer import recount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

LONG: Final = 10_000
"""Messages of the one long chat."""
LONG_ID: Final = f"{0:032x}"
PER_CHAT: Final = 20
YEARS: Final = 3.0
SECONDS_OF_A_YEAR: Final = 31_557_600
END: Final = 1_760_000_000.0
"""When the last message was made."""
QUESTION, REPLY = 20, 130
"""Words, on average."""
BYTES_EACH: Final = 3_000
"""Of disk, at most, for a message, its index and its line of an export."""
RARE: Final = "xylophonist"
VOCABULARY: Final = 100_000
HAN: Final = (
    "的一是不了人在有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着"
    "去之过家学对可她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主"
    "行方又如前所本见经头面公同三已老从动两长"
)
KANA: Final = "のにはをたがでてとしれさあいうえおかきくけこすせそちつなぬねひふへほまみむめもやゆよらりるろわん東京寿司"
CJK: Final = "寿司"


def words(source: random.Random) -> list[str]:
    """Invented words, the common ones short."""
    heads = [*"bcdfghjklmnprstvw", "st", "tr", "ch", "sh", "pl", "gr", "br", "cr", "fl"]
    vowels, tails = [*"aeiou", "ai", "ea", "ou", "ee"], ["", "n", "s", "r", "t"]
    found: dict[str, None] = {}
    while len(found) < VOCABULARY:
        syllables = 1 if len(found) < 200 else 2 if len(found) < 8_000 else 3
        body = "".join(source.choice(heads) + source.choice(vowels) for _ in range(syllables))
        found[body + source.choice(tails)] = None
    return list(found)


class Talk:
    """Texts of questions and replies, the same in every run."""

    def __init__(self) -> None:
        self._source = random.Random(1)
        self.words = words(self._source)
        weights = list(accumulate(1 / (rank + 2.7) for rank in range(len(self.words))))
        # Drawn once; a text is a piece of it from somewhere.
        self._pool = self._source.choices(self.words, cum_weights=weights, k=3_000_000)

    def text(self, number: int, average: int) -> str:
        """A text of some words."""
        length = self._source.randrange(average // 3, average * 5 // 3)
        if number % 20 in (7, 8):
            letters = HAN if number % 40 < 20 else KANA
            drawn = "".join(self._source.choices(letters, k=3 * length))
            return "".join(drawn[at : at + 24] + "。" for at in range(0, len(drawn), 24))
        at = self._source.randrange(len(self._pool) - length)
        taken = self._pool[at : at + length]
        return ". ".join(" ".join(taken[part : part + 12]).capitalize() for part in range(0, length, 12)) + "."


def make(folder: Path, number: int) -> None:
    """Write a history of so many messages."""
    talk = Talk()
    first = END - YEARS * SECONDS_OF_A_YEAR
    step = YEARS * SECONDS_OF_A_YEAR / number
    with closing(open_for_writing(folder / "history.db")) as database:
        database.execute("PRAGMA synchronous = OFF")
        done = 0
        while done < number:
            size = min(LONG if not done else PER_CHAT, number - done)
            database.execute("BEGIN")
            for _ in range(max(1, LONG // size // 2)):
                size = min(size, number - done)
                if size:
                    _make_chat(database, talk, done, size, number // 2, first + done * step, step)
                    done += size
            database.execute("COMMIT")
            print(f"\r{done:,} of {number:,} messages made", end="", file=sys.stderr)
        print(file=sys.stderr)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _make_chat(
    database: sqlite3.Connection, talk: Talk, done: int, size: int, rare: int, begin: float, step: float
) -> None:
    chat = database.execute(
        "INSERT INTO chats (id, created, changed) VALUES (?, ?, ?)", (f"{done:032x}", begin, begin + size * step)
    ).lastrowid
    parent: int | None = None
    for number in range(done, done + size):
        message = _message(talk, number, begin + (number - done) * step)
        if number == rare:
            message.parts = [TextPart("text", text=f"The {RARE} plays.")]
        parent = messages.insert(database, int(chat or 0), message, parent)
        search.index(database, parent)
    database.execute("UPDATE chats SET leaf = ? WHERE key = ?", (parent, chat))
    recount(database, int(chat or 0))


def _message(talk: Talk, number: int, created: float) -> Message:
    id_ = f"{number:032x}"
    if number % 2 == 0:
        return Message(id_, None, "user", created, parts=[TextPart("text", text=talk.text(number, QUESTION))])
    text = talk.text(number, REPLY)
    return Message(
        id_,
        None,
        "assistant",
        created,
        model="a-model",
        endpoint="models.example.org",
        url="https://models.example.org/v1/chat/completions",
        status=200,
        parts=[TextPart("text", 0, text, 1.5)],
        usage=Usage(input=100, output=len(text) // 4),
        timing=Timing(1.0, 1.2, 1.5, 4.0, 4.0, 4.1),
        ending=Finished("stop", "done-sentinel", at=4.1),
        deltas=len(text) // 4,
        content_bytes=len(text.encode()),
    )


Found: TypeAlias = tuple[int, str]
"""How many, and of what."""


def _list(folder: Path, _: str) -> Found:
    with closing(Store(folder)) as store:
        return len(store.chats()), "chats"


def _open(folder: Path, _: str) -> Found:
    with closing(Store(folder)) as store:
        conversation = store.open(LONG_ID)
        assert conversation.leaf is not None
        assert conversation.leaf.text
        return len(conversation.messages), "messages"


def _search(folder: Path, typed: str) -> Found:
    with closing(Store(folder)) as store:
        return len(store.search(typed, limit=50)), "hits"


def _export(folder: Path, more: str) -> Found:
    form, _, chat = more.partition(" ")
    with closing(Store(folder)) as store:
        size = export(
            store,
            [chat] if chat else [],
            SUFFIXES[f".{form}"],
            lambda pieces: sum(len(encoded(piece)) for piece in pieces),
        )
    return size // 1_000_000, "MB"


PROBES: Final[dict[str, Callable[[Path, str], Found]]] = {
    "list": _list,
    "open": _open,
    "search": _search,
    "export": _export,
}


def probe(folder: Path, what: str) -> dict[str, Any]:
    """Do one thing in this process and say what it took."""
    name, _, more = what.partition(" ")
    before = _most_memory()
    wall, cpu = perf_counter(), process_time()
    found, unit = PROBES[name](folder, more)
    return {
        "found": f"{found:,} {unit}",
        "wall": perf_counter() - wall,
        "cpu": process_time() - cpu,
        "memory": _most_memory(),
        "before": before,
    }


def _most_memory() -> float:
    """MB that were resident at most in this process (`ru_maxrss` begins with what its parent had)."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1e3


def cases() -> Iterator[tuple[str, str]]:
    """What is measured: a name for a person, and a probe."""
    common = words(random.Random(1))
    yield "the list of chats, 500 of them", "list"
    yield f"a chat of {LONG:,} messages", "open"
    yield "search: a word that occurs once", f"search {RARE}"
    yield "search: the most common word", f"search {common[0]}"
    yield "search: a common word and what begins with it", f"search {common[150]}"
    yield "search: two common words", f"search {common[0]} {common[3]}"
    yield "search: a common and a rare word", f"search {common[0]} {RARE}"
    yield "search: two common words as a phrase", f'search "{common[0]} {common[1]}"'
    yield "search: a Japanese word of two characters", f"search {CJK}"
    yield "search: two common Chinese characters", "search 的一"
    yield "search: two letters that begin many words", "search st"
    yield "search: three letters that begin many words", "search sta"
    yield "search: four letters", "search stai"
    yield "search: two rare words, never together", f"search {common[9_000]} {common[9_500]}"
    yield "search: two that are not uncommon, never together", "search 公园 stai"
    yield "search: nothing", "search qqqqqq"
    yield "export of the long chat as HTML", f"export html {LONG_ID}"
    yield "export of all as JSON", "export json"
    yield "export of all as Markdown", "export md"


def sizes(path: Path) -> dict[str, float]:
    """MB of the file, of what is said in it, of its index, and of the rest."""
    with closing(open_for_writing(path)) as database:
        ((text,),) = database.execute("SELECT sum(length(CAST(text AS BLOB))) FROM parts")
        try:
            ((index,),) = database.execute("SELECT sum(pgsize) FROM dbstat WHERE name GLOB 'search_*'")
        except sqlite3.OperationalError:  # this SQLite was built without `dbstat`
            index = float("nan")
        ((tables,),) = database.execute("SELECT count(*) FROM sqlite_master WHERE name GLOB 'search_words_*_data'")
    whole = path.stat().st_size
    return {"file": whole / 1e6, "text": text / 1e6, "index": index / 1e6, "tables": tables}


def main(given: Sequence[str] | None = None) -> int:
    """Make a history, measure it, print a table."""
    parser = argparse.ArgumentParser("python -m tests.benchmarks.history_size", description="See the module's text.")
    parser.add_argument("--messages", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--folder", type=Path, help="make it here (default: a temporary folder)")
    parser.add_argument("--keep", action="store_true", help="keep the history; one that is there is measured again")
    parser.add_argument("--only", default="", metavar="WORD", help="only what has this in its name")
    parser.add_argument("--probe", help=argparse.SUPPRESS)
    arguments = parser.parse_args(given)
    if arguments.probe:
        print(json.dumps(probe(arguments.folder, arguments.probe)))
        return 0
    with tempfile.TemporaryDirectory(prefix="tui-chat-", dir=arguments.folder) as temporary:
        folder = arguments.folder if arguments.keep and arguments.folder else Path(temporary)
        if shutil.disk_usage(folder).free < (need := BYTES_EACH * arguments.messages):
            print(f"{folder} has not the {need / 1e9:.1f} GB free that this may need", file=sys.stderr)
            return 1
        if not (folder / "history.db").exists():
            cpu = process_time()
            make(folder, arguments.messages)
            print(f"made with {(process_time() - cpu) / arguments.messages * 1e6:.0f} µs of CPU a message")
        size = sizes(folder / "history.db")
        print(
            f"file {size['file']:.0f} MB: text {size['text']:.0f} MB, index of words {size['index']:.0f} MB"
            f" in {size['tables']:.0f} tables"
        )
        print(f"\n{'':52}{'wall s':>9}{'CPU s':>9}{'peak MB':>9}{'before':>8}")
        for name, what in cases():
            if arguments.only not in name:
                continue
            command = [sys.executable, "-m", __spec__.name, "--folder", str(folder), "--probe", what]
            told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            print(
                f"{name:<52}{told['wall']:>9.3f}{told['cpu']:>9.3f}{told['memory']:>9.0f}{told['before']:>8.0f}"
                f"  {told['found']}",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
