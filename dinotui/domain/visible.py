"""Text from files is hostile: one place makes every character that could act on a terminal visible.

Control characters become their Unicode pictures (ESC is ``␛``), C1 controls, bidirectional and invisible
format characters become ``⟨U+202E⟩``. Letters, combining marks, joined emoji and line breaks that the
caller allows stay as they are.
"""

from __future__ import annotations

import re
from typing import Final

_HOSTILE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)

_TYPEWRITER: Final = str.maketrans(
    {"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "→": "->", "·": "-", "×": "x"}
)


def visible(text: str, *, newlines: bool = False) -> str:
    """Return `text` with every control, bidirectional and invisible character made visible.

    With `newlines` line feeds stay line breaks; otherwise they show as ``⏎``. The result never holds a
    character that moves the cursor, changes colours or reverses the reading direction.
    """
    if newlines:
        return "\n".join(visible(line) for line in text.replace("\r\n", "\n").split("\n"))
    return _HOSTILE.sub(_picture, text)


def ascii_visible(text: str) -> str:
    """Return `visible` text for a terminal that has ASCII only.

    Typographic quotes, dashes and arrows become their typewriter forms, other characters ``\\u1234``.
    """
    return visible(text).translate(_TYPEWRITER).encode("ascii", "backslashreplace").decode("ascii")


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code == 0x0A:
        return "⏎"
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    return f"⟨U+{code:04X}⟩"
