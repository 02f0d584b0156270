"""The most memory of large imports: ``python -m tests.faults.memory [csv] [json] [--small]``.

A CSV of 1,000,000 records and 300 MB of JSON go through `dinotui import` as users run it. The resident memory
of the program and of its children is added up, many times a second; the most must stay under 250 MB.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MOST_MB = 250
_NAMES = ("Japan", "프랑스", "Peru", "South Korea", "Côte d’Ivoire", "Viet Nam", "Spain")
_VISAS = ("tourist", "business", "work", "visit")


def make_csv(path: Path, records: int) -> None:
    """Write a table with many records."""
    with path.open("w", encoding="utf-8", newline="") as target:
        target.write("Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Notes\r\n")
        for number in range(records):
            name, entry, leaving = _stay(number)
            notes = f'"note {number}, with a comma"'
            target.write(f"{name},{entry},{leaving},{_VISAS[number % 4]},90,KR,{notes}\r\n")


def make_json(path: Path, size: int) -> None:
    """Write a document of our own form of at least `size` bytes."""
    with path.open("w", encoding="utf-8") as target:
        target.write('{"metadata": {"version": "1.0", "source": "DINO Travel Tracker"}, "data": {"trips": [')
        number, written = 0, 0
        while written < size:
            name, entry, leaving = _stay(number)
            trip = (
                f'{{"id": "t-{number}", "country": "{name}", "entryDate": "{entry}", "exitDate": "{leaving}",'
                f' "visaType": "{_VISAS[number % 4]}", "maxDays": 90, "passportCountry": "KR",'
                f' "notes": "note {number}: {"words and more words " * 8}"}}'
            )
            written += target.write((",\n" if number else "\n") + trip)
            number += 1
        target.write("]}}\n")


def _stay(number: int) -> tuple[str, str, str]:
    """Return a country and two days that no other number has together."""
    year, month, day = 1950 + number // 3360 % 70, number // 280 % 12 + 1, number % 28 + 1
    name = _NAMES[number // 28 % 7]
    return name, f"{year}-{month:02d}-{day:02d}", f"{year}-{month:02d}-{day:02d}"


def peak_of(words: list[str], environment: dict[str, str]) -> tuple[int, float, int]:
    """Run a program; return the most memory (MB) of it and its children, the seconds, and its exit code."""
    started, most = time.monotonic(), 0
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, env=environment) as process:
        while process.poll() is None:
            most = max(most, sum(_resident(pid) for pid in _family(process.pid)))
            time.sleep(0.02)
    return most // 1024, time.monotonic() - started, process.returncode


def _family(pid: int) -> list[int]:
    found = [pid]
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return found
    for child in children:
        found += _family(int(child))
    return found


def _resident(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def measure(kind: str, folder: Path, small: bool) -> int:
    """Import a large file of one kind into an empty database and return the most memory in MB."""
    path = folder / f"large.{kind}"
    if kind == "csv":
        make_csv(path, 20_000 if small else 1_000_000)
    else:
        make_json(path, 6_000_000 if small else 300_000_000)
    database = folder / f"{kind}.db"
    environment = {**os.environ, "DINOTUI_DB": str(database), "LC_ALL": "C.UTF-8"}
    words = [sys.executable, "-m", "dinotui", "import", str(path), "--on-duplicate", "keep-both"]
    most, seconds, code = peak_of(words, environment)
    size = path.stat().st_size / 1e6
    print(f"{kind}: {size:.0f} MB, exit {code}, {seconds:.0f} s, {most} MB of memory", flush=True)  # noqa: T201
    path.unlink()
    return most if code == 0 else 10**6


def main(words: list[str]) -> int:
    """Run from the command line; the exit code is 1 where an import failed or took too much."""
    small = "--small" in words
    kinds = [word for word in words if word in ("csv", "json")] or ["csv", "json"]
    with tempfile.TemporaryDirectory() as folder:
        most = max(measure(kind, Path(folder), small) for kind in kinds)
    return 0 if most <= MOST_MB else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
