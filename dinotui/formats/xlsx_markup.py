"""The XML of a worksheet as a stream of events, with nothing in it that could grow or reach outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol, TypeAlias
from xml.parsers import expat

from dinotui.formats.xlsx_package import Package

_BUFFER: Final = 1 << 16  # characters of a text that arrive at once

Start: TypeAlias = Callable[[str, dict[str, str]], None]
End: TypeAlias = Callable[[str], None]
Characters: TypeAlias = Callable[[str], None]


class Handlers(Protocol):
    """Makes the three event handlers, once it is known what stands before every name (``x:`` or nothing)."""

    def __call__(self, prefix: str) -> tuple[Start, End, Characters]:
        """Return what to call for a start tag with its attributes, for an end tag, and for text."""
        ...


class _ForbiddenError(ValueError):
    """The markup declares a document type, with which entities could come."""


def feed(package: Package, part: str, handlers: Handlers) -> Iterator[None]:
    """Parse a part; hands over after every piece, so that what the handlers found can be taken away.

    Raises `FormatError` for what is not well-formed or declares a document type, and what the handlers raise.
    """
    parser: Any = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = _BUFFER

    def root(name: str, attributes: dict[str, str]) -> None:
        before, colon, _local = name.rpartition(":")
        start, parser.EndElementHandler, parser.CharacterDataHandler = handlers(before + colon)
        parser.StartElementHandler = start
        start(name, attributes)

    def refuse(*_declared: object) -> None:
        raise _ForbiddenError

    parser.StartElementHandler = root
    parser.StartDoctypeDeclHandler = refuse
    try:
        for chunk in package.chunks(part):
            parser.Parse(chunk, False)
            yield
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        if error.code == expat.errors.codes[expat.errors.XML_ERROR_NO_MEMORY]:
            raise MemoryError from error
        raise package.broken() from error
    except _ForbiddenError as error:
        raise package.broken() from error
    yield
