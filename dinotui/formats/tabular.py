"""The categories beside trips as tables, for CSV and XLSX."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, TypeAlias

from dinotui.domain.configuration import Category
from dinotui.domain.export import BATCH
from dinotui.formats.writing import Document

Cells: TypeAlias = tuple[str | int | float | None, ...]

PREFERENCE_HEADER: Final = ("Preference", "Value")
NOTIFICATION_HEADER: Final = ("ID", "Kind", "Title", "Message", "Created", "Read", "Trip ID", "Subject")
ANALYTICS_HEADER: Final = ("Section", "Item", "Figure", "Value")

OWN_HEADERS: Final[Mapping[tuple[str, ...], Category]] = {
    PREFERENCE_HEADER: "preferences",
    NOTIFICATION_HEADER: "notifications",
    ANALYTICS_HEADER: "analytics",
}
"""Which category a table is, by its header."""

_NAMES: Final = ("country", "year", "tripId")  # what an object in a list is called by


def table_of(document: Document, category: Category) -> tuple[Sequence[str], Iterable[list[Cells]]]:
    """Return the header and the batches of rows of a category other than trips."""
    if category == "preferences":
        return PREFERENCE_HEADER, [[(name, _text(value)) for name, value in document.preferences.items()]]
    if category == "notifications":
        return NOTIFICATION_HEADER, (
            [tuple(row) for row in batch] for batch in _blanked(document, document.notifications())
        )
    return ANALYTICS_HEADER, _batches(_figures(document.analytics))


def _batches(rows: Iterator[Cells]) -> Iterator[list[Cells]]:
    """Yield rows as they are compared when the file is read back: every batch but the last one full."""
    while batch := list(islice(rows, BATCH)):
        yield batch


def _blanked(document: Document, batches: Iterable[list[tuple[Any, ...]]]) -> Iterator[list[tuple[Any, ...]]]:
    """Empty the texts that the document leaves out; the columns stay."""
    for batch in batches:
        if "title" in document.omitted:
            yield [(*row[:2], "", "", *row[4:]) for row in batch]
        else:
            yield batch


def _text(value: Any) -> str | int | float | None:
    if value is None or (isinstance(value, str | int | float) and not isinstance(value, bool)):
        return value
    return json.dumps(value, ensure_ascii=False)


def _figures(analytics: Mapping[str, Any]) -> Iterator[Cells]:
    """Yield one row a figure: the section, what it is about, its name, and its value."""
    for section, value in analytics.items():
        if not isinstance(value, Mapping | list):
            yield "summary", "", section, _text(value)
            continue
        for path, figure, found in _leaves(value, (), section):
            yield section, " / ".join(path), figure, _text(found)


def _leaves(value: Any, path: tuple[str, ...], name: str) -> Iterator[tuple[tuple[str, ...], str, Any]]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            nested = isinstance(each, Mapping)
            yield from _leaves(each, (*path, key) if nested else path, key)
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        for number, each in enumerate(value, 1):
            called = next((str(each[key]) for key in _NAMES if each.get(key) is not None), str(number))
            yield from _leaves(each, (*path, called), name)
    else:
        yield path, name, value
