"""The size of the context window and whether a model takes pictures, as servers tell it apart from their lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.byte_server import ByteServer, whole
from tui_chat.wire.client import Client
from tui_chat.wire.endpoint import Endpoint
from tui_chat.wire.model_details import ModelDetails, ServerKind, server_kind

if TYPE_CHECKING:
    from collections.abc import Mapping

SHOW: dict[str, Any] = {"model_info": {"llama.context_length": 131072}, "parameters": "stop x\nnum_ctx    8192\n"}


class Documents:
    """The documents of a server by path, and the paths that were asked for."""

    def __init__(self, **documents: object) -> None:
        self._documents = {name.replace("_", "/"): document for name, document in documents.items()}
        self.asked: list[str] = []

    async def fetch(self, url: str, body: Mapping[str, Any] | None) -> object:
        """The document at a path, or nothing."""
        path = url.partition("//")[2].partition("/")[2]
        self.asked.append(path)
        return self._documents.get(path)


async def window(documents: Documents, url: str = "http://127.0.0.1:8080/v1", **options: object) -> int | None:
    """Ask for the model `m`."""
    return (await ModelDetails(Endpoint(url, dialect="auto"), documents.fetch).about("m", options)).context


def listed(owner: str, *names: str) -> dict[str, object]:
    """A list of models whose owner is the name of a server."""
    return {"object": "list", "data": [{"id": name, "owned_by": owner} for name in names or ("m",)]}


LLAMA, LM, OLLAMA = listed("llamacpp"), listed("organization-owner"), listed("library", "m:latest")


@pytest.mark.parametrize(
    ("documents", "size", "asked"),
    [
        (Documents(v1_models=LLAMA, props={"default_generation_settings": {"n_ctx": 4096}, "n_ctx": 16384}), 4096, 2),
        (Documents(v1_models=LLAMA, props={"n_ctx": 16384}), 16384, 2),
        (
            Documents(v1_models=LM, api_v0_models={"data": [{"id": "o"}, {"id": "m", "max_context_length": 2048}]}),
            2048,
            2,
        ),
        (
            Documents(
                v1_models=LM, api_v0_models={"data": [{"id": "m", "max_context_length": 9, "loaded_context_length": 5}]}
            ),
            5,
            2,
        ),
        (
            Documents(
                v1_models=OLLAMA, api_ps={"models": [{"name": "m:latest", "context_length": 32768}]}, api_show=SHOW
            ),
            32768,
            3,
        ),
        (Documents(v1_models=OLLAMA, api_ps={"models": []}, api_show=SHOW), 8192, 3),
        (
            Documents(
                v1_models=OLLAMA, api_ps={"models": []}, api_show={"model_info": {"llama.context_length": 131072}}
            ),
            None,
            3,
        ),
        (Documents(v1_models={"data": [{"id": "m", "max_model_len": 512}]}), None, 1),
        (Documents(v1_models=listed("somebody"), props={"n_ctx": 77}), 77, 2),
        (Documents(), None, 2),
    ],
)
async def test_the_list_of_models_says_which_server_it_is_and_so_where_to_ask(
    documents: Documents, size: int | None, asked: int
) -> None:
    assert await window(documents) == size
    assert len(documents.asked) == asked


async def test_the_kind_of_server_is_asked_for_once() -> None:
    documents = Documents(v1_models=LLAMA, props={"n_ctx": 5})
    details = ModelDetails(Endpoint("http://127.0.0.1:8080/v1", dialect="auto"), documents.fetch)
    assert [(await details.about(model, {})).context for model in ("m", "n")] == [5, 5]
    assert documents.asked == ["v1/models", "props", "props"]


async def test_a_server_of_no_known_kind_is_asked_for_its_list_alone_the_second_time() -> None:
    documents = Documents(v1_models=listed("somebody"))
    details = ModelDetails(Endpoint("http://127.0.0.1:8080/v1", dialect="auto"), documents.fetch)
    assert [(await details.about(model, {})).context for model in ("m", "n")] == [None, None]
    assert documents.asked == ["v1/models", "props", "v1/models"]


@pytest.mark.parametrize(
    ("models", "url", "kind"),
    [
        (listed("me", "a:1b", "b:latest"), "http://127.0.0.1:8080/v1", "Ollama"),
        (listed("me", "a:1b", "b"), "http://127.0.0.1:8080/v1", "other"),
        (None, "http://127.0.0.1:11434/v1", "Ollama"),
        (None, "http://127.0.0.1:1234/v1", "LM Studio"),
        (listed("me"), "http://127.0.0.1:1234/v1", "other"),
        ({"data": "odd"}, "http://127.0.0.1:8080/v1", "other"),
    ],
)
def test_a_server_without_a_telling_owner(models: object, url: str, kind: ServerKind) -> None:
    assert server_kind(models, url) == kind


async def test_ollama_is_asked_for_what_is_its_own_alone() -> None:
    documents = Documents(api_ps={"models": []}, api_show=SHOW)
    assert await window(documents, "http://127.0.0.1:11434/api") == 8192
    assert documents.asked == ["api/ps", "api/show"]


async def test_a_server_that_answers_every_path_alike_gets_no_post() -> None:
    same = {"object": "list", "data": [{"id": "m"}]}
    documents = Documents(v1_models=same, props=same, api_v0_models=same, api_ps=same, api_show=same)
    assert await window(documents) is None
    assert documents.asked == ["v1/models", "props"]


async def test_what_the_options_set_for_ollama_counts() -> None:
    documents = Documents(v1_models=OLLAMA, api_ps={"models": []}, api_show=SHOW)
    assert await window(documents, num_ctx=2048) == 2048
    assert await window(Documents(), "https://api.example.com/v1", num_ctx=2048) == 2048


async def test_a_server_on_the_internet_is_left_alone() -> None:
    documents = Documents(props={"n_ctx": 1})
    assert await window(documents, "https://api.example.com/v1") is None
    assert documents.asked == []


@pytest.mark.parametrize(
    "odd", [[], "x", {"n_ctx": -1}, {"n_ctx": 1e300}, {"n_ctx": "many"}, {"n_ctx": True}, {"n_ctx": 0}, {"n_ctx": None}]
)
async def test_odd_answers_are_no_size(odd: object) -> None:
    for models in (odd, LLAMA, LM, OLLAMA):
        documents = Documents(v1_models=models, props=odd, api_v0_models=odd, api_ps=odd, api_show=odd)
        assert await window(documents) is None
    documents = Documents(v1_models=OLLAMA, api_ps={"models": odd}, api_show={"parameters": odd})
    assert await window(documents) is None


async def test_a_size_with_too_many_digits_is_none() -> None:
    shown = {"parameters": "num_ctx " + "9" * 5000}
    assert await window(Documents(v1_models=OLLAMA, api_ps={"models": []}, api_show=shown)) is None


async def test_the_client_fetches_it_over_a_real_connection() -> None:
    async with ByteServer(script=lambda _: whole(b'{"default_generation_settings": {"n_ctx": 4096}}')) as server:
        client = Client(Endpoint(server.url), max_retries=0)
        assert (await client.model_details("m", {})).context == 4096
        await client.aclose()


async def test_a_server_that_answers_nonsense_tells_nothing() -> None:
    async with ByteServer(script=lambda _: whole(b"<html>", 200, "text/html")) as server:
        client = Client(Endpoint(server.url), max_retries=0)
        assert (await client.model_details("m", {})).context is None
        await client.aclose()


PS: dict[str, Any] = {"models": [{"name": "m:latest", "context_length": 4096}]}


@pytest.mark.parametrize(
    ("documents", "images"),
    [
        (Documents(v1_models=LLAMA, props={"n_ctx": 1, "modalities": {"vision": True, "audio": False}}), True),
        (Documents(v1_models=LLAMA, props={"modalities": {"vision": False}}), False),
        (Documents(v1_models=LLAMA, props={"modalities": {"vision": "yes"}}), None),
        (Documents(v1_models=LLAMA, props={"modalities": ["vision"]}), None),
        (Documents(v1_models=LLAMA, props={"n_ctx": 1}), None),
        (Documents(v1_models=OLLAMA, api_ps=PS, api_show={"capabilities": ["completion", "vision"]}), True),
        (Documents(v1_models=OLLAMA, api_ps=PS, api_show={"capabilities": ["completion", "tools"]}), False),
        (Documents(v1_models=OLLAMA, api_ps=PS, api_show={"capabilities": ["embedding"]}), None),
        (Documents(v1_models=OLLAMA, api_ps=PS, api_show={"capabilities": "vision"}), None),
        (Documents(v1_models=OLLAMA, api_ps=PS, api_show=SHOW), None),
        (Documents(v1_models=LM, api_v0_models={"data": [{"id": "m", "type": "vlm"}]}), True),
        (Documents(v1_models=LM, api_v0_models={"data": [{"id": "m", "type": "llm"}]}), False),
    ],
)
async def test_servers_tell_whether_a_model_takes_pictures(documents: Documents, images: bool | None) -> None:
    details = ModelDetails(Endpoint("http://127.0.0.1:8080/v1", dialect="auto"), documents.fetch)
    assert (await details.about("m", {})).images is images
