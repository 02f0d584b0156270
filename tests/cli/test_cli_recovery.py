"""What was interrupted is told to whom it belongs, at the next command."""

from __future__ import annotations

from pathlib import Path

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
