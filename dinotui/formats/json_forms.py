"""Which JSON document this is and where its records lie: our 1.0 form, the legacy form, or inferred (SPEC.md 4.1).

A document is surveyed from its beginning. As soon as it is plain that it is one of our forms and where its
trips begin, the survey stops, and the rest is checked when the rows are read; otherwise it is read to the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from dinotui.domain.errors import FormatError, UnsupportedFormat
from dinotui.formats.base import Form, FormatName
from dinotui.formats.json_decode import fast_decoder, fast_errors
from dinotui.formats.json_stream import Batch, Scanner
from dinotui.formats.json_text import JsonText
from dinotui.locale import _

SOURCE: Final = "DINO Travel Tracker"
"""What `metadata.source` says in a document of our form."""

VERSION: Final = 1
"""The newest major version of our form that is read."""

CATEGORIES: Final = frozenset({"trips", "preferences", "notifications", "analytics"})

_FIRST_LINE: Final = 1 << 20  # bytes in which the first of several lines must end
_WALKED: Final = 8  # levels of objects in which arrays are looked for
_DEPTH_OF_TRIPS: Final[dict[Form, tuple[str, ...]]] = {"dino": ("data", "trips"), "legacy": ("trips",)}
_MAJOR: Final = re.compile(r"\s*v?(\d+)(\.|\s*$)")

_Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where records lie: `kind` says how, `offset` is the UTF-8 byte where the first one may begin.

    `around` holds the keys seen so far of each object around an array whose rest is yet to be checked; None
    when the whole document has been checked.
    """

    path: _Path
    kind: Literal["array", "record", "lines"]
    offset: int
    around: tuple[frozenset[str], ...] | None = None
    objects: bool = True


@dataclass(frozen=True, slots=True)
class Layout:
    """A surveyed document: its form and the places of its tables."""

    form: Form
    places: list[Place]
    format: FormatName = "json"
    version: str | None = None


def survey(text: JsonText) -> Layout:
    """Find out what the document is.

    Raises `FormatError` where it is not JSON or holds no records, `UnsupportedFormat` for a newer version of
    our form and for what is recognised and cannot be imported.
    """
    scanner = Scanner(text)
    mark = scanner.peek()
    if not mark:
        raise FormatError("empty-file", _("The file is empty."), text.name)
    if mark == b"[":
        return _array(scanner)
    if mark == b"{":
        return _lines(text) or _Survey(scanner).run()
    scanner.skip(_never)
    scanner.end()
    raise _no_records(text)


def _array(scanner: Scanner) -> Layout:
    scanner.begin()
    place = Place((), "array", scanner.offset, around=())
    first = next(scanner.batches(), None)
    record = _first_object(first)
    if record is not None:
        _refuse(scanner.text, set(record), set())
    elif first is not None:
        raise _no_records(scanner.text)
    else:
        scanner.end()
    return Layout("inferred", [place])


def _lines(text: JsonText) -> Layout | None:
    """Return the layout of a file with an object a line; None where the first line is not one, or the only one."""
    head = line = rest = b""
    for chunk in text.chunks():
        head += chunk
        line, _newline, rest = head.lstrip().partition(b"\n")
        rest = rest.lstrip()
        if rest or len(head) > _FIRST_LINE:
            break
    if not rest.startswith(b"{"):
        return None
    try:
        record = fast_decoder()(line)
    except fast_errors():
        return None
    if not isinstance(record, dict):
        return None
    _refuse(text, set(record), set())
    return Layout("inferred", [Place((), "lines", 0)], "ndjson")


@dataclass(slots=True)
class _Survey:
    """A walk through the objects of a document, noting what they are."""

    scanner: Scanner
    plain: dict[_Path, Any] = field(default_factory=dict)
    keys: dict[_Path, set[str]] = field(default_factory=dict)
    arrays: list[Place] = field(default_factory=list)
    repeats: list[FormatError] = field(default_factory=list)
    inner: set[str] = field(default_factory=set)

    def run(self) -> Layout:
        start = self.scanner.offset
        self.scanner.begin()
        place = self._walk(())
        if place is not None:
            return self._ours(self._form(), [place])
        self.scanner.end()
        top = self.keys[()]
        _refuse(self.scanner.text, top, self.inner)
        form = self._form()
        if form != "inferred":
            return self._ours(form, self._trips(form))
        places = [place for place in self.arrays if place.objects]
        if top and (not places or _is_trip(top)):
            return Layout("inferred", [Place((), "record", start)])
        self._refuse_repeats()
        if not places:
            raise _no_records(self.scanner.text)
        return Layout("inferred", places)

    def _walk(self, path: _Path) -> Place | None:
        """Walk an object whose brace was used; return the trips of our form when they are met."""
        keys = self.keys.setdefault(path, set())
        for key in self.scanner.members(keys, self._repeated):
            here = (*path, key)
            mark = self.scanner.peek()
            place = None
            if mark == b"[":
                place = self._elements(here)
            elif mark == b"{" and len(here) < _WALKED:
                self.scanner.begin()
                place = self._walk(here)
            elif mark == b"{":
                self.scanner.skip(self._repeated, len(here) + 1)
            elif len(here) <= 2:
                self.plain[here] = self.scanner.value()
            else:
                self.scanner.value()
            if place is not None:
                return place
        return None

    def _elements(self, here: _Path) -> Place | None:
        self.scanner.begin()
        offset = self.scanner.offset
        batches = self.scanner.batches()
        first = next(batches, None)
        record = _first_object(first)
        if len(here) == 1:
            self.inner = self.inner or set(record or ())
            _refuse(self.scanner.text, self.keys[()], self.inner)
        if here == _DEPTH_OF_TRIPS.get(self._form()) and not self.repeats:
            around = tuple(frozenset(self.keys[here[:level]]) for level in range(len(here)))
            return Place(here, "array", offset, around)
        self.arrays.append(Place(here, "array", offset, objects=record is not None))
        self.scanner.skip_elements(batches, len(here) + 1)
        return None

    def _form(self) -> Form:
        top = self.keys[()]
        source = self.plain.get(("metadata", "source"))
        named = source == SOURCE or (source is None and ("metadata", "exportId") in self.plain)
        if named and not CATEGORIES.isdisjoint(self.keys.get(("data",), ())):
            return "dino"
        if named and "data" in top and not self.keys.get(("data",)):
            return "dino"
        if "trips" in top and (top & {"user", "notificationSettings"} or {"version", "exportDate"} <= top):
            return "legacy"
        return "inferred"

    def _ours(self, form: Form, places: list[Place]) -> Layout:
        self._refuse_repeats()
        version = self.plain.get(("metadata", "version") if form == "dino" else ("version",))
        if form == "dino" and version is not None:
            major = _MAJOR.match(str(version))
            if major is None or int(major[1]) > VERSION:
                message = _(
                    "This export has version {version}, and this program reads version {known}. "
                    "Update the program and import it then."
                )
                known = f"{VERSION}.0"
                message = message.format(version=str(version)[:40], known=known)
                raise UnsupportedFormat("newer-version", message, self.scanner.text.name)
        return Layout(form, places, version=None if version is None else str(version))

    def _trips(self, form: Form) -> list[Place]:
        """Return the place of the trips of a document that was read to its end."""
        path = _DEPTH_OF_TRIPS[form]
        found = [place for place in self.arrays if place.path == path]
        given = path[-1] in self.keys.get(path[:-1], ())
        if given and not found and self.plain.get(path, "") is not None:
            message = _("The trips of this export are no list. Export it again.")
            raise FormatError("wrong-shape", message, self.scanner.text.name)
        return found

    def _repeated(self, key: str) -> None:
        if not self.repeats:
            try:
                self.scanner.fail_repeated(key)
            except FormatError as error:
                self.repeats.append(error)

    def _refuse_repeats(self) -> None:
        if self.repeats:
            raise self.repeats[0]


def _first_object(batch: Batch | None) -> dict[str, Any] | None:
    values: Iterator[Any] = iter(batch.values if batch else ())
    return next((value for value in values if isinstance(value, dict)), None)


def _is_trip(keys: set[str]) -> bool:
    """Whether an object with these keys is itself a record, whatever arrays it holds."""
    from dinotui.formats.mapping.headers import field_of_text

    return {"country", "entryDate"} <= {field_of_text(key) for key in keys if len(key) < 60}


def _refuse(text: JsonText, keys: set[str], inner: set[str]) -> None:
    from dinotui.formats.refusals import refuse_json_keys

    refuse_json_keys(keys, inner, where=text.name)


def _no_records(text: JsonText) -> FormatError:
    message = _(
        "The file is JSON but holds no records. A list of objects is needed, each with a country and dates."
    )
    return FormatError("no-records", message, text.name)


def _never(key: str) -> None:
    """Take a repeated key for what it is: JSON allows it."""
