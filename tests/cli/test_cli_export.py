"""`dinotui export`: every option, into files and pipes (SPEC.md 3 and 6)."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Dino


def exported(dino: Dino, *words: str) -> dict[str, Any]:
    """Return the JSON document that goes into a pipe."""
    ran = dino("export", "-o", "-", *words)
    assert (ran.code, ran.err) == (0, "")
    return dict(json.loads(ran.out))


def test_a_file_is_described(two_trips: Dino, tmp_path: Path) -> None:
    ran = two_trips("export", "-o", "out.json", "--json")
    data = (tmp_path / "out.json").read_bytes()
    newest = two_trips("history", "--json").json[0]
    assert ran.code == 0
    assert ran.json == {
        "path": str(tmp_path / "out.json"),
        "format": "json",
        "records": 2,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "operationId": newest["id"],
    }
    assert (newest["kind"], (tmp_path / "out.json").stat().st_mode & 0o777) == ("export", 0o600)


def test_without_a_name_it_gets_a_dated_one_here(two_trips: Dino, tmp_path: Path) -> None:
    day = datetime.now().astimezone().date().isoformat()
    expected = {
        (): f"dinocal-json-{day}.json",
        ("--format", "csv"): f"dinocal-csv-{day}.csv",
        ("--format", "xlsx"): f"dinocal-xlsx-{day}.xlsx",
        ("--format", "csv", "--compress", "gzip", "--level", "1"): f"dinocal-csv-{day}.csv.gz",
        ("--compress", "zip", "--level", "5"): f"dinocal-json-{day}.zip",
    }
    for words, name in expected.items():
        ran = two_trips("export", *words)
        assert (ran.code, ran.out.split(" (")[0]) == (0, f"Wrote 2 records to {tmp_path / name}")
        assert (tmp_path / name).is_file()


def test_an_existing_file_goes_only_with_force(two_trips: Dino, tmp_path: Path) -> None:
    target = tmp_path / "mine.json"
    target.write_text("mine")
    refused = two_trips("export", "-o", target, "--json")
    assert (refused.code, refused.error["code"]) == (1, "file-exists")
    assert target.read_text() == "mine"
    assert two_trips("export", "-o", target, "--force").code == 0
    assert json.loads(target.read_text())["data"]["trips"]


def test_a_pipe_has_the_data_and_nothing_else(two_trips: Dino, tmp_path: Path) -> None:
    document = exported(two_trips)
    assert list(document) == ["metadata", "data"]
    assert document["data"]["trips"] == two_trips("trips", "--json").json
    assert two_trips("history", "--json").json[0]["kind"] == "export"
    assert not list(tmp_path.glob("dinocal*"))


def test_csv_begins_with_the_mark_in_files_only(two_trips: Dino, tmp_path: Path) -> None:
    cases = {
        ("-o", "a.csv"): True,
        ("-o", "b.csv", "--no-bom"): False,
        ("-o", "-"): False,
        ("-o", "-", "--bom"): True,
    }
    for words, mark in cases.items():
        ran = two_trips("export", "--format", "csv", *words)
        data = ran.out.encode() if words[1] == "-" else (tmp_path / words[1]).read_bytes()
        assert data.startswith(b"\xef\xbb\xbf") == mark
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
        assert [row[0] for row in rows] == ["Country", "France", "Japan"]


def test_categories(two_trips: Dino, tmp_path: Path) -> None:
    assert set(exported(two_trips)["data"]) == {"trips"}
    names = "preferences,Analytics, notifications"
    assert set(exported(two_trips, "--categories", names)["data"]) == {
        "preferences",
        "analytics",
        "notifications",
    }
    two_trips("export", "--format", "csv", "--categories", "trips,preferences", "-o", "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.namelist() == ["trips.csv", "preferences.csv"]


def test_range_metadata_and_privacy(two_trips: Dino) -> None:
    def countries(*words: str) -> list[str]:
        return [trip["country"] for trip in exported(two_trips, *words)["data"]["trips"]]

    assert countries("--from", "2024-05-09") == ["France"]
    assert countries("--to", "2024-03-02") == ["Japan"]
    assert countries("--from", "2024-03-10", "--to", "2024-05-01") == []
    assert "metadata" not in exported(two_trips, "--no-metadata")["data"]["trips"][0]
    two_trips("trip", "edit", "1", "--passport", "KR", "--notes", "secret", "--json")
    personal = exported(two_trips, "--exclude-personal")
    assert "secret" not in json.dumps(personal)
    ids = {trip["id"] for trip in two_trips("trips", "--json").json}
    hidden = exported(two_trips, "--anonymize")["data"]["trips"]
    assert not ids & {trip["id"] for trip in hidden}


def test_gzip_into_a_pipe(two_trips: Dino, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    from dinotui.cli.entry import run
    from tests.cli.conftest import FakeApp

    assert run(["export", "-o", "-", "--compress", "gzip"], FakeApp()) == 0
    assert json.loads(gzip.decompress(capfdbinary.readouterr().out))["data"]["trips"]


@pytest.mark.parametrize(
    "words", [["--format", "json"], ["--format", "csv"], ["--format", "xlsx"], ["--compress", "zip"]]
)
def test_what_was_exported_imports_without_a_change(
    two_trips: Dino, tmp_path: Path, words: list[str]
) -> None:
    made = two_trips("export", *words, "--json").json["path"]
    ran = two_trips("import", made, "--json")
    assert (ran.code, ran.json["summary"]["skipped"], ran.json["summary"]["totalRecords"]) == (0, 2, 2)
    before = two_trips("trips", "--json").json
    again = two_trips("import", made, "--json", "--db", "other.db")
    assert again.json["summary"]["imported"] == 2
    other = two_trips("trips", "--json", "--db", "other.db").json
    kept = [name for name in before[0] if name not in ("id", "metadata")]
    assert [[trip[name] for name in kept] for trip in other] == [
        [trip[name] for name in kept] for trip in before
    ]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_table_of_no_trips_comes_in_again(
    dino: Dino, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    file = tmp_path / f"none.{form}"
    assert dino("settings", "theme=dark").code == 0
    assert dino("export", "--format", form, "-o", file).code == 0
    monkeypatch.setenv("DINOTUI_DB", str(tmp_path / "other.db"))
    ran = dino("import", file, "--json")
    assert (ran.code, ran.json["summary"]["totalRecords"]) == (0, 0)


@pytest.mark.parametrize("categories", ["trips", "trips,preferences,notifications"])
def test_an_export_without_trips_comes_in_again(
    dino: Dino, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, categories: str
) -> None:
    file = tmp_path / "e.json"
    assert dino("settings", "theme=dark").code == 0
    assert dino("export", "--categories", categories, "-o", file).code == 0
    monkeypatch.setenv("DINOTUI_DB", str(tmp_path / "other.db"))
    ran = dino("import", file, "--json")
    assert (ran.code, ran.json["summary"]["totalRecords"]) == (0, 0)
    again = tmp_path / "again.json"
    assert dino("export", "--categories", categories, "-o", again).code == 0
    assert json.loads(again.read_text("utf-8"))["data"] == json.loads(file.read_text("utf-8"))["data"]


def test_a_zip_is_not_named_csv(two_trips: Dino, tmp_path: Path) -> None:
    words = ("export", "--format", "csv", "--categories", "trips,preferences")
    ran = two_trips(*words, "-o", "m.csv", "--json")
    assert (ran.code, ran.error["where"]) == (2, "-o")
    assert "-o m.zip" in ran.error["message"]
    assert not (tmp_path / "m.csv").exists()
    assert two_trips(*words, "-o", "m.zip").err == ""
    assert two_trips(*words, "-o", "m").err == ""


def test_a_name_that_ends_like_another_form_is_told(two_trips: Dino, tmp_path: Path) -> None:
    ran = two_trips("export", "-o", "x.csv")
    assert (ran.code, "JSON" in ran.err, "--format csv" in ran.err) == (0, True, True)
    assert "JSON" in two_trips("export", "--format", "json", "-o", "x.xlsx", "--json").err
    assert "gzip" in two_trips("export", "--compress", "gzip", "-o", "x.json").err
    assert two_trips("export", "--compress", "gzip", "-o", "x.json.gz").err == ""
    assert two_trips("export", "-o", "x.txt").err == ""
