"""What an export holds, gathered from the database with privacy applied; the writers stream it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dinotui.domain.configuration import ExportConfiguration
from dinotui.domain.dates import day_text, from_day, to_day
from dinotui.domain.export import ExportRow, NotificationRow
from dinotui.domain.ids import new_id
from dinotui.domain.privacy import (
    PERSONAL_NOTIFICATION_FIELDS,
    PERSONAL_TRIP_FIELDS,
    Mask,
    shift_for,
)
from dinotui.engine.analytics import analytics
from dinotui.engine.preferences import get_preferences
from dinotui.engine.progress import Stop, never
from dinotui.engine.schengen import today_of
from dinotui.formats.writing import Document
from dinotui.storage.database import utc_now
from dinotui.storage.export_rows import (
    TripSpan,
    count_notifications,
    notification_batches,
    trip_batches,
    trip_extent,
)
from dinotui.storage.store import Store

VERSION: Final = "1.0"
SOURCE: Final = "DINO Travel Tracker"


@dataclass(frozen=True, slots=True)
class Collected:
    """A document, the mask that its rows pass through, and how many trips and notifications it holds."""

    document: Document
    mask: Mask
    export_id: str
    counts: dict[str, int]

    @property
    def records(self) -> int:
        """Trips and notifications together."""
        return sum(self.counts.values())


def collect(
    configuration: ExportConfiguration,
    store: Store,
    scratch: Path,
    *,
    bom: bool = False,
    key: bytes | None = None,
    limit: int = -1,
    export_id: str | None = None,
    cancelled: Stop = never,
) -> Collected:
    """Return the document that an export of `configuration` writes; to be used within one snapshot.

    `key` is the secret of the pseudonyms and the shift, by default a new one; `limit` keeps the first trips
    and notifications only.
    """
    secret = key or os.urandom(32)
    chosen = configuration.categories.chosen()
    span = span_of(configuration)
    extent, today, shift = trip_extent(store, span), today_of(store), 0
    if configuration.privacy.anonymize_data:
        today = (
            extent.last_day if extent.last_day is not None else today
        )  # the real one would betray the shift
        shift = shift_for(secret, extent.first_day if extent.first_day is not None else today, today)
    mask = Mask(configuration.privacy, store.user_name, secret, shift)
    counts = {"trips": extent.trips} if "trips" in chosen else {}
    if "notifications" in chosen:
        counts["notifications"] = count_notifications(store, span)
    export_id = export_id or (
        str(uuid.uuid4()) if mask.anonymize else new_id()
    )  # ours would tell when it was made
    figures: dict[str, Any] = {}
    if "analytics" in chosen:
        found = analytics(store, from_day(today), span=span, shift=mask.shift, cancelled=cancelled)
        figures = mask.analytics(_without_numbers(found.model_dump(mode="json", by_alias=True)))

    def trips() -> Iterator[list[ExportRow]]:
        batches = trip_batches(store, span, limit)
        return ([mask.trip(row) for row in batch] for batch in batches) if mask.on else batches

    def notifications() -> Iterator[list[NotificationRow]]:
        for batch in notification_batches(store, span, limit):
            yield [mask.notification(row) for row in batch] if mask.on else batch

    document = Document(
        categories=chosen,
        metadata=_metadata(configuration, mask, export_id, counts),
        trips=trips,
        notifications=notifications,
        scratch=scratch,
        preferences=mask.preferences(get_preferences(store).export()),
        analytics=figures,
        trip_metadata=configuration.include_metadata,
        omitted=frozenset((*PERSONAL_TRIP_FIELDS, *PERSONAL_NOTIFICATION_FIELDS) if mask.exclude else ()),
        bom=bom,
    )
    return Collected(document, mask, export_id, counts)


def span_of(configuration: ExportConfiguration) -> TripSpan:
    """Return the days that a configuration's range keeps."""
    chosen = configuration.date_range
    if chosen is None:
        return TripSpan()
    return TripSpan(
        None if chosen.start is None else to_day(chosen.start),
        None if chosen.end is None else to_day(chosen.end),
    )


def _metadata(
    configuration: ExportConfiguration, mask: Mask, export_id: str, counts: dict[str, int]
) -> dict[str, Any]:
    """Return the metadata object; without metadata only what an importer needs, and the word on privacy."""
    found: dict[str, Any] = {"version": VERSION, "source": SOURCE}
    if configuration.include_metadata:
        found = {
            "exportId": export_id,
            "exportDate": utc_now(),
            **found,
            "userId": mask.user_id,
            "categories": list(configuration.categories.chosen()),
            "counts": counts,
            "dateRange": None if mask.anonymize else _range(configuration),
        }
    if mask.on:
        found["privacy"] = mask.statement()
    return found


def _range(configuration: ExportConfiguration) -> dict[str, str | None] | None:
    """Return the chosen range; an anonymised export keeps it back, for it is often a calendar year."""
    start, end = span_of(configuration)
    if start is None and end is None:
        return None
    return {
        "start": None if start is None else day_text(start),
        "end": None if end is None else day_text(end),
    }


def _without_numbers(value: Any) -> Any:
    """Drop the short numbers of trips: they mean something in this database alone."""
    if isinstance(value, list):
        return [_without_numbers(each) for each in value]
    if isinstance(value, dict):
        return {name: _without_numbers(each) for name, each in value.items() if name != "number"}
    return value
