"""A staged import belongs to the process that makes it from its first moment to its last."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from dinotui.domain.configuration import ImportConfiguration
from dinotui.domain.errors import StorageError
from dinotui.domain.settings import ImportSettings
from dinotui.engine.importing import reading, unattended
from dinotui.engine.recovery import recover
from dinotui.storage import staging as module
from dinotui.storage.database import Database
from dinotui.storage.owners import take_lock
from dinotui.storage.staging import Staging, hold_lock, staged_files, sweep_locks
from dinotui.storage.store import Store

RECOVER = (
    "import sys; from pathlib import Path; from dinotui.storage.store import Store;"
    " from dinotui.engine.recovery import recover\n"
    "with Store(Path(sys.argv[1])) as store: recover(store)"
)


def start_elsewhere(store: Store) -> None:
    """Let another process start on the same data: it recovers what it takes for left behind."""
    subprocess.run([sys.executable, "-c", RECOVER, str(store.path)], check=True, timeout=60)


def test_another_start_never_takes_an_import_in_the_making_for_a_leftover(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the file, while it is empty, and once it is made, another process starts."""
    real_lock, real_database = module.hold_lock, module.Database

    def lock_then_start(path: Path) -> int:
        held = real_lock(path)
        start_elsewhere(store)
        return held

    class Interrupted(real_database):  # type: ignore[misc, valid-type]
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            start_elsewhere(store)

        def close(self) -> None:
            super().close()
            start_elsewhere(store)

    with monkeypatch.context() as patched:
        patched.setattr(module, "hold_lock", lock_then_start)
        patched.setattr(module, "Database", Interrupted)
        staging = Staging.create(store.staging, "0123")
    assert staged_files(store.staging) == [staging.path]
    with pytest.raises(StorageError, match="open in another"):
        Staging(staging.path)
    staging.discard()
    assert list(store.staging.iterdir()) == []


def test_a_lock_whose_file_went_keeps_nobody_out(tmp_path: Path) -> None:
    """Two that meet while the lock is swept never both hold it."""
    path = tmp_path / "x.db"
    hold_lock(path)
    sweep_locks(tmp_path)
    assert (tmp_path / "x.db.lock").exists()
    with pytest.raises(StorageError):
        hold_lock(path)


def test_locks_left_behind_are_swept(store: Store) -> None:
    (store.staging / "gone.db.lock").touch()
    recover(store)
    assert list(store.staging.iterdir()) == []


def open_descriptors() -> int:
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.parametrize("step", ["refuse_unknown_version", "set_meta"])
def test_a_making_that_is_interrupted_closes_each_file_once_and_says_why(
    store: Store, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """A number that was closed may be another thread's file by the second time."""
    closed: list[int] = []
    real = os.close

    def close(descriptor: int) -> None:
        closed.append(descriptor)
        real(descriptor)

    def interrupt(*_given: object, **_named: object) -> None:
        closed.clear()
        raise KeyboardInterrupt

    folder = store.staging
    before = open_descriptors()
    with monkeypatch.context() as patched:
        patched.setattr(*((module, step) if step in vars(module) else (Staging, step)), interrupt)
        patched.setattr(os, "close", close)
        with pytest.raises(KeyboardInterrupt):
            Staging.create(folder, "0123")
    assert len(closed) == 1
    assert open_descriptors() == before
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("hold", [True, False])
def test_a_file_of_another_version_is_let_go(store: Store, hold: bool) -> None:
    with Staging.create(store.staging, "0123") as staging:
        staging.database.execute("PRAGMA user_version = 99")
    before = open_descriptors()
    with pytest.raises(StorageError, match="another version") as caught:
        Staging(staging.path, hold=hold)
    assert open_descriptors() == before
    del caught


def half_made(store: Store) -> Path:
    """Leave what a maker that was killed at once leaves."""
    path = store.staging / "0123.db"
    Database(path, application_id=module.STAGING_ID).close()
    return path


def locked_when_removed(monkeypatch: pytest.MonkeyPatch, folder: Path) -> dict[str, bool]:
    """Note of each staging file that is removed whether nobody else could have taken its lock just then."""
    noted: dict[str, bool] = {}
    real = Path.unlink

    def unlink(path: Path, *given: Any, **named: Any) -> None:
        if path.parent == folder and path.suffix == ".db" and path.exists():
            held = take_lock(path.with_name(path.name + ".lock"))
            noted[path.name] = held is None
            if held is not None:
                os.close(held)
        real(path, *given, **named)

    monkeypatch.setattr(Path, "unlink", unlink)
    return noted


def recover_all(store: Store) -> None:
    recover(store)


def retry(store: Store) -> None:
    assert unattended.outcome_of_earlier("0123", store) is None


@pytest.mark.parametrize("clear", [recover_all, retry])
def test_what_an_interrupted_maker_left_stays_locked_until_it_is_gone(
    store: Store, monkeypatch: pytest.MonkeyPatch, clear: Callable[[Store], None]
) -> None:
    """Or whoever makes it anew in between, as the retry of a request does, loses file and lock."""
    half_made(store)
    noted = locked_when_removed(monkeypatch, store.staging)
    clear(store)
    assert noted == {"0123.db": True}
    assert list(store.staging.iterdir()) == []


@pytest.mark.parametrize("clear", [recover_all, retry])
def test_what_was_made_anew_meanwhile_is_left_alone(
    store: Store, monkeypatch: pytest.MonkeyPatch, clear: Callable[[Store], None]
) -> None:
    path = half_made(store)
    real, made = module.refuse_unknown_version, list[Staging]()

    def late(staging: Staging) -> None:
        try:
            real(staging)
        finally:
            if not made and staging.path == path:
                monkeypatch.setattr(module, "refuse_unknown_version", real)
                staging.database.close()
                os.close(staging._lock or 0)
                staging._lock = None
                module.remove_database(path)
                made.append(Staging.create(store.staging, "0123"))

    monkeypatch.setattr(module, "refuse_unknown_version", late)
    with suppress(StorageError):
        clear(store)
    made[0].set_meta(state="reading")
    with pytest.raises(StorageError, match="open in another"):
        Staging(path)
    made[0].discard()


def test_an_import_without_questions_stays_locked_until_its_file_is_gone(
    store: Store, monkeypatch: pytest.MonkeyPatch, write_file: Callable[[str, str], Path]
) -> None:
    noted = locked_when_removed(monkeypatch, store.staging)
    file = write_file("a.csv", "Country,Entry Date,Visa Type\nJapan,2024-01-01,work\n")
    files = [reading.SourceFile(file, file.name)]
    for made, dry in (("0123", True), ("0124", False)):
        unattended.import_unattended(
            files, ImportSettings(), ImportConfiguration(), store, import_id=made, dry_run=dry
        )
    assert noted == {"0123.db": True, "0124.db": True}


def test_a_closed_import_is_no_longer_ours_to_delete(store: Store) -> None:
    first = Staging.create(store.staging, "0123")
    first.discard()
    with Staging.create(store.staging, "0123") as again:
        first.discard()
        assert again.path.exists()
        with pytest.raises(StorageError, match="open in another"):
            Staging(again.path)
