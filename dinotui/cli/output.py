"""Data on standard output, messages on standard error, nothing in either that could act on a terminal."""

from __future__ import annotations

import codecs
import json
import os
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, BinaryIO, Final, TextIO, cast

from dinotui.domain.errors import DinoError
from dinotui.domain.visible import ascii_visible, visible
from dinotui.locale import _

_NOT_ASCII: Final = re.compile(r"[^\x00-\x7e]")


class Output:
    """The two streams of a command. A reader that went away (``| head``) is no error: the rest is dropped."""

    def __init__(self, data: TextIO | None, messages: TextIO | None) -> None:
        self._data = data
        self._messages = messages
        self.unicode = _is_unicode(data)
        self._unicode_messages = _is_unicode(messages)

    @property
    def letters(self) -> bool:
        """Whether both streams show other letters than those of ASCII."""
        return self.unicode and self._unicode_messages

    @property
    def closed(self) -> bool:
        """Whether nobody reads the data any more, so that a long list may stop."""
        return self._data is None

    @property
    def to_terminal(self) -> bool:
        """Whether the data goes to a terminal."""
        return self._data is not None and self._data.isatty()

    @property
    def messages_to_terminal(self) -> bool:
        """Whether the messages go to a terminal."""
        return self._messages is not None and self._messages.isatty()

    def line(self, text: str = "") -> None:
        """Write a line of data, every hostile character made visible."""
        self._write(self.clean(text) + "\n")

    def clean(self, text: str) -> str:
        """Return `text` on one line as the data stream can show it."""
        return visible(text) if self.unicode else ascii_visible(text)

    def json(self, value: Any) -> None:
        """Write the one JSON document of a command."""
        self._write(self.encoded(value, indent=2) + "\n")

    def json_list(self, items: Iterable[Any]) -> None:
        """Write a JSON array, an item a line, while `items` come."""
        between = "[\n"
        for item in items:
            self._write(between + self.encoded(item))
            between = ",\n"
            if self.closed:
                return
        self._write("[]\n" if between == "[\n" else "\n]\n")

    def json_with_lists(self, head: dict[str, Any], lists: dict[str, Iterable[Any]]) -> None:
        """Write a JSON object, `head` and then members that are lists, an item a line, while they come."""
        self._write(self.encoded(head)[:-1])
        for name, items in lists.items():
            self._write(f', "{name}": ')
            self.json_list(items)
        self._write("}\n")

    def encoded(self, value: Any, *, indent: int | None = None) -> str:
        """Return `value` as JSON that shows only harmless characters as themselves."""
        text = json.dumps(value, ensure_ascii=not self.unicode, indent=indent, allow_nan=False)
        return text if visible(text, newlines=True) == text else _NOT_ASCII.sub(_escaped, text)

    def binary(self) -> BinaryIO:
        """Return the data stream for bytes; on a terminal they are shown as text that cannot act on it.

        A reader that goes away raises `BrokenPipeError` here: the bytes of an export are wanted whole. Raises
        `DinoError` where standard output is closed.
        """
        if self._data is None:
            text = _("Standard output is closed, so there is nowhere to write to. Name a file with -o.")
            raise DinoError("no-output", text, "-o")
        self._data.flush()
        return cast("BinaryIO", _Shown(self)) if self.to_terminal else self._data.buffer

    def message(self, text: str) -> None:
        """Write a line for the person, not for the next program."""
        self._say((visible(text) if self._unicode_messages else ascii_visible(text)) + "\n")

    def over(self, text: str) -> None:
        """Write `text` over the line that the cursor is on, on a terminal only; empty clears it."""
        if self.messages_to_terminal:
            self._say("\r\x1b[K" + (visible(text) if self._unicode_messages else ascii_visible(text)))

    def ask(self, text: str) -> str | None:
        """Ask on the terminal and return the answer without spaces around it, None at the end of input."""
        self._say(visible(text) if self._unicode_messages else ascii_visible(text))
        answer = sys.stdin.readline()
        return answer.strip() if answer else None

    def finish(self) -> None:
        """Send what is still held back; raises `OSError` when the data cannot be written."""
        if self._data is not None:
            try:
                self._data.flush()
            except BrokenPipeError:
                self.drop()
            except OSError:
                self.drop()
                raise
        if self._messages is not None:
            with suppress(OSError, ValueError):
                self._messages.flush()

    def _write(self, text: str) -> None:
        if self._data is not None:
            try:
                self._data.write(text)
            except BrokenPipeError:
                self.drop()

    def _say(self, text: str) -> None:
        if self._messages is not None:
            with suppress(OSError, ValueError):
                self._messages.write(text)
                self._messages.flush()

    def drop(self) -> None:
        """Forget the data stream, so that the interpreter does not stumble over it when it ends."""
        if self._data is sys.__stdout__ and self._data is not None:
            with suppress(OSError, ValueError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self._data.fileno())
                os.close(nowhere)
        self._data = None


class _Shown:
    """Takes the bytes of a text and shows them as lines."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._rest = ""

    def write(self, piece: bytes) -> int:
        """Show the lines that are complete."""
        *lines, self._rest = (self._rest + self._decode(piece)).split("\n")
        for line in lines:
            self._output.line(line.removesuffix("\r"))
        return len(piece)

    def flush(self) -> None:
        """Show what is left."""
        if self._rest:
            self._output.line(self._rest)
            self._rest = ""


def _is_unicode(stream: TextIO | None) -> bool:
    try:
        return (
            codecs.lookup(stream.encoding or "ascii").name.startswith("utf") if stream is not None else True
        )
    except (LookupError, AttributeError):
        return False


def _escaped(match: re.Match[str]) -> str:
    sign = match[0]
    if visible(sign) == sign:
        return sign
    code = ord(sign)
    if code < 0x10000:
        return f"\\u{code:04x}"
    return json.dumps(sign)[1:-1]
