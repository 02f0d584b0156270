"""Our exports opened by programs that are not ours; each test is skipped where its program is missing."""

from __future__ import annotations

import csv
import io
import json
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dinotui.domain.configuration import ExportConfiguration
from dinotui.engine import exporting
from dinotui.engine.notifications import add_notification
from dinotui.engine.preferences import set_preferences
from dinotui.storage.store import Store
from tests.engine.stays import put, stay

EVERYTHING = {"trips": True, "preferences": True, "notifications": True, "analytics": True}
NOTE = 'commas, "quotes",\nline breaks; 오사카 출장 👩‍👩‍👧'
STAYS = (
    ("대한민국", "2024-05-01", None, "tourist", 90, "KR", NOTE),
    ("Japan", "2024-02-28", "2024-03-01", "business", None, "", "=SUM(A1:A9)"),
    ("Côte d'Ivoire", "1999-12-31", "2000-01-01", "-by wardrobe", 30, "+82", "00012"),
    ("Germany", "1900-03-01", "1900-03-02", "@home", 3650, "", "2024-01-02"),
    ("France", "1887-11-12", "1887-12-24", "tourist", None, "", ""),
)


def need(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


@pytest.fixture
def lived(store: Store) -> Store:
    rows = (
        stay(country, entry, leaving, visa_type=visa, max_days=most, passport_country=passport, notes=notes)
        for country, entry, leaving, visa, most, passport, notes in STAYS
    )
    put(store, rows)
    set_preferences(store, {"homePassport": "KR"})
    add_notification(store, "overstay", "=Title", NOTE)
    return store


def export(store: Store, target: Path, **changes: Any) -> Path:
    exporting.export_to_file(ExportConfiguration.model_validate(changes), target, store)
    return target


def ran(*words: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, timeout=120, **options
    )


def test_libreoffice_shows_the_right_dates_and_texts(lived: Store, tmp_path: Path) -> None:
    soffice = need("soffice")
    file = export(lived, tmp_path / "all.xlsx", format="xlsx", categories=EVERYTHING)
    # separator 44, quote 34, UTF-8 76, first row 1, no column formats, language, quote all texts: no,
    # cells as shown: no (dates as ISO by the cell's own format), formulas: no, …, every sheet: -1
    filters = 'csv:"Text - txt - csv (StarCalc)":44,34,76,1,,1033,false,true,false,false,false,-1'
    done = ran(
        soffice, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to",
        filters.replace('"', ""), "--outdir", tmp_path / "csv", file,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    sheets = {path.stem.partition("-")[2]: path for path in (tmp_path / "csv").iterdir()}
    assert set(sheets) == {"Trips", "Preferences", "Notifications", "Analytics"}
    rows = list(csv.DictReader(io.StringIO(sheets["Trips"].read_text("utf-8"), newline="")))
    found = [
        (
            row["Country"], row["Entry Date"], row["Exit Date"] or None, row["Visa Type"],
            int(row["Max Days"]) if row["Max Days"] else None, row["Passport Country"], row["Notes"],
        )
        for row in rows
    ]  # fmt: skip
    assert found == sorted(STAYS, key=lambda each: each[1], reverse=True)
    assert [row["Duration"] for row in rows] == ["", "3", "2", "2", "43"]
    (message,) = csv.DictReader(io.StringIO(sheets["Notifications"].read_text("utf-8"), newline=""))
    assert (message["Title"], message["Message"]) == ("=Title", NOTE)


def test_jq_reads_the_json(lived: Store, tmp_path: Path) -> None:
    jq = need("jq")
    file = export(lived, tmp_path / "all.json", categories=EVERYTHING)
    assert ran(jq, "-r", ".data.trips[].country", file).stdout.splitlines() == [
        each[0] for each in sorted(STAYS, key=lambda each: each[1], reverse=True)
    ]
    assert json.loads(ran(jq, ".data.trips[0].notes", file).stdout) == NOTE
    keys = json.loads(ran(jq, "-c", ".data | keys", file).stdout)
    assert keys == ["analytics", "notifications", "preferences", "trips"]


def test_sqlite_reads_the_csv(lived: Store, tmp_path: Path) -> None:
    sqlite = need("sqlite3")
    file = export(lived, tmp_path / "trips.csv", format="csv")
    file.write_bytes(
        file.read_bytes().removeprefix(b"\xef\xbb\xbf")
    )  # older ones keep the mark in the first name
    sql = 'SELECT Country, "Entry Date", Duration FROM t ORDER BY "Entry Date";'
    done = ran(sqlite, ":memory:", input=f".mode csv\n.import {file} t\n.mode json\n{sql}\n")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [(row["Country"], row["Entry Date"]) for row in found] == sorted(
        ((each[0], each[1]) for each in STAYS), key=lambda each: each[1]
    )


@pytest.mark.parametrize("name", ["json", "csv", "xlsx"])
@pytest.mark.parametrize("level", [1, 5])
def test_unzip_and_gzip_accept_the_packages(lived: Store, tmp_path: Path, name: str, level: int) -> None:
    unzip, gzip = need("unzip"), need("gzip")
    zipped = {"enabled": True, "algorithm": "zip", "level": level}
    file = export(lived, tmp_path / "o.zip", format=name, categories=EVERYTHING, compression=zipped)
    done = ran(unzip, "-t", file)
    assert (done.returncode, "No errors detected" in done.stdout) == (0, True), done.stdout
    packed = {"enabled": True, "algorithm": "gzip", "level": level}
    file = export(lived, tmp_path / f"o.{name}.gz", format=name, compression=packed)
    done = ran(gzip, "-t", file)
    assert done.returncode == 0, done.stderr


def test_unzip_accepts_the_workbook(lived: Store, tmp_path: Path) -> None:
    file = export(lived, tmp_path / "o.xlsx", format="xlsx", categories=EVERYTHING)
    assert ran(need("unzip"), "-t", file).returncode == 0


@pytest.mark.parametrize("name", ["json", "csv", "xlsx"])
def test_a_limit_on_the_size_of_files_keeps_the_old_one(store: Store, tmp_path: Path, name: str) -> None:
    put(store, (stay("Japan", "2024-01-01", notes=f"{n:0200}") for n in range(3_000)))
    (tmp_path / "out").mkdir()
    target = tmp_path / "out" / "o"
    target.write_text("precious")
    done = ran(
        sys.executable, "-m", "dinotui", "--db", store.path, "export", "--format", name, "-o", target, "--force",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000)),
    )  # fmt: skip
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    assert target.read_text() == "precious"
    assert [path.name for path in target.parent.iterdir()] == ["o"]
