"""Pieces of work that may be killed, what they start from, and how to judge what is left."""

from __future__ import annotations

import hashlib
from pathlib import Path

from dinotui.engine import history, recovery, trips
from dinotui.engine.importing import applying, deciding
from dinotui.storage.store import Store
from tests.conftest import logical_dump
from tests.engine.importer import import_file, stage

HEAD = "Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Notes\n"


def prepare(folder: Path) -> None:
    """A database with trips that the import's file partly repeats and partly changes."""
    with Store(folder / "dinotui.db", "Kim") as store:
        rows = "".join(f"Japan,20{n // 12 + 10}-{n % 12 + 1:02}-01,,work,,,old {n}\n" for n in range(150))
        (folder / "first.csv").write_text(HEAD + rows, encoding="utf-8")
        import_file(store, folder / "first.csv", resolution="keepBoth", detection="off")
        for number in (1, 2, 3):
            trips.edit_trip(store, f"#{number}", {"exitDate": f"2010-{number:02}-09"})
    more = "".join(
        f"{'Japan' if n % 3 else 'Peru'},20{n // 12 + 10}-{n % 12 + 1:02}-01,,work,,,{'old' if n % 2 else 'new'} {n}\n"
        for n in range(300)
    )
    (folder / "second.csv").write_text(HEAD + more, encoding="utf-8")


def prepare_for(work: str, folder: Path) -> None:
    """What a work needs to have happened before."""
    if work in ("undo", "redo"):
        import_second(folder)
    if work == "redo":
        undo(folder)


def import_second(folder: Path) -> None:
    """Import a file that adds, updates and repeats."""
    with Store(folder / "dinotui.db") as store:
        recovery.recover(store)
        import_file(store, folder / "second.csv", resolution="update")


def import_replacing(folder: Path) -> None:
    """Import a file that replaces everything."""
    with Store(folder / "dinotui.db") as store:
        recovery.recover(store)
        import_file(store, folder / "second.csv", strategy="replace")


def import_with_decisions(folder: Path) -> None:
    """Import with some conflicts decided and the rest set aside."""
    with Store(folder / "dinotui.db") as store:
        recovery.recover(store)
        with stage(store, folder / "second.csv") as staging:
            for number in deciding.conflict_numbers(staging, limit=5):
                deciding.decide(staging, deciding.load_conflict(staging, store, number), "incoming")
            applying.apply_import(staging, store, shown=True, set_aside=True)


def undo(folder: Path) -> None:
    """Undo the last operation."""
    with Store(folder / "dinotui.db") as store:
        history.undo(store)


def redo(folder: Path) -> None:
    """Redo it."""
    with Store(folder / "dinotui.db") as store:
        history.redo(store)


def state(folder: Path) -> str:
    """Return a hash of what a user would call the data."""
    with Store(folder / "dinotui.db") as store:
        return hashlib.sha256(repr(logical_dump(store, exact=False)).encode()).hexdigest()


def judge(folder: Path) -> tuple[str, list[str]]:
    """Start again after a kill: return the state and everything that is not as it should be."""
    faults: list[str] = []
    with Store(folder / "dinotui.db") as store:
        recovery.recover(store)
        if store.database.value("PRAGMA integrity_check") != "ok":
            faults.append("integrity")
        if store.database.rows("PRAGMA foreign_key_check"):
            faults.append("foreign keys")
        done = store.database.rows("SELECT path FROM backup")
        names = {row[0] for row in done}
        found = {path.name for path in (store.folder / "backups").glob("*")}
        if names - found:
            faults.append(f"registered backup is missing: {names - found}")
        if found - names:
            faults.append(f"stray backup: {found - names}")
        if list((store.folder / "scratch").glob("*")):
            faults.append("stray scratch files")
        messages = recovery.recover(store)
        if messages:
            faults.append(f"the second start says {messages}")
    database = folder / "dinotui.db"
    left = {path.name for path in folder.iterdir()} - {
        "dinotui.db",
        "dinotui.db.d",
        "first.csv",
        "second.csv",
    }
    if left:
        faults.append(f"stray files: {left}")
    staged = (database.with_name("dinotui.db.d") / "staging").glob("*")
    faults += [f"stray staging file {path.name}" for path in staged if path.suffix not in (".db", ".lock")]
    return state(folder), faults
