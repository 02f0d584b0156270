"""Our own tables beside the trips: preferences, notifications and analytics as CSV files or sheets.

What `tabular` writes is read here again, so that a bundle of several categories imports as one file does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from dinotui.domain.configuration import Category
from dinotui.domain.errors import FormatError
from dinotui.domain.export import NOTIFICATION_FIELDS
from dinotui.formats.base import OtherCategories, Source, Table
from dinotui.formats.guard import unguard
from dinotui.formats.json_rows import storable
from dinotui.formats.tabular import OWN_HEADERS
from dinotui.locale import _

_STRUCTURED: Final = frozenset({"visaExpiryDays", "schengenWarningDays", "keyMap"})
"""Preferences that are numbers, lists or objects: their cell is JSON."""

_MOST: Final = 1_000_000
"""Rows of such a table that are kept; ours never have more by far."""


def category_of(table: Table) -> Category | None:
    """Return which category beside trips a table is, by its header alone; None for any other table."""
    return OWN_HEADERS.get(tuple(table.columns))


def set_apart(source: Source) -> Source:
    """Return the source with our own tables beside the trips as its other categories."""
    own = {id(table): category for table in source.tables if (category := category_of(table)) is not None}
    if not own:
        return source
    kept = [table for table in source.tables if id(table) not in own]
    found: dict[Category, Table] = {}
    for table in source.tables:
        if id(table) in own:
            found.setdefault(own[id(table)], table)
    return _Bundle(source, kept, found)


@dataclass(slots=True)
class _Bundle:
    """A source some of whose tables are no trips."""

    source: Source
    tables: list[Table]
    own: Mapping[Category, Table]
    name: str = field(init=False)

    def __post_init__(self) -> None:
        """Keep the name of what was opened."""
        self.name = self.source.name

    def other_categories(self) -> OtherCategories:
        """Read the tables. Raises `FormatError` where a preference's value is torn."""
        inner = self.source.other_categories()
        preferences, notifications = self.own.get("preferences"), self.own.get("notifications")
        return OtherCategories(
            metadata=inner.metadata,
            preferences=inner.preferences
            if preferences is None
            else dict(_preferences(preferences, self.source.name)),
            notifications=inner.notifications
            if notifications is None
            else list(_notifications(notifications)),
            analytics={} if "analytics" in self.own else inner.analytics,
        )

    def close(self) -> None:
        """Close what was opened."""
        self.source.close()


def _rows(table: Table) -> Iterator[Sequence[Any]]:
    """Yield the rows as plain texts and numbers; what the CSV guards is itself again."""
    guarded, width = table.detection.format == "csv", len(table.columns)
    for number, row in enumerate(table.rows()):
        if number >= _MOST:
            return
        cells = [*row.cells, *[None] * (width - len(row.cells))]
        yield [
            (storable(unguard(cell) if guarded else cell)) if isinstance(cell, str) else cell
            for cell in cells[:width]
        ]


def _preferences(table: Table, where: str) -> Iterator[tuple[str, Any]]:
    for name, value in _rows(table):
        if name in _STRUCTURED and isinstance(value, str):
            try:
                yield name, json.loads(value)
            except (ValueError, RecursionError) as error:
                message = _("The value of the preference {name} is torn. Export it again.")
                raise FormatError("wrong-shape", message.format(name=name), where) from error
        elif name and value not in (None, ""):
            yield str(name), value if name in _STRUCTURED else str(value)


def _notifications(table: Table) -> Iterator[Mapping[str, Any]]:
    for cells in _rows(table):
        entry = dict(zip(NOTIFICATION_FIELDS, cells, strict=True))
        for name in ("created", "read", "tripId", "subject"):
            entry[name] = entry[name] or None
        yield {name: "" if value is None and name in _TEXTS else value for name, value in entry.items()}


_TEXTS: Final = ("title", "message")
