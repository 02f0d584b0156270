"""Pasted and dropped text: which paths it names, and which bursts of keys are a paste without brackets.

Terminals paste a dropped file in their own ways: quoted, with backslashes, as a ``file://`` address, several
on a line or one a line, with a space or line break behind (TERMINAL 5).
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

MOST_PATHS: Final = 100
_MOST_CHARACTERS: Final = 65_536
_START_LIKE_PATHS: Final = ("/", "~/", "./", "../", "file://")


def dropped_paths(
    text: str, *, certain: bool = True, exists: Callable[[str], bool] = os.path.exists
) -> tuple[Path, ...]:
    """Return the paths that pasted `text` names, none when it is other text.

    With `certain`, what looks like a path counts although no file is there (the import then says so);
    without, every path must exist, because the text may just as well be meant as text.
    """
    stripped = text.strip().strip("\0")
    if not stripped or len(stripped) > _MOST_CHARACTERS:
        return ()
    found: list[Path] = []
    for line in stripped.splitlines():
        paths = _paths_of_line(line.strip(), certain, exists)
        if line.strip() and not paths:
            return ()
        found += paths
    return tuple(dict.fromkeys(found))[:MOST_PATHS]


def _paths_of_line(line: str, certain: bool, exists: Callable[[str], bool]) -> list[Path]:
    if not line:
        return []
    whole = os.path.expanduser(line)
    if exists(whole) and (line.startswith(_START_LIKE_PATHS) or os.path.isfile(whole)):
        return [Path(whole)]
    candidates = [_path_of(word) for word in _words(line)]
    for path, word in candidates:
        if not (exists(path) or (certain and _looks_like_path(word))):
            return []
    if not certain and not all(word.startswith(_START_LIKE_PATHS) for _path, word in candidates):
        return []
    return [Path(path) for path, _word in candidates]


def _looks_like_path(word: str) -> bool:
    """Tell a path from one word behind a slash, which may be the filter's key and what to look for."""
    return word.startswith(_START_LIKE_PATHS) and any(sign in word[1:] for sign in "/.")


def filter_words(text: str) -> str:
    """Return what keys that came at once look for, where they began with the filter's; else nothing."""
    words = text.strip("\n")
    return words[1:] if words.startswith("/") and "/" not in words[1:] and "\n" not in words else ""


def _words(line: str) -> Sequence[str]:
    """Split a line as a shell would; where its quotes do not close, take it whole."""
    try:
        return shlex.split(line)
    except ValueError:
        return [line]


def _path_of(word: str) -> tuple[str, str]:
    """Return the path that a word means, and the word."""
    if word.startswith("file://"):
        return unquote(urlsplit(word).path), word
    return os.path.expanduser(word), word


class Burst:
    """Tells keys from a paste that came without brackets.

    Printable keys are held for `window` seconds. When three or more that are not one repeated key arrive
    within the window of each other, no hand typed them: they are a paste, line breaks included. Time is
    given in, in seconds of any steady clock.
    """

    LEAST: Final = 3

    def __init__(self, window: float = 0.02) -> None:
        self.window = window
        self._held: list[tuple[object, str]] = []
        self._first = 0.0
        self._last = 0.0
        self._pasting: list[str] | None = None

    def key(self, event: object, character: str, now: float) -> None:
        """Take a key that produced `character` at time `now`."""
        self._last = now
        if not self.waiting:
            self._first = now
        if self._pasting is not None:
            self._pasting.append(character)
            return
        self._held.append((event, character))
        written = [sign for _event, sign in self._held]
        if len(written) >= self.LEAST and len({sign for sign in written if sign.isprintable()}) > 1:
            self._pasting = written
            self._held = []

    @property
    def waiting(self) -> bool:
        """Whether something is held."""
        return bool(self._held) or self._pasting is not None

    def due(self, now: float) -> bool:
        """Return whether what is held has waited long enough."""
        if self._pasting is None and self._held and now - self._first >= 4 * self.window:
            return True  # one key repeating faster than the window
        return self.waiting and now - self._last >= self.window

    def release(self) -> tuple[list[object], str]:
        """Return the held keys, or the text of a paste, and hold nothing any more."""
        events, text = [event for event, _sign in self._held], "".join(self._pasting or ())
        self._held, self._pasting = [], None
        return events, text.replace("\r", "\n")
