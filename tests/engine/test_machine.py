"""Any sequence of imports, edits, deletes, merges, restores, undos and redos, against a plain model in memory.

The model is a dictionary of trips by number and, for each operation, the trips before and after it. Undo in any
order is predicted from these alone: a trip that something else changed since is kept and named.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from dinotui.engine import backups, history, integrity, restoring, trips
from dinotui.engine.importing import applying, planning
from dinotui.storage.store import Store
from tests.conftest import sweep
from tests.engine.importer import stage

HEAD = "Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Notes\n"
COUNTRIES = ("Japan", "Peru", "France", "Nowhere")
NOTES = ("", "one", "메모")

Content = tuple[Any, ...]
Rows = dict[int, tuple[Content, int]]
"""Content and the stamp of the operation that wrote it, by trip number."""


@dataclass
class Done:
    """What an operation did to each trip: before and after (None: not there); whether it is in effect."""

    id: str
    changes: dict[int, tuple[tuple[Content, int] | None, tuple[Content, int] | None]]
    active: bool = True
    undo_id: str = ""
    undo_changes: dict[int, tuple[tuple[Content, int] | None, tuple[Content, int] | None]] | None = None


def rows_of(store: Store) -> Rows:
    found = store.database.rows(
        "SELECT number, id, country, country_code, entry_day, exit_day, visa_type, notes, updated_at, changed_by"
        " FROM trip WHERE user = ?",
        (store.user,),
    )
    return {row[0]: (row[1:-1], row[-1]) for row in found}


def difference(before: Rows, after: Rows) -> dict[int, Any]:
    return {
        number: (before.get(number), after.get(number))
        for number in before.keys() | after.keys()
        if before.get(number) != after.get(number)
    }


def taken_back(now: Rows, changes: dict[int, Any]) -> tuple[Rows, set[int]]:
    """Return what undoing `changes` leaves, and the numbers of the trips that are kept as they are."""
    left, kept = dict(now), set()
    for number, (before, after) in changes.items():
        if now.get(number) == after and before is None:
            left.pop(number, None)
    ids = {row[0][0] for row in left.values()}
    for number, (before, after) in changes.items():
        if before is not None and now.get(number) == after:
            if number not in now and before[0][0] in ids:  # a restore brought it back under another number
                kept.add(number)
            else:
                left[number] = before
        elif now.get(number) != after and not (before is None and number not in now):
            kept.add(number)
    return left, kept


class Machine(RuleBasedStateMachine):
    """The real database beside the model."""

    done = Bundle("done")
    undone = Bundle("undone")
    copies = Bundle("copies")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="dinotui-machine-"))
        self.store = Store(self.folder / "dinotui.db", "Kim")
        self.model: Rows = {}
        self.files = 0

    @initialize()
    def begin(self) -> None:
        self.note(
            trips.add_trip, self.store, {"country": "Japan", "entryDate": "2024-01-01", "visaType": "work"}
        )

    def note(self, act: Any, *arguments: Any, **named: Any) -> Done:
        """Do something, and take down what it changed according to the database."""
        before = self.model
        act(*arguments, **named)
        after = rows_of(self.store)
        newest = history.operations(self.store, limit=1)[0].entry.id
        self.model = after
        return Done(newest, difference(before, after))

    # what a user does

    @rule(
        target=done,
        country=st.sampled_from(COUNTRIES),
        month=st.integers(1, 12),
        notes=st.sampled_from(NOTES),
    )
    def add(self, country: str, month: int, notes: str) -> Done:
        before = len(self.model)
        fields = {"country": country, "entryDate": f"2024-{month:02}-01", "visaType": "work", "notes": notes}
        done = self.note(trips.add_trip, self.store, fields)
        assert len(self.model) == before + 1
        return done

    @rule(target=done, pick=st.integers(0, 99), notes=st.text(max_size=5))
    def edit(self, pick: int, notes: str) -> Done:
        if not self.model:
            return Done("", {}, active=False)
        number = sorted(self.model)[pick % len(self.model)]
        if self.model[number][0][6] == notes:
            notes += "!"
        untouched = {n: row for n, row in self.model.items() if n != number}
        done = self.note(trips.edit_trip, self.store, f"#{number}", {"notes": notes})
        assert {n: row for n, row in self.model.items() if n != number} == untouched
        return done

    @rule(target=done, pick=st.integers(0, 99))
    def delete(self, pick: int) -> Done:
        if not self.model:
            return Done("", {}, active=False)
        number = sorted(self.model)[pick % len(self.model)]
        expected = {n: row for n, row in self.model.items() if n != number}
        done = self.note(trips.delete_trips, self.store, [f"#{number}"])
        assert self.model == expected
        return done

    @rule(
        target=done,
        rows=st.lists(
            st.tuples(st.sampled_from(COUNTRIES), st.integers(1, 12), st.sampled_from(NOTES)), max_size=4
        ),
        strategy=st.sampled_from(["merge", "replace"]),
        resolution=st.sampled_from(["skip", "update", "keepBoth"]),
    )
    def bring_in(self, rows: list[Any], strategy: str, resolution: str) -> Done:
        self.files += 1
        file = self.folder / f"{self.files}.csv"
        text = "".join(f"{country},2024-{month:02}-01,,work,,,{notes}\n" for country, month, notes in rows)
        file.write_text(HEAD + text, encoding="utf-8")
        before = history.count_operations(self.store)
        if not rows:
            return Done("", {}, active=False)
        with stage(self.store, file, strategy=strategy, resolution=resolution, createBackup=False) as staging:
            if planning.count_plan(staging).ask:
                staging.discard()
                return Done("", {}, active=False)
            done = self.note(applying.apply_import, staging, self.store)
        if history.count_operations(self.store) == before:
            assert done.changes == {}
            return Done("", {}, active=False)
        return done

    # backups

    @rule(target=copies, form=st.sampled_from(["sqlite", "sql", "json"]))
    def back_up(self, form: Any) -> tuple[str, dict[str, Content]]:
        made = backups.create(self.store, form)
        assert made.records == len(self.model)
        return made.id, {row[0][0]: row[0] for row in self.model.values()}

    @rule(target=done, copy=copies, strategy=st.sampled_from(["merge", "replace"]))
    def restore(self, copy: tuple[str, dict[str, Content]], strategy: Any) -> Done:
        key, then = copy
        now = {row[0][0]: row[0] for row in self.model.values()}
        done = self.note(restoring.restore, self.store, key, strategy)
        after = {row[0][0]: row[0] for row in self.model.values()}
        if strategy == "replace":
            assert after == then
        else:
            assert {id_: after.get(id_) for id_ in now} == now
            assert set(after) <= set(now) | set(then)
            same = {row[1:6] + row[6:7] for row in now.values()}
            assert all(id_ in after or then[id_][1:7] in same for id_ in then)
        return done

    # taking back

    @rule(target=undone, operation=consumes(done))
    def undo(self, operation: Done) -> Done:
        if not operation.active or not operation.changes:
            return operation
        before = self.model
        expected, kept = taken_back(before, operation.changes)
        told = history.rehearse(self.store, operation.id, "undo")
        assert rows_of(self.store) == before
        result = history.undo(self.store, operation.id)
        assert len(result.kept) == len(told.kept) == len(kept), (result.kept, kept, operation, before)
        self.model = rows_of(self.store)
        assert self.model == expected
        operation.undo_changes = difference(before, self.model)
        operation.active = False
        return operation

    @rule(target=done, operation=consumes(undone))
    def redo(self, operation: Done) -> Done:
        if operation.active or operation.undo_changes is None:
            return operation
        before = self.model
        expected, kept = taken_back(before, operation.undo_changes)
        result = history.redo(self.store, operation.id)
        assert len(result.kept) == len(kept)
        self.model = rows_of(self.store)
        assert self.model == expected
        operation.active = True  # undoing it again takes back what it did at first
        return operation

    @invariant()
    def the_database_is_the_model(self) -> None:
        assert rows_of(self.store) == self.model

    def teardown(self) -> None:
        assert integrity.check(self.store).ok
        self.store.close()
        shutil.rmtree(self.folder)


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=sweep(8),
    stateful_step_count=25,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a story that fails is short enough as it is
    suppress_health_check=list(HealthCheck),
)
