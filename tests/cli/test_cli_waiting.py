"""Another program writes to the database: the wait, its end by Ctrl+C, and what is said when it lasts."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import pytest

from dinotui.storage import database
from dinotui.storage.staging import Staging
from dinotui.storage.store import Store
from tests.cli.conftest import Dino
from tests.conftest import logical_dump

ADD = ("trip", "add", "--country", "Peru", "--entry", "2024-10-01", "--visa-type", "work")


@contextmanager
def writing(db: Path) -> Iterator[apsw.Connection]:
    """Hold the write lock as another program would."""
    other = apsw.Connection(str(db))
    other.execute("BEGIN IMMEDIATE")
    try:
        yield other
    finally:
        if not other.getautocommit():
            other.execute("ROLLBACK")
        other.close()


def contents(db: Path) -> str:
    with Store(db) as store:
        dump = (logical_dump(store), store.database.rows("SELECT * FROM operation"))
        return hashlib.sha256(repr(dump).encode()).hexdigest()


def started(db: Path, *words: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "DINOTUI_DB": str(db), "LANG": "C.UTF-8"}
    command = [sys.executable, "-W", "error", "-m", "dinotui", *words]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("words", [ADD, ("import", "five.csv", "--on-duplicate", "update"), ("undo",)])
def test_a_wait_for_another_writer_can_be_stopped(
    two_trips: Dino, five: Path, db: Path, words: tuple[str, ...], number: signal.Signals
) -> None:
    before = contents(db)
    with writing(db):
        process = started(db, *words)
        time.sleep(1.5)
        assert process.poll() is None
        asked = time.monotonic()
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
        assert time.monotonic() - asked < 1.0
    assert (process.returncode, out, err) == (130, b"", b"Stopped. Nothing was changed.\n")
    assert contents(db) == before
    assert [path for path in db.with_name(f"{db.name}.d").rglob("*") if path.is_file()] == []


def test_what_waited_goes_on_when_the_other_is_done(two_trips: Dino, db: Path) -> None:
    with writing(db) as other:
        process = started(db, *ADD, "--json")
        time.sleep(1)
        assert process.poll() is None
        other.execute("COMMIT")
        process.communicate(timeout=30)
    assert process.returncode == 0
    assert len(two_trips("trips", "--json").json) == 3


@pytest.mark.parametrize(
    "words", [ADD, ("import", "five.csv", "--on-duplicate", "update"), ("redo",), ("undo",)]
)
def test_a_wait_that_lasts_too_long_is_told_in_a_sentence(
    two_trips: Dino, five: Path, db: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    before = contents(db)
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)
    with writing(db):
        ran = two_trips(*words, "--json")
    assert ran.code == 1
    assert ran.error["code"] == "database-busy"
    assert ran.error["message"].startswith("Another program is writing to the database")
    assert "locked" not in ran.out
    assert contents(db) == before


def test_reading_never_waits_for_an_import_that_writes(two_trips: Dino, db: Path) -> None:
    """While an import writes, its backup has no name yet; what a killed one left cannot be told from that."""
    half = db.with_name(f"{db.name}.d") / "backups" / "dinotui-20260101T000000-000000000000.db.part"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    began = time.monotonic()
    with writing(db):
        ran = two_trips("trips", "--json")
    assert (ran.code, ran.err, len(ran.json)) == (0, "", 2)
    assert time.monotonic() - began < 10
    assert half.exists()
    assert two_trips("trips").code == 0
    assert not half.exists()


def test_tidying_up_that_fails_keeps_nobody_out(
    two_trips: Dino, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = db.with_name(f"{db.name}.d")
    for name in ("backups", "staging", "scratch"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name in ("backups/dinotui-x.db.part", "staging/gone.db.lock", "scratch/0123-x"):
        (folder / name).touch()
    (folder / "scratch" / "0124-x").symlink_to(folder / "nowhere")

    def refuse(*_given: object, **_named: object) -> None:
        raise PermissionError(13, "refused")

    for name in ("unlink", "replace", "readlink"):
        monkeypatch.setattr(os, name, refuse)
    ran = two_trips("trips", "--json")
    assert (ran.code, ran.err, len(ran.json)) == (0, "", 2)


def test_planning_needs_no_turn_at_writing(
    two_trips: Dino, db: Path, five: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not for a look at what an import would do, nor at a start that finds one to be planned anew."""
    import_id = two_trips("import", five, "--json").json["metadata"]["importId"]
    with Store(db) as store, Staging.find(store.staging, import_id) as staging:
        staging.set_meta(state="stale")
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)
    with writing(db):
        ran = two_trips("import", five, "--dry-run")
        assert (ran.code, "Dry run" in ran.out) == (0, True)
        assert "planned again and waits" in two_trips("trips").err
