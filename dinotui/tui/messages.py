"""The messages that travel up from widgets and screens to the app."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from textual.message import Message

Level = Literal["info", "good", "warn", "error"]


class Say(Message):
    """Something to tell the user on the status line; `text` may hold anything, it is cleaned when shown."""

    def __init__(self, text: str, level: Level = "info") -> None:
        super().__init__()
        self.text = text
        self.level: Level = level


class PathsDropped(Message):
    """One or more paths were pasted or dropped: an import of them begins."""

    def __init__(self, paths: tuple[Path, ...]) -> None:
        super().__init__()
        self.paths = paths


class TextPasted(Message):
    """Text that is no path was pasted where nothing takes text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class CommandsChanged(Message):
    """Which commands can run may have changed: the footer looks again."""


class FilterChanged(Message):
    """The text of the screen's filter line changed; an empty text shows everything."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
