"""What the paced server is told to answer next, and what it tells of it, as lines of JSON between two processes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.benchmarks.texts import Kind

SIZE = 4
"""Characters of a delta, about what a token has."""


@dataclass(frozen=True, slots=True)
class Job:
    """One reply: a head start, the paced deltas that are measured, the end."""

    number: int
    kind: Kind = "mixed"
    before: int = 0
    """Characters of the reply that come before the measured deltas, in large pieces."""
    deltas: int = 1000
    rate: float = 0.0
    """Deltas a second; 0: as fast as the client takes them."""
    held: bool = True
    """Whether the end of the reply waits for a second `go`; the deltas always wait for the first."""

    hostile: str = ""
    """Instead of a kind: the name of a text in `tests/hostile_markdown.py`, which comes in random pieces."""
    length: int = 0
    """The approximate length of the reply."""
    seed: int = 0
    """The seed of the random pieces."""

    @property
    def head_mark(self) -> str:
        """The word at the end of the head start."""
        return f"HEAD{self.number}DAEH"

    @property
    def last_mark(self) -> str:
        """The word that is the last measured delta."""
        return f"LAST{self.number}TSAL"

    def line(self) -> str:
        """The job as the line of text that `read` takes."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, line: str) -> Job:
        """The job of a line."""
        return cls(**json.loads(line))


GO = "go"
"""The other line that the server understands."""


@dataclass(frozen=True, slots=True)
class Told:
    """One line from the server."""

    what: str
    """`listening`, `taken` (a job), `asked`, `ahead` (the head start is sent), `sent` (all deltas are), `over`,
    `hung-up`."""
    job: int
    at: float
    """Monotonic seconds, the same clock in all processes."""
    began: float = 0.0
    """With `sent`: when the first measured delta was sent; `at` is when the last was."""
    late: float = 0.0
    """With `sent`: the most that a delta was sent later than its time."""
    port: int = 0
