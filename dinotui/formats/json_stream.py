"""A strict scanner that walks a JSON document of any size in bounded memory (SPEC.md 4.1, HAZARDS.md JSON).

Objects are walked member by member. Arrays come in batches: a likely end of an element is guessed, and the
elements up to there are decoded strictly in one go. JSON leaves no choice in parsing, so a guess that decodes
was right; one that does not costs a second, careful pass over the batch.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from dinotui.domain.errors import FormatError, LimitError
from dinotui.domain.visible import visible
from dinotui.formats.json_decode import (
    Malformed,
    deeper_than,
    fast_decoder,
    fast_errors,
    scan_elements,
    scan_value,
)
from dinotui.formats.json_text import JsonText, bad_encoding
from dinotui.locale import _

RECORD_BYTES: Final = 1 << 24
"""The most bytes that one record, or one value that is kept whole, may take in the file."""

_WINDOW_BYTES: Final = 1 << 12
_KEYS: Final = 100_000  # of one walked object; all are remembered to find a repeated one
_WRONG_GUESSES: Final = 8  # in a row, after which an array is read carefully throughout
_NOT_SPACE: Final = re.compile(rb"[^ \t\n\r]")
_BETWEEN: Final = re.compile(r'(\}?[ \t\n\r]*,[ \t\n\r]*\{?)(?:[ \t\n\r]*"[^"\\]*"[ \t\n\r]*:)?')

OnRepeat = Callable[[str], None]
"""Called with a key that an object names again."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive elements of an array.

    `source` is their text where the fast decoder read them: it may hide repeated keys. None: those are marked.
    """

    values: list[Any]
    source: bytes | None = None


class Scanner:
    """Reads the value that begins at byte `offset` of the UTF-8 form of `text`, and what follows it.

    Every method raises `FormatError` with file, line and record where the text is not JSON, and `LimitError`
    where a value is too large or nested too deeply.
    """

    def __init__(self, text: JsonText, offset: int = 0) -> None:
        self.text = text
        self._chunks = text.chunks(offset)
        self._buffer = b""
        self._at = 0
        self._base = offset  # where the buffer begins
        self._ended = False
        self._record: int | None = None
        self._first_window = min(_WINDOW_BYTES, text.chunk_bytes)
        self._decode = fast_decoder()
        self._fast_errors = fast_errors()

    @property
    def offset(self) -> int:
        """The byte of the UTF-8 form that is read next."""
        return self._base + self._at

    def peek(self) -> bytes:
        """Return the next byte that is not white space without using it; nothing at the end."""
        while True:
            found = _NOT_SPACE.search(self._buffer, self._at)
            if found:
                self._at = found.start()
                return found[0]
            self._at = len(self._buffer)
            if not self._more():
                return b""

    def begin(self) -> None:
        """Use the bracket or brace that `peek` has shown."""
        self._at += 1

    def value(self, largest: int = RECORD_BYTES) -> Any:
        """Return the next value whole, repeated keys marked; it may take `largest` bytes."""
        if not self.peek():
            self._fail_truncated()
        size = self._first_window
        while True:
            window, final = self._window(size)
            try:
                value, end = scan_value(window, 0)
                if final or end < len(window) - len("e+"):  # else a number may go on
                    self._use(window, end)
                    return value
            except Malformed as error:
                if final or not error.unfinished:
                    self._fail_malformed(error, window)
            except RecursionError:
                self.fail_nesting()
            if size >= largest:
                self._fail_size(largest)
            size *= 8

    def members(self, seen: set[str], repeated: OnRepeat, *, first: bool = True) -> Iterator[str]:
        """Yield the keys of an object whose brace was used; the caller reads each value before the next.

        A key that is already in `seen` is told to `repeated`. `first` is false after one of its values.
        """
        if first and self.peek() == b"}":
            self._at += 1
            return
        if not first and not self._goes_on():
            return
        while True:
            yield self._key(seen, repeated)
            if not self._goes_on():
                return

    def batches(self) -> Iterator[Batch]:
        """Yield the elements of an array whose bracket was used."""
        if self.peek() == b"]":
            self._at += 1
            return
        done, ended, guess = 0, False, _Guess()
        while not ended:
            self._record = done + 1
            batch, ended = self._batch(guess)
            done += len(batch.values)
            yield batch
        self._record = None

    def skip(self, repeated: OnRepeat, depth: int = 1) -> None:
        """Check the next value of any size and forget it; `depth` counts the brackets around it."""
        mark = self.peek()
        if depth > self.text.limits.nesting:
            self.fail_nesting()
        if mark == b"{":
            self._at += 1
            for _key in self.members(set(), repeated):
                self.skip(repeated, depth + 1)
        elif mark == b"[":
            self._at += 1
            self.skip_elements(self.batches(), depth)
        else:
            self.value()

    def skip_elements(self, batches: Iterator[Batch], depth: int) -> None:
        """Check the rest of an array `depth` brackets deep and forget it."""
        for batch in batches:
            if deeper_than(batch.values, self.text.limits.nesting - depth):
                self.fail_nesting()

    def finish(self, levels: Sequence[set[str]], repeated: OnRepeat) -> None:
        """Check the rest of the document after a value inside objects whose keys so far are `levels`."""
        for seen in reversed(levels):
            for _key in self.members(seen, repeated, first=False):
                self.skip(repeated, len(levels))
        self.end()

    def end(self) -> None:
        """Check that nothing follows."""
        if self.peek():
            self.fail(_("Something follows the end of the JSON document. One document to a file, please."))

    def fail(self, message: str, *, code: str = "malformed-json", ahead: int = 0) -> NoReturn:
        """Raise `FormatError` for what stands `ahead` bytes from here."""
        line = self.text.line_at(self.offset + ahead)
        raise FormatError(code, message, self.text.where(line, self._record))

    def fail_repeated(self, key: str) -> NoReturn:
        """Raise `FormatError` for a key that an object outside the records names twice."""
        message = _("The name “{key}” stands twice in one object, so it is unclear which value counts.")
        self.fail(message.format(key=visible(key[:80])), code="repeated-key")

    def _key(self, seen: set[str], repeated: OnRepeat) -> str:
        mark = self.peek()
        if not mark:
            self._fail_truncated()
        if mark != b'"':
            self.fail(
                _("A field name in double quotes is missing (a comma too many and comments are not JSON).")
            )
        key = str(self.value())
        if self.peek() != b":":
            self.fail(_("The colon after a field name is missing."))
        self._at += 1
        if key in seen:
            repeated(key)
        if len(seen) >= _KEYS:
            self._fail_limit("too-many-keys", _("An object has more than {limit} fields."), _KEYS)
        seen.add(key)
        return key

    def _goes_on(self) -> bool:
        mark = self.peek()
        if not mark:
            self._fail_truncated()
        if mark not in {b",", b"}"}:
            self.fail(_("A comma or a closing bracket is missing."))
        self._at += 1
        return mark == b","

    def _batch(self, guess: _Guess) -> tuple[Batch, bool]:
        self._fill(self.text.chunk_bytes)
        cut = guess.cut(self._buffer, self._at)
        if cut > 0:
            source = self._buffer[self._at : cut]
            try:
                values = self._decode(b"[" + source + b"]")
            except self._fast_errors:
                guess.wrong += 1
            else:
                if values:
                    guess.wrong = 0
                    self._at = cut + 1
                    return Batch(values, source), False
        return self._careful_batch(guess)

    def _careful_batch(self, guess: _Guess) -> tuple[Batch, bool]:
        size = len(self._buffer) - self._at if guess.learned else self._first_window
        while True:
            window, final = self._window(size)
            try:
                found = scan_elements(window, final=final)
            except Malformed as error:
                self._record = (self._record or 1) + error.good
                self._fail_malformed(error, window)
            except RecursionError:
                self.fail_nesting()
            if found.values:
                guess.learn(window, found.ends)
                self._use(window, found.used)
                return Batch(found.values), found.ended
            if size >= RECORD_BYTES:
                self._fail_size(RECORD_BYTES)
            size = max(size, self._first_window) * 8

    def _window(self, size: int) -> tuple[str, bool]:
        """Return the next `size` bytes as text, less a character that is cut, and whether it is all there is."""
        self._fill(size)
        part = self._buffer[self._at : self._at + size]
        final = self._ended and self._at + size >= len(self._buffer)
        try:
            return codecs.utf_8_decode(part, "strict", final)[0], final
        except UnicodeDecodeError as error:
            line = self.text.line_at(self.offset + error.start)
            raise bad_encoding(self.text, line) from error

    def _use(self, window: str, characters: int) -> None:
        self._at += characters if window.isascii() else len(window[:characters].encode())

    def _fill(self, size: int) -> None:
        while len(self._buffer) - self._at < size and self._more():
            pass

    def _more(self) -> bool:
        if self._ended:
            return False
        parts, wanted = [self._buffer[self._at :]], len(self._buffer) - self._at
        self._base += self._at
        self._at = 0
        for chunk in self._chunks:
            parts.append(chunk)
            wanted -= len(chunk)
            if wanted <= 0:  # at least doubled, so that a value of any size is copied a few times only
                break
        else:
            self._ended = True
        self._buffer = b"".join(parts)
        return len(parts) > 1

    def _fail_malformed(self, error: Malformed, window: str) -> NoReturn:
        if error.at >= len(window.rstrip(" \t\r\n")):
            self._fail_truncated()
        self.fail(_(error.reason), ahead=len(window[: error.at].encode()))

    def _fail_truncated(self) -> NoReturn:
        self._fill(RECORD_BYTES)
        message = _("The file ends in the middle. It was not written or copied completely; fetch it again.")
        self.fail(message, code="truncated-json", ahead=max(len(self._buffer.rstrip()) - self._at, 0))

    def fail_nesting(self) -> NoReturn:
        """Raise `LimitError` for the value read last."""
        self._fail_limit(
            "nested-too-deeply", _("Values are nested more than {limit} deep."), self.text.limits.nesting
        )

    def _fail_size(self, limit: int) -> NoReturn:
        message = _(
            "A single value is longer than {limit} bytes, or a quotation mark or bracket is missing in it."
        )
        self._fail_limit("value-too-long", message, limit)

    def _fail_limit(self, code: str, message: str, limit: int) -> NoReturn:
        place = self.text.where(self.text.line_at(self.offset), self._record)
        raise LimitError(code, message.format(limit=limit), place)


class _Guess:
    """Where an element of an array probably ends, from how two of its elements were parted before."""

    def __init__(self) -> None:
        self.wrong = 0  # guesses in a row
        self._separators: tuple[bytes, ...] = ()

    @property
    def learned(self) -> bool:
        return bool(self._separators)

    def learn(self, window: str, ends: list[int]) -> None:
        """Learn from text between two elements: with the first key of the next one, and without."""
        if self._separators or len(ends) < 2:
            return
        start = ends[-2] - (window[ends[-2] - 1] == "}")
        between = _BETWEEN.match(window, start)
        if between:
            self._separators = (between[0].encode(), between[1].encode())

    def cut(self, buffer: bytes, start: int) -> int:
        """Return the place of a comma that probably follows an element, 0 for no idea."""
        if self.wrong >= _WRONG_GUESSES:
            return 0
        for separator in self._separators:
            found = buffer.rfind(separator, start)
            if found - start > (len(buffer) - start) // 4:
                return found + separator.index(b",")
        return 0
