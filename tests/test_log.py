from __future__ import annotations

import logging
import stat
import warnings
from typing import TYPE_CHECKING

import pytest

from tui_chat import log as log_room
from tui_chat.log import MASK, Log, Redaction

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

logger = logging.getLogger("tui_chat.test")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    log = Log(tmp_path / "state" / "tui-chat")
    log.set_level("info")
    yield log
    log.close()
    logging.getLogger("tui_chat").setLevel(logging.NOTSET)


def test_only_its_owner_can_read_it(log: Log) -> None:
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.path.parent.stat().st_mode) == 0o700


def test_a_log_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    (tmp_path / log_room.FILE_NAME).touch(0o644)
    Log(tmp_path).close()
    assert stat.S_IMODE((tmp_path / log_room.FILE_NAME).stat().st_mode) == 0o600


def test_it_is_rotated_and_the_new_file_is_private_too(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    for handler in logging.getLogger().handlers:
        if isinstance(handler, log_room.PrivateFile):
            monkeypatch.setattr(handler, "maxBytes", 2000)
    for number in range(100):
        logger.info("line %d %s", number, "x" * 80)
    files = sorted(log.path.parent.iterdir())
    assert len(files) == 1 + log_room.OLD_FILES
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert max(file.stat().st_size for file in files) <= 2000
    assert "line 99 " in log.path.read_text()


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer {}",
        "'authorization': 'Bearer {}'",
        '{{"Authorization": "Basic {}"}}',
        "Headers({{'authorization': '{}', 'x': 'y'}})",
        "(b'x-api-key', b'{}')",
        "x-goog-api-key={}",
        "POST https://host/v1?key={}&alt=sse",
        "https://user:{}@host/v1",
        "said: incorrect API key provided: {}",
    ],
)
def test_a_key_is_masked_wherever_it_stands(text: str) -> None:
    key = "sk-Abc_1234567890-XYZW"
    shown = Redaction().redact(text.format(key) + " and more")
    assert key not in shown
    assert MASK in shown
    assert shown.endswith(" and more")


def test_a_key_it_was_told_of_is_masked_in_any_form(log: Log) -> None:
    log.hide("geheim123")
    logger.info("the server echoed %r", {"k": "geheim123"})
    assert "geheim123" not in log.path.read_text()
    assert MASK in log.path.read_text()


def test_a_very_short_secret_does_not_make_the_log_unreadable() -> None:
    redaction = Redaction()
    redaction.hide("a")
    assert redaction.redact("a plain sentence") == "a plain sentence"


def test_a_traceback_is_masked_too(log: Log) -> None:
    try:
        int("Authorization: Bearer abcdefgh12345678")
    except ValueError:
        logger.exception("a bug")
    text = log.path.read_text()
    assert "Traceback" in text
    assert "abcdefgh12345678" not in text


def test_ordinary_words_stay(log: Log) -> None:
    logger.info("the key of the matter: a task-oriented skeleton, https://host/v1/models 200")
    assert "the key of the matter: a task-oriented skeleton, https://host/v1/models 200" in log.path.read_text()


def test_what_other_packages_warn_of_goes_to_the_file_and_not_to_standard_error(
    log: Log, capfd: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("somebody.else").warning("careful")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old ways", DeprecationWarning, stacklevel=1)
    assert "careful" in log.path.read_text()
    assert "old ways" in log.path.read_text()
    assert capfd.readouterr().err == ""


def test_text_that_cannot_be_encoded_is_written_all_the_same(log: Log) -> None:
    logger.info("half a pair: %s", "\ud83d")
    assert "half a pair: \\ud83d" in log.path.read_text()
