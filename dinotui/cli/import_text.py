"""What an import did, would do, or waits for, in a few lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from dinotui.cli.context import Context
from dinotui.cli.tables import wrapped
from dinotui.locale import _, ngettext

if TYPE_CHECKING:
    from dinotui.domain.result import ImportResult

_SHOWN: Final = 10
_COMMENT: Final = " " * 8


def show_result(context: Context, result: ImportResult) -> None:
    """Write the result: as JSON, or what happened to the output and what to know to the messages."""
    if context.json:
        context.output.json(result.model_dump(mode="json", by_alias=True))
        return
    for line in (
        _title(context, result),
        *_counts(result),
        *_sample(result),
        *_corrected(result),
        *_rejected(result),
        *_afterwards(result),
    ):
        for part in wrapped(context.output, line):
            context.output.line(part)
    for text in (*result.warnings, *result.recommendations):
        context.output.message(text)


def _title(context: Context, result: ImportResult) -> str:
    names = ", ".join(_("standard input") if word == "-" else word for word in context.options.words)
    total = result.summary.total_records
    texts = {
        "applied": ngettext("Imported {names}: {count} record", "Imported {names}: {count} records", total),
        "planned": ngettext(
            "Dry run of {names}: {count} record, nothing was changed",
            "Dry run of {names}: {count} records, nothing was changed",
            total,
        ),
        "refused": ngettext(
            "Dry run of {names}: {count} record, and the import would be refused",
            "Dry run of {names}: {count} records, and the import would be refused",
            total,
        ),
        "review": ngettext(
            "Read {names}: {count} record, nothing was changed yet",
            "Read {names}: {count} records, nothing was changed yet",
            total,
        ),
    }
    return texts[result.state].format(names=names, count=total)


def _counts(result: ImportResult) -> Iterator[str]:
    done = result.state == "applied"
    summary = result.summary
    lines = (
        (summary.imported, "+", _("added") if done else _("to add")),
        (summary.updated, "~", _("updated") if done else _("to update")),
        (summary.skipped, "=", _("skipped") if done else _("to skip")),
        (summary.pending, "?", _("to decide")),
        (summary.errors, "!", _("rejected")),
        (summary.removed, "-", _("removed") if done else _("to remove")),
        (summary.corrected, "*", _("of them corrected")),
    )
    for count, sign, text in lines:
        if count:
            yield f"  {sign} {count:>6,}  {text}"


def _sample(result: ImportResult) -> Iterator[str]:
    """Yield the first records of a dry run; a staged plan is looked at in the review."""
    from dinotui.engine.importing.preview import SIGNS

    for record in result.preview if result.dry_run else ():
        trip = record.trip
        dates = f"{trip['entryDate'] or '-':<10}  {trip['exitDate'] or '-':<10}"
        yield f"    {SIGNS[record.action]} {record.where}  {dates}  {trip['country']}"
        if record.action != "reject":  # what is wrong with it follows below
            yield from (_COMMENT + comment for comment in record.comments)
    more = result.summary.total_records - len(result.preview)
    if result.dry_run and result.preview and more > 0:
        yield "    " + ngettext("and {count} more", "and {count} more", more).format(count=more)


def _corrected(result: ImportResult) -> Iterator[str]:
    """Yield what was put right in which record, as far as no sample of the plan shows it."""
    shown = result.preview[-1].record if result.dry_run and result.preview else 0
    records = [record for record in result.details.corrected_records if record.record > shown]
    for record in records[:_SHOWN]:
        yield from _told(record.where, [(one.field, one.message) for one in record.corrections], "* ")
    listed = sum(record.record <= shown for record in result.details.corrected_records)
    more = result.summary.corrected - listed - _SHOWN
    if more > 0:
        yield "    " + ngettext(
            "and {count} more corrected; --json tells of each",
            "and {count} more corrected; --json tells of each",
            more,
        ).format(count=more)


def _rejected(result: ImportResult) -> Iterator[str]:
    for record in result.details.error_records[:_SHOWN]:
        said = [(one.field, one.message) for one in (*record.errors, *record.warnings)]
        yield from _told(record.where, said or [(record.field, record.reason)])
    more = result.summary.errors - _SHOWN
    if more > 0:
        yield "    " + ngettext("and {count} more", "and {count} more", more).format(count=more)


def _told(where: str, said: list[tuple[str, str]], sign: str = "") -> Iterator[str]:
    """Yield a record's place with the first thing said about it, and the others below."""
    texts = [f"{field}: {message}" if field else message for field, message in said]
    yield f"    {sign}{where}  {texts[0]}"
    yield from (_COMMENT + text for text in texts[1:])


def _afterwards(result: ImportResult) -> Iterator[str]:
    changed = result.summary.imported + result.summary.updated + result.summary.removed
    if result.metadata.operation_id is not None and changed:
        yield _("Undo it with: dinotui undo {id}").format(id=result.metadata.operation_id)
