"""Looking at whole columns: how dates are read, and which country texts mean something else in this file."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, Final, NamedTuple

from dinotui.domain.country import looks_like_us_states, na_means_missing
from dinotui.domain.date_columns import ColumnJudge, judge_together
from dinotui.domain.date_reading import DateReading, SerialSystem
from dinotui.domain.dates import DateOrder
from dinotui.domain.folding import fold
from dinotui.domain.mapping import FieldName, Mapping
from dinotui.domain.presets import REMEMBERED
from dinotui.domain.settings import ImportSettings
from dinotui.domain.source_rows import Cell
from dinotui.engine.presets import bound_of
from dinotui.storage.staging import SourceTable

DATE_FIELDS: Final[tuple[FieldName, ...]] = ("entryDate", "exitDate")
DISTINCT_COUNTRIES: Final = 5_000  # enough to see what a column of countries holds


class Judged(NamedTuple):
    """How the date columns of a table are read, and its doubtful country texts, folded."""

    readings: dict[str, DateReading]
    doubtful: list[str]

    def reads_like(self, other: Judged) -> bool:
        """Whether every cell means the same by both; the evidence may differ."""
        return bool(self._rules() == other._rules())

    def _rules(self) -> Any:
        rules = {
            name: (r.order, r.needs_answer, r.shift, r.pivot, r.serials) for name, r in self.readings.items()
        }
        return rules, self.doubtful


class TableJudge:
    """Fed with the rows of a table, batch by batch; `judged` may be asked at any time."""

    def __init__(
        self, table: SourceTable, mapping: Mapping, settings: ImportSettings, time_zone: str | None
    ) -> None:
        self._settings = settings
        self._time_zone = settings.time_zone or time_zone
        self._serials: SerialSystem = table.settings["detection"].get("date_system") or "1900"
        self._places = {name: place for name in DATE_FIELDS if (place := mapping.column_of(name)) is not None}
        self._judges: dict[FieldName, ColumnJudge] = {
            name: ColumnJudge() for name in DATE_FIELDS if name in self._places or name in mapping.constants
        }
        for name, judge in self._judges.items():
            if name not in self._places:
                judge.feed(mapping.constants[name])
        self._preset_order = _order_of_preset(table, settings)
        self._country = mapping.column_of("country")
        self._countries: set[str] = set()

    def feed(self, rows: Sequence[Sequence[Cell]]) -> None:
        """Take the cells of more rows."""
        columns = list(zip_longest(*rows))
        for name, place in self._places.items():
            if place < len(columns):
                self._judges[name].feed_all(columns[place])
        at = self._country
        if at is not None and at < len(columns) and len(self._countries) < DISTINCT_COUNTRIES:
            self._countries.update(str(cell or "").strip() for cell in set(columns[at]))

    def judged(self) -> Judged:
        """Return what the rows so far say; raises `UsageError` for an unknown time zone that is needed."""
        readings = self._readings(self._settings.date_order)
        if any(one.needs_answer for one in readings) and not any(one.conflict for one in readings):
            readings = self._readings(self._preset_order) if self._preset_order else readings
        return Judged(dict(zip(self._judges, readings, strict=True)), _doubtful(self._countries))

    def _readings(self, order: DateOrder | None) -> list[DateReading]:
        return judge_together(
            list(self._judges.values()), time_zone=self._time_zone, override=order, serials=self._serials
        )


def _order_of_preset(table: SourceTable, settings: ImportSettings) -> DateOrder | None:
    """Return the order that a chosen preset has for dates that prove none; a remembered one only offers it."""
    bound = bound_of(table)
    return None if bound is None or settings.preset == REMEMBERED else bound.preset.date_order


def _doubtful(countries: set[str]) -> list[str]:
    """Return folded texts that are countries elsewhere, but in this column perhaps something else."""
    found = {fold("NA")} if na_means_missing(countries) else set()
    if looks_like_us_states(countries):
        found |= {fold(name) for name in countries if looks_like_us_states((name, "Texas"))}
    return sorted(found)
