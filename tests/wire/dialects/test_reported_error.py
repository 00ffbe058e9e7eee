from __future__ import annotations

import pytest

from tui_chat.chat.secrets import Secrets
from tui_chat.wire.dialects.reported_error import reported_failure
from tui_chat.wire.failures.errors import NO_SECRETS
from tui_chat.wire.failures.overflow import OVERFLOW_HINT, OVERFLOW_PROBLEM


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": 401, "message": "no"}, "key"),
        ({"type": "authentication_error", "message": "no"}, "key"),
        ({"type": "rate_limit_error", "message": "no"}, "rate-limit"),
        ({"code": "insufficient_quota", "message": "no"}, "rate-limit"),
        ({"code": 500, "message": "no"}, "server"),
        ({"message": "rate_limit_error"}, "server"),  # only code and type decide, and not the sentence
    ],
)
def test_code_and_type_say_who_can_resolve_it(error: dict[str, object], kind: str) -> None:
    assert reported_failure({"error": error}, NO_SECRETS, begun=False, reason=None).kind == kind


def test_it_says_what_is_kept_only_if_something_came() -> None:
    document = {"error": {"message": "overloaded"}}
    before = reported_failure(document, NO_SECRETS, begun=False, reason=None)
    after = reported_failure(document, NO_SECRETS, begun=True, reason="stop")
    assert before.problem == after.problem == "The server reported an error: overloaded."
    assert "kept" not in before.hint
    assert "kept" in after.hint
    assert (before.reason, after.reason) == (None, "stop")


@pytest.mark.parametrize("field", ["code", "type", "message"])
def test_a_context_that_is_too_long_is_named_as_that(field: str) -> None:
    error = {"message": "no"} | {field: "context_length_exceeded"}
    failed = reported_failure({"error": error}, NO_SECRETS, begun=False, reason=None)
    assert failed.problem.startswith(OVERFLOW_PROBLEM)
    assert failed.hint == OVERFLOW_HINT


def test_without_a_message_the_code_is_quoted_and_without_both_nothing() -> None:
    assert "teapot" in reported_failure({"error": {"code": "teapot"}}, NO_SECRETS, begun=False, reason=None).problem
    nothing = reported_failure({}, NO_SECRETS, begun=False, reason=None)
    assert nothing.problem == "The server reported an error."


def test_a_secret_in_the_message_is_masked() -> None:
    secret = "sk-0123456789abcdef0123456789"
    failed = reported_failure({"error": {"message": f"bad key {secret}"}}, Secrets([secret]), begun=False, reason=None)
    assert secret not in failed.problem
    assert secret not in (failed.message or "")


@pytest.mark.parametrize(
    ("begun", "hint"),
    [
        (False, "Try again in 20 s, or ask another model."),
        (True, "What came before it is kept. Try again in 20 s."),
    ],
)
def test_a_server_that_says_when_to_try_again_is_not_contradicted(begun: bool, hint: str) -> None:
    error = {"error": {"message": "Slow down. Try again in 20 seconds.", "code": "429"}}
    assert reported_failure(error, NO_SECRETS, begun=begun, reason=None).hint == hint
