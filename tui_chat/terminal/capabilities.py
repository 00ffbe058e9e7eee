"""The private parts of Textual on which this package may build.

Everything in `terminal/` that reaches below Textual's public interface is listed here. The lists are compared with the
installed Textual once; where a name is missing or a method takes other parameters, Textual's own class does the work,
more slowly, and the log says why. The setting `renderer = "textual"` chooses that from the beginning.
"""

from __future__ import annotations

import logging
import os
from functools import cache
from importlib import import_module
from typing import NamedTuple

log = logging.getLogger(__name__)

RENDERER = "TUI_CHAT_RENDERER"
"""The environment variable, which counts before the first frame, when no settings have been read."""

SEEN_WITH = "8.2.8"
"""The version of Textual that the lists were made from."""


class Names(NamedTuple):
    """Names that one class or module of Textual must have."""

    module: str
    owner: str
    """A class of the module; empty: the names are the module's own."""
    attributes: tuple[str, ...] = ()
    methods: tuple[tuple[str, ...], ...] = ()
    """Each a name and its positional parameters without `self`."""


PAINTING = (
    Names(
        "textual._compositor",
        "Compositor",
        (
            "_cuts",
            "_dirty_regions",
            "_full_map",
            "_layers",
            "_layers_visible",
            "_visible_map",
            "_visible_widgets",
            "visible_widgets",
            "size",
        ),
        (("_regions_to_spans", "regions"), ("render_partial_update",)),
    ),
    Names("textual._compositor", "CompositorUpdate", (), (("render_segments", "console"),)),
    Names(
        "textual.screen",
        "Screen",
        (
            "_callbacks",
            "_compositor",
            "_dirty_widgets",
            "_layout_required",
            "_layout_widgets",
            "_recompose_required",
            "_repaint_required",
            "_scroll_required",
        ),
        (("_compositor_refresh",), ("_on_timer_update",), ("_refresh_layout", "size", "scroll")),
    ),
    Names(
        "textual.widget",
        "Widget",
        ("_arrangement_cache", "_layout_cache", "_layout_updates", "_nodes"),
        (
            ("_set_dirty",),
            ("_clear_arrangement_cache",),
            ("_get_scrollable_region", "region"),
            ("_size_updated", "size", "virtual_size", "container_size"),
            ("clear_cached_dimensions",),
        ),
    ),
    Names("textual._node_list", "NodeList", ("_updates",)),
    Names("textual.message_pump", "MessagePump", (), (("_context",),)),
    Names("textual.app", "App", ("_batch_count",), (("_handle_exception", "error"),)),
)
"""For the compositor that paints what a frame touches, and the screen that paints at once."""

LAYOUT = (
    Names("textual._compositor", "Compositor", ("widgets",)),
    Names("textual.screen", "Screen", ("_compositor",), (("_refresh_layout", "size", "scroll"),)),
    Names("textual.widget", "Widget", ("_layout_required", "_layout_updates")),
)
"""For screens that keep no size of an older content."""

DRIVER = (
    Names("textual._ansi_sequences", "", ("SYNC_START", "SYNC_END", "ANSI_SEQUENCES_KEYS", "IGNORE_SEQUENCE")),
    Names("textual._keyboard_protocol", "", ("FUNCTIONAL_KEYS",)),
    Names(
        "textual._xterm_parser",
        "XTermParser",
        (),
        (("__init__", "debug"), ("feed", "data"), ("_sequence_to_key_events", "sequence", "alt")),
    ),
    Names(
        "textual.drivers.linux_driver",
        "LinuxDriver",
        (
            "_app",
            "_auto_restart",
            "_debug",
            "_file",
            "_key_thread",
            "_must_signal_resume",
            "attrs_before",
            "exit_event",
            "fileno",
        ),
        (
            ("_sigtstp_application",),
            ("close",),
            ("disable_input",),
            ("process_message", "message"),
            ("run_input_thread",),
            ("start_application_mode",),
            ("write", "data"),
        ),
    ),
)
"""For the driver: its input parser, the frames' differences, the way out to the terminal."""

SCROLLBAR = (
    Names("textual.widget", "Widget", ("_vertical_scrollbar",)),
    Names("textual.app", "App", (), (("_start_widget", "parent", "widget"),)),
)
"""For the scrollbar that is repainted when its picture changes only."""

ERRORS = (Names("textual.app", "App", (), (("_handle_exception", "error"),)),)
"""For the errors of Textual's own lists that come after the lists were closed."""


def available(needed: tuple[Names, ...]) -> bool:
    """Whether Textual has all of these, and private names are to be used at all."""
    return os.environ.get(RENDERER, "").lower() != "textual" and not missing(needed)


@cache
def missing(needed: tuple[Names, ...]) -> tuple[str, ...]:
    """The full names of all parts that are not as this package expects; looked for once."""
    return tuple(name for names in needed for name in _missing(names))


def log_missing() -> None:
    """Write to the log why Textual's own classes are used, if they are: once there is a log, after the first frame."""
    if os.environ.get(RENDERER, "").lower() == "textual":
        log.info("The renderer is Textual's own, as the settings say.")
        return
    parts = {"painting": PAINTING, "layout": LAYOUT, "driver": DRIVER, "scrollbar": SCROLLBAR, "errors": ERRORS}
    for what, needed in parts.items():
        if names := missing(needed):
            log.warning("Textual's own %s is used; not as in Textual %s: %s", what, SEEN_WITH, ", ".join(names))


def _missing(names: Names) -> list[str]:
    try:
        module = import_module(names.module)
    except ImportError:
        return [names.module]
    place = f"{names.module}.{names.owner}".rstrip(".")
    if not names.owner:
        return [f"{place}.{name}" for name in names.attributes if not hasattr(module, name)]
    owner = getattr(module, names.owner, None)
    if not isinstance(owner, type):
        return [place]
    found = [f"{place}.{name}" for name in names.attributes if not _has(owner, name)]
    for name, *parameters in names.methods:
        if not _takes(getattr(owner, name, None), parameters):
            found.append(f"{place}.{name}({', '.join(parameters)})")
    return found


def _has(owner: type, name: str) -> bool:
    """Whether a class has an attribute, or its instances get one when they are made."""
    return hasattr(owner, name) or any(
        name in getattr(getattr(vars(base).get("__init__"), "__code__", None), "co_names", ()) for base in owner.__mro__
    )


def _takes(method: object, parameters: list[str]) -> bool:
    """Whether a method can be called with these and no others."""
    method = getattr(method, "__wrapped__", method)  # the generator beneath a context manager
    code = getattr(method, "__code__", None)
    if code is None:
        return False
    taken = [name for name in code.co_varnames[: code.co_argcount] if name not in ("self", "cls")]
    required = len(taken) - len(getattr(method, "__defaults__", None) or ())
    return taken[: len(parameters)] == parameters and required <= len(parameters)
