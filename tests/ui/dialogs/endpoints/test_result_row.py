from __future__ import annotations

import pytest

from tui_chat.chat.endpoint_ports import TestReport
from tui_chat.chat.model_ports import ModelInfo
from tui_chat.ui.dialogs.endpoints.result_row import found


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (TestReport(done=True), "Connected"),
        (TestReport(models=(ModelInfo("m"),), done=True), "Connected: 1 model"),
        (TestReport(models=(ModelInfo("m"), ModelInfo("n")), choose=True), "Connected: 2 models; choose one"),
        (TestReport(first_token=0.4, pace=61.0, done=True), "Connected; first token 0.40 s; 61 tok/s"),
    ],
)
def test_what_was_found_is_said_in_a_few_words(report: TestReport, words: str) -> None:
    assert found(report) == words
