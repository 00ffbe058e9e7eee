from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def own_certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate that no authority signed, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = f"openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -keyout {key} -out {certificate}"
    if shutil.which("openssl") is None or subprocess.run(command.split(), capture_output=True, check=False).returncode:
        pytest.skip("openssl cannot make a certificate here")
    return certificate, key


@pytest.fixture(scope="session")
def expired_certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate that was valid in January 2020, signed by itself, and its key."""
    folder = tmp_path_factory.mktemp("expired")
    certificate, key, request = folder / "expired.pem", folder / "key.pem", folder / "request.pem"
    (folder / "index.txt").touch()
    (folder / "serial").write_text("01")
    (folder / "ca.cnf").write_text(
        "[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\n"
        "policy=any\n[any]\ncommonName=supplied\n"
    )
    commands = (
        f"openssl req -new -newkey rsa:2048 -nodes -subj /CN=localhost -keyout {key} -out {request}",
        f"openssl ca -batch -config ca.cnf -selfsign -in {request} -keyfile {key} -out {certificate} "
        "-startdate 20200101000000Z -enddate 20200131000000Z",
    )
    made = shutil.which("openssl") is not None and all(
        subprocess.run(command.split(), cwd=folder, capture_output=True, check=False).returncode == 0
        for command in commands
    )
    if not made:
        pytest.skip("openssl cannot make a certificate with dates here")
    return certificate, key


@pytest.fixture
def no_proxy_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy is set, as far as the environment says."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
