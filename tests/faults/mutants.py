"""Damaged files through the plan: ``python -m tests.faults.mutants [COUNT] [SEED]``.

Every file is a sound one that was cut, flipped, spliced, or repacked with a damaged part, always the same for
a number and a seed. Each must end in a plan or in a sentence: no other exception, no hang, bounded memory,
and not a byte of the database changed.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import resource
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from dinotui.domain.configuration import ImportConfiguration
from dinotui.domain.errors import DinoError
from dinotui.domain.settings import ImportSettings
from dinotui.engine import trips
from dinotui.engine.importing import planning, reading, understanding
from dinotui.storage.store import Store

MOST_SECONDS = 5.0
MOST_MEMORY = 300  # MB

_ROWS = [
    ("Japan", "2024-03-02", "2024-03-10", "tourist", "90", "KR", "오사카 출장"),
    ("프랑스", "2024-05-02", "2024-05-09", "business", "", "KR", 'one, "two"\nthree'),
    ("Korea", "2024-06-01", "", "visit", "30", "", "=1+1"),
    ("Côte d’Ivoire", "2023-12-31", "2024-01-05", "work", "3650", "FR", "\U0001f996"),
] * 6
_HEADER = ("Country", "Entry Date", "Exit Date", "Visa Type", "Max Days", "Passport Country", "Notes")


def bases() -> dict[str, bytes]:
    """Return the sound files, by name."""
    plain = _csv(",")
    objects = [dict(zip(_CAMEL, row, strict=True)) for row in _ROWS]
    ours = {"metadata": {"version": "1.0", "source": "DINO Travel Tracker"}, "data": {"trips": objects}}
    legacy = {"version": "1", "exportDate": "2024-01-01", "user": {"name": "Kim"}, "trips": objects}
    lines = "\n".join(json.dumps(each, ensure_ascii=False) for each in objects)
    found = {
        "plain.csv": plain.encode(),
        "excel.csv": "﻿".encode() + plain.replace("\n", "\r\n").encode(),
        "semicolons.csv": _csv(";").encode("cp1252", "replace"),
        "korean.csv": plain.encode("cp949", "replace"),
        "unicode.txt": _csv("\t").encode("utf-16"),
        "preamble.csv": ("My trips\n# a comment\n\n" + plain).encode(),
        "ours.json": json.dumps(ours, ensure_ascii=False, indent=1).encode(),
        "legacy.json": json.dumps(legacy).encode(),
        "array.json": json.dumps(objects).encode("utf-16-le"),
        "lines.ndjson": lines.encode(),
        "book.xlsx": _workbook(),
    }
    found["many.zip"] = _zipped({name: found[name] for name in ("plain.csv", "ours.json")})
    found["book.zip"] = _zipped({"book.xlsx": found["book.xlsx"]})
    found["plain.csv.gz"] = gzip.compress(found["plain.csv"], mtime=0)
    return found


_CAMEL = ("country", "entryDate", "exitDate", "visaType", "maxDays", "passportCountry", "notes")


def _csv(delimiter: str) -> str:
    quoted = [
        delimiter.join('"' + cell.replace('"', '""') + '"' if '"' in cell else cell for cell in row)
        for row in (_HEADER, *_ROWS)
    ]
    return "\n".join(quoted) + "\n"


def _workbook() -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (_HEADER, *_ROWS):
        sheet.append([cell or None for cell in row])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _zipped(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def mutant(number: int, seed: int, sound: dict[str, bytes]) -> tuple[str, bytes]:
    """Return the name and bytes of a damaged file."""
    chance = random.Random(f"{seed}-{number}")
    name = chance.choice(sorted(sound))
    data = sound[name]
    if zipfile.is_zipfile(io.BytesIO(data)) and chance.random() < 0.7:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {each: archive.read(each) for each in archive.namelist()}
        damaged = chance.choice(sorted(parts))
        parts[damaged] = _damaged(parts[damaged], chance, sound)
        return f"{number}-{name}", _zipped(parts)
    if name.endswith(".gz") and chance.random() < 0.7:
        return f"{number}-{name}", gzip.compress(_damaged(gzip.decompress(data), chance, sound), mtime=0)
    return f"{number}-{name}", _damaged(data, chance, sound)


def _damaged(data: bytes, chance: random.Random, sound: dict[str, bytes]) -> bytes:
    for _turn in range(chance.choice((1, 1, 1, 2, 4))):
        data = chance.choice(_KINDS)(data, chance, sound)
    return data


def _cut(data: bytes, chance: random.Random, _sound: dict[str, bytes]) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _flip(data: bytes, chance: random.Random, _sound: dict[str, bytes]) -> bytes:
    found = bytearray(data)
    for _turn in range(chance.choice((1, 2, 8, 64)) if found else 0):
        found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)
    return bytes(found)


def _splice(data: bytes, chance: random.Random, sound: dict[str, bytes]) -> bytes:
    other = sound[chance.choice(sorted(sound))]
    start, at = chance.randrange(len(other)), chance.randrange(len(data) + 1)
    return data[:at] + other[start : start + chance.randrange(1, 2_000)] + data[at + chance.randrange(200) :]


def _repeat(data: bytes, chance: random.Random, _sound: dict[str, bytes]) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + data[at : at + chance.randrange(1, 400)] * chance.choice((2, 3, 200)) + data[at:]


def _sign(data: bytes, chance: random.Random, _sound: dict[str, bytes]) -> bytes:
    """Put signs that mean something to a parser anywhere."""
    sign = chance.choice(
        (
            b'"',
            b"{",
            b"]",
            b",",
            b"\n",
            b"\r",
            b"\0" * 9,
            b"\xff\xfe",
            b"<",
            b"&x;",
            b"[" * 2_000,
            b"9" * 5_000,
        )
    )
    at = chance.randrange(len(data) + 1)
    return data[:at] + sign + data[at:]


_KINDS: tuple[Callable[[bytes, random.Random, dict[str, bytes]], bytes], ...] = (
    _cut,
    _flip,
    _splice,
    _repeat,
    _sign,
)


@dataclass
class Outcome:
    """What became of a run: counts by end, the slowest file, the most memory, and every fault."""

    ends: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")
    memory: int = 0
    faults: list[str] = field(default_factory=list)


def run(count: int, seed: int, folder: Path, told: Callable[[str], None] = lambda _text: None) -> Outcome:
    """Plan `count` damaged files over a database in `folder`."""
    sound, outcome = bases(), Outcome()
    with Store(folder / "trips.db", "kim") as store:
        trips.add_trip(store, {"country": "Japan", "entryDate": "2024-03-02", "visaType": "tourist"})
        store.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        before = _digest(folder)
        for number in range(count):
            name, data = mutant(number, seed, sound)
            _plan(store, folder / "in" / name, data, outcome)
            if number % 500 == 499:
                told(f"{number + 1} {outcome.slowest} {memory_mb()} MB, {len(outcome.faults)} faults")
        if _digest(folder) != before:
            outcome.faults.append("the database changed")
        if left := [path.name for folder in (store.staging, store.scratch) for path in folder.iterdir()]:
            outcome.faults.append(f"left behind: {left[:5]}")
    outcome.memory = memory_mb()
    if outcome.memory > MOST_MEMORY:
        outcome.faults.append(f"{outcome.memory} MB of memory")
    return outcome


def _plan(store: Store, path: Path, data: bytes, outcome: Outcome) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    start = _work_seconds()
    try:
        settings = ImportSettings(table="*")
        with reading.stage_files(
            [reading.SourceFile(path, path.name)], settings, ImportConfiguration(), store
        ) as staging:
            understanding.understand(staging)
            planning.plan_import(staging, store)
            staging.discard()
        outcome.ends["planned"] += 1
    except DinoError as error:
        outcome.ends[error.code] += 1
    except Exception as error:  # noqa: BLE001 - this is what is looked for
        outcome.faults.append(f"{path.name}: {type(error).__name__}: {error}"[:300])
    seconds = _work_seconds() - start
    outcome.slowest = max(outcome.slowest, (round(seconds, 2), path.name))
    if seconds > MOST_SECONDS:
        outcome.faults.append(f"{path.name}: {seconds:.1f} s")
    path.unlink()


def _work_seconds() -> float:
    """Return the processor time of this process and its ended children: other work on the machine is not in it."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def memory_mb() -> int:
    """Return the most memory that this process and its largest child had, together."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(resource.getrusage(kind).ru_maxrss for kind in kinds) // 1024


def _digest(folder: Path) -> str:
    return hashlib.sha256((folder / "trips.db").read_bytes()).hexdigest()


def main(words: list[str]) -> int:
    """Run from the command line; the exit code is 1 where there was a fault."""
    count, seed = int(words[0]) if words else 10_000, int(words[1]) if len(words) > 1 else 1
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(count, seed, Path(folder), lambda text: print(text, flush=True))  # noqa: T201
    print(f"{count} files, seed {seed}, {time.monotonic() - started:.0f} s")  # noqa: T201
    print(dict(outcome.ends.most_common()))  # noqa: T201
    print(f"slowest {outcome.slowest}, memory {outcome.memory} MB")  # noqa: T201
    print("\n".join(outcome.faults) or "no fault")  # noqa: T201
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
