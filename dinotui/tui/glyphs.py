"""The few characters that draw the program's own lines and marks, and their ASCII stand-ins.

A terminal whose locale is not UTF-8 gets no byte above 0x7F from us, and the Linux console has no glyph
for most of them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of drawing characters, each one cell wide but `to` and the names of the arrow keys."""

    rule: str
    more: str
    full: str
    rest: str
    dot: str
    up: str
    down: str
    left: str
    right: str
    to: str
    below: str
    ascii_only: bool


UNICODE: Final = Glyphs("─", "…", "━", "─", "·", "↑", "↓", "←", "→", "→", "↓", ascii_only=False)
ASCII: Final = Glyphs("-", "~", "#", "-", "-", "Up", "Down", "Left", "Right", "->", "v", ascii_only=True)
_state: dict[str, Glyphs] = {"glyphs": UNICODE}


def glyphs() -> Glyphs:
    """Return the set in use."""
    return _state["glyphs"]


def use_glyphs(chosen: Glyphs) -> None:
    """Draw with `chosen` from now on."""
    _state["glyphs"] = chosen


def glyphs_for(environ: Mapping[str, str]) -> Glyphs:
    """Return the set that the terminal of `environ` can show."""
    if environ.get("TERM", "") == "linux":
        return ASCII
    return UNICODE if _is_utf8(environ) else ASCII


def _is_utf8(environ: Mapping[str, str]) -> bool:
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        value = environ.get(name, "")
        if name == "LC_CTYPE" and environ is os.environ:
            value = _lc_ctype_as_given(value)
        if value:
            return "utf-8" in value.lower() or "utf8" in value.lower()
    return False


def _lc_ctype_as_given(value: str) -> str:
    """Return LC_CTYPE as the user set it: Python rewrites it to C.UTF-8 in a C locale (PEP 538)."""
    if value not in ("C.UTF-8", "C.utf8", "UTF-8"):
        return value
    try:
        block = Path("/proc/self/environ").read_bytes()
    except OSError:
        return value
    for entry in block.split(b"\0"):
        if entry.startswith(b"LC_CTYPE="):
            return entry.partition(b"=")[2].decode("ascii", "replace")
    return ""
