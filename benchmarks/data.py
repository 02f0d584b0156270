"""Seeded data: stays of an invented traveller as CSV, JSON and XLSX, the same for everyone who makes them.

About 60 countries (names with commas, quotes and Korean), 3% stays without an exit, 12 visa types, notes of up to
80 characters with line breaks. A second file (`other=True`) repeats a part of the first, as a later export of
the same source does.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

HEADER: Final = (
    "Country", "Entry Date", "Exit Date", "Visa Type", "Max Days", "Passport Country", "Duration", "Notes",
)  # fmt: skip
KEYS: Final = ("country", "entryDate", "exitDate", "visaType", "maxDays", "passportCountry", "notes")
OPEN_SHARE: Final = 0.03
REPEATED_SHARE: Final = 0.1  # of the other file: stays that the first file has too
FIRST_DAY: Final = dt.date(1985, 1, 1)
DAYS: Final = 14_700  # the last stay ends before 2026

COUNTRIES: Final = (
    "Austria", "Australia", "Belgium", "Brazil", "Bulgaria", "Cambodia", "Canada", "Chile", "China", "Croatia",
    "Cyprus", "Czechia", "Denmark", "Egypt", "Estonia", "Finland", "France", "Germany", "Greece", "Hungary",
    "Iceland", "India", "Indonesia", "Ireland", "Israel", "Italy", "Japan", "Jordan", "Kenya", "Korea, South",
    "Latvia", "Lithuania", "Luxembourg", "Malaysia", "Malta", "Mexico", "Morocco", "Netherlands", "New Zealand",
    "Norway", "Peru", "Philippines", "Poland", "Portugal", "Romania", "Singapore", "Slovakia", "Slovenia",
    "South Africa", "Spain", "Sweden", "Switzerland", "Thailand", "Tunisia", "Turkey", "대한민국", "일본", "베트남",
    "미국", 'Côte d"Ivoire',
)  # fmt: skip
VISAS: Final = (
    "Tourist", "Business", "Student", "Work", "Transit", "Visa free", "eVisa", "Visa on arrival", "Diplomatic",
    "Family", "Working holiday", "Residence",
)  # fmt: skip
PASSPORTS: Final = ("South Korea", "Germany", "USA", "")
WORDS: Final = (
    "hotel", "friends", "conference,", "train", '"late"', "ferry", "친구", "회의", "beach", "museum", "delayed",
    "ticket 12", "Anna", "night bus", "mountains", "\n", "visa run", "again", "rain;", "market",
)  # fmt: skip


class Stay(NamedTuple):
    """One stay of the data, dates as ISO text, None where it has no exit or no limit."""

    country: str
    entry: str
    exit: str | None
    visa: str
    max_days: int | None
    passport: str
    notes: str
    duration: int | None


def stays(count: int, *, other: bool = False) -> Iterator[Stay]:
    """Yield `count` stays; the same ones each time."""
    first = random.Random(7)
    if not other:
        yield from (_stay(first) for _number in range(count))
        return
    second = random.Random(11)
    for number in range(count):
        repeated = _stay(first)
        yield repeated if number % round(1 / REPEATED_SHARE) == 0 else _stay(second)


def _stay(chance: random.Random) -> Stay:
    entry = FIRST_DAY + dt.timedelta(days=int(chance.random() * DAYS))
    days = 1 + int(chance.random() * 90)
    is_open = chance.random() < OPEN_SHARE
    limit = (None, 90, 180, 365)[int(chance.random() * 4)]
    return Stay(
        COUNTRIES[int(chance.random() * len(COUNTRIES))],
        entry.isoformat(),
        None if is_open else (entry + dt.timedelta(days=days - 1)).isoformat(),
        VISAS[int(chance.random() * len(VISAS))],
        None if is_open else limit,
        PASSPORTS[int(chance.random() * len(PASSPORTS))],
        _notes(chance),
        None if is_open else days,
    )


def _notes(chance: random.Random) -> str:
    wanted = int(chance.random() * 12)
    text = " ".join(WORDS[int(chance.random() * len(WORDS))] for _word in range(wanted))
    return text[:80].strip()


def csv_file(folder: Path, count: int, *, other: bool = False) -> Path:
    """Return the CSV file of `count` stays, made where it is missing."""
    path = folder / f"stays-{count}{'-other' if other else ''}.csv"
    if not path.exists():
        half = path.with_suffix(".part")
        with half.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows(
                (s.country, s.entry, s.exit, s.visa, s.max_days, s.passport, s.duration, s.notes)
                for s in stays(count, other=other)
            )
        half.replace(path)
    return path


def json_file(folder: Path, count: int) -> Path:
    """Return a JSON file with an array of `count` stays, made where it is missing."""
    path = folder / f"stays-{count}.json"
    if not path.exists():
        half = path.with_suffix(".part")
        with half.open("w", encoding="utf-8") as file:
            before = "[\n"
            for stay in stays(count):
                file.write(before + json.dumps(dict(zip(KEYS, stay, strict=False)), ensure_ascii=False))
                before = ",\n"
            file.write("\n]\n")
        half.replace(path)
    return path


def xlsx_file(folder: Path, count: int) -> Path:
    """Return a workbook with one sheet of `count` stays and real dates, made where it is missing."""
    from openpyxl import Workbook

    path = folder / f"stays-{count}.xlsx"
    if not path.exists():
        book = Workbook(write_only=True)
        sheet = book.create_sheet("Trips")
        sheet.append(HEADER)
        for s in stays(count):
            leaving = None if s.exit is None else dt.date.fromisoformat(s.exit)
            entry = dt.date.fromisoformat(s.entry)
            sheet.append(
                (
                    s.country,
                    entry,
                    leaving,
                    s.visa,
                    s.max_days,
                    s.passport or None,
                    s.duration,
                    s.notes or None,
                )
            )
        half = path.with_suffix(".part")
        book.save(half)
        half.replace(path)
    return path
