"""A staged import belongs to the process that makes it from its first moment to its last."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dinotui.domain.errors import StorageError
from dinotui.engine.recovery import recover
from dinotui.storage import staging as module
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
