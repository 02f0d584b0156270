"""The formula guard of our own CSV: a text cell never begins with what a spreadsheet would run.

Both directions live here, so that the writer and the reader cannot disagree. The rule is exactly
invertible: a text that begins with any number of apostrophes followed by one of ``= + - @ TAB CR`` gets one
apostrophe more, and such a text with at least one apostrophe loses one. Every other text, also one that
merely begins with an apostrophe, stays as it is. Only text columns are guarded, never numbers or dates.
"""

from __future__ import annotations

import re
from typing import Final

_ACTIVE: Final = re.compile(r"'*[=+\-@\t\r]")
_GUARDED: Final = re.compile(r"'+[=+\-@\t\r]")


def guard(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula (SPEC.md section 3)."""
    return f"'{text}" if _ACTIVE.match(text) else text


def unguard(text: str) -> str:
    """Return what `guard` was given: ``unguard(guard(x)) == x`` for every text."""
    return text[1:] if _GUARDED.match(text) else text
