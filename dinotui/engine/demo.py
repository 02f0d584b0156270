"""The demo: a database of believable trips, and files to import that show what importing is about."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from dinotui.domain.configuration import BackupSettings, DateRange, ExportConfiguration, ImportConfiguration
from dinotui.domain.settings import ImportSettings
from dinotui.engine.demo_stays import PASSPORT, TRAVELLER, Stay, earlier_stays, late_stays
from dinotui.engine.exporting import export_to_file
from dinotui.engine.history import undo
from dinotui.engine.importing.applying import apply_import
from dinotui.engine.importing.planning import plan_import
from dinotui.engine.importing.reading import SourceFile, stage_files
from dinotui.engine.importing.understanding import understand
from dinotui.engine.preferences import set_preferences
from dinotui.engine.trips import add_trip, delete_trips, edit_trip
from dinotui.storage.filesystem import private_folder
from dinotui.storage.store import Store

AGENCY_FILE: Final = "여행사-예약.csv"
LEGACY_FILE: Final = "old-app-export.json"
_SOURCE: Final = "my-trips.json"
_AGENCY_HEADER: Final = ("국가", "입국일", "출국일", "비자 종류", "최대 체류 일수", "메모")


class Demo(NamedTuple):
    """A made demo: the database, whose it is, and the folder of files to import."""

    database: Path
    user: str
    files: Path


def build_demo(folder: Path, today: dt.date | None = None) -> Demo:
    """Make the demo in `folder`, which is made where it is missing, and return where everything is.

    The same day gives the same trips. Raises `DinoError` when the folder cannot be written.
    """
    day = today or dt.datetime.now().astimezone().date()
    made = Demo(folder / "demo.db", TRAVELLER, private_folder(folder / "files"))
    earlier = [stay for stay in earlier_stays(day) if stay.exit and stay.exit < day - dt.timedelta(days=190)]
    with Store(made.database, made.user) as store:
        set_preferences(store, {"homePassport": PASSPORT})
        _import_earlier(store, folder / _SOURCE, earlier)
        _live(store, late_stays(day))
        _write_agency(made.files / AGENCY_FILE, earlier, day)
        _write_legacy(made.files / LEGACY_FILE, earlier)
        _export_year(store, made.files, day.year - 2)
    return made


def _import_earlier(store: Store, file: Path, stays: Sequence[Stay]) -> None:
    """Bring the old stays in as one import, so that the history has one."""
    trips = [{"id": f"demo-{number:03}", **stay.fields()} for number, stay in enumerate(stays, start=1)]
    file.write_text(json.dumps(trips, ensure_ascii=False, indent=1), encoding="utf-8")
    configuration = ImportConfiguration(backup=BackupSettings(create_backup=True))
    staging = stage_files([SourceFile(file, file.name)], ImportSettings(), configuration, store)
    try:
        understand(staging)
        plan_import(staging, store)
        apply_import(staging, store)
    finally:
        staging.discard()
    file.unlink()


def _live(store: Store, stays: Sequence[Stay]) -> None:
    """Add the newest stays one by one, with a slip, its correction, and an undo."""
    for stay in stays:
        add_trip(store, stay.fields())
    added, _checked = add_trip(store, {**stays[-1].fields(), "country": "Spain", "notes": ""})
    delete_trips(store, [added.id])
    edit_trip(store, "demo-002", {"notes": "Hanoi → Hội An by night train; ₩12,000 for the upper bunk"})
    edit_trip(store, "demo-003", {"visaType": "business"})
    undo(store)


def _write_agency(target: Path, earlier: Sequence[Stay], today: dt.date) -> None:
    """Write what a travel agency sends: Korean Windows text, day-first dates, repeats and slips."""
    same, also, moved, other = earlier[-1], earlier[-3], earlier[-2], earlier[-4]
    assert moved.exit is not None
    year = today.year - 1
    rows: list[tuple[object, ...]] = [
        _agency(same._replace(notes=""), "폴란드"),
        _agency(also, "일본"),
        _agency(
            moved._replace(exit=moved.exit + dt.timedelta(days=1), visa="tourist", notes="바젤, 하루 연장")
        ),
        _agency(other, "한국"),
        ("스페인", f"13.07.{year}", f"21.07.{year}", "관광", "90일", '마드리드, 톨레도; "El Greco"'),
        ("스페인", f"13.07.{year}", f"21.07.{year}", "관광", "90일", '마드리드, 톨레도; "El Greco"'),
        ("베트남", f"28.08.{year}", f"05.09.{year}", "관광", "45일", "다낭 → 호이안"),
        ("몽골", f"31.09.{year}", f"09.10.{year}", "관광", 90, "게르 2박"),
        ("노르웨이", f"14.10.{year}", f"08.10.{year}", "관광", 90, "오로라"),
        ("콩고", f"20.10.{year}", f"25.10.{year}", "business", 30, "현장 점검"),
        ("Korea", f"27.10.{year}", f"30.10.{year}", "거주", "", "어느 쪽인지 모름"),
        ("아틀란티스", f"02.11.{year}", f"06.11.{year}", "관광", "", "오타?"),
        ("", f"10.11.{year}", f"12.11.{year}", "관광", "", "나라 이름 없음"),
        ("  홍콩 ", f"18.11.{year}", f"22.11.{year}", "toursit", 90, "쇼핑, 딤섬"),
    ]
    lines = (";".join(map(_quoted, row)) for row in (_AGENCY_HEADER, *rows))
    target.write_bytes("".join(f"{line}\r\n" for line in lines).encode("cp949"))


def _agency(stay: Stay, name: str | None = None) -> tuple[object, ...]:
    """Return a stay as a row of the agency's file."""
    leaving = "" if stay.exit is None else f"{stay.exit:%d.%m.%Y}"
    return (
        name or stay.country,
        f"{stay.entry:%d.%m.%Y}",
        leaving,
        stay.visa,
        stay.max_days or "",
        stay.notes,
    )


def _quoted(cell: object) -> str:
    text = str(cell)
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in ';"\r\n') else text


def _write_legacy(target: Path, earlier: Iterable[Stay]) -> None:
    """Write a file of the old web app: a few trips that are known, and two that are not."""
    known = list(earlier)[:4]
    first = known[0].entry
    new = [
        Stay(
            "Malaysia", first - dt.timedelta(days=60), first - dt.timedelta(days=54), "tourist", 90, "Penang"
        ),
        Stay(
            "Philippines", first - dt.timedelta(days=40), first - dt.timedelta(days=31), "tourist", 30, "세부"
        ),
    ]
    trips = [_legacy(stay, number) for number, stay in enumerate([*new, *known], start=1)]
    document = {
        "version": "1.0",
        "exportDate": f"{first.isoformat()}T00:00:00.000Z",
        "user": {
            "name": "Kim Min-jun",
            "email": "minjun@example.com",
            "passportCountry": "KR",
            "timezone": "Asia/Seoul",
        },
        "trips": trips,
        "notificationSettings": {
            "visaExpiryDays": [7, 14, 30],
            "schengenWarningDays": 10,
            "emailEnabled": True,
            "pushEnabled": False,
        },
    }
    target.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _legacy(stay: Stay, number: int) -> dict[str, Any]:
    midnight = "T00:00:00.000Z"
    return {
        "id": f"old-{number}",
        "country": stay.country,
        "entryDate": stay.entry.isoformat() + midnight,
        "exitDate": None if stay.exit is None else stay.exit.isoformat() + midnight,
        "visaType": stay.visa,
        "maxDays": stay.max_days,
        "passportCountry": PASSPORT,
        "notes": stay.notes,
        "createdAt": stay.entry.isoformat() + midnight,
        "updatedAt": stay.entry.isoformat() + midnight,
    }


def _export_year(store: Store, folder: Path, year: int) -> None:
    """Write our own exports of one year: what is imported from them again changes nothing."""
    span = DateRange(start=dt.date(year, 1, 1), end=dt.date(year, 12, 31))
    for kind in ("csv", "xlsx"):
        configuration = ExportConfiguration(format=kind, date_range=span)
        export_to_file(configuration, folder / f"dinocal-{kind}-{year}.{kind}", store, force=True)
