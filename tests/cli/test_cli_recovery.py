"""What was interrupted is told to whom it belongs, at the next command."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from dinotui.domain.errors import StorageError
from dinotui.engine.importing import applying, deciding
from dinotui.storage.database import Database
from dinotui.storage.owners import take_lock
from dinotui.storage.staging import Staging
from dinotui.storage.store import Store
from tests.cli.conftest import Dino


def leave_behind(dino: Dino, db: Path, file: Path, **meta: str) -> None:
    """Leave a staged import as a killed process would."""
    import_id = dino("import", file, "--json").json["metadata"]["importId"]
    with Store(db) as store, Staging.find(store.staging, import_id) as staging:
        staging.set_meta(**meta)


def test_an_import_killed_while_it_was_read_is_told_once(two_trips: Dino, db: Path, five: Path) -> None:
    leave_behind(two_trips, db, five, state="reading")
    ran = two_trips("trips", "--json")
    assert ran.err == "The import of five.csv was interrupted before it was planned. Nothing was changed.\n"
    assert len(ran.json) == 2
    assert two_trips("trips", "--json").err == ""


def test_another_users_interrupted_import_is_left_to_that_user(
    two_trips: Dino, db: Path, five: Path, lee: tuple[str, str]
) -> None:
    done = two_trips("history", "--json").json[0]["id"]
    leave_behind(two_trips, db, five, state="applying", operationId=done)
    theirs = two_trips("trips", *lee)
    assert (theirs.code, "five.csv" in theirs.err) == (0, False)
    assert two_trips("trips").err.startswith("The import of five.csv was complete when it was interrupted")


def test_another_users_unread_import_is_not_named(
    two_trips: Dino, db: Path, five: Path, lee: tuple[str, str]
) -> None:
    leave_behind(two_trips, db, five, state="reading")
    theirs = two_trips("trips", *lee)
    assert (theirs.code, "five.csv" in theirs.err) == (0, False)


def test_an_import_that_is_done_is_locked_until_its_file_is_gone(
    two_trips: Dino, db: Path, five: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else another start could take it for one that waits, or lose its lock to this removal."""
    staged = db.with_name(f"{db.name}.d") / "staging"
    free: list[bool] = []
    real = Path.unlink

    def unlink(path: Path, *given: Any, **named: Any) -> None:
        if path.parent == staged and path.suffix == ".db" and path.exists():
            held = take_lock(path.with_name(path.name + ".lock"))
            free.append(held is not None)
            if held is not None:
                os.close(held)
        real(path, *given, **named)

    monkeypatch.setattr(Path, "unlink", unlink)
    assert two_trips("import", five, "--strict").code == 1
    assert two_trips("import", five, "--on-duplicate", "skip").code == 3
    assert free == [False, False]
    assert list(staged.iterdir()) == []


def test_an_import_that_was_stored_although_the_disk_complained_is_not_offered_again(
    two_trips: Dino, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To add its trips once more."""
    two_trips("trip", "add", "--country", "Peru", "--entry", "2020-01-01", "--visa-type", "work")
    Path("a.csv").write_text(
        "Country,Entry Date,Visa Type,Notes\nPeru,2020-01-01,work,other\n", encoding="utf-8"
    )
    import_id = two_trips("import", "a.csv", "--json").json["metadata"]["importId"]
    real = Database._commit

    def complain(database: Database) -> None:
        real(database)
        if database.path == db:
            raise StorageError("disk-error", "The disk reported an error.")

    with Store(db) as store, Staging.find(store.staging, import_id) as staging:
        deciding.decide(staging, deciding.load_conflict(staging, store, 1), "separate")
        with monkeypatch.context() as patched:
            patched.setattr(Database, "_commit", complain)
            with pytest.raises(StorageError):
                applying.apply_import(staging, store)
        assert staging.meta("state") == "applying"
    assert two_trips("trips").err.startswith("The import of a.csv was complete when it was interrupted")
    assert two_trips("review", "--list", "--json").json == []
