"""Any sequence of imports, edits, deletes, merges, restores, undos and redos, against a plain model in memory.

The model is a dictionary of trips by number and, for each operation, the trips before and after it and which of them
are taken back. Undo and redo in any order, also of what was kept before, are predicted from these alone: a trip that
something else changed since is kept and named, and the next try takes it when it is as it was left.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from dinotui.domain.errors import DinoError
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


Row = tuple[Content, int] | None


@dataclass(eq=False)
class Done:
    """What an operation did to each trip: before and after (None: not there); which of them are taken back."""

    id: str
    changes: dict[int, tuple[Row, Row]]
    active: bool = True
    taken: set[int] = field(default_factory=set)
    left: bool = False
    undone_at: int = 0

    def name(self, number: int, now: Rows) -> str:
        """Return the id of a trip that it changed; of one that is gone an edit knows only the number."""
        before, after = self.changes[number]
        known = before or after
        assert known is not None
        return str(number if before and after and number not in now else known[0][0])


@dataclass
class Try:
    """What an undo or redo will do: the trips afterwards, and those that it takes, keeps, and finds gone."""

    rows: Rows
    took: set[int] = field(default_factory=set)
    kept: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)

    @property
    def refused(self) -> bool:
        return not (self.took or self.kept or self.gone)


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


def foretold(now: Rows, operation: Done, kind: str) -> Try:
    """Return what undoing or redoing an operation does."""
    found = Try(dict(now))
    if kind == "undo":
        meant = {
            n: (after, before) for n, (before, after) in operation.changes.items() if n not in operation.taken
        }
    else:
        meant = {n: operation.changes[n] for n in operation.taken}
    for number, (left, wanted) in meant.items():
        if wanted is None and now.get(number) == left:
            del found.rows[number]
            found.took.add(number)
    ids = {row[0][0] for row in found.rows.values()}
    for number, (left, wanted) in meant.items():
        if wanted is None:
            if number not in now:
                found.gone.add(number)
            elif now[number] != left:
                found.kept.add(number)
        elif now.get(number) != left or (left is None and wanted[0][0] in ids):
            found.kept.add(number)  # changed since; or a restore brought it back under another number
        else:
            found.rows[number] = wanted
            found.took.add(number)
    return found


class Machine(RuleBasedStateMachine):
    """The real database beside the model."""

    done = Bundle("done")
    attempts = Bundle("attempts")
    copies = Bundle("copies")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="dinotui-machine-"))
        self.store = Store(self.folder / "dinotui.db", "Kim")
        self.model: Rows = {}
        self.files = 0
        self.log: list[Done] = []
        self.clock = 0

    @initialize()
    def begin(self) -> None:
        self.note(
            trips.add_trip, self.store, {"country": "Japan", "entryDate": "2024-01-01", "visaType": "work"}
        )

    def note(self, act: Any, *arguments: Any, **named: Any) -> Done:
        """Do something, and take down what it changed according to the database."""
        before, count = self.model, history.count_operations(self.store)
        act(*arguments, **named)
        after = rows_of(self.store)
        newest = history.operations(self.store, limit=1)[0].entry.id
        self.model = after
        done = Done(newest, difference(before, after))
        if history.count_operations(self.store) > count:
            self.log.append(done)
        return done

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

    @rule(target=attempts, operation=done)
    def undo(self, operation: Done) -> tuple[str, Done, str]:
        return self.attempt(operation, "undo", operation.id)

    @rule(target=attempts, operation=done)
    def redo(self, operation: Done) -> tuple[str, Done, str]:
        return self.attempt(operation, "redo", operation.id)

    @rule(target=attempts, one=attempts)
    def undo_an_undo_or_a_redo(self, one: tuple[str, Done, str]) -> tuple[str, Done, str]:
        id_, operation, kind = one
        if not id_:
            return one
        return self.attempt(operation, "redo" if kind == "undo" else "undo", id_, act="undo")

    @rule(target=attempts, kind=st.sampled_from(["undo", "redo"]))
    def undo_or_redo_the_last(self, kind: str) -> tuple[str, Done, str]:
        if kind == "undo":
            found = [known for known in self.log[::-1] if known.changes and (known.active or known.left)]
        else:
            found = sorted(
                (known for known in self.log if not known.active), key=lambda known: -known.undone_at
            )
        if not found:
            with pytest.raises(DinoError, match=f"nothing to {kind}"):
                getattr(history, kind)(self.store)
            return "", Done("", {}), kind
        able = [known for known in found if foretold(self.model, known, kind).took]
        return self.attempt((able or found)[0], kind, None)

    def attempt(
        self, operation: Done, kind: str, key: str | None, act: str | None = None
    ) -> tuple[str, Done, str]:
        """Undo or redo and compare with what the model foretells; return the new entry."""
        if not operation.changes:
            return "", operation, kind
        before, act = self.model, act or kind
        expected = foretold(before, operation, kind)
        carry_out = getattr(history, act)
        if expected.refused:
            with pytest.raises(DinoError, match=r"already|not undone"):
                carry_out(self.store, key)
            return "", operation, kind
        told = history.rehearse(self.store, key, act)
        assert rows_of(self.store) == before
        result = carry_out(self.store, key)
        self.model = rows_of(self.store)
        assert self.model == expected.rows
        assert (result.undoes, result.redoes)[kind == "redo"] == operation.id
        named = expected.kept if expected.took else expected.kept | expected.gone
        ids = sorted(operation.name(number, before) for number in named)
        assert sorted(row.id for row in result.kept) == sorted(row.id for row in told.kept) == ids
        assert result.kept or self.model != before
        self.clock += 1
        if expected.took:
            operation.active = kind == "redo"
            operation.left = kind == "undo" and bool(expected.kept or expected.gone)
            operation.undone_at = self.clock
            operation.taken = (
                operation.taken | expected.took if kind == "undo" else operation.taken - expected.took
            )
        return result.operation_id, operation, kind

    @invariant()
    def each_operation_is_in_its_state(self) -> None:
        states = {found.entry.id: found.entry.state for found in history.operations(self.store, limit=1000)}
        for known in self.log:
            assert states[known.id] == ("done" if known.active else "undone")

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
