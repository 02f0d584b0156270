"""The second step: judge the date columns as wholes, then turn every source row into a record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Final

from dinotui.domain.configuration import ImportConfiguration
from dinotui.domain.country import country_name, looks_like_us_states, na_means_missing, recognise
from dinotui.domain.date_columns import ColumnJudge, judge_together
from dinotui.domain.date_reading import DateReading
from dinotui.domain.dates import DateOrder, today
from dinotui.domain.errors import NeedsAnswer
from dinotui.domain.folding import fold
from dinotui.domain.mapping import FieldName, Mapping
from dinotui.domain.presets import REMEMBERED
from dinotui.domain.record_batches import BatchNormaliser
from dinotui.domain.records import Normaliser, NormaliserOptions
from dinotui.domain.settings import ImportSettings, Question
from dinotui.domain.validation import compile_rules
from dinotui.engine.importing.reading import configuration_of, settings_of
from dinotui.engine.presets import bound_of
from dinotui.engine.progress import Progress, Report, Stop, never, quietly, stop_if
from dinotui.formats.mapping import apply_preset, override, questions, with_constants
from dinotui.locale import _, language
from dinotui.storage import plan_rows
from dinotui.storage.staging import SourceTable, Staging

BATCH = 2_000
DATE_FIELDS: Final[tuple[FieldName, ...]] = ("entryDate", "exitDate")
DISTINCT_COUNTRIES: Final = 5_000  # enough to see what a column of countries holds


def understand(
    staging: Staging, *, time_zone: str | None = None, report: Report = quietly, cancelled: Stop = never
) -> list[Question]:
    """Make the records of a staged import anew from its rows, settings and fixes.

    Returns what only the user can answer; the records are there all the same, with a problem each where an
    answer is missing. `time_zone` is the user's preference, used for datetimes no column settles.
    """
    settings, configuration = settings_of(staging), configuration_of(staging)
    open_questions: list[Question] = []
    total = staging.count_rows()
    done = 0
    with staging.database.write():
        staging.clear_records()
        fixes = staging.fixes()
        tables = staging.tables()
        for table in tables:
            mapping = mapping_of(table, settings, tables)
            open_questions += _mapping_questions(table, mapping)
            readings, doubtful = _judge(staging, table, mapping, settings, time_zone, cancelled)
            open_questions += _date_questions(table, readings)
            judged = _keep(staging, table, mapping, readings, doubtful)
            options = _options(judged, readings, settings, configuration, time_zone)
            normalise = BatchNormaliser(Normaliser(mapping, table.columns, options), mapping, options)
            for rows in staging.source_batches(table, BATCH):
                stop_if(cancelled)
                staging.add_records(normalise(rows, fixes))
                done += len(rows.records)
                report(Progress("Understanding", done, total))
    staging.advance("understood")
    return open_questions


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
        swap=not configuration.validation.skip_invalid,
    )


def _judge(
    staging: Staging,
    table: SourceTable,
    mapping: Mapping,
    settings: ImportSettings,
    time_zone: str | None,
    cancelled: Stop,
) -> tuple[dict[str, DateReading], list[str]]:
    """Look at the whole date columns and the country column before any cell is understood."""
    columns: dict[FieldName, int | None] = {name: mapping.column_of(name) for name in DATE_FIELDS}
    judges: dict[FieldName, ColumnJudge] = {
        name: ColumnJudge() for name in DATE_FIELDS if columns[name] is not None or name in mapping.constants
    }
    for name, judge in judges.items():
        if columns[name] is None:
            judge.feed(mapping.constants[name])
    feeds = [(at, judges[name].feed_all) for name, at in columns.items() if at is not None]
    country, countries = mapping.column_of("country"), set[str]()
    for rows in staging.source_batches(table, BATCH):
        stop_if(cancelled)
        cells = list(zip_longest(*rows.cells))
        for at, feed in feeds:
            if at < len(cells):
                feed(cells[at])
        if country is not None and country < len(cells) and len(countries) < DISTINCT_COUNTRIES:
            countries.update(str(cell or "").strip() for cell in set(cells[country]))

    def judged(order: DateOrder | None) -> list[DateReading]:
        return judge_together(
            list(judges.values()),
            time_zone=settings.time_zone or time_zone,
            override=order,
            serials=table.settings["detection"].get("date_system") or "1900",
        )

    readings = judged(settings.date_order)
    order = _order_of_preset(table, settings)
    if order and any(one.needs_answer for one in readings) and not any(one.conflict for one in readings):
        readings = judged(order)
    return dict(zip(judges, readings, strict=True)), _doubtful(countries)


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


def _keep(
    staging: Staging,
    table: SourceTable,
    mapping: Mapping,
    readings: dict[str, DateReading],
    doubtful: list[str],
) -> SourceTable:
    used = {
        "used": mapping.model_dump(mode="json", by_alias=True),
        "readings": {name: reading.model_dump(mode="json") for name, reading in readings.items()},
        "doubtful": doubtful,
    }
    current = table._replace(settings={**table.settings, **used})
    staging.set_table(current)
    return current


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
                    text=_("{evidence} Say which it is with --date-order dmy, mdy or ymd.").format(
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
