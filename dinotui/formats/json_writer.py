"""The JSON form (JSONExporter): metadata, then the chosen categories, one trip a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Final

import msgspec

from dinotui.domain.dates import day_text
from dinotui.domain.export import NOTIFICATION_FIELDS, ExportRow
from dinotui.domain.trip import EXPORT_COLUMNS, export_form
from dinotui.formats.writing import Beat, Document, Fingerprint, Meant

METADATA_COLUMNS: Final = EXPORT_COLUMNS[9:]
_ROW: Final = b"      "
_encoder: Final = msgspec.json.Encoder()


class DayText(dict[int, str]):
    """The text of a day, remembered."""

    def __missing__(self, day: int) -> str:
        self[day] = text = day_text(day)
        return text


class JsonWriter:
    """Streams the document line by line; nested objects without rows are indented for readers."""

    extension = "json"
    media_type = "application/json"

    def write(self, document: Document, sink: BinaryIO, beat: Beat) -> Meant:
        """Write the document; see `Writer.write`."""
        meant: Meant = {}
        sink.writelines(json_pieces(document, meant, beat))
        return meant


WRITER: Final = JsonWriter()


def json_pieces(document: Document, meant: Meant, beat: Beat) -> Iterator[bytes]:
    """Yield the document piece by piece and fill `meant` on the way."""
    meant["metadata"] = _one(document.metadata)
    yield b'{\n  "metadata": ' + _indented(document.metadata, "  ") + b',\n  "data": {'
    separator = b"\n"
    for category in document.categories:
        yield separator + f'    "{category}": '.encode()
        separator = b",\n"
        if category == "trips":
            yield from _array(trip_batches(document), meant.setdefault(category, Fingerprint()), beat)
        elif category == "notifications":
            yield from _array(
                _notification_batches(document), meant.setdefault(category, Fingerprint()), beat
            )
        else:
            value = document.preferences if category == "preferences" else document.analytics
            meant[category] = _one(value)
            yield _indented(value, "    ")
    yield b"\n  }\n}\n"


def trip_keys(document: Document) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the keys that a trip of this document has, and those of its metadata object."""
    plain = tuple(key for key in EXPORT_COLUMNS[:9] if key not in document.omitted)
    extra = tuple(key for key in METADATA_COLUMNS if key not in document.omitted)
    return plain, extra if document.trip_metadata else ()


def notification_keys(document: Document) -> tuple[str, ...]:
    """Return the keys that a notification of this document has."""
    return tuple(key for key in NOTIFICATION_FIELDS if key not in document.omitted)


def canonical(value: Any) -> str:
    """Return a value as one text that two equal values share."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _one(value: Any) -> Fingerprint:
    found = Fingerprint()
    found.add([(canonical(value),)])
    return found


def _indented(value: Mapping[str, Any], indent: str) -> bytes:
    text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
    return text.replace("\n", f"\n{indent}").encode()


Batch = tuple[list[dict[str, Any]], list[tuple[Any, ...]]]


def trip_batches(document: Document) -> Iterator[Batch]:
    """Yield batches of trips as objects and as the rows of their fingerprint."""
    texts = DayText()
    plain, extra = trip_keys(document)
    width = 12 if document.trip_metadata else 9
    dropped = [EXPORT_COLUMNS.index(key) for key in EXPORT_COLUMNS[:width] if key in document.omitted]
    for batch in document.trips():
        rows: list[tuple[Any, ...]] = [_texts(row, texts) for row in batch]
        objects = [export_form(row, metadata=document.trip_metadata) for row in rows]
        if width < len(EXPORT_COLUMNS):
            rows = [row[:width] for row in rows]
        if dropped:
            rows = [tuple(cell for at, cell in enumerate(row) if at not in dropped) for row in rows]
            objects = [_without(each, plain, extra) for each in objects]
        yield objects, rows


def _texts(row: ExportRow, texts: DayText) -> tuple[Any, ...]:
    leaving = row[4]
    return (*row[:3], texts[row[3]], None if leaving is None else texts[leaving], *row[5:])


def _without(trip: dict[str, Any], plain: Sequence[str], extra: Sequence[str]) -> dict[str, Any]:
    kept = {key: trip[key] for key in plain}
    if extra:
        kept["metadata"] = {key: trip["metadata"][key] for key in extra}
    return kept


def _notification_batches(document: Document) -> Iterator[Batch]:
    keys = notification_keys(document)
    at = [NOTIFICATION_FIELDS.index(key) for key in keys]
    for batch in document.notifications():
        rows = [tuple(row[position] for position in at) for row in batch]
        yield [dict(zip(keys, row, strict=True)) for row in rows], rows


def _array(batches: Iterable[Batch], meant: Fingerprint, beat: Beat) -> Iterator[bytes]:
    opening = b"[\n"
    for objects, rows in batches:
        meant.add(rows)
        lines = _encoder.encode_lines(objects)  # texts have no raw line break: each \n ends an object
        yield opening + _ROW + lines[:-1].replace(b"\n", b",\n" + _ROW)
        opening = b",\n"
        beat(len(rows))
    yield b"[]" if opening == b"[\n" else b"\n    ]"
