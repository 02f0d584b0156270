"""What the `dinotui backup` commands have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dinotui.cli.context import Context
from dinotui.cli.tables import Column, write_table
from dinotui.cli.times import local_time
from dinotui.domain.errors import DinoError
from dinotui.locale import _

if TYPE_CHECKING:
    from dinotui.domain.backup import BackupEntry


def as_json(entry: BackupEntry) -> dict[str, Any]:
    """Return the JSON form of a backup (SPEC.md 6)."""
    return entry.model_dump(mode="json", by_alias=True)


def size_text(size: int) -> str:
    """Return a number of bytes in a unit that people read."""
    if size < 10_000:
        return f"{size:,} B"
    return f"{size / 1000:,.0f} kB" if size < 10_000_000 else f"{size / 1_000_000:,.0f} MB"


def why(entry: BackupEntry) -> str:
    """Return why a backup was made."""
    reasons = {"by hand": _("by hand"), "import": _("before an import"), "restore": _("before a restore")}
    return reasons.get(entry.reason, entry.reason)


def write_backups(context: Context, entries: Sequence[BackupEntry]) -> None:
    """Write a table of backups."""
    columns = (
        Column(_("Made")),
        Column(_("Form")),
        Column(_("Trips"), "right"),
        Column(_("Size"), "right"),
        Column(_("Why")),
        Column("ID"),
        Column(_("File"), gives=True),
    )
    rows = [
        [
            local_time(entry.created),
            entry.format,
            f"{entry.records:,}",
            size_text(entry.size),
            why(entry),
            entry.id,
            entry.path,
        ]
        for entry in entries
    ]
    write_table(context.output, columns, rows)


def confirm(context: Context, told: str) -> None:
    """Have something confirmed, with --yes or by hand, after saying what; raises `DinoError` when it is not."""
    if context.options.yes:
        return
    if context.by_hand:
        if context.agreed(told + " " + _("Type yes to go on: ")):
            return
        raise DinoError("not-confirmed", _("Nothing was changed."))
    raise DinoError("needs-yes", told + " " + _("Nothing was changed; say --yes if you mean it."))
