"""The words of servers for a conversation that is too long, as their documentation and their users report them."""

from __future__ import annotations

import pytest

from tui_chat.wire.failures.overflow import is_overflow

SAID = {
    "OpenAI": "This model's maximum context length is 8192 tokens. However, your messages resulted in 8545 tokens.",
    "OpenAI Responses": "Your input exceeds the context window of this model. Please adjust your input and try again.",
    "Anthropic": "prompt is too long: 213462 tokens > 200000 maximum",
    "Anthropic with a limit": "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000",
    "Bedrock": "Input is too long for requested model.",
    "Gemini": "The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).",
    "xAI": "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
    "Groq": "Please reduce the length of the messages or completion.",
    "OpenRouter": "This endpoint's maximum context length is 32768 tokens. However, you requested about 40000 tokens",
    "Mistral": "Prompt contains 42000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
    "llama.cpp": "the request exceeds the available context size, try increasing it",
    "llama.cpp, older": "request (8731 tokens) exceeds the available context size (4096 tokens), try increasing it",
    "LM Studio": "The number of tokens to keep from the initial prompt is greater than the context length. Try to load",
    "LM Studio, another": "Trying to keep the first 5210 tokens when context the overflows. However, the model",
    "SiliconFlow": "length of prompt_tokens (48322) must be less than max_seq_len (32768).",
    "MiniMax": "invalid params, context window exceeds limit (2013)",
    "Moonshot": "Invalid request: Your request exceeded model token limit: 262144 (requested: 291351)",
    "Copilot": "prompt token count of 128921 exceeds the limit of 128000",
    "Zhipu": "Prompt exceeds max length",
    "Zhipu in Chinese": "Prompt 超长",
    "DashScope": "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 30720]",
    "TGI": "Input validation error: `inputs` must have less than 4096 tokens. Given: 5000",
    "Together": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000",
    "Cohere": "too many tokens: total number of tokens in the prompt cannot exceed 4081",
    "Ollama": "the input length exceeds the context length",
    "vLLM": "The decoder prompt (length 40000) is longer than the maximum model length of 32768.",
    "SGLang": "The input (131100 tokens) is longer than the model's context length (131072 tokens).",
    "SGLang, another": "Requested token count exceeds the model's maximum context length of 8192 tokens.",
    "Fireworks": "The prompt is too long: 200000, model maximum context length: 131071",
    "a limit of tokens": "Token count exceeds the limit of 8192",
    "a comparison": "total tokens 9000 is greater than 8192",
    "Chinese": "上下文长度超过限制",
    "Cerebras": "Please reduce the length of the messages or completion. Current length is 9000 while limit is 8192",
}


@pytest.mark.parametrize("who", SAID)
def test_every_servers_words_are_known(who: str) -> None:
    assert is_overflow(SAID[who])


@pytest.mark.parametrize("code", ["context_length_exceeded", "exceed_context_size_error"])
def test_a_code_says_it_without_any_words(code: str) -> None:
    assert is_overflow("", code)
    assert is_overflow("", "", code)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 8000",
        "max_tokens is too large: 300000. This model supports at most 16384 completion tokens",
        "The model `x` does not exist",
        "Invalid value for temperature",
        "You exceeded your current quota, please check your plan and billing details",
        "CUDA out of memory",
        "Rate limit reached for requests",
        "The image is too large",
    ],
)
def test_other_errors_are_not_taken_for_it(said: str) -> None:
    assert not is_overflow(said)


def test_a_huge_error_is_looked_at_within_bounds() -> None:
    assert not is_overflow("context " * 1_000_000)
