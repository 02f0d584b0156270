"""Strict JSON to Python values: a fast way for what is plainly right, a careful way for everything else.

The fast way is msgspec: strict, but it takes the last of repeated keys and says little about an error. The
careful way is the standard library's scanner with hooks: it finds repeated keys, keeps lone surrogates and
knows the character at which a text goes wrong.

Numbers that neither a 63-bit integer nor fifteen significant digits hold arrive as `ExactNumber`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from dinotui.locale import N_

_LARGEST: Final = 1 << 63
_SMALLEST_NORMAL: Final = 2.2250738585072014e-308
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_WORD_OR_TEXT: Final = re.compile(r'"(?:[^"\\]|\\.)*"|NaN|-?Infinity', re.DOTALL)

_REASONS: Final = {
    "Unterminated string": N_("A text begins here and has no closing quotation mark."),
    "Invalid control": N_(
        "A text holds a raw line break or control character, which JSON writes as an escape."
    ),
    "Invalid \\": N_("A backslash is followed by something that JSON does not know."),
    "Expecting property": N_(
        "A field name in double quotes is missing (a comma too many, a comment and single quotes are not JSON)."
    ),
    "Expecting ':'": N_("The colon after a field name is missing."),
    "Expecting ','": N_("A comma or a closing bracket is missing."),
    "Expecting value": N_(
        "A value is missing or is not JSON (a comma too many, a comment, a word without quotes)."
    ),
    "Extra": N_("Something follows the value on its line."),
    "Constant": N_("NaN and Infinity are not JSON numbers. Leave the value out or write null."),
}


class ExactNumber(str):
    """A number as its digits stand in the file, because no plain number would give them back."""

    __slots__ = ()


class RepeatedKeys(dict[str, Any]):
    """An object that names a key twice: the first values, and in `extras` every later one."""

    __slots__ = ("extras",)

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__()
        self.extras: list[tuple[str, Any]] = []
        for key, value in pairs:
            if key in self:
                self.extras.append((key, value))
            else:
                self[key] = value


class Malformed(Exception):
    """A JSON text is wrong at character `at`; `unfinished` when more text might put it right."""

    def __init__(self, reason: str, at: int, *, unfinished: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.at = at
        self.unfinished = unfinished
        self.good = 0


class _ConstantError(ValueError):
    """The scanner met NaN or Infinity."""


def real(digits: str) -> float | ExactNumber:
    """Return a JSON number with a fraction or exponent as a float, or as its digits where that would round."""
    value = float(digits)
    if len(digits) <= 16 and "e" not in digits and "E" not in digits:
        return value  # fifteen digits and a point at most
    significant = digits.lower().partition("e")[0].lstrip("-").replace(".", "").strip("0")
    if not significant:
        return value
    exact = len(significant) <= 15 and _SMALLEST_NORMAL <= abs(value) < float("inf")
    return value if exact else ExactNumber(digits)


def whole(digits: str) -> int | ExactNumber:
    """Return a JSON integer, or its digits where 63 bits do not hold it."""
    if len(digits) < 19:
        return int(digits)
    if len(digits) > 20:
        return ExactNumber(digits)
    value = int(digits)
    return value if -_LARGEST <= value < _LARGEST else ExactNumber(digits)


def fast_decoder() -> Callable[[bytes], Any]:
    """Return msgspec's strict decoder; it raises for what it refuses (see `FAST_ERRORS`)."""
    import msgspec

    return msgspec.json.Decoder(float_hook=real).decode


def fast_errors() -> tuple[type[Exception], ...]:
    """Return what the fast decoder raises; the careful way then decides what is wrong, if anything."""
    import msgspec

    return (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def surely_unique(source: bytes, keys: int, texts: int) -> bool:
    """Return whether `source`, decoded to so many keys and texts in all, cannot hold a repeated key.

    Keys and texts stand in quotation marks, and every other one is escaped inside a text: there are never
    fewer marks than decoded keys and texts need, and as many mean that none was lost. Where there are more,
    the colons that follow the keys tell, apart from white space; a text may hold such a pair too.
    """
    if source.count(b'"') == 2 * (keys + texts):
        return True
    return source.translate(None, b" \t\n\r").count(b'":') == keys


def deeper_than(values: list[Any], levels: int) -> bool:
    """Return whether a value in `values` nests lists and objects more than `levels` deep."""
    inner = [value for value in values if isinstance(value, list | dict)]
    while inner and levels > 0:
        levels -= 1
        children = (value.values() if isinstance(value, dict) else value for value in inner)
        inner = [child for some in children for child in some if isinstance(child, list | dict)]
    return bool(inner)


def scan_value(text: str, at: int) -> tuple[Any, int]:
    """Decode the value at character `at` carefully; return it and where it ends.

    Raises `Malformed`, and `RecursionError` for a value that is nested too deeply. A value that ends with
    the text may be the beginning of a longer number.
    """
    try:
        return _scan(text, at)
    except StopIteration as stop:
        raise _malformed("Expecting value", text, int(stop.value)) from None
    except json.JSONDecodeError as error:
        raise _malformed(error.msg, text, error.pos) from None
    except _ConstantError:
        words = (match for match in _WORD_OR_TEXT.finditer(text, at) if match[0][0] != '"')
        word = next(words, None)
        raise Malformed(_REASONS["Constant"], word.start() if word else at) from None


class Elements(NamedTuple):
    """Elements of an array that a text holds.

    `ends` is the character after each one, `used` the character after the last comma or bracket that was
    read, `ended` whether that bracket closed the array.
    """

    values: list[Any]
    ends: list[int]
    used: int
    ended: bool


def scan_elements(text: str, *, final: bool) -> Elements:
    """Decode as many elements of an array as `text` holds, carefully, from the first character of one on.

    With `final` no more text will come. Raises `Malformed`, with the number of good elements before it in
    `good`, unless more text might put it right.
    """
    values: list[Any] = []
    ends: list[int] = []
    used, at = 0, _space_end(text, 0)
    try:
        while at < len(text) or final:
            value, end = scan_value(text, at)
            after = _space_end(text, end)
            mark = text[after : after + 1]
            if not mark and not final:
                break
            if mark not in {",", "]"}:
                raise _malformed("Expecting ','", text, after)
            values.append(value)
            ends.append(end)
            used = after + 1
            if mark == "]":
                return Elements(values, ends, used, ended=True)
            at = _space_end(text, used)
    except Malformed as error:
        if final or not error.unfinished:
            error.good = len(values)
            raise
    return Elements(values, ends, used, ended=False)


def scan_line(text: str) -> Any:
    """Decode a text that is one value, carefully. Raises `Malformed` for anything else."""
    value, end = scan_value(text, _space_end(text, 0))
    end = _space_end(text, end)
    if end < len(text):
        raise _malformed("Extra", text, end)
    return value


def scan_all(source: bytes) -> list[Any]:
    """Decode elements that the fast way has accepted, carefully: repeated keys become `RepeatedKeys`."""
    return scan_elements(source.decode() + "]", final=True).values


def _space_end(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    return value if len(value) == len(pairs) else RepeatedKeys(pairs)


def _refuse_constant(name: str) -> None:
    raise _ConstantError(name)


def _malformed(message: str, text: str, at: int) -> Malformed:
    reason = next((reason for start, reason in _REASONS.items() if message.startswith(start)), message)
    # An escape is twelve characters at most, so what is wrong further back stays wrong.
    unfinished = at >= len(text) - 12 or message.startswith("Unterminated string")
    return Malformed(reason, at, unfinished=unfinished)


_scan: Final[Callable[[str, int], tuple[Any, int]]] = json.JSONDecoder(  # type: ignore[attr-defined]
    object_pairs_hook=_pairs, parse_float=real, parse_int=whole, parse_constant=_refuse_constant
).scan_once
