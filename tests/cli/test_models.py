from __future__ import annotations

import json
import os
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from typing import TYPE_CHECKING

from tests.byte_server import ByteServer, whole
from tui_chat.chat.model_ports import ModelInfo
from tui_chat.cli.models import table

if TYPE_CHECKING:
    from tests.byte_server import Step


async def listed(steps: list[Step], *arguments: str) -> tuple[int | None, str, str, str]:
    async with ByteServer(lambda _: steps) as server:
        process = await create_subprocess_exec(
            *(sys.executable, "-m", "tui_chat", "models", "--base-url", server.url, "--api", "openai-chat", *arguments),
            env=os.environ,
            stdout=PIPE,
            stderr=PIPE,
        )
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode(), server.url


def test_columns_stand_only_where_somebody_tells() -> None:
    assert table([ModelInfo("a\x1b[31m"), ModelInfo("b")]) == ["a\ufffd[31m", "b"]
    assert table([ModelInfo("long-name", 131072), ModelInfo("b")]) == [
        "model      context",
        "long-name  131,072",
        "b              n/a",
    ]
    assert table([ModelInfo("a", 8192, 0.27, 1.1), ModelInfo("b")]) == [
        "model  context  $/M in  $/M out",
        "a        8,192    0.27     1.10",
        "b          n/a     n/a      n/a",
    ]


async def test_models_are_printed_a_line_each() -> None:
    status, out, err, _ = await listed(whole(b'{"data": [{"id": "one", "max_model_len": 4096}, {"id": "two"}]}'))
    assert (status, err) == (0, "")
    assert out == "model  context\none      4,096\ntwo        n/a\n"


async def test_as_json_they_are_a_list_and_what_is_not_told_is_null() -> None:
    status, out, _, _ = await listed(whole(b'{"data": [{"id": "\\u001b"}]}'), "--json")
    assert status == 0
    (model,) = json.loads(out)
    assert model.pop("name") == "\x1b"
    assert model.pop("prices_from") == "model list"
    assert {"context", "images", "input_price", "output_price", "cached_price", "reasoning_price"} == model.keys()
    assert set(model.values()) == {None}


async def test_a_server_without_a_list_says_so_and_has_its_status() -> None:
    status, out, err, url = await listed(whole(b"{}", 404))
    assert (status, out) == (5, "")
    assert "gives no list of models" in err
    assert f"{url}/models" in err
