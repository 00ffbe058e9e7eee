"""Helpers for the checks of all SDKs. They run in the SDKs' own environment and use only the standard library."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeAlias

NUMBERS = "1 2 3 4 5 6 7 8 9 10"
"""The answer to `count to 10`."""

STOP = "count to 100000, until you are told to stop"
"""The question whose replies are stopped; the caller checks whether the endpoint noticed."""

SLOWLY = "rate=50&first=0"

CITY: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
}
"""The parameters of a function that is offered."""

CALLING = "Call weather and clock for Paris, 3 days"
"""A question that is answered with a call of each of these functions."""


@dataclass(frozen=True)
class Server:
    """The address and key of the endpoint."""

    root_url: str
    key: str

    @property
    def base_url(self) -> str:
        """For OpenAI's APIs."""
        return f"{self.root_url}/v1"


Check: TypeAlias = Callable[[Server], str]
"""Tries something and returns what it found; raises an exception if that is unexpected."""


def equal(found: object, expected: object) -> None:
    """Raise `AssertionError` if the two differ."""
    if found != expected:
        raise AssertionError(f"{found!r} is not {expected!r}")


def raised(kind: type[BaseException], ask: Callable[..., object], *given: object, **named: object) -> BaseException:
    """The exception of that kind that asking raises; anything else is an `AssertionError`."""
    try:
        answer = ask(*given, **named)
    except kind as error:
        return error
    raise AssertionError(f"{answer!r} came in place of {kind.__name__}")


def lost(ask: Callable[[], object]) -> None:
    """Raise `AssertionError` unless asking raises what the SDK's HTTP library (they differ) calls a lost connection."""
    error = raised(Exception, ask)
    equal(type(error).__name__, "RemoteProtocolError")


def stopped() -> str:
    """The output of a check that has just hung up."""
    return json.dumps({"stopped": monotonic()})


def main(*checks: Check) -> None:
    """Run checks against the server that the command line names; each prints a line of JSON. Exits 1 if one failed."""
    server = Server(*sys.argv[1:3])
    failed = False
    for check in checks:
        try:
            said, problem = check(server), ""
        except Exception:  # noqa: BLE001 (whatever an SDK raises is what the check found)
            said, problem = "", traceback.format_exc()
            failed = True
        print(json.dumps({"check": check.__name__, "said": said, "problem": problem}), flush=True)
    sys.exit(failed)
