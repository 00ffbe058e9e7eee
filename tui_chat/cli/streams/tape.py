"""`tui-chat tape FILE`: shows a recorded exchange, and converts it for other tools."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from tui_chat.chat.clean import clean_line
from tui_chat.chat.metrics.charts import block_chart, without_bursts
from tui_chat.chat.metrics.replies import ReplyMetrics, pace
from tui_chat.chat.model_ports import SetupError
from tui_chat.chat.quick_dataclass import replace
from tui_chat.chat.wording.sizes import readable_size
from tui_chat.cli.paging import put, takes_colours, tell
from tui_chat.cli.reporting import json_line
from tui_chat.cli.streams.finding_lines import lines, terminal_width, wrapped
from tui_chat.regular_files import open_regular
from tui_chat.tape_file import TapeFile, read_given_tape
from tui_chat.wire.doctor.verdict import findings_of
from tui_chat.wire.exports.anomaly import first_anomaly
from tui_chat.wire.exports.curl import curl_command
from tui_chat.wire.exports.environment import this_environment
from tui_chat.wire.exports.frames_csv import frames_csv
from tui_chat.wire.exports.har import har
from tui_chat.wire.exports.redaction import redacted
from tui_chat.wire.exports.report import report
from tui_chat.wire.exports.withholding import without_text
from tui_chat.wire.tape.frames import read_reply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_chat.wire.tape.frames import TapedReply

TapeForm = Literal["summary", "report", "har", "csv", "curl", "json"]
_STANDARD: Final = "-"
_WIDEST: Final = 100
_CHART_HEIGHT: Final = 4
_MOST_STALLS: Final = 5
_ENDS: Final = {"end": "complete", "stopped": "the client hung up", "lost": "broken off", "failed": "no response"}


def show(
    paths: Sequence[Path], form: TapeForm, target: str = _STANDARD, *, text: bool = True, force: bool = False
) -> int:
    """Print or write what some tapes hold, and return the exit status. `target`: a file, or `-`; `text`: whether what
    was asked and answered may be in it. Raises `SetupError`."""
    if form not in {"har", "summary"} and len(paths) > 1:
        raise SetupError(f"tape: --format {form} takes one tape; give them one after the other.")
    tapes = [read_given_tape(path, "tape:") for path in paths]
    if form == "summary":
        shown_here = target == _STANDARD
        width, colours = (terminal_width(), takes_colours()) if shown_here else (None, False)
        pieces = [
            f"{clean_line(str(path))}\n{_summary(tape, width, colours=colours)}\n"
            for path, tape in zip(paths, tapes, strict=True)
        ]
        whole = "\n".join(pieces)
    elif form == "report":
        whole = report(tapes[0], this_environment(), text=text)
    else:
        shown = tapes if text else [without_text(redacted(tape)) for tape in tapes]
        whole = _exported(form, shown)
    if target == _STANDARD:
        return put([whole], styled=form == "summary" and takes_colours())
    _write(Path(target), whole, force=force)
    tell(f"{target} was written.")
    return 0


def _exported(form: TapeForm, tapes: Sequence[TapeFile]) -> str:
    match form:
        case "har":
            return json.dumps(har(tapes), ensure_ascii=False, indent=1) + "\n"
        case "csv":
            return frames_csv(tapes[0])
        case "curl":
            return curl_command(tapes[0])
        case _:
            return json_line(_document(redacted(tapes[0])), indent=2)


def _write(path: Path, text: str, *, force: bool) -> None:
    data = text.encode("utf-8", "backslashreplace")
    try:
        descriptor = open_regular(path, os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if force else os.O_EXCL))
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
    except FileExistsError as error:
        raise SetupError(f"tape: {path} exists; --force overwrites it.") from error
    except OSError as error:
        raise SetupError(f"tape: {path} cannot be written ({error.strerror or error}).") from error


def _summary(tape: TapeFile, width: int | None, *, colours: bool) -> str:
    """The figures, a chart and the findings for a person, in lines of `width` cells; `None`: of any number."""
    tape = redacted(tape)
    reply = read_reply(tape)
    metrics = reply.metrics(tape.connection.sent)
    anomaly = first_anomaly(tape, reply, metrics)
    size = readable_size(sum(len(data) for _, data in tape.pieces))
    ended = f"{_ENDS.get(tape.how, 'the recording was interrupted')}{f': {tape.why}' if tape.why else ''}"
    head = f"{tape.method} {tape.url} · {tape.status or 'no status'} · {size} · {ended}"
    rows = [row for line in (clean_line(head), *_phases(tape), *figures(metrics)) for row in wrapped(line, width)]
    rows += _chart(reply, metrics, tape.connection.sent or 0.0)
    if anomaly is not None:
        rows += wrapped(f"First anomaly at {anomaly.at:.3f} s: {clean_line(anomaly.text)}", width)
    found = findings_of(tape, reply)
    findings = "".join(lines(replace(finding, tape=None), width, colours=colours) for finding in found)
    return "\n".join(rows) + f"\n\n{findings}"


def _phases(tape: TapeFile) -> list[str]:
    facts = tape.connection
    steps = [("DNS", facts.dns), ("connect", facts.connect), ("TLS", facts.tls)]
    known = [f"{name} {value * 1000:.1f} ms" for name, value in steps if value is not None]
    if facts.reused:
        known.append("connection reused")
    if facts.proxy:
        known.append(f"proxy {facts.proxy}")
    if tape.responded is not None:
        known.append(f"headers after {tape.responded * 1000:,.0f} ms")
    return [clean_line(", ".join(known))] if known else []


def figures(metrics: ReplyMetrics) -> list[str]:
    """The metrics of a reply as lines for a person."""
    if metrics.first_token is None:
        return []
    gaps = metrics.gaps
    tokens = f"{'~' if metrics.estimated else ''}{metrics.tokens:,} tokens"
    rows = [f"first token {metrics.first_token:.3f} s, latency {metrics.latency or 0.0:.3f} s, {tokens}"]
    if metrics.inter_token:
        whole, each = metrics.throughput or 0.0, metrics.throughput_per_user or 0.0
        latency = f"inter-token latency {metrics.inter_token * 1000:.1f} ms"
        rows.append(f"{latency}, throughput {whole:.1f} tok/s, {each:.1f} per user")
    if gaps is not None:
        spread = [("median", gaps.p50), ("p90", gaps.p90), ("p99", gaps.p99), ("longest", gaps.longest)]
        rows.append("gaps: " + ", ".join(f"{name} {value * 1000:.1f} ms" for name, value in spread))
    if metrics.stalls:
        rows.append(
            "stalls: " + ", ".join(f"{stall.seconds:.2f} s at {stall.at:.2f} s" for stall in metrics.stalls[:5])
        )
    return rows


def _chart(reply: TapedReply, metrics: ReplyMetrics, sent: float) -> list[str]:
    deltas = [delta.at - sent for delta in reply.deltas]
    width = min(_WIDEST, shutil.get_terminal_size().columns) if sys.stdout and sys.stdout.isatty() else 80
    length, rates = pace(0.0, deltas, metrics.tokens, width)
    if not rates or max(rates) <= 0:
        return []
    ascii_only = not ((sys.stdout and sys.stdout.encoding) or "utf-8").lower().startswith("utf")
    seconds = f"{length * len(rates):.2f} s"
    shown = without_bursts(rates)
    top = f"tokens per second, the chart's height is {max(shown):,.0f}"
    top += f"; bursts of up to {max(rates):,.0f}" if max(rates) > max(shown) else ""
    return [
        "",
        *wrapped(top, width),
        *block_chart(shown, width, _CHART_HEIGHT, ascii_only=ascii_only),
        f"0 s{seconds:>{width - 3}}",
    ]


def _document(tape: TapeFile) -> dict[str, Any]:
    reply = read_reply(tape)
    metrics = reply.metrics(tape.connection.sent)
    anomaly = first_anomaly(tape, reply, metrics)
    derived = {
        "inter_token": metrics.inter_token,
        "throughput": metrics.throughput,
        "throughput_per_user": metrics.throughput_per_user,
    }
    return {
        "at": tape.at.isoformat(),
        "method": tape.method,
        "url": tape.url,
        "status": tape.status,
        "how": tape.how or None,
        "connection": asdict(tape.connection),
        "responded": tape.responded,
        "ended": tape.ended,
        "metrics": asdict(metrics) | derived,
        "anomaly": None if anomaly is None else asdict(anomaly),
        "findings": [asdict(finding) for finding in findings_of(tape, reply)],
    }
