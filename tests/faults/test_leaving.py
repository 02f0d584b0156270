"""A signal or a closed terminal in the middle of an import: gone within two seconds, data as before or after."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dinotui.engine import recovery, trips
from dinotui.storage.store import Store
from tests.conftest import sweep

ROOT = Path(__file__).resolve().parents[2]
CONTROL = "import fcntl, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); import runpy; sys.argv[:] = sys.argv[1:]; "
CONTROL += "runpy.run_module('tests.faults.app_at_work', run_name='__main__', alter_sys=False)"


@pytest.mark.parametrize("how", ["SIGTERM", "SIGHUP", "closed", "closed, SIGHUP ignored"])
def test_leaving_in_the_middle_of_an_import(tmp_path: Path, how: str) -> None:
    database, csv, mark = tmp_path / "dinotui.db", tmp_path / "many.csv", tmp_path / "mark"
    rows = "".join(
        f"Japan,{1900 + n // 250}-{n % 12 + 1:02}-{n % 28 + 1:02},,work,,,{n}\n" for n in range(sweep(25_000))
    )
    csv.write_text("Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Notes\n" + rows)
    with Store(database, "Kim") as store:
        trips.add_trip(store, {"country": "Peru", "entryDate": "2024-01-01", "visaType": "work"})
    master, slave = pty.openpty()
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN) if "ignored" in how else None
    process = subprocess.Popen(
        [sys.executable, "-c", CONTROL, "app", str(database), str(csv), str(mark)],
        cwd=ROOT,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={
            **os.environ,
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "XDG_STATE_HOME": str(tmp_path / "state"),
        },
        start_new_session=True,
    )
    if before is not None:
        signal.signal(signal.SIGHUP, before)
    os.close(slave)
    try:
        end = time.monotonic() + 60
        while not mark.exists() and process.poll() is None and time.monotonic() < end:
            if select.select([master], [], [], 0.02)[0]:
                os.read(master, 65536)
        assert mark.exists(), "the import began to write"
        if how.startswith("closed"):
            os.close(master)
            master = -1
        else:
            process.send_signal(getattr(signal, how))
        left = time.monotonic()
        while process.poll() is None and time.monotonic() < left + 10:
            if master >= 0 and select.select([master], [], [], 0.02)[0]:
                try:
                    os.read(master, 65536)
                except OSError:
                    time.sleep(0.02)
            else:
                time.sleep(0.02)
        taken = time.monotonic() - left
        assert process.poll() is not None, "it is gone"
        assert taken < 2.5, f"it took {taken:.1f} s"
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if master >= 0:
            os.close(master)
    with Store(database) as store:  # the lock is free at once
        recovery.recover(store)
        found = store.database.value("SELECT count(*) FROM trip")
        assert found in (1, 1 + sweep(25_000))
        assert store.database.value("PRAGMA integrity_check") == "ok"
        assert not list((store.folder / "scratch").iterdir())
        trips.add_trip(store, {"country": "Chile", "entryDate": "2024-02-01", "visaType": "work"})
