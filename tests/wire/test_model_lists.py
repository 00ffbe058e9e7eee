from __future__ import annotations

import pytest

from tui_chat.chat.model_ports import ModelInfo
from tui_chat.wire.model_lists import read_models


@pytest.mark.parametrize(
    ("item", "info"),
    [
        pytest.param({"id": "a", "object": "model"}, ModelInfo("a"), id="openai"),
        pytest.param({"id": "a", "max_model_len": 40960}, ModelInfo("a", 40960), id="vllm"),
        pytest.param(
            {"id": "a", "meta": {"vocab_type": 1, "n_ctx_train": 32768}}, ModelInfo("a", 32768), id="llama.cpp"
        ),
        pytest.param(
            {"id": "a", "max_context_length": 131072, "loaded_context_length": 4096},
            ModelInfo("a", 4096),
            id="lm-studio",
        ),
        pytest.param({"id": "a", "context_window": 8192}, ModelInfo("a", 8192), id="groq"),
        pytest.param(
            {"id": "o/a", "context_length": 163840, "pricing": {"prompt": "0.00000027", "completion": "0.0000011"}},
            ModelInfo("o/a", 163840, 0.27, 1.1),
            id="openrouter",
        ),
        pytest.param(
            {"id": "o/auto", "context_length": 2000000, "pricing": {"prompt": "-1", "completion": "-1"}},
            ModelInfo("o/auto", 2000000),
            id="openrouter-auto-has-no-price-of-its-own",
        ),
        pytest.param(
            {"id": "a", "pricing": {"input": 0.18, "output": 0.59, "base": 0}},
            ModelInfo("a", None, 0.18, 0.59),
            id="together",
        ),
        pytest.param(
            {
                "id": "o/a",
                "context_window": 128000,
                "pricing": {"input": "0.0000004", "output": "0.0000016", "input_cache_read": "0.0000001"},
            },
            ModelInfo("o/a", 128000, 0.4, 1.6, 0.1),
            id="vercel",
        ),
        pytest.param(
            {
                "id": "a",
                "metadata": {"context_length": 32768, "pricing": {"input_tokens": 0.03, "output_tokens": 0.05}},
            },
            ModelInfo("a", 32768, 0.03, 0.05),
            id="deepinfra",
        ),
        pytest.param({"name": "qwen3:0.6b", "model": "qwen3:0.6b"}, ModelInfo("qwen3:0.6b"), id="ollama"),
        pytest.param(
            {"name": "models/g", "inputTokenLimit": 1048576, "supportedGenerationMethods": ["generateContent"]},
            ModelInfo("g", 1048576),
            id="gemini",
        ),
        pytest.param(
            {
                "id": "a",
                "context_length": "many",
                "max_model_len": True,
                "pricing": {"prompt": "free", "completion": None},
            },
            ModelInfo("a"),
            id="nonsense-is-not-known",
        ),
    ],
)
def test_what_servers_tell_of_a_model(item: object, info: ModelInfo) -> None:
    assert read_models({"data": [item]}) == (info,)


def test_models_of_gemini_that_do_not_chat_are_left_out() -> None:
    listed = [{"name": "models/embedding", "supportedGenerationMethods": ["embedContent"]}]
    assert read_models({"models": listed}) == ()


@pytest.mark.parametrize("document", [{"data": 3}, None, 3, "a"])
def test_what_is_no_list_is_refused(document: object) -> None:
    with pytest.raises(ValueError, match="no list of models"):
        read_models(document)


@pytest.mark.parametrize(
    ("item", "images"),
    [
        ({"architecture": {"input_modalities": ["text", "image"]}}, True),
        ({"architecture": {"input_modalities": ["text"]}}, False),
        ({"supported_input_modalities": ["text"]}, False),
        ({"capabilities": {"vision": True, "completion_chat": True}}, True),
        ({"capabilities": ["completion", "multimodal"]}, True),
        ({"capabilities": ["completion", "tools"]}, False),
        ({"capabilities": ["chat"]}, None),
        ({"type": "vlm"}, True),
        ({"type": "llm"}, False),
        ({"type": ["odd"], "architecture": 3, "capabilities": 7, "supported_input_modalities": "image"}, None),
        ({}, None),
    ],
)
def test_whether_a_model_takes_pictures(item: dict[str, object], images: bool | None) -> None:
    (model,) = read_models({"data": [{"id": "a", **item}]})
    assert model.images is images
