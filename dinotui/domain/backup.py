"""What a backup, its check, its thinning and a restore answer (SPEC.md 5 and 6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable
from typing import Literal, NamedTuple, TypeAlias

from pydantic import Field

from dinotui.domain.configuration import BackupFormat
from dinotui.domain.wire import Wire

RestoreStrategy: TypeAlias = Literal["merge", "replace"]


class BackupEntry(Wire):
    """A registered backup. `size` in bytes, `created` ISO 8601 UTC, `records` the user's trips in it."""

    id: str
    format: BackupFormat
    path: str
    size: int
    sha256: str
    created: str
    operation_id: str | None = None
    records: int
    reason: str = Field(default="", exclude=True)


class BackupCheck(Wire):
    """The outcome of reading a backup back; `code` and `message` say what is wrong where it is not `ok`."""

    id: str | None
    path: str
    ok: bool
    records: int | None = None
    code: str | None = None
    message: str | None = None


class RestoreResult(Wire):
    """What a restore did (or, rehearsed, would do), in rows.

    `removed_trips` names the first of the `removed_trip_count` trips that go; `backup_id` is the backup made just
    before.
    """

    operation_id: str
    strategy: RestoreStrategy
    restored_from: str
    user: str
    records: int
    added: int = 0
    changed: int = 0
    removed: int = 0
    removed_trips: tuple[str, ...] = ()
    removed_trip_count: int = 0
    backup_id: str | None = None
    dry_run: bool = False


class PruneResult(Wire):
    """Which backups were (or, with `dry_run`, would be) deleted, and how many are kept."""

    removed: tuple[BackupEntry, ...]
    kept: int
    dry_run: bool = False


class Retention(Wire):
    """How long backups are kept: all of the last days, then one a day, a week, a month.

    The newest `least` are kept whatever their age; `months` None keeps the monthly ones for ever.
    """

    recent_days: int = Field(default=7, ge=0)
    daily_days: int = Field(default=30, ge=0)
    weekly_weeks: int = Field(default=26, ge=0)
    months: int | None = Field(default=None, ge=0)
    least: int = Field(default=5, ge=1)


class _Rule(NamedTuple):
    """The oldest day that a rule reaches back to, and what two backups of one slot have in common."""

    first: dt.date
    slot: Callable[[dt.date], Hashable]


def kept_by(policy: Retention, created: Iterable[tuple[str, str]], today: dt.date) -> set[str]:
    """Return the ids that `policy` keeps, of pairs (id, instant); the newest of each slot is the one kept."""
    newest_first = sorted(created, key=lambda pair: pair[1], reverse=True)
    kept = {id_ for id_, _instant in newest_first[: policy.least]}
    rules = _rules(policy, today)
    taken: set[tuple[int, Hashable]] = set()
    for id_, instant in newest_first:
        day = dt.date.fromisoformat(instant[:10])
        if day > today - dt.timedelta(days=policy.recent_days):
            kept.add(id_)
        for number, rule in enumerate(rules):
            slot = (number, rule.slot(day))
            if day >= rule.first and slot not in taken:
                taken.add(slot)
                kept.add(id_)
    return kept


def _rules(policy: Retention, today: dt.date) -> tuple[_Rule, ...]:
    months = dt.date.min
    if policy.months is not None:
        back = today.year * 12 + today.month - policy.months  # the current month counts as one
        months = dt.date(back // 12, back % 12 + 1, 1) if back >= 12 else dt.date.min
    return (
        _Rule(today - dt.timedelta(days=policy.daily_days - 1), lambda day: day),
        _Rule(
            today - dt.timedelta(weeks=policy.weekly_weeks) + dt.timedelta(days=1),
            lambda day: day.isocalendar()[:2],
        ),
        _Rule(months, lambda day: (day.year, day.month)),
    )
