"""The peers, each in an environment of its own: Splink, dedupe and recordlinkage on the same rows.

They get what a careful user would give them: dates as dates, texts folded, and the country as the code that
our own reader recognises. Each is asked for its
best trip of every row, above the threshold that its documentation begins with.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Final

from benchmarks.quality.data import Labelled, Stay, date_text
from dinotui.domain.country import recognise
from dinotui.domain.folding import fold

PEERS: Final = {
    "splink": ("splink==5.0.0",),
    "dedupe": ("dedupe==3.0.3", "BTrees<6"),  # its index asks BTrees for what newer ones do not have
    "recordlinkage": ("recordlinkage==0.16",),
}
_COLUMNS: Final = ("id", "country", "entry", "exit", "visa", "max_days", "passport", "notes")
_SCRIPTS: Final = Path(__file__).parent / "peer_scripts"


def environment(name: str, folder: Path) -> Path:
    """Return the Python of a peer's own environment, which is made and filled the first time."""
    python = folder / name / "bin" / "python"
    if not python.exists():
        venv.create(folder / name, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PEERS[name]], check=True)
    return python


def best_matches(
    name: str, python: Path, data: Labelled, folder: Path, *, codes: bool = True
) -> dict[int, int]:
    """Return, by row of the file, the trip that the peer takes it for."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, stays in (("trips.csv", data.trips), ("rows.csv", data.rows)):
        with (folder / file).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(_COLUMNS)
            writer.writerows(_row(number, stay, codes=codes) for number, stay in enumerate(stays))
    labels = [[row, trip] for row, trip in enumerate(data.truth) if trip is not None]
    (folder / "truth.json").write_text(json.dumps(labels))
    ran = subprocess.run(
        [python, _SCRIPTS / f"run_{name}.py", folder],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    if ran.returncode:
        sys.stderr.write(ran.stderr[-2000:])
        raise SystemExit(f"{name} failed")
    return {int(row): int(trip) for row, trip in json.loads((folder / "found.json").read_text()).items()}


def _row(number: int, stay: Stay, *, codes: bool) -> tuple[object, ...]:
    code = recognise(stay.country).code if codes else None
    return (
        number,
        code or fold(stay.country),
        date_text(stay.entry),
        date_text(stay.leave),
        fold(stay.visa),
        stay.max_days or "",
        stay.passport,
        fold(stay.notes),
    )
