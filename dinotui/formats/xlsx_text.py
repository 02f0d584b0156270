"""Texts of a worksheet: characters that XML cannot carry travel as ``_xHHHH_`` (ECMA-376, 22.9.2.19).

The rule is exactly invertible: a text that already holds such a sequence gets its underscore escaped.
"""

from __future__ import annotations

import re
from typing import Final

_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")


def escape(text: str) -> str:
    """Return `text` as a worksheet holds it; a carriage return is escaped too, or XML would lose it."""
    return _UNWRITABLE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def unescape(text: str) -> str:
    """Return what `escape` was given: ``unescape(escape(x)) == x`` for every text."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
