"""Pieces of work that may be killed, what they start from, and how to judge what is left."""

from __future__ import annotations

import hashlib
import json
from contextlib import closing
from pathlib import Path

from dinotui.domain.backup import RestoreStrategy, Retention
from dinotui.domain.configuration import ExportConfiguration
from dinotui.engine import backups, exporting, history, integrity, recovery, restoring, trips
from dinotui.engine.importing import applying, deciding
from dinotui.engine.progress import never
from dinotui.storage import migrations
from dinotui.storage.database import Database
from dinotui.storage.store import Store
from dinotui.storage.trips import TripFilter, count
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
    if work.startswith("restore"):
        for form in ("sqlite", "sql", "json"):
            with Store(folder / "dinotui.db") as store:
                backups.create(store, form)
        import_second(folder)
        with Store(folder / "dinotui.db") as store:
            trips.delete_trips(store, ["#5", "#6"])
    if work == "prune":
        with Store(folder / "dinotui.db") as store:
            for _n in range(3):
                backups.create(store)
    if work == "export_over":
        (folder / "out.json").write_text("the old file")
    if work == "fix":
        with Store(folder / "dinotui.db") as store:
            backups.create(store)
            Path(backups.create(store).path).unlink()
            Path(backups.entries(store)[1].path).write_bytes(b"damaged")
            store.database.execute("UPDATE trip SET country_code = 'ZZ' WHERE number < 9")


WORKS = (
    "import_second",
    "import_replacing",
    "import_with_decisions",
    "undo",
    "redo",
    "restore_sqlite",
    "restore_sql",
    "restore_json",
    "restore_merge",
    "backup_sqlite",
    "backup_sql",
    "backup_json",
    "prune",
    "fix",
    "export_new",
    "export_over",
    "migrate",
    "begin",
)


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


def _restore(folder: Path, form: str, strategy: RestoreStrategy) -> None:
    with Store(folder / "dinotui.db") as store:
        recovery.recover(store)
        made = next(
            each for each in backups.entries(store) if each.format == form and each.reason == "by hand"
        )
        restoring.restore(store, made.id, strategy)


def restore_sqlite(folder: Path) -> None:
    """Make everything as it was in a copy."""
    _restore(folder, "sqlite", "replace")


def restore_sql(folder: Path) -> None:
    """Make everything as it was in a dump."""
    _restore(folder, "sql", "replace")


def restore_json(folder: Path) -> None:
    """Make everything as it was in an export."""
    _restore(folder, "json", "replace")


def restore_merge(folder: Path) -> None:
    """Bring back what is missing."""
    _restore(folder, "sqlite", "merge")


def backup_sqlite(folder: Path) -> None:
    """Make a copy."""
    with Store(folder / "dinotui.db") as store:
        backups.create(store, "sqlite")


def backup_sql(folder: Path) -> None:
    """Make a dump."""
    with Store(folder / "dinotui.db") as store:
        backups.create(store, "sql")


def backup_json(folder: Path) -> None:
    """Make an export with a seal."""
    with Store(folder / "dinotui.db") as store:
        backups.create(store, "json")


def prune(folder: Path) -> None:
    """Delete all backups but one."""
    none = Retention(recent_days=0, daily_days=0, weekly_weeks=0, months=0, least=1)
    with Store(folder / "dinotui.db") as store:
        backups.prune(store, none)


def fix(folder: Path) -> None:
    """Put right what the check finds."""
    with Store(folder / "dinotui.db") as store:
        integrity.fix(store)


def export_new(folder: Path) -> None:
    """Write a file that is not there."""
    with Store(folder / "dinotui.db") as store:
        exporting.export_to_file(ExportConfiguration(), folder / "out.json", store)


def export_over(folder: Path) -> None:
    """Write over a file."""
    with Store(folder / "dinotui.db") as store:
        exporting.export_to_file(ExportConfiguration(), folder / "out.json", store, force=True)


def _second(database: Database) -> None:
    database.execute("ALTER TABLE trip ADD COLUMN mood TEXT NOT NULL DEFAULT ''")
    database.execute("UPDATE trip SET mood = 'fine'")
    database.execute("CREATE INDEX trip_mood ON trip (mood)")


NEWER = (*migrations.MIGRATIONS, migrations.Migration(99, "mood", _second))


def migrate(folder: Path) -> None:
    """Bring the file to a newer schema."""
    with closing(Database(folder / "dinotui.db")) as database:
        migrations.migrate(database, lambda: str(folder / "dinotui.db.d" / "backups"), NEWER)


def begin(folder: Path) -> None:
    """Make a database that was not there, with a trip."""
    with Store(folder / "new" / "dinotui.db", "Kim") as store:
        trips.add_trip(store, {"country": "Japan", "entryDate": "2024-01-01", "visaType": "work"})


def state(folder: Path, work: str = "") -> str:
    """Return a hash of what a user would call the data, and of what the work is about beside it."""
    if work == "begin":
        if not (folder / "new" / "dinotui.db").exists():
            return "0 trips"
        with Store(folder / "new" / "dinotui.db", "Kim") as store:
            return f"{count(store, TripFilter())} trips"
    if work == "migrate":
        with closing(Database(folder / "dinotui.db")) as database:
            version = database.value("PRAGMA user_version")
            columns = len(database.rows("PRAGMA table_info(trip)"))
            rows = database.rows("SELECT country, entry_day, notes FROM trip ORDER BY number")
            return f"{version} {columns} {hash(tuple(rows))}"
    with Store(folder / "dinotui.db") as store:
        found: list[object] = [logical_dump(store, exact=False)]
        if work in ("prune", "fix") or work.startswith("backup"):
            found.append(len(backups.entries(store)))
    if work.startswith("export"):
        found.append(_exported(folder / "out.json"))
    return hashlib.sha256(repr(found).encode()).hexdigest()


def _exported(path: Path) -> str:
    """Return whether the file is the old one, none, or a whole new one."""
    if not path.exists():
        return "none"
    text = path.read_text()
    return text if text == "the old file" else f"{len(json.loads(text)['data']['trips'])} trips"


def judge(folder: Path) -> list[str]:
    """Start again after a fault and return everything that is not as it should be."""
    if (folder / "new").exists() and (folder / "new" / "dinotui.db").exists():
        with Store(folder / "new" / "dinotui.db", "Kim") as store:
            recovery.recover(store)
    version = _version(folder)
    if version == 99:
        with closing(Database(folder / "dinotui.db")) as database:
            faults = [] if database.value("PRAGMA integrity_check") == "ok" else ["integrity"]
            _start_again(folder, database)
        return faults + _strays(folder)
    faults = []
    with Store(folder / "dinotui.db") as store:
        recovery.recover(store)
        if store.database.value("PRAGMA integrity_check") != "ok":
            faults.append("integrity")
        if store.database.rows("PRAGMA foreign_key_check"):
            faults.append("foreign keys")
        names = {row[0] for row in store.database.rows("SELECT path FROM backup")}
        found = {path.name for path in (store.folder / "backups").glob("*")}
        missing = [each for each in backups.entries(store) if not Path(each.path).is_file()]
        if len(missing) > 1:  # one is missing on purpose
            faults.append(f"registered backup is missing: {missing}")
        if {
            name
            for name in found - names
            if not name.startswith("before-schema-") and not name.endswith(".damaged")
        }:
            faults.append(f"stray backup: {found - names}")
        if any(".part" in name for name in found):
            faults.append(f"half a backup: {found}")
        bad = [
            each
            for each in backups.entries(store)
            if Path(each.path).is_file() and not backups.is_whole(each, never)
        ]
        if len(bad) > 1:  # one is damaged on purpose
            faults.append(f"damaged backups: {bad}")
        if list((store.folder / "scratch").glob("*")):
            faults.append(f"stray scratch files {list((store.folder / 'scratch').glob('*'))}")
        messages = recovery.recover(store)
        if messages:
            faults.append(f"the second start says {messages}")
    return faults + _strays(folder)


def _version(folder: Path) -> int:
    with closing(Database(folder / "dinotui.db")) as database:
        return int(database.value("PRAGMA user_version"))


def _start_again(folder: Path, database: Database) -> None:
    migrations.migrate(database, lambda: str(folder / "dinotui.db.d" / "backups"), NEWER)


def _strays(folder: Path) -> list[str]:
    known = {"dinotui.db", "dinotui.db.d", "first.csv", "second.csv", "out.json", "new"}
    faults = []
    left = {path.name for path in folder.iterdir()} - known
    if left:
        faults.append(f"stray files: {left}")
    staged = (folder / "dinotui.db.d" / "staging").glob("*")
    return faults + [
        f"stray staging file {path.name}" for path in staged if path.suffix not in (".db", ".lock")
    ]
