"""Drawing backups and findings: pure functions; texts go in raw and are cleaned by the list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dinotui.domain.backup import BackupCheck, BackupEntry, RestoreResult
from dinotui.domain.finding import Finding
from dinotui.locale import N_, _, ngettext
from dinotui.tui.cells import Cell
from dinotui.tui.rows import local_time
from dinotui.tui.widgets.columns import Column
from dinotui.tui.widgets.row_source import Row

BACKUP_COLUMNS: Final = (
    Column("", 1),
    Column(N_("Made"), 16),
    Column(N_("Why"), 8, 1),
    Column(N_("Trips"), 7, align="right"),
    Column(N_("Form"), 6),
    Column(N_("Size"), 9, align="right", priority=1),
    Column("ID", 12, 2, priority=2),
)
FINDING_COLUMNS: Final = (Column("", 1), Column(N_("Finding"), 30, 1), Column("", 13, priority=1))

_REASONS: Final = {
    "by hand": N_("by hand"),
    "import": N_("import"),
    "restore": N_("restore"),
    "found": N_("found"),
}
_SEVERITIES: Final = {"error": ("!", "bad"), "warning": ("~", "warn"), "info": ("=", "dim")}


def backup_row(entry: BackupEntry, checks: Mapping[str, BackupCheck]) -> Row:
    """Return a backup as cells for `BACKUP_COLUMNS`, with ``+`` or ``!`` once it was read back."""
    check = checks.get(entry.id)
    sign = Cell("") if check is None else Cell("+", "good") if check.ok else Cell("!", "bad")
    return Row(
        entry.id,
        (
            sign,
            local_time(entry.created),
            _(_REASONS[entry.reason]) if entry.reason in _REASONS else entry.reason,
            f"{entry.records:,}",
            Cell(entry.format, "dim"),
            Cell(size_text(entry.size), "dim"),
            Cell(entry.id, "dim"),
        ),
    )


def size_text(size: int) -> str:
    """Return a number of bytes in a unit that people read."""
    if size < 10_000:
        return f"{size:,} B"
    return f"{size / 1000:,.0f} kB" if size < 10_000_000 else f"{size / 1_000_000:,.0f} MB"


def check_text(check: BackupCheck) -> str:
    """Return the outcome of reading a backup back."""
    if not check.ok:
        return check.message or ""
    count = check.records or 0
    return ngettext("It is whole: {count:,} trip.", "It is whole: {count:,} trips.", count).format(
        count=count
    )


def finding_row(place: int, finding: Finding) -> Row:
    """Return a finding as cells for `FINDING_COLUMNS`."""
    sign, style = _SEVERITIES[finding.severity]
    fixable = Cell(_("can be fixed"), "good") if finding.fixable else Cell("")
    return Row(place, (Cell(sign, style), finding.message, fixable))


def would_text(result: RestoreResult) -> str:
    """Return what a restore would do, the trips that go named."""
    parts = [
        (result.added, ngettext("brings {count:,} row back", "brings {count:,} rows back", result.added)),
        (result.changed, ngettext("sets {count:,} row back", "sets {count:,} rows back", result.changed)),
        (result.removed, ngettext("removes {count:,} row", "removes {count:,} rows", result.removed)),
    ]
    told = ", ".join(text.format(count=count) for count, text in parts if count)
    others = result.removed - result.removed_trip_count
    if result.removed and others:
        trips = ngettext("{count:,} trip", "{count:,} trips", result.removed_trip_count)
        rest = ngettext("{count:,} message or setting", "{count:,} messages or settings", others)
        told += f" ({trips.format(count=result.removed_trip_count)}, {rest.format(count=others)})"
    if result.removed_trips:
        names = "; ".join(result.removed_trips[:3])
        more = len(result.removed_trips) > 3 or result.removed_trip_count > len(result.removed_trips)
        told += ": " + (names + " …" if more else names)
    return told or _("changes nothing")


def did_text(result: RestoreResult) -> str:
    """Return what a restore has done."""
    parts = [
        (result.added, _("brought back {count:,}")),
        (result.changed, _("set back {count:,}")),
        (result.removed, _("removed {count:,}")),
    ]
    told = ", ".join(text.format(count=count) for count, text in parts if count)
    return told or _("everything was there already")
