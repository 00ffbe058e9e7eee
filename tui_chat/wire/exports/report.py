"""A page about one recorded exchange for a bug report: one file, without scripts, with secrets and names masked."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from tui_chat import __version__
from tui_chat.chat.clean import clean, clean_line
from tui_chat.chat.events import Failed, ReasoningDelta, TextDelta
from tui_chat.chat.metrics.charts import gaps_svg, pace_svg
from tui_chat.chat.metrics.replies import DEFINITIONS, pace
from tui_chat.wire.doctor.findings import worst
from tui_chat.wire.doctor.verdict import findings_of
from tui_chat.wire.exports.anomaly import first_anomaly
from tui_chat.wire.exports.curl import curl_command
from tui_chat.wire.exports.environment import without_private_hosts
from tui_chat.wire.exports.redaction import redacted
from tui_chat.wire.exports.withholding import without_text
from tui_chat.wire.tape.frames import read_reply

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui_chat.chat.metrics.replies import ReplyMetrics
    from tui_chat.tape_file import TapeFile
    from tui_chat.wire.doctor.findings import Finding
    from tui_chat.wire.exports.anomaly import Anomaly
    from tui_chat.wire.exports.environment import Environment
    from tui_chat.wire.tape.frames import TapedFrame, TapedReply

BUCKETS: Final = 120
"""Columns of the chart of the pace."""
MOST_FRAMES: Final = 400
"""Frames that are listed: the first ones, and those around the anomaly."""
_AROUND: Final = 4
"""Frames that are shown before and after the anomaly."""
_LONGEST: Final = 400
"""Characters of a frame that are listed."""
_SHORT: Final = 110
_LONGEST_TEXT: Final = 20_000
"""Characters of a body or a reply that are shown."""
_SIGNS: Final = {"ok": "✓ fine", "warn": "! look", "fail": "✗ fault", "skipped": "· skipped"}

_STYLE: Final = """
:root { color-scheme: light dark; --line: #8886; --soft: #888; --bar: #4b8bd8; --bad: #d14343; --warn: #b07a10;
  --fine: #2f8f4e; --shade: #8882; --box: #8881 }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 860px; margin: 2em auto; padding: 0 1em }
h1 { font-size: 1.4em; margin-bottom: 0 } h2 { font-size: 1.1em; margin: 2em 0 .5em }
.soft, dt, th { color: var(--soft) } .fail { color: var(--bad) } .warn { color: var(--warn) } .ok { color: var(--fine) }
.verdict { font-size: 1.1em; margin: .8em 0 } .anomaly { border-left: 4px solid var(--bad); padding: .2em .8em }
table { border-collapse: collapse; width: 100% } th { font-weight: normal; text-align: left }
td, th { padding: .15em .6em .15em 0; vertical-align: top; border-bottom: 1px solid var(--line) }
td.n, th.n { text-align: right; white-space: nowrap }
td.n.ok, td.n.warn, td.n.fail { text-align: left } tr.here td { background: var(--shade) }
pre, td.data { font: 12px/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere }
pre { background: var(--box); padding: .8em; border-radius: 4px; max-height: 30em; overflow: auto }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); gap: .6em 1em; margin: 0 }
dd { margin: 0; font-size: 1.15em } svg { width: 100%; height: auto; display: block; margin: .5em 0 }
svg text { font: 11px system-ui, sans-serif; fill: var(--soft) } .bar { fill: var(--bar) } .burst { fill: var(--warn) }
.gap { stroke: var(--bar); stroke-width: 1.4 } .late { stroke: var(--bad); stroke-width: 3 }
.axis { stroke: var(--soft) } .grid { stroke: var(--line); stroke-dasharray: 2 4 }
.wait { fill: var(--shade) } .stall { fill: var(--bad); opacity: .25 } summary { cursor: pointer; color: var(--soft) }
"""


def report(tape: TapeFile, environment: Environment, *, text: bool = True) -> str:
    """Return the page as HTML. Without `text` it does not say what was asked and answered. It may take a second: call
    it in a thread."""
    tape = without_private_hosts(redacted(tape, environment.private))
    reply = read_reply(tape)
    metrics = reply.metrics(tape.connection.sent)
    shown, shown_reply = tape, reply
    judged = tape, reply
    if not text:
        shown = without_text(tape)
        shown_reply = read_reply(shown)
        if isinstance(reply.ending, Failed):  # an error may quote what was asked
            judged = shown, shown_reply
    findings = findings_of(*judged)
    anomaly = first_anomaly(*judged, metrics)
    model = _model(tape)
    host = urlsplit(tape.url).netloc
    title = f"{model} at {host}" if model else f"{tape.method} {host}"
    parts = [
        f"<h1>{_line(title)}</h1>",
        f'<p class="soft">{tape.at:%Y-%m-%d %H:%M:%S} UTC · {_line(tape.method)} {_line(tape.url)} · '
        f"HTTP {tape.status or 'without a response'}</p>",
        _verdict(findings),
        _anomaly(anomaly, shown_reply),
        f"<h2>Figures</h2>{_figures(metrics, reply)}",
        _charts(tape, reply, metrics),
        f"<h2>Phases</h2>{_phases(tape, reply)}",
        f"<h2>Findings</h2>{_findings(findings)}",
        _texts(tape, reply) if text else '<p class="soft">What was asked and answered is left out.</p>',
        f"<h2>Send it again</h2><pre>{_text(curl_command(shown))}</pre>",
        _headers(shown),
        _frames(shown_reply.frames, anomaly),
        f"<h2>Environment</h2><p>tui-chat {_line(__version__)} · Python {_line(environment.python)} · "
        f"{_line(environment.system)}</p>",
        f"<details><summary>What the figures mean</summary><pre>{_text(DEFINITIONS)}</pre></details>",
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{_line(title)}</title>'
        '<meta name="viewport" content="width=device-width"><meta http-equiv="Content-Security-Policy" '
        f"content=\"default-src 'none'; style-src 'unsafe-inline'\"><style>{_STYLE}</style></head>\n<body>\n"
        + "\n".join(filter(None, parts))
        + "\n</body></html>\n"
    )


def _verdict(findings: Sequence[Finding]) -> str:
    verdict = worst(list(findings))
    bad = [finding for finding in findings if finding.verdict == verdict and verdict in {"fail", "warn"}]
    if not bad:
        return '<p class="verdict ok">✓ Nothing is wrong with this exchange.</p>'
    first = bad[0]
    side = f" On the side of {_SIDES[first.side]}." if first.side else ""
    return f'<p class="verdict {verdict}">{_SIGNS[verdict][0]} {_line(first.text)}{side} {_line(first.advice)}</p>'


_SIDES: Final = {
    "you": "the one who asks",
    "network": "the network",
    "proxy": "a proxy",
    "server": "the server",
    "model": "the model",
}


def _anomaly(anomaly: Anomaly | None, reply: TapedReply) -> str:
    if anomaly is None:
        return ""
    head = f"<h2>First anomaly, at {anomaly.at:.3f} s</h2><p class='anomaly'>{_line(anomaly.text)}</p>"
    if anomaly.frame is None:
        return head
    around = reply.frames[max(0, anomaly.frame - _AROUND) : anomaly.frame + _AROUND + 1]
    here = reply.frames[anomaly.frame].number if anomaly.frame < len(reply.frames) else 0
    return head + _frame_table(around, here, _SHORT)


def _figures(metrics: ReplyMetrics, reply: TapedReply) -> str:
    gaps = metrics.gaps
    usage = reply.usage
    tokens = f"{'~' if metrics.estimated else ''}{metrics.tokens:,}"
    facts = [
        ("Time to first token", _seconds(metrics.first_token)),
        ("Request latency", _seconds(metrics.latency)),
        ("Inter-token latency", _milliseconds(metrics.inter_token)),
        ("Output throughput", _rate(metrics.throughput)),
        ("… per user", _rate(metrics.throughput_per_user)),
        ("Output tokens", tokens),
        ("Prompt tokens", "n/a" if usage is None or usage.input is None else f"{usage.input:,}"),
        ("Deltas, arrivals", f"{metrics.deltas:,}, {metrics.arrivals or 0:,}"),
        ("Gaps: median", _milliseconds(None if gaps is None else gaps.p50)),
        ("Gaps: p90", _milliseconds(None if gaps is None else gaps.p90)),
        ("Gaps: p99", _milliseconds(None if gaps is None else gaps.p99)),
        ("Gaps: longest", _milliseconds(None if gaps is None else gaps.longest)),
        ("Stalls", str(len(metrics.stalls))),
    ]
    return "<dl>" + "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts) + "</dl>"


def _charts(tape: TapeFile, reply: TapedReply, metrics: ReplyMetrics) -> str:
    deltas = [delta.at for delta in reply.deltas]
    if not deltas:
        return ""
    sent = tape.connection.sent or 0.0
    since = [at - sent for at in deltas]
    length, rates = pace(0.0, since, metrics.tokens, BUCKETS)
    chart = pace_svg(length, rates, metrics.stalls, metrics.first_token)
    return (
        "<h2>Tokens per second over time</h2>"
        f"{chart}<h2>The gap before each arrival</h2>{gaps_svg(since, metrics.stalls)}"
    )


def _phases(tape: TapeFile, reply: TapedReply) -> str:
    facts, deltas = tape.connection, reply.deltas
    rows: list[tuple[str, float | None, str]] = [
        ("name looked up", facts.dns, "for"),
        ("connected", facts.connect, "for"),
        ("TLS handshake", facts.tls, "for"),
        ("request sent", facts.sent, "at"),
        ("response headers", tape.responded, "at"),
        ("first frame", reply.frames[0].at if reply.frames else None, "at"),
        ("first token", deltas[0].at if deltas else None, "at"),
        ("last token", deltas[-1].at if deltas else None, "at"),
        ("end", tape.ended, "at"),
    ]
    cells = "".join(
        f"<tr><td>{name}</td><td class='n'>{how if value is not None else ''} {_seconds(value)}</td></tr>"
        for name, value, how in rows
        if value is not None
    )
    notes = ["the connection had been open before" if facts.reused else "the connection was opened for this request"]
    if facts.proxy:
        notes.append(f"through the proxy {facts.proxy}")
    notes.append({"end": "the body was read to its end", "stopped": "the client hung up"}.get(tape.how, tape.how))
    if tape.why:
        notes.append(tape.why)
    if tape.dropped_bytes:
        notes.append(f"the first {tape.dropped_bytes:,} bytes of the body were not kept")
    return f"<table>{cells}</table><p class='soft'>{_line('; '.join(filter(None, notes)))}.</p>"


def _findings(findings: Iterable[Finding]) -> str:
    rows = "".join(
        f"<tr><td class='n {finding.verdict}'>{_SIGNS[finding.verdict]}</td><td>{_line(finding.check)}</td>"
        f"<td>{_line(finding.text)} <span class='soft'>"
        f"{f'On the side of {_SIDES[finding.side]}. ' if finding.side else ''}{_line(finding.advice)}</span></td></tr>"
        for finding in findings
    )
    return f"<table>{rows}</table>"


def _texts(tape: TapeFile, reply: TapedReply) -> str:
    answer = "".join(event.text for event in reply.deltas if isinstance(event, TextDelta))
    thoughts = "".join(event.text for event in reply.deltas if isinstance(event, ReasoningDelta))
    parts = [("What was asked", _pretty(tape.body)), ("Reasoning", thoughts), ("The reply", answer)]
    return "".join(
        f"<details><summary>{name} ({len(text):,} characters)</summary><pre>{_text(_cut(text))}</pre></details>"
        for name, text in parts
        if text
    )


def _headers(tape: TapeFile) -> str:
    def lines(headers: Iterable[tuple[str, str]]) -> str:
        return "\n".join(f"{name}: {value}" for name, value in headers)

    return (
        f"<details><summary>Headers</summary><pre>{_text(lines(tape.headers))}\n\n"
        f"{tape.status or ''}\n{_text(lines(tape.response_headers))}</pre></details>"
    )


def _frames(frames: Sequence[TapedFrame], anomaly: Anomaly | None) -> str:
    if not frames:
        return ""
    here = 0
    if anomaly is not None and anomaly.frame is not None and anomaly.frame < len(frames):
        here = frames[anomaly.frame].number
    more = f", the first {MOST_FRAMES} of" if len(frames) > MOST_FRAMES else ""
    return (
        f"<details><summary>Frames{more} {len(frames):,}</summary>{_frame_table(frames[:MOST_FRAMES], here)}</details>"
    )


def _frame_table(frames: Iterable[TapedFrame], here: int, longest: int = _LONGEST) -> str:
    rows = "".join(
        f"<tr{' class=here' if frame.number == here else ''}><td class='n'>{frame.number}</td>"
        f"<td class='n'>{frame.at * 1000:,.1f}</td><td class='n'>{frame.gap * 1000:,.1f}</td>"
        f"<td>{_line(frame.event or frame.kind)}</td><td class='data'>{_means(frame)}"
        f"<span class='soft'>{_line(_cut(frame.data, longest))}</span></td></tr>"
        for frame in frames
    )
    heads = "<th class='n'>#</th><th class='n'>ms</th><th class='n'>gap</th><th>kind</th><th>data</th>"
    return f"<table><tr>{heads}</tr>{rows}</table>"


def _means(frame: TapedFrame) -> str:
    """The text that a frame adds to the reply, in quotes."""
    text = "".join(event.text for event in frame.events if isinstance(event, TextDelta | ReasoningDelta))
    return f"<b>{_line(json.dumps(_cut(text, _SHORT), ensure_ascii=False))}</b> " if text else ""


def _model(tape: TapeFile) -> str:
    body = _object(tape.body)
    model = body.get("model") if isinstance(body, dict) else None
    return model if isinstance(model, str) else ""


def _pretty(body: str) -> str:
    document = _object(body)
    return body if document is None else json.dumps(document, ensure_ascii=False, indent=2)


def _object(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _cut(text: str, longest: int = _LONGEST_TEXT) -> str:
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text) - longest:,} characters more)"


def _line(text: str) -> str:
    return escape(clean_line(text))


def _text(text: str) -> str:
    return escape(clean(text))


def _seconds(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.3f} s"


def _milliseconds(value: float | None) -> str:
    return "n/a" if value is None else f"{value * 1000:,.1f} ms"


def _rate(value: float | None) -> str:
    return "n/a" if value is None else f"{value:,.1f} tok/s"
