"""The full-screen terminal application.

Textual reads these switches once, when it is first imported, so they are set here, before any module of
this room imports it. A value that the user has set stays.
"""

from __future__ import annotations

import os

_SWITCHES = {
    "TEXTUAL_ANIMATIONS": "none",  # every frame of a movement costs bytes over SSH
    "TEXTUAL_SMOOTH_SCROLL": "0",
}
for _name, _value in _SWITCHES.items():
    os.environ.setdefault(_name, _value)
if os.environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
    # our colours are all among the 256 of xterm: naming them so takes half the bytes
    os.environ.setdefault("TEXTUAL_COLOR_SYSTEM", "256")
if os.environ.get("DINOTUI_KITTY") != "1":
    # the kitty keyboard protocol breaks some input methods
    os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")
