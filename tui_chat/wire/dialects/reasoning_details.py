"""OpenRouter's `reasoning_details`: reasoning as a list of objects, some of which have to be sent back."""

from __future__ import annotations

import json
from typing import Any, Final

_GROWING: Final = ("text", "summary", "data", "signature")


class ReasoningDetails:
    """Assemble the details of one reply from their pieces, by `index`."""

    def __init__(self) -> None:
        self._details: dict[str, dict[str, Any]] = {}
        self._pieces: dict[str, dict[str, list[str]]] = {}
        """Fields that arrive in pieces."""

    def add(self, details: list[Any]) -> str:
        """Add the details of one delta and return their text (encrypted details have none)."""
        texts_received: list[str] = []
        for detail in details:
            if not isinstance(detail, dict):
                continue
            texts = (detail.get("text"), detail.get("summary"))
            texts_received += [next((text for text in texts if text and isinstance(text, str)), "")]
            place = f"{detail.get('index')!s:.40} {detail.get('type')!s:.40}"
            whole, pieces = self._details.setdefault(place, {}), self._pieces.setdefault(place, {})
            for key, value in detail.items():
                if key not in _GROWING:
                    if value is not None:
                        whole[key] = value
                elif isinstance(value, str):
                    pieces.setdefault(key, []).append(value)
        return "".join(texts_received)

    def opaque(self) -> str:
        """The details to send back, as JSON: all of them if one is signed or encrypted; otherwise empty."""
        details = [
            {**whole, **{key: "".join(pieces) for key, pieces in self._pieces[place].items()}}
            for place, whole in self._details.items()
        ]
        if not any(detail.get("signature") or detail.get("data") for detail in details):
            return ""
        try:
            return json.dumps({"reasoning_details": details}, ensure_ascii=False, allow_nan=False)
        except ValueError:  # an infinite number, which JSON cannot represent
            return ""
