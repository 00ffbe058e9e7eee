"""What the doctor says about the built-in endpoint behind a proxy of other people's: each fault named and blamed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.foreign.cases import CASES, behind_nginx, case
from tests.foreign.servers import Nginx
from tests.wire.doctor.test_examination import found
from tui_chat.wire.endpoint import Endpoint

if TYPE_CHECKING:
    from pathlib import Path

    from tui_chat.wire.doctor.findings import Finding

__all__ = ["CASES"]

PACE = "rate=100&first=0.05"


def examined(url: str, model: str = "count") -> dict[str, Finding]:
    """The findings at a URL by their checks, of several of one check the worst."""
    return asyncio.run(found(Endpoint(url), model))


def told(findings: dict[str, Finding], check: str, verdict: str, side: str | None) -> str:
    """The finding is among them, and no other fails."""
    assert check in findings, f"no {check} in {findings}"
    finding = findings[check]
    assert (finding.verdict, finding.side) == (verdict, side), finding
    others = {name for name, each in findings.items() if each.verdict == "fail"} - {check}
    assert not others, [findings[name] for name in others]
    return f"{check}: {verdict}, {side}: {finding.text} {finding.advice}"


@case("nginx", "doctor: passes everything on")
def _in_order(folder: Path) -> str:
    with behind_nginx(folder, "proxy_buffering off;", options=PACE) as nginx:
        findings = examined(nginx.plain)
    wrong = {name: each for name, each in findings.items() if each.verdict in {"warn", "fail"}}
    assert wrong.keys() <= {"key"}, wrong
    return told(findings, "streaming", "ok", None)


GATHERING = "proxy_ignore_headers X-Accel-Buffering; proxy_http_version 1.0; postpone_output 65536;"
"""What makes nginx fill its buffers; a chunked body that asks not to be buffered is passed on piece by piece."""


@case("nginx", "doctor: buffers the whole stream")
def _buffers(folder: Path) -> str:
    with behind_nginx(folder, f"{GATHERING} proxy_buffers 8 64k; proxy_buffer_size 64k;", options=PACE) as nginx:
        return told(examined(nginx.plain), "streaming", "fail", "proxy")


@case("nginx", "doctor: buffers 4 KB of the stream")
def _buffers_a_little(folder: Path) -> str:
    with behind_nginx(folder, GATHERING, options=PACE) as nginx:
        return told(examined(nginx.plain), "streaming", "warn", "proxy")


@case("nginx", "doctor: compresses the stream for those who accept it")
def _compresses(folder: Path) -> str:
    extra = "proxy_buffering off; gzip on; gzip_proxied any; gzip_min_length 1; gzip_types *; gzip_http_version 1.0;"
    with behind_nginx(folder, extra, options=PACE) as nginx:
        findings = examined(nginx.plain)
    assert findings["streaming"].verdict == "ok", findings["streaming"]
    return told(findings, "compression", "ok", None)


@case("nginx", "doctor: gathers what it compresses")
def _gathers(folder: Path) -> str:
    extra = "gzip on; gzip_proxied any; gzip_min_length 1; gzip_types *; gzip_http_version 1.0; gzip_buffers 4 64k;"
    with behind_nginx(folder, f"proxy_ignore_headers X-Accel-Buffering; {extra}", options=PACE) as nginx:
        findings = examined(nginx.plain)
    assert (findings["compression"].verdict, findings["compression"].side) == ("fail", "proxy"), findings
    return f"compression: fail, proxy: {findings['compression'].text} {findings['compression'].advice}"


@case("nginx", "doctor: gives up after 2 s, before the head")
def _late(folder: Path) -> str:
    with behind_nginx(folder, "proxy_read_timeout 2s; proxy_buffering off;") as nginx:
        return told(examined(nginx.plain, "count?fault=slow&wait=6"), "reply", "fail", "proxy")


@case("nginx", "doctor: gives up after 2 s, in mid-stream")
def _midway(folder: Path) -> str:
    with behind_nginx(folder, "proxy_read_timeout 2s; proxy_buffering off;", options=PACE) as nginx:
        return told(examined(nginx.plain, "count?fault=stall&after=9&pause=6"), "ending", "fail", "proxy")


@case("nginx", "doctor: its server is down")
def _nobody(folder: Path) -> str:
    with Nginx(folder, "http://127.0.0.1:9").running() as nginx:
        return told(examined(nginx.plain), "reply", "fail", "proxy")


@case("nginx", "doctor: takes no large requests")
def _small(folder: Path) -> str:
    with behind_nginx(folder, "client_max_body_size 300; proxy_buffering off;", options=PACE) as nginx:
        return told(examined(nginx.plain), "images", "warn", "proxy")


@case("nginx", "doctor: a certificate that nobody has signed")
def _unsigned(folder: Path) -> str:
    with behind_nginx(folder) as nginx:
        return told(examined(nginx.tls), "certificate", "fail", "server")


@case("nginx", "doctor: the server's own stall is not blamed on it")
def _stalls(folder: Path) -> str:
    with behind_nginx(folder, "proxy_buffering off;", options=PACE) as nginx:
        return told(examined(nginx.plain, "count?fault=stall&after=9&pause=2"), "pace", "warn", "server")
