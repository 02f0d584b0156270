"""Whose work a file belongs to: what a killed process left goes, what a living one has in hand stays."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dinotui.engine.recovery import recover
from dinotui.storage.new_file import NewFile
from dinotui.storage.owners import Owner, is_alive, living, take_lock
from dinotui.storage.store import Store

AT_WORK = """
import sys
from pathlib import Path
from dinotui.storage.new_file import NewFile
from dinotui.storage.store import Store
store = Store(Path(sys.argv[1]))
with store.scratch_folder() as folder:
    (folder / "half").write_text("half")
    new = NewFile(Path(sys.argv[1]).with_name("target"), replace=False, noted_in=store.scratch)
    new.open()
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "trips.db")


def worker(path: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", AT_WORK, str(path)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def test_what_a_killed_process_left_goes_even_while_its_number_is_still_there(store: Store) -> None:
    with worker(store.path) as process:
        assert len(list(store.scratch.glob("*-*"))) == 2
        process.kill()
        assert process.stdout is not None
        assert process.stdout.read() == b""  # it is gone, and nobody has asked for its exit code
        recover(store)
        assert list(store.scratch.iterdir()) == []
        assert not list(store.path.parent.glob(".dinotui-*.part"))


def test_what_a_living_process_has_in_hand_stays(store: Store) -> None:
    with worker(store.path) as process:
        before = sorted(store.scratch.iterdir())
        recover(store)
        assert sorted(store.scratch.iterdir()) == before
        assert len(list(store.path.parent.glob(".dinotui-*.part"))) == 1
        process.kill()


def test_what_an_earlier_start_with_the_same_process_number_left_goes(store: Store) -> None:
    (store.scratch / f"{os.getpid()}-left").mkdir()
    recover(store)
    assert list(store.scratch.iterdir()) == []


def test_an_owner_ends_with_its_lock_and_may_end_twice(tmp_path: Path) -> None:
    owner = Owner(tmp_path)
    assert is_alive(tmp_path, owner.name)
    assert living(tmp_path) == {owner.name}
    owner.close()
    owner.close()
    assert not is_alive(tmp_path, owner.name)
    assert list(tmp_path.iterdir()) == []


def test_a_new_file_gives_up_its_owner(store: Store, tmp_path: Path) -> None:
    new = NewFile(tmp_path / "target", replace=False, noted_in=store.scratch)
    new.open()
    new.remove()
    new.remove()
    assert list(store.scratch.iterdir()) == []


def test_nobody_loses_a_lock_to_those_who_look_for_the_dead(tmp_path: Path) -> None:
    """Owners come and go while others sweep: one that has its name is never taken for dead."""

    def come_and_go(_turn: int) -> bool:
        owner = Owner(tmp_path)
        found = living(tmp_path)
        held = (tmp_path / f"{owner.name}.lock").exists()
        owner.close()
        return owner.name in found and held

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(come_and_go, range(2_000)))
    assert list(tmp_path.iterdir()) == []


def test_one_lock_is_taken_once(tmp_path: Path) -> None:
    held = take_lock(tmp_path / "x.lock")
    assert held is not None
    assert take_lock(tmp_path / "x.lock") is None
    os.close(held)
    again = take_lock(tmp_path / "x.lock")
    assert again is not None
    os.close(again)
