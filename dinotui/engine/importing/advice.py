"""Warnings and recommendations of an import: only what is specific and useful (SPEC.md 4.6)."""

from __future__ import annotations

from dinotui.domain.mapping import Mapping, field_label
from dinotui.domain.problems import shown
from dinotui.domain.settings import ALL_TABLES
from dinotui.domain.visible import visible
from dinotui.engine.importing.countries import country_warnings
from dinotui.engine.importing.others import telling
from dinotui.engine.importing.planning import PlanCounts
from dinotui.engine.importing.reading import settings_of
from dinotui.engine.importing.understanding import readings_of
from dinotui.engine.importing.wording import overlap_problem, where_of
from dinotui.formats.rejects import REJECT_HEADERS
from dinotui.locale import _, ngettext
from dinotui.storage import plan_rows
from dinotui.storage.staging import SourceTable, Staging


def warnings(staging: Staging, first: tuple[str, str] | None) -> tuple[str, ...]:
    """Return what the user should know about the import: repeated file, countries, columns, dates."""
    found: list[str] = []
    if first is not None:
        found.append(
            _("The same file was imported on {date} (operation {id}).").format(
                date=first[1][:10], id=first[0]
            )
        )
    found += country_warnings(staging)
    found += _problem_warnings(staging)
    for table in staging.tables():
        mapping = Mapping.model_validate(table.settings.get("used", {}))
        left = [match.header for match in mapping.unmapped() if match.header not in REJECT_HEADERS]
        if left:
            text = _("{table}: columns that are not imported: {names}.")
            found.append(text.format(table=table.name, names=", ".join(left[:20])))
        found += _constant_warnings(staging, table, mapping)
        found += [f"{table.name}: {note}" for note in table.settings["detection"].get("cautions", ())]
        for reading in readings_of(table).values():
            if reading.shift not in (None, "utc-midnight"):
                found += [
                    f"{table.name}: {sentence}" for sentence in reading.explanation() if "UTC" in sentence
                ]
    found += telling(staging)
    found += _unused_choices(staging)
    for other in staging.meta("others", []):
        if other["analytics"]:
            found.append(_("The file's analytics are computed from trips, so they were not imported."))
        if other["leftOut"]:
            found.append(
                _("Left out, because they hold no stays: {names}.").format(names=", ".join(other["leftOut"]))
            )
    return tuple(dict.fromkeys(found))


def _unused_choices(staging: Staging) -> list[str]:
    """Return what was chosen for this import and finds nothing in it."""
    settings, tables = settings_of(staging), staging.tables()
    found = []
    texts = tables and all(table.settings["detection"]["format"] == "csv" for table in tables)
    if texts and settings.table not in (None, ALL_TABLES):
        message = _("--sheet {name} was not used: a text file has no sheets.")
        found.append(message.format(name=shown(settings.table)))
    if settings.preset is None:  # a preset answers for other files too
        message = _("--country {name}={code} was not used: no record has a country of this name.")
        found += [
            message.format(name=shown(name), code=code)
            for name, code in settings.countries.items()
            if not plan_rows.names_country(staging, name)
        ]
    return found


def _constant_warnings(staging: Staging, table: SourceTable, mapping: Mapping) -> list[str]:
    """Return, of values given for all records, those that a column of the file goes before."""
    found = []
    for field, value in mapping.constants.items():
        column = mapping.column_of(field)
        if column is None:
            continue
        filled = plan_rows.empty_cells(staging, table.number, column)
        text = (
            ngettext(
                "{table}: “{value}” was used for {field} in {count} record, whose cell is empty; "
                "elsewhere the column “{header}” holds it.",
                "{table}: “{value}” was used for {field} in {count} records, whose cells are empty; "
                "elsewhere the column “{header}” holds it.",
                filled,
            )
            if filled
            else _(
                "{table}: “{value}” was not used for {field}: the column “{header}” holds it in every record. "
                'To use the value all the same, leave the column out with --map "{header}=".'
            )
        )
        header = next(match.header for match in mapping.columns if match.column == column)
        found.append(
            text.format(
                table=table.name,
                value=shown(value),
                field=field_label(field),
                header=shown(header),
                count=filled,
            )
        )
    return found


def _problem_warnings(staging: Staging) -> list[str]:
    kinds = plan_rows.warnings_by_code(staging, plan_rows.UNSETTLED)
    count, first = plan_rows.overlaps(staging)
    overlap = None if first is None else overlap_problem(first)
    told = [record for _message, _count, record in kinds] + ([first["record"]] if first is not None else [])
    places = {record: where_of(row) for record, row in plan_rows.records(staging, told).items()}
    found = [
        ngettext(
            "{where}: {message}",
            "{count} records have a warning of this kind; the first, {where}: {message}",
            number,
        ).format(where=places[record], message=message, count=number)
        for message, number, record in kinds
    ]
    if first is not None and overlap is not None:
        text = ngettext(
            "{where}: {message}",
            "{count} records overlap another stay; the first, {where}: {message}",
            count,
        )
        found.append(text.format(where=places[first["record"]], message=overlap["message"], count=count))
    return found


def recommendations(staging: Staging, counts: PlanCounts) -> tuple[str, ...]:
    """Return what to do next, where there is something to do."""
    found: list[str] = []
    saved = staging.meta("rejects")
    if counts.reject and saved is not None:
        found.append(
            ngettext(
                "{count} rejected record is saved in {path}. Fix it there, and import that file.",
                "{count} rejected records are saved in {path}. Fix them there, and import that file.",
                counts.reject,
            ).format(count=counts.reject, path=visible(saved))
        )
    elif counts.reject:
        found.append(
            ngettext(
                "{count} record was rejected. Save it with --rejects FILE, fix it there, and import that file.",
                "{count} records were rejected. Save them with --rejects FILE, fix them there, and import that file.",
                counts.reject,
            ).format(count=counts.reject)
        )
    if counts.ask:
        found.append(
            ngettext(
                "{count} possible repeat waits for your decision: dinotui review {id}",
                "{count} possible repeats wait for your decision: dinotui review {id}",
                counts.ask,
            ).format(count=counts.ask, id=staging.meta("importId"))
        )
    return tuple(found)
