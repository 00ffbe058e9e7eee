from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tui_chat.backend.model_cache import RECENT, ModelCache
from tui_chat.chat.model_ports import ModelInfo

if TYPE_CHECKING:
    from pathlib import Path

URL = "http://h.example/v1"
MODELS = (ModelInfo("a", 8192, 0.5, 1.5), ModelInfo("b"), ModelInfo("c"))


@pytest.fixture
def cache(tmp_path: Path) -> ModelCache:
    return ModelCache(tmp_path / "cache", tmp_path / "state")


def names(cache: ModelCache, url: str = URL) -> list[str]:
    return [model.name for model in cache.recent_first(url, MODELS)]


def test_a_list_is_kept_by_its_url_with_its_age(cache: ModelCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_chat.backend.model_cache.time", lambda: 1000.0)
    cache.store(URL, MODELS)
    monkeypatch.setattr("tui_chat.backend.model_cache.time", lambda: 1090.0)
    known = cache.known(URL)
    assert known is not None
    assert (known.models, known.age) == (MODELS, 90.0)
    assert cache.known("http://other.example/v1") is None


def test_models_that_were_asked_lately_come_first_the_last_one_before_all(cache: ModelCache) -> None:
    assert names(cache) == ["a", "b", "c"]
    for model in ("b", "c", "c"):
        cache.mark_used(URL, model)
    assert names(cache) == ["c", "b", "a"]
    assert names(cache, "http://other.example/v1") == ["a", "b", "c"]


def test_a_list_is_kept_as_the_server_gave_it_and_shown_recent_first(cache: ModelCache) -> None:
    cache.store(URL, MODELS)
    cache.mark_used(URL, "c")
    known = cache.known(URL)
    assert known is not None
    assert [model.name for model in known.models] == ["c", "a", "b"]


def test_only_so_many_are_remembered(cache: ModelCache, tmp_path: Path) -> None:
    for number in range(RECENT + 5):
        cache.mark_used(URL, f"m{number}")
    (kept,) = json.loads((tmp_path / "state" / "recent-models.json").read_text()).values()
    assert len(kept) == RECENT
    assert kept[0] == [URL, f"m{RECENT + 4}"]


def test_the_files_are_for_nobody_else_to_read(cache: ModelCache, tmp_path: Path) -> None:
    cache.store(URL, MODELS)
    cache.mark_used(URL, "a")
    made = [(path.is_dir(), path.stat().st_mode & 0o777) for path in tmp_path.rglob("*")]
    assert sorted(made) == [(False, 0o600)] * 2 + [(True, 0o700)] * 3


@pytest.mark.parametrize(
    "held", ["", "[]", "{}", '{"told": 1}', '{"told": "x", "models": []}', '{"models": [{"x": 1}]}']
)
def test_a_damaged_file_is_as_none(held: str, cache: ModelCache, tmp_path: Path) -> None:
    cache.store(URL, MODELS)
    (path,) = (tmp_path / "cache" / "models").iterdir()
    path.write_text(held)
    assert cache.known(URL) is None
    cache.store(URL, MODELS)
    assert cache.known(URL) is not None


def test_where_nothing_can_be_written_nothing_is_remembered(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "state").write_text("a file in the folder's place")
    cache = ModelCache(tmp_path / "cache", tmp_path / "state")
    cache.mark_used(URL, "a")
    assert names(cache) == ["a", "b", "c"]
    assert "cannot be written" in caplog.text


def test_what_an_earlier_version_kept_is_read(cache: ModelCache, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "recent-models.json").write_text(json.dumps({URL: ["b", "a"], "http://i/v1": ["c"]}))
    assert cache.recent() == [(URL, "b"), (URL, "a"), ("http://i/v1", "c")]
    cache.mark_used("http://i/v1", "c")
    assert cache.recent() == [("http://i/v1", "c"), (URL, "b"), (URL, "a")]


def test_a_damaged_file_of_recent_models_is_as_good_as_none(cache: ModelCache, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    for text in ('{"used": [1, ["a"], ["a", 2], {"a": "b"}, "xy"]}', "[]", '{"used": {}}', "{"):
        (tmp_path / "state" / "recent-models.json").write_text(text)
        assert cache.recent() == []
