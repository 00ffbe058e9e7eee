"""Finds the endpoint that a saved chat continues with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.recipient import DEMO, same_host
from tui_chat.settings.targets import UndecidedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_chat.chat.recipient import Recipient
    from tui_chat.settings.targets import Target, Targets


class NoWayBackError(UndecidedError):
    """The endpoint of a chat is not configured; its text is a sentence that says so."""


def target_for(targets: Targets, recipient: Recipient, host_of: Callable[[str], str]) -> Target | None:
    """Return the target for a chat with that recipient; `None` means the demo, if nothing else is configured. The
    target always has the recipient's host. If several have it, the one with the same name is used, or else the default
    one. `host_of` returns the host and port of a URL. Raises `NoWayBackError` and `SetupError`."""
    try:
        usual = targets.chosen()
        is_demo = usual is None
    except UndecidedError:
        usual, is_demo = None, False
    if recipient.host == DEMO:
        if is_demo:
            return None
        raise NoWayBackError("This chat was with the demo, and an endpoint is configured now.")
    found: list[Target] = []
    moved_to = ""
    for name in targets.names():
        try:
            target = usual if usual is not None and usual.name == name else targets.named(name)
        except SetupError:
            if name == recipient.name:
                raise
            continue  # another endpoint's fault is told to whoever chooses that one
        if target is None:
            continue
        host, same_name = host_of(target.base_url), target.named and name == recipient.name
        if same_host(host, recipient.host):
            if same_name:
                return target
            found.append(target)
        elif same_name:
            moved_to = host
    if usual is not None and usual in found:
        return usual
    if len(found) == 1:
        return found[0]
    if found:
        reason = f"several endpoints are at {recipient.host}: {', '.join(target.name for target in found)}"
    elif moved_to:
        reason = f"{recipient.name} is at {moved_to} now"
    else:
        reason = "no endpoint is configured there now"
    raise NoWayBackError(f"This chat was with {recipient.label}, and {reason}.")
