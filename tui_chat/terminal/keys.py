"""The many ways in which terminals spell a key, brought to the one that Textual's parser reads."""

from __future__ import annotations

import re

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS

_KEY = re.compile(r"\x1b\[([0-9:]{0,40})(?:;([0-9:]{0,12}))?(?:;([0-9:]{0,60}))?([u~A-HPQS])")
_OTHER_KEY = re.compile(r"\x1b\[27;(\d{1,3});(\d{1,7})~")
"""xterm's modifyOtherKeys, which tmux has too: modifiers, then the character's code."""
_APPLICATION_KEY = re.compile(r"\x1b(\x1b?)O(?:1;)?([0-9]{0,3})([A-Za-z])")
_ALT_ARROW = re.compile(r"\x1b\x1b\[([0-9]{0,3})([A-DFH~])")

_SHIFT, _ALT, _LOCKS = 1, 2, 64 | 128
_RELEASED = "3"
_PRIVATE_USE = range(57344, 63744)
"""Codes of keys that have no character, in kitty's protocol."""
_KEYPAD = {57399 + digit: str(digit) for digit in range(10)} | {
    57409: ".", 57410: "/", 57411: "*", 57412: "-", 57413: "+", 57415: "=", 57416: ",",
}  # fmt: skip
_OF_KEYPAD = dict(zip("jklmnopqrstuvwxyX", "*+,-./0123456789=", strict=True))
"""Keys of the keypad in application mode, by the last letter of their sequence."""


def textual_spelling(sequence: str) -> str:
    """A whole sequence as Textual's parser reads it, or the character that it types; empty for what is not a key."""
    if key := _OTHER_KEY.fullmatch(sequence):
        return _spelled(key[2], key[1], "", "u")
    if key := _APPLICATION_KEY.fullmatch(sequence):
        return _application_key(*key.groups())
    if key := _ALT_ARROW.fullmatch(sequence):
        return _spelled(key[1], str(1 + _ALT), "", key[2])
    if key := _KEY.fullmatch(sequence):
        return _spelled(key[1], key[2] or "", key[3] or "", key[4])
    return sequence if sequence in ANSI_SEQUENCES_KEYS else ""


def _application_key(alt: str, modifiers: str, letter: str) -> str:
    if letter == "M":  # Konsole's Shift+Enter; a keypad's Enter is this only in a mode that is not switched on
        return f"\x1b[13;{_modifiers(modifiers, _SHIFT)}u"
    if letter in _OF_KEYPAD:
        return _OF_KEYPAD[letter]
    if modifiers or alt:
        return _spelled("", str(_modifiers(modifiers, _ALT if alt else 0)), "", letter)
    return sequence if (sequence := f"\x1bO{letter}") in ANSI_SEQUENCES_KEYS else ""


def _modifiers(text: str, without: int) -> int:
    """The number of the modifiers as terminals send it, from 1 (none); `without`: the number that a missing one stands
    for."""
    return int(text) if text and int(text) > 1 else 1 + without


def _spelled(codes: str, modifiers: str, texts: str, final: str) -> str:
    """The key with a code (and its shifted form), modifiers (and the kind of event), and the text that it types."""
    first, *others = (codes or "1").split(":")
    number, _, event = modifiers.partition(":")
    code, held = int(first or 1), (int(number or 1) or 1) - 1
    if event == _RELEASED or held > 255:
        return ""
    if final != "u" or f"{code}u" in FUNCTIONAL_KEYS:
        if f"{code}{final}" not in FUNCTIONAL_KEYS:
            plain = f"\x1b[{codes}{final}"
            return plain if plain in ANSI_SEQUENCES_KEYS and held & ~_LOCKS == 0 else ""
        if not texts and code in _KEYPAD and held & ~_LOCKS == 0:
            return _KEYPAD[code]
        fields = f";{1 + held}{_text(texts)}" if held or texts else ""
        return f"\x1b[{code}{fields}{final}"
    if code == 0:  # text without a key: an input method's
        return f"\x1b[0;1{_text(texts)}u" if _text(texts) else ""
    if not _types(code):
        return ""
    if not texts and held & ~(_SHIFT | _LOCKS) == 0:
        shifted = int(others[0]) if others and others[0] else 0
        character = chr(shifted) if _types(shifted) else chr(code).upper()
        return character if held & _SHIFT and len(character) == 1 else chr(code)
    return f"\x1b[{code};{1 + held}{_text(texts)}u"


def _text(texts: str) -> str:
    """The field of a key's text without what cannot be typed."""
    kept = ":".join(code for code in texts.split(":") if code and _types(int(code)))
    return f";{kept}" if kept else ""


def _types(code: int) -> bool:
    """Whether a code is that of a character which a key can type."""
    if not 32 <= code <= 0x10FFFF or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000:
        return False
    return code not in _PRIVATE_USE
