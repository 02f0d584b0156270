"""Keys: Hangul and capital letters as the keys they sit on, names as people write them, the key map.

A user's key map changes which keys run a command, by the command's id, and can never take away the keys
that lead out of anywhere (`RESERVED`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from textual.keys import _character_to_key

from dinotui.locale import _
from dinotui.tui.glyphs import glyphs

HANGUL: Final[Mapping[str, str]] = dict(
    zip("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡ", "qwertyuiopasdfghjklzxcvbnm", strict=True)
) | dict(zip("ㅃㅉㄸㄲㅆㅒㅖ", "qwertop", strict=True))
"""The letters of the two-set Korean keyboard, doubles included, and the Latin keys they sit on."""

RESERVED: Final = frozenset(
    {"f1", "question_mark", "escape", "ctrl+c", "enter", "up", "down", "left", "right", "tab"}
)
"""Keys that no key map can take from what they do."""

_NAMES: Final = {
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
    "backspace": "Backspace",
    "delete": "Del",
    "insert": "Ins",
    "home": "Home",
    "end": "End",
    "pageup": "PgUp",
    "pagedown": "PgDn",
}
_SIGNS: Final = {_character_to_key(sign): sign for sign in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"}


def plain_key(key: str, character: str | None) -> tuple[str, str | None]:
    """Return the key and character that a press means outside a text field.

    A Hangul letter is the Latin key it sits on, a capital is its small letter (Caps Lock): no action
    differs from another only by Shift.
    """
    sign = character or (key if len(key) == 1 else None)
    if sign is None:
        return key, character
    latin = HANGUL.get(sign)
    if latin is None and len(sign) == 1 and sign.isascii() and sign.isupper():
        latin = sign.lower()
    return (latin, latin) if latin else (key, character)


def key_name(key: str) -> str:
    """Return Textual's name of a key written as a character or a name (``?`` is ``question_mark``)."""
    return _character_to_key(key) if len(key) == 1 else key.lower()


def show_key(key: str) -> str:
    """Return a key as people write it: ``Esc``, ``?``, ``Ctrl+P``, an arrow."""
    name = key_name(key)
    drawn = glyphs()
    arrows = {"up": drawn.up, "down": drawn.down, "left": drawn.left, "right": drawn.right}
    if name in arrows:
        return arrows[name]
    if name in _NAMES:
        return _NAMES[name]
    if name in _SIGNS:
        return _SIGNS[name]
    if len(name) > 1 and name[0] == "f" and name[1:].isdigit():
        return name.upper()
    return (
        "+".join(part.capitalize() if len(part) > 1 else part.upper() for part in name.split("+"))
        if "+" in name
        else name
    )


def check_key_map(key_map: Mapping[str, str], known: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return what is wrong with a user's key map, one sentence a fault; `known` is keys by command id."""
    faults: list[str] = []
    for command, keys in key_map.items():
        if command not in known:
            faults.append(_("The key map names {command}, which is no command.").format(command=command))
        own = {key_name(key) for key in known.get(command, ())}
        faults += [
            _("The key map gives {command} the key {key}, which always keeps its own meaning.").format(
                command=command, key=show_key(key)
            )
            for key in split_keys(keys)
            if key in RESERVED and key not in own
        ]
    return faults


def keys_of(command: str, keys: tuple[str, ...], key_map: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys (Textual's names) of `command`: its own, or the key map's and the reserved ones."""
    own = tuple(key_name(key) for key in keys)
    if command not in key_map:
        return own
    chosen = [key for key in split_keys(key_map[command]) if key not in RESERVED or key in own]
    kept = [key for key in own if key in RESERVED]
    return tuple(dict.fromkeys([*chosen, *kept])) or own


def split_keys(keys: str) -> list[str]:
    """Return the key names of a comma-separated list; a comma itself is written ``comma``."""
    return [key_name(key.strip()) for key in keys.split(",") if key.strip()]
