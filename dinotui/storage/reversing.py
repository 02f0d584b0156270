"""Undo and redo of an operation: which of its rows are taken, which are left alone, and what is left for later.

Each row of an operation is either in effect or taken back. Undo takes back the rows in effect that are just as the
operation left them; redo brings back into effect the rows taken back that are just as the undo left them. Every
other one of those rows is left alone and named, and stays as it was counted, so that it is taken when undo or redo
is tried again later. An attempt that took no row at all leaves the state of the operation as it was. Undoing is
refused when every row is taken back, redoing when none is.

What is taken back is read from the log: an undo or redo ("attempt") records the rows that it took, so a row's newest
attempt says where it stands. A row is known to be as an operation left it by `changed_by`, exactly; a row that is
not there carries no stamp, which is why its attempts are asked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, NamedTuple

import apsw

from dinotui.storage import whole_rows
from dinotui.storage.bulk import indexes_aside
from dinotui.storage.changelog import (
    RECORDED_TABLES,
    Counts,
    Measured,
    Recorder,
    RowChange,
    columns_of,
    decoded,
    stored_part,
)
from dinotui.storage.database import Database

Key = tuple[str, tuple[Any, ...]]
"""A row: its table and primary key."""

NO_ROWS: Final[frozenset[Key]] = frozenset()


class Kept(NamedTuple):
    """A row that was left alone: its table, its public id, and why (`changed`, `gone`, `taken`)."""

    table: str
    id: str
    why: str
    changed_by: int | None


class Step(NamedTuple):
    """An operation whose record is inverted, and the rows of it that are no longer meant."""

    record: int
    passed: AbstractSet[Key]


class Left(NamedTuple):
    """What was left alone: rows that differ, and rows that were to be removed and are gone already."""

    kept: list[Kept]
    gone: list[Kept]


class _Attempt(NamedTuple):
    """An undo or redo that took rows; one that is `whole` left none for a later one."""

    number: int
    kind: str
    whole: bool


def _attempts(database: Database, target: int) -> list[_Attempt]:
    """Return the attempts since the last whole redo, newest first: before it, all rows were in effect again."""
    rows = database.rows(
        "SELECT o.number, o.kind, o.details FROM operation o WHERE o.undoes = ?"
        " AND EXISTS (SELECT 1 FROM operation_change c WHERE c.operation = o.number) ORDER BY o.number DESC",
        (target,),
    )
    found = []
    for number, kind, stored in rows:
        details = json.loads(stored)
        whole = details.get("kept") == details.get("gone") == 0
        if whole and kind == "redo":
            break
        found.append(_Attempt(number, kind, whole))
    return found


def steps(database: Database, target: int, kind: str) -> list[Step]:
    """Return what undoing (or redoing) operation `target` inverts; nothing where no row is left to take."""
    attempts = _attempts(database, target)
    if kind == "redo":
        return _undos(database, attempts)
    if attempts and attempts[0].kind == "undo" and attempts[0].whole:
        return []
    taken: set[Key] = set()
    for undo in _undos(database, attempts):
        taken |= _rows(database, undo.record) - undo.passed
    return [Step(target, taken)]


def _undos(database: Database, attempts: Sequence[_Attempt]) -> list[Step]:
    """Return the undos among the attempts, each without the rows that were redone after it."""
    found = []
    redone: frozenset[Key] = NO_ROWS
    for attempt in attempts:
        if attempt.kind == "undo":
            found.append(Step(attempt.number, redone))
        else:
            redone |= _rows(database, attempt.number)
    return found


def _rows(database: Database, record: int) -> set[Key]:
    return {(change.table, change.key) for part in _parts(database, record) for change in part.rows(database)}


class _Part(NamedTuple):
    """A part of a record: where it is, how many rows, and the trips that it spans."""

    record: int
    part: int
    inserted: int
    updated: int
    deleted: int
    lowest: int | None
    highest: int | None

    @property
    def size(self) -> int:
        return self.inserted + self.updated + self.deleted

    def rows(self, database: Database) -> Iterator[RowChange]:
        return decoded(database, self.record, self.part)

    def may_meet(self, other: _Part) -> bool:
        """Tell whether both may have changed the same row."""
        if self.part == other.part:
            return False
        if self.lowest is None or self.highest is None or other.lowest is None or other.highest is None:
            return True
        return self.lowest <= other.highest and other.lowest <= self.highest


def _parts(database: Database, record: int) -> list[_Part]:
    """Return the parts of a record, the last one first."""
    rows = database.rows(
        "SELECT operation, part, inserted, updated, deleted, lowest_trip, highest_trip FROM operation_change"
        " WHERE operation = ? ORDER BY part DESC",
        (record,),
    )
    return [_Part._make(row) for row in rows]


def possible(database: Database, target: int, kind: str) -> bool:
    """Tell whether undoing (or redoing) operation `target` would take any row; it looks no further than the first."""
    for record, passed in steps(database, target, kind):
        parts = _parts(database, record)
        if kind == "undo" and any(_any_stamped(database, part) for part in parts):
            return True
        for part in parts:
            if any(
                (change.table, change.key) not in passed and _is_as_left(database, change)
                for change in part.rows(database)
            ):
                return True
    return False


def _any_stamped(database: Database, part: _Part) -> bool:
    """Tell whether a trip is as the part's operation left it; where none is, it is in effect on none."""
    return bool(
        database.value(
            "SELECT EXISTS (SELECT 1 FROM trip WHERE number BETWEEN ? AND ? AND changed_by = ?)",
            (part.lowest, part.highest, part.record),
        )
    )


def _is_as_left(database: Database, change: RowChange) -> bool:
    if change.after is not None:
        return (
            "changed_by" in change.after
            and _stamp(database, change.table, change.key) == (change.after["changed_by"])
        )
    if _stamp(database, change.table, change.key) is not None:
        return False
    before = change.before or {}
    return change.table != "trip" or not database.value(
        "SELECT EXISTS (SELECT 1 FROM trip WHERE user = ? AND id = ?)", (before["user"], before["id"])
    )


def _stamp(database: Database, table: str, key: tuple[Any, ...]) -> int | None:
    """Return the operation that wrote a row last, None where there is no such row."""
    names = _KEYS[table]
    condition = " AND ".join(f"{name} = ?" for name in names)
    rows = database.rows(f"SELECT changed_by FROM {table} WHERE {condition}", key)
    return rows[0][0] if rows else None


_KEYS: Final = {
    "trip": ("number",),
    "notification": ("number",),
    "preference": ("user", "key"),
    "rule": ("user", "id"),
    "export_profile": ("user", "name"),
}
"""The primary key of each recorded table, in the order of its columns."""
assert set(_KEYS) == set(RECORDED_TABLES)


def reverse(
    recorder: Recorder,
    target: int,
    todo: Sequence[Step],
    step: Callable[[int, int], None] = lambda _done, _total: None,
) -> Left:
    """Take the rows of `todo` (see `steps`) inside `recorder`'s operation and return what was left alone.

    `step` is called with the rows done and their total before each part; it may raise to stop.
    """
    database = recorder.store.database
    work = [(_parts(database, record), passed) for record, passed in todo]
    done, total = 0, sum(part.size for parts, _passed in work for part in parts)
    reversal = _Reversal(recorder, target)
    with indexes_aside(database, "trip", total):
        for parts, passed in work:
            for part in parts:
                step(done, total)
                done += part.size
                touched_twice = part.updated > 0 and any(part.may_meet(other) for other in parts)
                reversal.take(part, passed, careful=touched_twice)
    return reversal.left


class _Reversal:
    """An undo or redo under way: takes one part after the other, and remembers what it left alone."""

    def __init__(self, recorder: Recorder, target: int) -> None:
        self._recorder = recorder
        self._database = recorder.store.database
        self._target = target
        self._columns = {table: columns_of(self._database, table) for table in RECORDED_TABLES}
        self._stamps = {table: names.index("changed_by") for table, names in self._columns.items()}
        self._kept: dict[Key, Kept] = {}
        self._gone: dict[Key, Kept] = {}

    @property
    def left(self) -> Left:
        return Left(list(self._kept.values()), list(self._gone.values()))

    def take(self, part: _Part, passed: AbstractSet[Key], *, careful: bool) -> None:
        """Apply the inverse of a part without the rows `passed`; `careful` where others may change its rows too."""
        inserted, changes = stored_part(self._database, part.record, part.part)
        if not changes.startswith(whole_rows.MARK):
            self._apply(apsw.Changeset.invert(changes), passed, careful=careful)
        elif inserted:
            self._remove_rows(changes, passed)
        else:
            self._put_back_rows(changes, passed)

    def _apply(self, inverse: bytes, passed: AbstractSet[Key], *, careful: bool) -> None:
        wanted = (lambda change: self._is_meant(change, passed)) if passed or careful else None
        with self._database.plainly(), self._recorder.part():
            apsw.Changeset.apply(
                inverse, self._database.connection, filter_change=wanted, conflict=self._on_conflict
            )

    def _is_meant(self, change: apsw.TableChange, passed: AbstractSet[Key]) -> bool:
        """Tell whether a change is to be tried.

        One that leaves the stamp as it is changed a row a second time: it goes only with a row that is still the
        operation's own, else it would take back half of what the row has now.
        """
        key = self._key(change)
        if key in passed:
            return False
        return self._carries_stamp(change) or _stamp(self._database, *key) == self._target

    def _carries_stamp(self, change: apsw.TableChange) -> bool:
        if change.opcode != apsw.SQLITE_UPDATE or change.new is None:
            return True
        return change.new[self._stamps[change.name]] is not apsw.no_change

    @staticmethod
    def _key(change: apsw.TableChange) -> Key:
        values = change.new if change.opcode == apsw.SQLITE_INSERT else change.old
        assert values is not None
        return change.name, tuple(values[column] for column in sorted(change.pk_columns))

    def _on_conflict(self, reason: int, change: apsw.TableChange) -> int:
        if self._was_only_read(reason, change):
            return apsw.SQLITE_CHANGESET_REPLACE
        if self._carries_stamp(change):
            rows = self._kept
            if change.opcode == apsw.SQLITE_DELETE and reason == apsw.SQLITE_CHANGESET_NOTFOUND:
                rows = self._gone
            rows[self._key(change)] = self._left_alone(reason, change)
        return apsw.SQLITE_CHANGESET_OMIT

    def _was_only_read(self, reason: int, change: apsw.TableChange) -> bool:
        """Tell whether nothing but being read happened to a message since: that keeps nothing back."""
        if change.name != "notification" or reason != apsw.SQLITE_CHANGESET_DATA:
            return False
        pairs = zip(self._columns[change.name], change.old or (), change.conflict or (), strict=True)
        differing = {name for name, old, now in pairs if old is not apsw.no_change and old != now}
        return differing == {"read_at"}

    def _left_alone(self, reason: int, change: apsw.TableChange) -> Kept:
        named: dict[str, Any] = {}
        for values in (change.old, change.new, change.conflict):
            pairs = zip(self._columns[change.name], values or (), strict=False)
            named |= {name: value for name, value in pairs if value is not apsw.no_change}
        why = {apsw.SQLITE_CHANGESET_DATA: "changed", apsw.SQLITE_CHANGESET_NOTFOUND: "gone"}.get(
            reason, "taken"
        )
        if why == "taken" and change.conflict is not None and change.name == "trip":
            place = self._columns["trip"].index("id")
            if change.new is not None and change.conflict[place] == change.new[place]:
                why = "changed"  # it is there already, as something else left it
        id_ = str(named.get("id", named.get("key", named.get("name", named.get("number", "")))))
        return Kept(change.name, id_, why, named.get("changed_by"))

    def _remove_rows(self, packed: bytes, passed: AbstractSet[Key]) -> None:
        """Undo a part that added trips: those that nothing changed since go."""
        rows = whole_rows.unpack(packed)
        lowest, highest, by = rows.bounds()
        changed = whole_rows.changed(self._database, lowest, highest, by)
        left = whole_rows.pack(self._database, lowest, highest, by)
        count = whole_rows.remove(self._database, lowest, highest, by)
        if count:
            self._recorder.keep_rows(left, Measured(Counts(deleted=count), lowest, highest))
        for number, id_, operation in changed:
            key = ("trip", (number,))
            if key not in passed:
                self._kept[key] = Kept("trip", id_, "changed", operation)
        if count + len(changed) < len(rows.rows):
            there = {row[0] for row in changed} | {row["number"] for row in whole_rows.unpack(left).named()}
            for row in rows.named():
                key = ("trip", (row["number"],))
                if row["number"] not in there and key not in passed:
                    self._gone[key] = Kept("trip", row["id"], "gone", None)

    def _put_back_rows(self, packed: bytes, passed: AbstractSet[Key]) -> None:
        """Undo a part that removed trips: those whose place is free come back."""
        meant = packed
        if passed:
            meant = whole_rows.without(packed, lambda number: ("trip", (number,)) in passed)
        count, taken = whole_rows.put_back(self._database, meant) if meant else (0, [])
        if count:
            numbers = {row.number for row in taken}
            back = whole_rows.without(meant, numbers.__contains__) if taken else meant
            lowest, highest, _by = whole_rows.unpack(back).bounds()
            self._recorder.keep_rows(back, Measured(Counts(inserted=count), lowest, highest))
        for row in taken:
            why = "changed" if row.holder == row.id else "taken"
            self._kept["trip", (row.number,)] = Kept("trip", row.id, why, row.changed_by)
