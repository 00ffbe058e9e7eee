"""What is known of models: the settings win over the server, a model's own over those of its endpoint."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.byte_server import ByteServer, whole
from tui_chat.backend.backend import AppBackend
from tui_chat.backend.model_facts import ModelFacts
from tui_chat.chat.events import Failed
from tui_chat.chat.model_ports import KnownModels, ModelInfo, SetupError
from tui_chat.chat.prices import Prices
from tui_chat.settings.config import ModelSettings, PriceSettings
from tui_chat.settings.targets import Target

if TYPE_CHECKING:
    from pathlib import Path

    from tests.byte_server import Request, Step

LISTED = KnownModels((ModelInfo("m:latest", 1000, 1.0, 2.0), ModelInfo("o", 2000)), 5.0)


def test_the_list_tells_what_the_settings_leave_open() -> None:
    facts = ModelFacts(lambda: LISTED)
    assert facts.about("m").context == 1000
    assert facts.about("m").prices == Prices(1_000_000, 2_000_000, source="model list")
    assert facts.about("unknown") == ModelInfo("unknown")


def test_the_settings_of_a_model_win_over_those_of_its_endpoint_and_these_over_the_list() -> None:
    target = Target(
        "e",
        "http://e",
        context_window=10,
        prices=PriceSettings(input=3, output=4),
        models={"o": ModelSettings(context_window=20, prices=PriceSettings(input=5, output=6, cached=1))},
    )
    facts = ModelFacts(lambda: LISTED, target)
    assert facts.about("m").context == 10
    assert facts.about("m").prices == Prices(3_000_000, 4_000_000)
    assert (facts.about("o").context, facts.about("o").prices) == (20, Prices(5_000_000, 6_000_000, 1_000_000))


def test_a_window_that_the_server_told_by_itself_wins_over_its_list() -> None:
    facts = ModelFacts(lambda: LISTED)
    facts.take_details("m", ModelInfo("m", 512, images=True))
    assert (facts.about("m").context, facts.about("m").images) == (512, True)
    facts.take_details("m", ModelInfo("m", 512))
    assert (facts.about("m").context, facts.about("m").images) == (512, None)
    assert facts.lists("m")
    facts.take_list([ModelInfo("other", 4096)])
    assert facts.about("m") == ModelInfo("m")
    assert not facts.lists("m")


def test_without_a_name_the_only_model_is_meant() -> None:
    assert ModelFacts(lambda: KnownModels((ModelInfo("sole", 7),), 0.0)).about("").context == 7
    assert ModelFacts(lambda: LISTED).about("").context is None


@pytest.mark.usefixtures("home")
async def test_a_server_is_asked_once_and_its_answer_is_kept_for_the_next_start() -> None:
    asked: list[str] = []

    def script(request: Request) -> list[Step]:
        asked.append(request.target)
        if request.target == "/v1/models":
            return whole(json.dumps({"data": [{"id": "m", "max_model_len": 4096}]}).encode())
        return whole(b"{}", 404)

    async with ByteServer(script) as server:
        for starts in (1, 2):
            backend = AppBackend({"base_url": server.url, "model": "m"})
            connection = backend.load().connection
            assert connection.about("m").context == (None if starts == 1 else 4096)
            assert await backend.learn_about("m") is (starts == 1)
            assert not await backend.learn_about("m")
            assert connection.about("m").context == 4096
            await backend.close()
    assert asked == ["/v1/models"] * 3  # which server it is, what it lists; at the next start only the first


async def test_lists_show_what_the_settings_say_and_the_cache_what_the_server_said(home: Path) -> None:
    def script(_: Request) -> list[Step]:
        return whole(json.dumps({"data": [{"id": "m", "max_model_len": 4096}, {"id": "o"}]}).encode())

    (home / ".config/tui-chat").mkdir(parents=True)
    async with ByteServer(script) as server:
        (home / ".config/tui-chat/config.toml").write_text(
            f'[endpoints.e]\nbase_url = "{server.url}"\nprices = {{ input = 3, output = 4 }}\n'
            "[endpoints.e.models.o]\ncontext_window = 5000\n"
        )
        backend = AppBackend({})
        backend.load()
        listed = await backend.models()
        (info, _) = backend.manager.endpoints()
        known = backend.manager.known_models("e")
        await backend.close()
    assert not isinstance(listed, Failed)
    shown = [("m", 4096, 3.0), ("o", 5000, 3.0)]
    assert [(each.name, each.context, each.input_price) for each in listed] == shown
    assert known is not None
    assert [each.input_price for each in known.models] == [None, None]
    completed = [info.completed(each) for each in known.models]
    assert [(each.name, each.context, each.input_price) for each in completed] == shown


async def test_what_the_settings_say_is_not_asked_for(home: Path) -> None:
    (home / ".config/tui-chat").mkdir(parents=True)
    async with ByteServer() as server:
        (home / ".config/tui-chat/config.toml").write_text(
            f'[endpoints.e]\nbase_url = "{server.url}"\nmodel = "m"\ncontext_window = 5000\n'
            "[endpoints.e.models.o]\nprices = { input = 1, output = 2.5 }\n"
        )
        backend = AppBackend({})
        connection = backend.load().connection
        assert not await backend.learn_about("m")
        await backend.close()
        assert server.requests == []
    assert connection.about("m").context == 5000
    assert connection.about("o").prices == Prices(1_000_000, 2_500_000)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("prices = { input = 1 }", "prices.output is missing"),
        ("prices = { inptu = 1, output = 1, input = 1 }", "did you mean input?"),
        ("prices = { input = -1, output = 1 }", "greater than or equal to 0"),
        ("prices = { input = 1e9, output = 1 }", "less than or equal to 1000000"),
        ("context_window = 0", "greater than 0"),
        ("context_window = true", "context_window should be a number"),
        ('context_window = "128k"', "context_window should be a whole number"),
        ("prices = { input = true, output = 1 }", "prices.input should be a number"),
        ("prices = 3", "prices should be a table"),
        ("options = { temperatur = 1 }", "did you mean temperature?"),
        ('options = { top_p = "much" }', "top_p has to be a number"),
        ("models = { o = { context = 5 } }", "did you mean context_window?"),
    ],
)
def test_a_mistake_in_a_table_is_named_with_its_place(home: Path, line: str, says: str) -> None:
    (home / ".config/tui-chat").mkdir(parents=True)
    (home / ".config/tui-chat/config.toml").write_text(f'[endpoints.e]\nbase_url = "http://h.local"\n{line}\n')
    with pytest.raises(SetupError) as caught:
        AppBackend({}).load()
    assert says in str(caught.value)
    assert "e." in str(caught.value)
