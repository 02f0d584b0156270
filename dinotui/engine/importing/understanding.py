"""The second step: judge the date columns as wholes, then turn every source row into a record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dinotui.domain.configuration import ImportConfiguration
from dinotui.domain.country import country_name, recognise
from dinotui.domain.date_reading import DateReading
from dinotui.domain.dates import today
from dinotui.domain.errors import NeedsAnswer
from dinotui.domain.folding import fold
from dinotui.domain.mapping import Mapping
from dinotui.domain.record_batches import BatchNormaliser
from dinotui.domain.records import Normaliser, NormaliserOptions
from dinotui.domain.settings import ImportSettings, Question
from dinotui.domain.validation import compile_rules
from dinotui.engine.importing.judging import Judged, TableJudge
from dinotui.engine.importing.reading import configuration_of, is_list, refuse_no_records, settings_of
from dinotui.engine.presets import bound_of
from dinotui.engine.progress import Progress, Report, Stop, never, quietly, stop_if
from dinotui.formats.mapping import apply_preset, override, questions, with_constants
from dinotui.locale import _, language
from dinotui.storage import plan_rows
from dinotui.storage.staging import SourceTable, Staging

BATCH = 2_000


def understand(
    staging: Staging, *, time_zone: str | None = None, report: Report = quietly, cancelled: Stop = never
) -> list[Question]:
    """Make the records of a staged import anew from its rows, settings and fixes.

    Returns what only the user can answer; the records are there all the same, with a problem each where an
    answer is missing. `time_zone` is the user's preference, used for datetimes no column settles. Raises
    `FormatError` where there is no record at all.
    """
    settings = settings_of(staging)
    open_questions: list[Question] = []
    with staging.database.write():
        staging.clear_records()
        tables = staging.tables()
        work = _Work(staging, settings, configuration_of(staging), time_zone, report, cancelled)
        for table in tables:
            mapping = mapping_of(table, settings, tables)
            first, last = table.settings["records"]
            if last >= first or not is_list(table):  # an empty list of trips is an answer, and asks nothing
                open_questions += _mapping_questions(table, mapping)
            readings = work.understand(table, mapping)
            open_questions += _date_questions(table, readings)
    if not open_questions:
        refuse_no_records(staging)
    staging.advance("understood")
    return open_questions


class _Work:
    """Makes the records of one table after the other."""

    def __init__(
        self,
        staging: Staging,
        settings: ImportSettings,
        configuration: ImportConfiguration,
        time_zone: str | None,
        report: Report,
        cancelled: Stop,
    ) -> None:
        self._staging = staging
        self._settings = settings
        self._configuration = configuration
        self._time_zone = time_zone
        self._report = report
        self._cancelled = cancelled
        self._fixes = staging.fixes()
        self._total = staging.count_rows()
        self._done = 0

    def understand(self, table: SourceTable, mapping: Mapping) -> dict[str, DateReading]:
        """Make the records of a table and return how its date columns are read.

        The rows are read as the first of them say while the whole columns are judged; only where the rest of
        the table says otherwise are they read again.
        """
        judge = TableJudge(table, mapping, self._settings, self._time_zone)
        guess: Judged | None = None
        normalise: BatchNormaliser | None = None
        for rows in self._staging.source_batches(table, BATCH):
            judge.feed(rows.cells)
            if guess is None or normalise is None:
                guess = judge.judged()
                normalise = self._normaliser(table, mapping, guess)
            self._add(normalise(rows, self._fixes))
            self._done += len(rows.records)
            self._report(Progress("Understanding", self._done, self._total))
        judged = judge.judged()
        if guess is not None and not judged.reads_like(guess):
            normalise = self._normaliser(table, mapping, judged)
            for rows in self._staging.source_batches(table, BATCH):
                self._add(normalise(rows, self._fixes))
        _keep(self._staging, table, mapping, judged)
        return judged.readings

    def _normaliser(self, table: SourceTable, mapping: Mapping, judged: Judged) -> BatchNormaliser:
        current = table._replace(settings={**table.settings, "doubtful": judged.doubtful})
        options = _options(current, judged.readings, self._settings, self._configuration, self._time_zone)
        return BatchNormaliser(Normaliser(mapping, table.columns, options), mapping, options)

    def _add(self, records: list[tuple[Any, ...]]) -> None:
        stop_if(self._cancelled)
        self._staging.add_records(records)


def mapping_of(table: SourceTable, settings: ImportSettings, tables: Sequence[SourceTable] = ()) -> Mapping:
    """Return the mapping of a table: that of its preset, else the suggested one, with the user's changes on top.

    With several `tables` a change applies to those that have the column. Raises `UsageError` for a change or
    a constant that makes no sense.
    """
    mapping = Mapping.model_validate(table.settings["mapping"])
    bound = bound_of(table)
    if bound is not None:
        mapping = apply_preset(bound.preset.mapping, table.columns) or mapping
    elsewhere = {fold(name) for other in tables if other.number != table.number for name in other.columns}
    here = {fold(name) for name in table.columns}
    maps = [
        each
        for each in settings.maps
        if (key := fold(each.rpartition("=")[0])) in here or key not in elsewhere
    ]
    mapping = override(mapping, maps)
    mapping = with_constants(mapping, [f"{field}={value}" for field, value in settings.constants.items()])
    kept = tuple(
        m.column
        for m in mapping.columns
        if m.field is None and (m.header in settings.kept or "*" in settings.kept)
    )
    return mapping.model_copy(update={"keep_in_notes": tuple(dict.fromkeys((*mapping.keep_in_notes, *kept)))})


def readings_of(table: SourceTable) -> dict[str, DateReading]:
    """Return how the date columns of an understood table are read."""
    return {
        name: DateReading.model_validate(value) for name, value in table.settings.get("readings", {}).items()
    }


def normaliser(
    table: SourceTable,
    mapping: Mapping,
    readings: dict[str, DateReading],
    settings: ImportSettings,
    configuration: ImportConfiguration,
    time_zone: str | None,
) -> Normaliser:
    """Return the function that turns a row of `table` into a record."""
    options = _options(table, readings, settings, configuration, time_zone)
    return Normaliser(mapping, table.columns, options)


def _options(
    table: SourceTable,
    readings: dict[str, DateReading],
    settings: ImportSettings,
    configuration: ImportConfiguration,
    time_zone: str | None,
) -> NormaliserOptions:
    return NormaliserOptions(
        readings=readings,
        partial=configuration.validation.partial_dates,
        countries=settings.countries,
        doubtful=frozenset(table.settings.get("doubtful", ())),
        rules=compile_rules(configuration.validation.custom_rules)
        if configuration.validation.custom_rules
        else None,
        today=today(time_zone),
        swap=settings.swap_dates or not configuration.validation.skip_invalid,
    )


def _keep(staging: Staging, table: SourceTable, mapping: Mapping, judged: Judged) -> None:
    used = {
        "used": mapping.model_dump(mode="json", by_alias=True),
        "readings": {name: reading.model_dump(mode="json") for name, reading in judged.readings.items()},
        "doubtful": judged.doubtful,
    }
    staging.set_table(table._replace(settings={**table.settings, **used}))


def _mapping_questions(table: SourceTable, mapping: Mapping) -> list[Question]:
    return [
        Question(
            code=q.code, text=q.message, option=q.question, where=table.name, field=getattr(q, "field", None)
        )
        for q in questions(mapping)
    ]


def _date_questions(table: SourceTable, readings: dict[str, DateReading]) -> list[Question]:
    found = []
    for name, reading in readings.items():
        if reading.needs_answer:
            text = " ".join(reading.explanation())
            found.append(
                Question(
                    code="date-order",
                    text=_("{evidence} On the command line: --date-order dmy, mdy or ymd.").format(
                        evidence=text
                    ),
                    option="--date-order",
                    where=table.name,
                    field=name,
                    choices=("dmy", "mdy", "ymd"),
                )
            )
    return found[:1]


def as_error(question: Question) -> NeedsAnswer:
    """Return the question as the error that stops a headless import."""
    return NeedsAnswer(question.code, question.text, question.option, question.where)


def country_questions(staging: Staging, suggest: Callable[[str], list[str]]) -> list[Question]:
    """Return one question for each country text without a code, most frequent first, with candidates."""
    found = []
    for text, count in plan_rows.uncoded_countries(staging, 200):
        known = recognise(text)
        choices = tuple(known.candidates) if known.status == "ambiguous" else tuple(suggest(text))
        names = ", ".join(f"{country_name(code, language())} ({code})" for code in choices)
        text_of = {
            "ambiguous": _("{name} can be several countries: {names} ({count} records)."),
        }.get(known.status, _("{name} is not a country we know ({count} records). Near: {names}."))
        found.append(
            Question(
                code="country",
                text=text_of.format(name=text, names=names or "-", count=count),
                option="--country",
                field=text,
                choices=choices,
            )
        )
    return found
