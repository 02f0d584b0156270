"""Newline-delimited JSON: one object a line, in batches (SPEC.md 4.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dinotui.domain.errors import FormatError, LimitError
from dinotui.formats.json_decode import Malformed, fast_decoder, fast_errors, scan_line
from dinotui.formats.json_stream import RECORD_BYTES, Batch
from dinotui.formats.json_text import JsonText, bad_encoding
from dinotui.locale import _


def line_batches(text: JsonText) -> Iterator[tuple[Batch, list[int]]]:
    """Yield the records with the 1-based lines they stand on; blank lines hold none.

    Raises `FormatError` for the first line that is not one JSON value, `LimitError` for one that is too long.
    """
    decode, errors = fast_decoder(), fast_errors()
    for number, block in _blocks(text):
        kept = [(line, part) for line, part in enumerate(block.split(b"\n"), start=number) if part.strip()]
        lines = [line for line, _part in kept]
        try:
            source = b",".join(part for _line, part in kept)
            yield Batch([decode(part) for _line, part in kept], source), lines
        except errors:
            yield Batch([_careful(text, line, part) for line, part in kept]), lines


def _careful(text: JsonText, line: int, part: bytes) -> Any:
    try:
        return scan_line(part.decode())
    except Malformed as error:
        raise FormatError("malformed-json", _(error.reason), text.where(line)) from None
    except UnicodeDecodeError as error:
        raise bad_encoding(text, line) from error
    except RecursionError:
        message = _("Values are nested more than {limit} deep.").format(limit=text.limits.nesting)
        raise LimitError("nested-too-deeply", message, text.where(line)) from None


def _blocks(text: JsonText) -> Iterator[tuple[int, bytes]]:
    """Yield whole lines with the number of the first one."""
    number, rest = 1, b""
    for chunk in text.chunks():
        head, newline, tail = chunk.rpartition(b"\n")
        if not newline:
            rest += chunk
            if len(rest) > RECORD_BYTES:
                message = _("A line is longer than {limit} bytes.").format(limit=RECORD_BYTES)
                raise LimitError("value-too-long", message, text.where(number))
            continue
        block = rest + head
        yield number, block
        number += block.count(b"\n") + 1
        rest = tail
    if rest.strip():
        yield number, rest
