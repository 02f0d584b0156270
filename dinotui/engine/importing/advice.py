"""Warnings and recommendations of an import: only what is specific and useful (SPEC.md 4.6)."""

from __future__ import annotations

from dinotui.domain.mapping import Mapping
from dinotui.domain.visible import visible
from dinotui.engine.importing.others import telling
from dinotui.engine.importing.planning import PlanCounts
from dinotui.engine.importing.understanding import readings_of
from dinotui.engine.importing.wording import overlap_problem, where_of
from dinotui.formats.rejects import REJECT_HEADERS
from dinotui.locale import _, ngettext
from dinotui.storage import plan_rows
from dinotui.storage.staging import Staging

_NAMED = 5


def warnings(staging: Staging, first: tuple[str, str] | None) -> tuple[str, ...]:
    """Return what the user should know about the import: repeated file, countries, columns, dates."""
    found: list[str] = []
    if first is not None:
        found.append(
            _("The same file was imported on {date} (operation {id}).").format(
                date=first[1][:10], id=first[0]
            )
        )
    found += _country_warnings(staging)
    found += _problem_warnings(staging)
    for table in staging.tables():
        mapping = Mapping.model_validate(table.settings.get("used", {}))
        left = [match.header for match in mapping.unmapped() if match.header not in REJECT_HEADERS]
        if left:
            text = _("{table}: columns that are not imported: {names}.")
            found.append(text.format(table=table.name, names=", ".join(left[:20])))
        found += [f"{table.name}: {note}" for note in table.settings["detection"].get("cautions", ())]
        for reading in readings_of(table).values():
            if reading.shift not in (None, "utc-midnight"):
                found += [
                    f"{table.name}: {sentence}" for sentence in reading.explanation() if "UTC" in sentence
                ]
    found += telling(staging)
    for other in staging.meta("others", []):
        if other["analytics"]:
            found.append(_("The file's analytics are computed from trips, so they were not imported."))
        if other["leftOut"]:
            found.append(
                _("Left out, because they hold no stays: {names}.").format(names=", ".join(other["leftOut"]))
            )
    return tuple(dict.fromkeys(found))


def _country_warnings(staging: Staging) -> list[str]:
    return [
        ngettext(
            'No country code for {name} ({count} record). Say which country it is with --country "{name}=CODE".',
            'No country code for {name} ({count} records). Say which country it is with --country "{name}=CODE".',
            count,
        ).format(name=name, count=count)
        for name, count in plan_rows.uncoded_countries(staging, _NAMED)
    ]


def _problem_warnings(staging: Staging) -> list[str]:
    kinds = plan_rows.warnings_by_code(staging, ("country-unknown", "country-ambiguous"), _NAMED)
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
