"""Drawing: the last look before an import is written, and what came of it. Pure functions."""

from __future__ import annotations

from dinotui.domain.result import ImportResult
from dinotui.engine.importing.planning import PlanCounts
from dinotui.locale import _, ngettext
from dinotui.tui.glyphs import glyphs
from dinotui.tui.import_session import Picture
from dinotui.tui.plan_rows import on_screen, paragraph
from dinotui.tui.widgets.line import Piece

Lines = list[list[Piece]]


def ready_lines(picture: Picture, width: int) -> Lines:
    """Return what carrying the plan out would do."""
    counts, configuration = picture.counts, picture.configuration
    source = _("Ready to import {source}.").format(source=picture.source)
    lines: Lines = [[], *paragraph(source, width, 2, "strong"), []]
    lines += _count_lines(
        [
            ("+", counts.create, _("to be added"), "good"),
            ("~", counts.update, _("to be merged into trips you have"), "accent"),
            ("=", counts.skip, _("skipped: already there, or left out"), "dim"),
            ("!", counts.reject, _("rejected and left out"), "bad"),
            ("?", counts.ask, _("set aside, waiting for your decision"), "warn"),
            ("-", counts.remove, _("of your trips to be removed: the file replaces them"), "bad"),
        ]
    )
    for text in picture.beside:
        lines += paragraph(on_screen(text), width, 1, "accent", "~")
    lines.append([])
    if not (counts.create or counts.update or counts.remove):
        return lines + _idle_lines(counts, width)
    if configuration.backup.create_backup:
        text = _("A backup of your data is made and verified first.")
    else:
        text = _("No backup is made first.")
    lines += paragraph(text, width, 2, "" if configuration.backup.create_backup else "warn")
    lines += paragraph(_("All of it is written, or nothing. It can be undone at any time."), width, 2)
    return [*lines, [], [("   ", ""), ("Enter", "key"), (" " + _("imports now"), "")]]


def _idle_lines(counts: PlanCounts, width: int) -> Lines:
    """Return that the plan would write nothing, and what can be done instead."""
    lines = paragraph(_("Nothing would be written: your trips stay as they are."), width, 2, "warn", "!")
    if counts.reject:
        text = ngettext(
            "p goes back, where 4 puts the rejected record right and s saves it as a CSV.",
            "p goes back, where 4 puts a rejected record right and s saves them as a CSV.",
            counts.reject,
        )
        lines += paragraph(text, width, 2)
    if counts.ask:
        lines += paragraph(_("p goes back, where Enter decides about a record that asks."), width, 2)
    if counts.skip:
        lines += paragraph(_("p goes back, where o says what is done with repeats."), width, 2)
    lines += paragraph(_("x throws the import away."), width, 2)
    return [
        *lines,
        [],
        [("   ", ""), ("Enter", "key"), (" " + _("ends the import and keeps your decisions"), "")],
    ]


def _count_lines(counts: list[tuple[str, int, str, str]]) -> Lines:
    return [
        [(f"   {sign} ", style), (f"{count:>9,}", "strong"), (f"  {text}", "")]
        for sign, count, text, style in counts
        if count
    ] or [[("   ", ""), (_("nothing to change"), "dim")]]


def fitted(lines: Lines, width: int, room: int) -> Lines:
    """Return `lines` in `room` lines: without empty ones where it is narrow, then with a mark of what is left out."""
    if room <= 0 or len(lines) <= room:
        return lines
    full = [line for line in lines if line]
    if len(full) <= room:
        return full
    count = len(full) - room + 1
    text = ngettext(
        "and {count} more line on a higher screen", "and {count} more lines on a higher screen", count
    )
    return [*full[: room - 1], *paragraph(text.format(count=count), width, 1, "dim", glyphs().more)]


def result_lines(
    result: ImportResult, source: str, backup: str, width: int, height: int, *, undone: bool
) -> Lines:
    """Return what an import did, where its backup is, and what to know or do next."""
    summary = result.summary
    if undone:
        head = paragraph(_("The import of {source} was undone.").format(source=source), width, 2, "warn", "!")
    else:
        head = paragraph(_("{source} is imported.").format(source=source), width, 2, "good", "+")
    lines: Lines = [*([[]] if height >= 22 else []), *head, []]
    lines += _count_lines(
        [
            ("+", summary.imported, _("added"), "good"),
            ("~", summary.updated, _("updated"), "accent"),
            ("=", summary.skipped, _("skipped"), "dim"),
            ("!", summary.errors, _("rejected"), "bad"),
            ("?", summary.pending, _("set aside for later"), "warn"),
            ("-", summary.removed, _("removed"), "bad"),
        ]
    )
    if summary.corrected:
        text = ngettext(
            "{count:,} value was corrected.", "{count:,} records were corrected.", summary.corrected
        )
        lines += paragraph(text.format(count=summary.corrected), width, 1, "dim", "~")
    lines.append([])
    if backup:
        lines += paragraph(_("Backup: {path}").format(path=backup), width, 2, "dim")
    for warning in result.warnings[:4]:
        lines += paragraph(on_screen(warning), width, 2, "warn", "!")
    if len(result.warnings) > 4:
        more = len(result.warnings) - 4
        text = ngettext("{count} more warning", "{count} more warnings", more)
        lines += paragraph(text.format(count=more), width, 1, "dim")
    return lines + _next_lines(result, width)


def _next_lines(result: ImportResult, width: int) -> Lines:
    """Return what can be done next here, in the words of the keys (the engine's are for the command line)."""
    summary = result.summary
    lines: Lines = []
    if summary.errors:
        text = ngettext(
            "s saves the rejected record as a CSV to be fixed and imported again.",
            "s saves the {count:,} rejected records as a CSV to be fixed and imported again.",
            summary.errors,
        )
        lines += paragraph(text.format(count=summary.errors), width, 2)
    if summary.pending:
        text = ngettext(
            "v decides about the one that was set aside; it also waits on Home.",
            "v decides about the {count:,} that were set aside; they also wait on Home.",
            summary.pending,
        )
        lines += paragraph(text.format(count=summary.pending), width, 2)
    return lines
