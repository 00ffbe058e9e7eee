"""OpenRouter's `reasoning_details`: reasoning as a list of objects, some of which it wants back."""

from __future__ import annotations

import json
from typing import Any, Final

_GROWING: Final = ("text", "summary", "data", "signature")


class ReasoningDetails:
    """Puts the details of one reply together from their pieces, by their `index`."""

    def __init__(self) -> None:
        self._details: dict[str, dict[str, Any]] = {}

    def take(self, details: list[Any]) -> str:
        """Take the details of one delta, and give their text (encrypted ones have none)."""
        said: list[str] = []
        for detail in details:
            if not isinstance(detail, dict):
                continue
            text = detail.get("text") or detail.get("summary")
            if isinstance(text, str):
                said.append(text)
            whole = self._details.setdefault(f"{detail.get('index')} {detail.get('type')}", {})
            for key, value in detail.items():
                if key in _GROWING and isinstance(value, str):
                    whole[key] = whole.get(key, "") + value
                elif value is not None:
                    whole[key] = value
        return "".join(said)

    def opaque(self) -> str:
        """What has to go back, as JSON: all of them where one is signed or encrypted; else empty."""
        details = [*self._details.values()]
        if not any(detail.get("signature") or detail.get("data") for detail in details):
            return ""
        return json.dumps({"reasoning_details": details}, ensure_ascii=False)
