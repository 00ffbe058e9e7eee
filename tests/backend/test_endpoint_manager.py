"""Endpoints of a run: saved into config.toml and used at once, listed with what is known, keys bound to their hosts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.byte_server import ByteServer, whole
from tui_chat.backend.backend import AppBackend
from tui_chat.chat.endpoint_ports import EndpointDraft
from tui_chat.chat.events import Failed
from tui_chat.chat.model_ports import LocalServer, ModelInfo, SetupError

if TYPE_CHECKING:
    from pathlib import Path

KEY = "sk-Yx4kQv9TnB2rLm7C"
CONFIG = f"""\
endpoint = "one"

[endpoints.one]  # mine
base_url = "https://one.example/v1"
key = "{KEY}"

[endpoints.two]
base_url = "http://127.0.0.1:9/v1"
key_env = "TWO_KEY"
headers = {{ X-Auth = "secret-of-two" }}
"""


@pytest.fixture
def file(home: Path) -> Path:
    path = home / ".config" / "tui-chat" / "config.toml"
    path.parent.mkdir(parents=True)
    return path


def content(file: Path) -> str:
    return file.read_text()


def put(file: Path, text: str) -> None:
    file.write_text(text)


def loaded(file: Path, text: str = CONFIG) -> AppBackend:
    file.write_text(text)
    backend = AppBackend({})
    backend.load()
    return backend


async def test_a_saved_endpoint_can_be_opened_at_once_and_its_key_is_masked(file: Path) -> None:
    backend = AppBackend({})
    assert backend.load().connection.demo
    try:
        draft = EndpointDraft(" https://new.example/v1 ", "typed", f" {KEY}\n", "m", "new")
        assert backend.manager.save(draft) == "new"
        connection = backend.manager.open("new")
        assert (connection.host, connection.model_name, connection.name) == ("new.example", "m", "new")
        assert backend.endpoints() == ("new", "demo")
        assert backend.masked(f"a crash with {KEY}") == "a crash with ••••"
        text = f'[endpoints.new]\nbase_url = "https://new.example/v1"\nkey = "{KEY}"\nmodel = "m"\n'
        assert content(file) == text
    finally:
        await backend.close()


async def test_an_edited_endpoint_keeps_its_key_its_comments_and_what_the_form_does_not_show(file: Path) -> None:
    backend = loaded(file)
    try:
        draft = backend.manager.draft_of("one")
        assert (draft.key_source, draft.key, draft.default) == ("kept", "", True)
        old = backend.manager.open("one")
        changed = EndpointDraft(draft.base_url, "kept", "", "m2", "uno", None, "one")
        assert backend.manager.save(changed) == "uno"
        renamed = CONFIG.replace("one]", "uno]").replace('"one"', '"uno"')
        assert content(file) == renamed.replace(f'{KEY}"\n', f'{KEY}"\nmodel = "m2"\n')
        new = backend.manager.open("uno")
        assert new.model is not old.model
        assert new.model_name == "m2"
    finally:
        await backend.close()


async def test_a_kept_key_does_not_go_to_another_host(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWO_KEY", "sk-two-two-two")
    backend = loaded(file)
    async with ByteServer() as server:
        try:
            draft = EndpointDraft(server.url, "kept", "", "", "one", None, "one")
            (report,) = [each async for each in backend.manager.test(draft)]
            assert (report.field, report.problem) == ("key", "The saved key is for one.example.")
            with pytest.raises(SetupError, match=r"The saved key is for one\.example"):
                backend.manager.save(draft)
            draft = EndpointDraft(server.url, "none", "", "", "two", None, "two")
            (report,) = [each async for each in backend.manager.test(draft)]
            assert report.problem == "two has headers that were set for 127.0.0.1:9."
            assert server.requests == []
            assert content(file) == CONFIG
        finally:
            await backend.close()


async def test_the_named_variable_is_used_and_kept_from_programs_that_are_started(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_KEY", KEY)
    backend = AppBackend({})
    backend.load()
    try:
        assert backend.manager.variable_is_set("some_key")
        backend.manager.save(EndpointDraft("https://h.example/v1", "variable", "SOME_KEY", "m", "h"))
        assert 'key_env = "SOME_KEY"' in content(file)
        assert "SOME_KEY" not in os.environ
        assert backend.masked(KEY) == "••••"
        assert backend.manager.open("h").name == "h"
    finally:
        await backend.close()


@pytest.mark.parametrize(
    ("name", "words"), [("", "has no name"), ("demo", "built-in"), ("one", "already"), ("a\x1b", "cannot be used")]
)
async def test_a_name_that_cannot_be_taken_says_why(name: str, words: str, file: Path) -> None:
    backend = loaded(file, CONFIG.replace('key_env = "TWO_KEY"\n', ""))
    try:
        with pytest.raises(SetupError, match=words):
            backend.manager.save(EndpointDraft("https://h.example/v1", name=name))
    finally:
        await backend.close()


async def test_a_change_of_the_file_by_hand_is_kept_and_one_of_the_same_endpoint_is_not_overwritten(
    file: Path,
) -> None:
    backend = loaded(file)
    try:
        by_hand = CONFIG + '\n[endpoints.three]\nbase_url = "https://three.example"\n'
        put(file, by_hand)
        backend.manager.save(EndpointDraft("https://h.example/v1", name="four"))
        assert content(file) == by_hand + '\n[endpoints.four]\nbase_url = "https://h.example/v1"\n'
        assert "three" in backend.endpoints()
        put(file, content(file).replace("three.example", "moved.example"))
        with pytest.raises(SetupError, match="three was changed there meanwhile"):
            backend.manager.save(EndpointDraft("https://x.example", name="three", before="three"))
    finally:
        await backend.close()


async def test_a_file_that_was_broken_meanwhile_is_one_sentence(file: Path) -> None:
    backend = loaded(file)
    try:
        put(file, "broken [")
        draft = EndpointDraft("https://h.example/v1", name="h")
        with pytest.raises(SetupError, match=r"config\.toml: cannot be read"):
            backend.manager.save(draft)
        with pytest.raises(SetupError, match=r"config\.toml: cannot be read"):
            backend.manager.reload()
        assert [each async for each in backend.manager.test(draft)][-1].problem.count("\n") == 0
        assert content(file) == "broken ["
    finally:
        await backend.close()


async def test_a_removed_endpoint_is_no_longer_listed_and_an_open_one_still_answers(file: Path) -> None:
    backend = loaded(file)
    try:
        backend.manager.remove("one")
        assert "one" not in [each.id for each in backend.manager.endpoints()]
        assert "endpoint =" not in content(file)
    finally:
        await backend.close()


async def test_the_list_says_of_each_endpoint_what_it_is(file: Path) -> None:
    text = CONFIG + '\n[endpoints.three]\nbase_url = "http://127.0.0.1:9/v1"\nkey_command = "false"\n'
    backend = loaded(file, text)
    try:
        one, two, three, demo = backend.manager.endpoints()
        assert (one.host, one.current, one.default, one.editable) == ("one.example", True, True, True)
        assert "the variable TWO_KEY is not set" in two.problem
        assert (three.asks_first, demo.host, demo.asks_first) == (True, "built in", True)
        failed = await backend.manager.models("three")
        assert isinstance(failed, Failed)
        assert "false ended with status 1" in failed.problem
    finally:
        await backend.close()


async def test_models_are_listed_without_leaving_the_current_endpoint_and_recent_ones_name_their_endpoint(
    file: Path,
) -> None:
    async with ByteServer() as server:
        server.script = lambda _: whole(b'{"data": [{"id": "a"}, {"id": "b"}]}')
        backend = loaded(file, CONFIG.replace("http://127.0.0.1:9", server.url).replace('key_env = "TWO_KEY"\n', ""))
        try:
            assert await backend.manager.models("two") == (ModelInfo("a"), ModelInfo("b"))
            assert [each.current for each in backend.manager.endpoints()] == [True, False, False]
            known = backend.manager.known_models("two")
            assert known is not None
            assert known.models == (ModelInfo("a"), ModelInfo("b"))
            connection = backend.manager.open("two", "b")
            assert connection.model_name == "b"
            backend.manager._cache.mark_used(f"{server.url}/v1", "b")
            assert backend.manager.recent() == [("two", "b")]
        finally:
            await backend.close()


async def test_a_server_that_was_found_is_listed_and_can_be_opened_again(file: Path) -> None:
    backend = loaded(file)
    try:
        backend.connect(LocalServer("Ollama", "http://127.0.0.1:11434/v1", ("m",)))
        found = backend.manager.endpoints()[0]
        assert (found.name, found.current, found.editable) == ("127.0.0.1:11434", True, False)
        assert backend.manager.open(found.id).host == "127.0.0.1:11434"
    finally:
        await backend.close()
