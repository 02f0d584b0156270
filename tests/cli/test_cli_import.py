"""`dinotui import`, from the plan to the undo, in every form and with every exit code (SPEC.md 4 and 6)."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import pytest

from dinotui.storage.store import Store
from tests.cli.conftest import FIVE_ROWS, Dino, FakeApp, Ran
from tests.conftest import logical_dump

HEAD = "Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Notes\n"


def counts(ran: Ran) -> tuple[int, ...]:
    """Return imported, updated, skipped, errors, pending, and check that they come to the total."""
    summary = ran.json["summary"]
    found = tuple(summary[name] for name in ("imported", "updated", "skipped", "errors", "pending"))
    assert sum(found) == summary["totalRecords"]
    return found


def trips(dino: Dino) -> list[dict[str, object]]:
    """Return what the trips say, without what two imports of a file may differ in."""
    found = dino("trips", "--json").json
    return [{name: value for name, value in trip.items() if name not in ("id", "metadata")} for trip in found]


def state_of(folder: Path) -> dict[str, str]:
    """Return every file below `folder` with a checksum of its bytes."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in sorted(folder.rglob("*"))
    }


def write(path: Path, *rows: str) -> Path:
    path.write_text(HEAD + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


# the story of one file


def test_a_dry_run_says_what_would_be_done_and_changes_no_byte(
    two_trips: Dino, five: Path, tmp_path: Path
) -> None:
    before = state_of(tmp_path)
    ran = two_trips("import", five, "--dry-run", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert counts(ran) == (2, 0, 1, 1, 1)
    assert (ran.json["dryRun"], ran.json["state"], ran.json["success"]) == (True, "planned", True)
    assert ran.json["metadata"]["operationId"] is None
    assert not any("dinotui review" in text for text in ran.json["recommendations"])
    assert state_of(tmp_path) == before


def test_a_dry_run_makes_no_database(dino: Dino, five: Path, tmp_path: Path) -> None:
    before = state_of(tmp_path)
    assert counts(dino("import", five, "--dry-run", "--json")) == (4, 0, 0, 1, 0)
    assert state_of(tmp_path) == before


def test_a_dry_run_shows_the_first_records_of_the_plan(two_trips: Dino, tmp_path: Path) -> None:
    rows = [f"Peru,2023-01-{day:02},2023-01-{day:02},work,,," for day in range(1, 26)]
    file = write(tmp_path / "many.csv", "Japan,2024-03-02,2024-03-09,tourist,,,", *rows)
    sample = two_trips("import", file, "--dry-run", "--json").json["preview"]
    assert len(sample) == 20
    assert {**sample[0], "comment": ""} == {
        "record": 1,
        "where": "many.csv:2",
        "action": "skip",
        "trip": {
            "country": "Japan",
            "countryCode": "JP",
            "entryDate": "2024-03-02",
            "exitDate": "2024-03-09",
            "visaType": "tourist",
            "maxDays": None,
            "passportCountry": "",
            "notes": "",
        },
        "comment": "",
        "comments": [sample[0]["comment"]],
    }
    assert "nothing would change" in sample[0]["comment"]
    shown = two_trips("import", file, "--dry-run").out
    assert "    + many.csv:3  2023-01-01  2023-01-01  Peru\n" in shown
    assert "    and 6 more\n" in shown
    assert two_trips("import", file, "--json").json["preview"] == []


def older_schema(db: Path) -> None:
    """Take the database back to the first schema, as an older dinotui left it."""
    with apsw_file(db) as connection:
        connection.execute("DROP INDEX trip_days; PRAGMA user_version = 1")


def crashed(db: Path) -> None:
    """Leave a write-ahead log behind, as a power cut does."""
    with apsw_file(db) as connection:
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.execute("UPDATE trip SET notes = 'late'")


def rollback_mode(db: Path) -> None:
    """Make it what a copy by SQLite's backup is: a file without a write-ahead log, readable by all."""
    with apsw_file(db) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    db.chmod(0o644)


@contextmanager
def apsw_file(path: Path) -> Iterator[apsw.Connection]:
    connection = apsw.Connection(str(path))
    yield connection
    connection.close()


@pytest.mark.parametrize("prepare", [older_schema, crashed, rollback_mode])
@pytest.mark.parametrize("user", [(), ("--user", "Lee")])
def test_a_dry_run_changes_no_byte_of_any_database(
    two_trips: Dino,
    five: Path,
    db: Path,
    tmp_path: Path,
    prepare: Callable[[Path], None],
    user: tuple[str, ...],
) -> None:
    prepare(db)

    def seen() -> dict[str, object]:
        files = {name: sum_ for name, sum_ in state_of(tmp_path).items() if not name.endswith("-shm")}
        return {**files, "mode": db.stat().st_mode}

    before = seen()
    ran = two_trips("import", five, "--dry-run", "--json", *user)
    assert (ran.code, ran.err) == (0, "")
    assert counts(ran) == ((2, 0, 1, 1, 1) if not user else (4, 0, 0, 1, 0))
    assert seen() == before


def test_a_dry_run_refuses_the_same_databases(dino: Dino, five: Path, db: Path, tmp_path: Path) -> None:
    assert dino("trips").code == 0
    with apsw_file(db) as connection:
        connection.execute("PRAGMA user_version = 9999")
    assert dino("import", five, "--dry-run", "--json").error["code"] == "newer-database"
    db.write_bytes(b"Country,Entry Date\n" * 100)
    before = state_of(tmp_path)
    assert dino("import", five, "--dry-run", "--json").error["code"] == "not-a-database"
    assert state_of(tmp_path) == before


def test_a_dry_run_makes_no_user(two_trips: Dino, five: Path, tmp_path: Path) -> None:
    before = state_of(tmp_path)
    assert counts(two_trips("import", five, "--dry-run", "--json", "--user", "Lee")) == (4, 0, 0, 1, 0)
    assert state_of(tmp_path) == before


def test_conflicts_are_staged_and_nothing_is_changed(two_trips: Dino, five: Path) -> None:
    before = trips(two_trips)
    ran = two_trips("import", five, "--json")
    assert ran.code == 4
    assert counts(ran) == (2, 0, 1, 1, 1)
    assert (ran.json["success"], ran.json["state"], ran.json["dryRun"]) == (False, "review", False)
    (pending,) = ran.json["details"]["pendingRecords"]
    assert pending["where"] == "five.csv:3"
    import_id = ran.json["metadata"]["importId"]
    assert any(f"dinotui review {import_id}" in text for text in ran.json["recommendations"])
    assert trips(two_trips) == before
    (waiting,) = two_trips("review", "--list", "--json").json
    assert waiting == {
        "importId": import_id,
        "source": "five.csv",
        "staged": waiting["staged"],
        "conflicts": 1,
        "decided": 0,
        "later": 0,
    }


def test_apply_undo_and_apply_again_give_the_same(two_trips: Dino, five: Path) -> None:
    before = trips(two_trips)
    first = two_trips("import", five, "--on-duplicate", "update", "--json")
    assert (first.code, counts(first)) == (3, (2, 1, 1, 1, 0))
    assert (first.json["success"], first.json["state"]) == (True, "applied")
    after = trips(two_trips)
    assert [trip["country"] for trip in after] == ["Thailand", "Italy", "France", "Japan"]
    assert (after[1]["notes"], after[3]["notes"]) == ('one, "two"\nthree', "오사카 출장")

    undone = two_trips("undo", "--json")
    assert undone.json == {
        "operationId": undone.json["operationId"],
        "undoes": first.json["metadata"]["operationId"],
        "removed": 2,
        "restored": 0,
        "reverted": 1,
        "kept": [],
    }
    assert trips(two_trips) == before

    again = two_trips("import", five, "--on-duplicate", "update", "--json")
    assert counts(again) == (2, 1, 1, 1, 0)
    assert trips(two_trips) == after


def test_the_same_file_again_changes_nothing_and_says_when_it_was(two_trips: Dino, five: Path) -> None:
    first = two_trips("import", five, "--on-duplicate", "update", "--json").json["metadata"]["operationId"]
    after = trips(two_trips)
    again = two_trips("import", five, "--json")
    assert (again.code, counts(again)) == (3, (0, 0, 4, 1, 0))
    assert any(first in text for text in again.json["warnings"])
    assert (again.json["metadata"]["operationId"], again.json["metadata"]["backupId"]) == (None, None)
    assert trips(two_trips) == after
    assert two_trips("undo", "--json").json["undoes"] == first


@pytest.mark.parametrize("mode", ["smart", "fuzzy"])
def test_rows_that_change_each_others_trip_change_nothing_the_next_time(
    dino: Dino, tmp_path: Path, mode: str
) -> None:
    rows = ("Italy,2024-03-02,2024-03-11,tourist,,,", "Italy,2024-03-02,2024-03-12,tourist,,,Rome")
    file = write(tmp_path / "rows.csv", rows[0], *rows)
    words = ("import", file, "--on-duplicate", "update", "--duplicates", mode, "--json")
    assert counts(dino(*words)) == (1, 1, 1, 0, 0)
    [trip] = trips(dino)
    assert (trip["exitDate"], trip["notes"]) == ("2024-03-12", "Rome")
    for _time in range(2):
        again = dino(*words)
        assert (again.code, counts(again)) == (0, (0, 0, 3, 0, 0))
        assert trips(dino) == [trip]
    assert dino("undo").code == 0
    assert counts(dino(*words)) == (1, 1, 1, 0, 0)
    assert trips(dino) == [trip]


def test_five_rows_go_in_out_in_again_and_change_nothing_the_next_time(
    two_trips: Dino, five: Path, db: Path
) -> None:
    """A repeat, a conflict, a bad date and two new ones: the plan a person would make, and what it promises."""
    plan = two_trips("import", five, "--dry-run", "--json").json
    found = {
        name: [one["record"] for one in plan["details"][name]] for name in plan["details"] if name != "more"
    }
    assert found == {
        "skippedRecords": [1],
        "pendingRecords": [2],
        "errorRecords": [3],
        "newRecords": [4, 5],
        "updatedRecords": [],
        "correctedRecords": [5],
    }
    before = contents(db)
    words = ("import", five, "--on-duplicate", "update", "--json")
    assert counts(two_trips(*words)) == (2, 1, 1, 1, 0)
    first = contents(db)
    assert first != before

    assert two_trips("undo").code == 0
    assert contents(db) == before

    assert counts(two_trips(*words)) == (2, 1, 1, 1, 0)
    assert contents(db) == first

    logged = two_trips("history", "--json").json
    kept = sorted(db.with_name(db.name + ".d").glob("backups/*"))
    assert counts(two_trips(*words)) == (0, 0, 4, 1, 0)
    assert contents(db) == first
    assert two_trips("history", "--json").json == logged
    assert sorted(db.with_name(db.name + ".d").glob("backups/*")) == kept


def contents(db: Path) -> list[tuple[object, ...]]:
    """Return the data of a database, without the ids and instants in which two runs of one import differ."""
    with Store(db) as store:
        return logical_dump(store, exact=False)


def test_the_answer_for_a_person(two_trips: Dino, five: Path) -> None:
    ran = two_trips("import", five, "--on-duplicate", "update")
    lines = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert lines[:6] == [
        f"Imported {five}: 5 records",
        "+ 2 added",
        "~ 1 updated",
        "= 1 skipped",
        "! 1 rejected",
        "* 1 of them corrected",
    ]
    assert lines[6] == "* five.csv:7 maxDays: “90 days” is read as 90 days."
    assert lines[7].startswith("five.csv:4 entryDate: “2024-02-30”")
    assert lines[8].startswith("Undo it with: dinotui undo ")
    assert "--rejects FILE" in ran.err


MUCH_TO_SAY = (
    "Japan,2024-02-05,2024-02-01,tourist,90 days,,",
    "Korea,2022-03-05,2022-03-08,tuorist,,,",
    "Peru,2024-02-30,2024-13-08,,,,",
)
SWAPPED = "Entry and exit stood the wrong way round and are swapped."
SPELLING = "“tuorist” looks misspelt and becomes “tourist”."


def test_everything_that_is_to_say_about_a_record_is_said(dino: Dino, tmp_path: Path) -> None:
    file = write(tmp_path / "much.csv", *MUCH_TO_SAY)
    words = ("import", file, "--dry-run", "--stop-on-invalid")
    first, second, _third = dino(*words, "--json").json["preview"]
    assert first["comments"] == ["“90 days” is read as 90 days.", SWAPPED]
    assert second["comments"][0] == second["comment"]
    assert second["comments"][1:] == [SPELLING]
    assert "several countries" in second["comment"]
    shown = dino(*words).out.splitlines()
    for text in (*first["comments"], *second["comments"]):
        assert shown.count(f"        {text}") == 1
    for text in (
        "entryDate: “2024-02-30” is",
        "exitDate: “2024-13-08” is",
        "visaType: The visa type is missing",
    ):
        assert len([line for line in shown if text in line]) == 1


def test_what_was_corrected_is_told_record_by_record(two_trips: Dino, tmp_path: Path) -> None:
    repeats = (
        "France,2024-05-02,2024-05-09,tuorist,90,,",
        "Japan,2024-03-02,2024-03-09,tuorist,80 days,,",
    )
    file = write(tmp_path / "much.csv", *MUCH_TO_SAY[1:], *repeats, "Chile,2023-01-01,2023-01-02,work,,,")
    ran = two_trips("import", file, "--on-duplicate", "update", "--json")
    details = ran.json["details"]
    new, plain = details["newRecords"]
    spelling = {"field": "visaType", "code": "visa-spelling", "message": SPELLING}
    spelling |= {"before": "tuorist", "after": "tourist"}
    assert new["corrections"] == [spelling]
    assert [(one["field"], one["code"], one["value"]) for one in new["warnings"]] == [
        ("country", "country-ambiguous", "Korea")
    ]
    assert (plain["corrections"], plain["warnings"]) == ([], [])
    (skipped,), (updated,) = details["skippedRecords"], details["updatedRecords"]
    assert skipped["corrections"] == [spelling]
    assert [one["code"] for one in updated["corrections"]] == ["visa-spelling", "max-days-unit"]
    (rejected,) = details["errorRecords"]
    assert [one["field"] for one in rejected["errors"]] == ["entryDate", "exitDate", "visaType"]
    assert rejected["reason"] == rejected["errors"][0]["message"]
    assert [one["where"] for one in details["correctedRecords"]] == ["much.csv:2", "much.csv:4", "much.csv:5"]
    assert ran.json["summary"]["corrected"] == 3
    two_trips("undo")
    shown = two_trips("import", file, "--on-duplicate", "update").out
    assert f"    * much.csv:2  visaType: {SPELLING}\n" in shown
    assert "        maxDays: “80 days” is read as 80 days.\n" in shown


def test_of_many_corrections_the_first_are_told_and_the_rest_counted(dino: Dino, tmp_path: Path) -> None:
    rows = [
        f"Peru,2023-01-{day:02},2023-01-{day:02},work,{'9 days' if day > 3 else ''},," for day in range(1, 29)
    ]
    file = write(tmp_path / "many.csv", *rows)
    dry = dino("import", file, "--dry-run").out
    assert (dry.count("is read as 9 days"), "more corrected" in dry) == (25, False)
    shown = dino("import", file).out
    assert shown.count("is read as 9 days") == 10
    assert "    and 15 more corrected; --json tells of each\n" in shown


# where the records come from


def test_standard_input(dino: Dino, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(FIVE_ROWS.encode())))
    ran = dino("import", "-", "--json")
    assert (ran.code, counts(ran)) == (3, (4, 0, 0, 1, 0))
    assert ran.json["details"]["errorRecords"][0]["where"] == "standard input:4"
    assert dino("history", "--json").json[0]["source"] == "standard input"


def test_a_pipe_by_name(dino: Dino, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(gzip.compress(FIVE_ROWS.encode()),))
    writer.start()
    ran = dino("import", pipe, "--json")
    writer.join()
    assert counts(ran) == (4, 0, 0, 1, 0)


def test_several_files_are_one_operation(dino: Dino, tmp_path: Path) -> None:
    one = write(tmp_path / "one.csv", "Peru,2024-01-02,2024-01-09,work,,,")
    two = tmp_path / "two.json"
    two.write_text('[{"country": "Chile", "entryDate": "2024-02-02", "visaType": "work"}]')
    ran = dino("import", one, two, "--json")
    assert (ran.code, counts(ran)) == (0, (2, 0, 0, 0, 0))
    (entry,) = dino("history", "--json").json
    assert entry["source"] == "one.csv, two.json"
    assert (dino("undo", "--json").json["removed"], trips(dino)) == (2, [])


FAILING = [
    ("missing.csv", "There is no such file or folder"),
    (".", "That is a folder"),
    ("empty.csv", ""),
    ("binary.xls", ""),
]


@pytest.mark.parametrize(("name", "said"), FAILING)
def test_a_file_that_cannot_be_read_is_named_and_nothing_is_left(
    dino: Dino, tmp_path: Path, name: str, said: str
) -> None:
    (tmp_path / "empty.csv").touch()
    (tmp_path / "binary.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    dino("trips")
    before = dino("history", "--json").json
    ran = dino("import", name, "--json")
    assert ran.code == 1
    assert ran.error["where"]
    assert said in ran.error["message"]
    assert dino("history", "--json").json == before
    assert dino("review", "--list", "--json").json == []
    left = [path.name for path in (tmp_path / "trips.db.d").rglob("*") if path.is_file()]
    assert left == []


# the options, one by one


def test_strategies_and_resolutions(two_trips: Dino, five: Path) -> None:
    expected = {
        ("--strategy", "skip-existing"): (2, 0, 2, 1, 0),
        ("--on-duplicate", "skip"): (2, 0, 2, 1, 0),
        ("--on-duplicate", "update"): (2, 1, 1, 1, 0),
        ("--on-duplicate", "keep-both"): (3, 0, 1, 1, 0),
        ("--on-duplicate", "prompt"): (2, 0, 1, 1, 1),
        ("--duplicates", "off"): (4, 0, 0, 1, 0),
        ("--duplicates", "strict"): (3, 0, 1, 1, 0),
        ("--threshold", "0.9"): (3, 0, 1, 1, 0),
        ("--threshold", "0.8"): (2, 0, 1, 1, 1),
        ("--criteria", "country,visaType"): (3, 0, 1, 1, 0),
    }
    found = {words: counts(two_trips("import", five, *words, "--dry-run", "--json")) for words in expected}
    assert found == expected


def test_replace_needs_a_yes_that_names_what_goes(two_trips: Dino, tmp_path: Path) -> None:
    file = write(tmp_path / "one.csv", "Peru,2024-01-02,2024-01-09,work,,,")
    before = trips(two_trips)
    ran = two_trips("import", file, "--strategy", "replace", "--json")
    assert (ran.code, ran.error["code"]) == (1, "needs-yes")
    assert "removes 2 trips" in ran.error["message"]
    assert trips(two_trips) == before
    done = two_trips("import", file, "--strategy", "replace", "--yes", "--json")
    assert (done.code, done.json["summary"]["removed"]) == (0, 2)
    assert done.json["metadata"]["backupId"]
    assert [trip["country"] for trip in trips(two_trips)] == ["Peru"]
    two_trips("undo")
    assert trips(two_trips) == before


def test_a_file_without_a_valid_trip_replaces_nothing(two_trips: Dino, tmp_path: Path) -> None:
    before = trips(two_trips)
    words = ("--strategy", "replace", "--yes", "--json")
    rejected = write(tmp_path / "rejected.csv", "Peru,2024-02-30,2024-01-09,work,,,", ",,,,,,")
    ran = two_trips("import", rejected, *words)
    assert (ran.code, ran.error["code"], ran.error["where"]) == (1, "nothing-to-replace-with", "rejected.csv")
    assert "no valid trip" in ran.error["message"]
    dry = two_trips("import", rejected, "--dry-run", *words)
    assert (dry.code, dry.json["state"]) == (1, "refused")
    assert two_trips("import", write(tmp_path / "header.csv"), *words).code == 1
    assert trips(two_trips) == before
    two_trips("export", "--categories", "preferences", "-o", "preferences.json")
    assert two_trips("import", "preferences.json", *words).code == 0
    assert trips(two_trips) == before


def test_a_file_with_a_header_only_holds_no_records(dino: Dino, tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(HEAD.strip().split(","))
    book.save(tmp_path / "header.xlsx")
    write(tmp_path / "header.csv")
    for name in ("header.csv", "header.xlsx"):
        ran = dino("import", name, "--json")
        assert (ran.code, ran.error["code"], ran.error["where"]) == (1, "no-records", name)
    full = write(tmp_path / "full.csv", "Peru,2024-01-02,2024-01-09,work,,,")
    assert dino("import", "header.csv", full).code == 0


def test_columns_can_be_mapped_and_fields_given_once(dino: Dino, tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("Alpha,Beta\nPeru,2024-03-02\nChile,2024-04-02\n")
    asked = dino("import", file, "--json")
    assert asked.code == 1
    words = (
        "--map",
        "Alpha=country",
        "--map",
        "Beta=entry date",
        "--set",
        "visa type=work",
        "--set",
        "maxDays=30",
    )
    ran = dino("import", file, *words, "--json")
    assert ran.code == 0
    assert [(trip["country"], trip["visaType"], trip["maxDays"]) for trip in trips(dino)] == [
        ("Chile", "work", 30),
        ("Peru", "work", 30),
    ]
    for wrong in (
        ["--map", "Gamma=notes"],
        ["--set", "colour=red"],
        ["--set", "maxDays=many"],
        ["--map", "x"],
    ):
        assert dino("import", file, *words, *wrong).code == 2


def test_a_value_for_all_records_that_makes_no_sense_names_its_option(dino: Dino, five: Path) -> None:
    for option, value in (
        ("--set", "entryDate=2024-13-01"),
        ("--set", "exit date=soon"),
        ("--set", "entryDate=2019-08"),
        ("--set", "countryCode=ZZ"),
        ("--set", "maxDays=many"),
        ("--set", "colour=red"),
        ("--map", "Gamma=notes"),
        ("--rule", "nonsense"),
        ("--encoding", "klingon"),
    ):
        ran = dino("import", five, option, value, "--json")
        assert (ran.code, ran.error["where"]) == (2, option), value
    file = five.with_suffix(".json")
    file.write_text('[{"country": "Peru", "entryDate": "2024-01-02", "visaType": "work"}]')
    assert dino("import", file, "--encoding", "klingon").code == 2
    assert dino("import", five, "--set", "entryDate=2019-08", "--partial-dates", "first").code == 3
    assert dino("import", five, "--set", "exitDate=present", "--dry-run").code == 0


def test_a_value_that_only_filled_empty_cells_or_none_is_told(dino: Dino, five: Path) -> None:
    words = ("--set", "visa type=work", "--set", "passport country=KR", "--set", "country code=JP")
    warnings = dino("import", five, *words, "--dry-run", "--json").json["warnings"]
    (visa,) = [text for text in warnings if "“work”" in text]
    assert "was not used for visa type: the column “Visa Type” holds it in every record" in visa
    (passport,) = [text for text in warnings if "“KR”" in text]
    assert "was used for passport country in 2 records, whose cells are empty" in passport
    assert not [text for text in warnings if text.startswith("five.csv: “JP”")]
    taken = dino("import", five, "--set", "visa type=work", "--map", "Visa Type=", "--dry-run", "--json").json
    assert {one["trip"]["visaType"] for one in taken["details"]["newRecords"]} == {"work"}
    assert not [text for text in taken["warnings"] if "“work”" in text]


def test_the_date_order_is_asked_for_where_the_file_proves_none(dino: Dino, tmp_path: Path) -> None:
    file = write(tmp_path / "slashes.csv", "Peru,03/04/2024,05/04/2024,work,,,")
    ran = dino("import", file, "--json")
    assert (ran.code, ran.error["code"]) == (1, "date-order")
    assert "--date-order" in ran.error["message"]
    assert dino("review", "--list", "--json").json == []
    for order, entry in (("dmy", "2024-04-03"), ("mdy", "2024-03-04")):
        planned = dino("import", file, "--date-order", order, "--dry-run", "--json").json
        assert planned["details"]["newRecords"][0]["trip"]["entryDate"] == entry


def test_encoding(dino: Dino, tmp_path: Path) -> None:
    file = tmp_path / "korean.csv"
    file.write_bytes("국가,입국일,비자 종류\n일본,2024-03-02,관광\n".encode("cp949"))
    assert dino("import", file, "--encoding", "cp949", "--json").code == 0
    assert trips(dino)[0]["country"] == "일본"
    assert dino("import", file, "--encoding", "klingon").code == 2


def test_a_sheet_is_chosen_by_name(dino: Dino, tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for name, country in (("2023", "Peru"), ("2024", "Chile")):
        sheet = book.create_sheet(name)
        sheet.append(["Country", "Entry Date", "Visa Type", f"Extra {name}"])
        sheet.append([country, "2024-03-02", "work", "x"])
    book.remove(book.worksheets[0])
    file = tmp_path / "book.xlsx"
    book.save(file)
    asked = dino("import", file, "--json")
    assert asked.code == 1
    assert "--sheet" in asked.error["message"]
    assert dino("import", file, "--sheet", "2024", "--json").code == 0
    assert [trip["country"] for trip in trips(dino)] == ["Chile"]
    assert dino("import", file, "--sheet", "1999").code == 1


def test_choices_that_find_nothing_are_told(dino: Dino, five: Path) -> None:
    words = ("--sheet", "2024", "--country", "Korea=KR", "--country", "KR=KR", "--country", "Japan=JP")
    warnings = dino("import", five, *words, "--dry-run", "--json").json["warnings"]
    assert [text for text in warnings if text.startswith("--")] == [
        "--sheet 2024 was not used: a text file has no sheets.",
        "--country korea=KR was not used: no record has a country of this name.",
    ]


def test_partial_dates(dino: Dino, tmp_path: Path) -> None:
    file = write(tmp_path / "partial.csv", "Peru,2019-08,2019-09-02,work,,,")
    assert dino("import", file, "--dry-run", "--json").json["summary"]["errors"] == 1
    for policy, entry in (("first", "2019-08-01"), ("last", "2019-08-31")):
        planned = dino("import", file, "--partial-dates", policy, "--dry-run", "--json").json
        assert planned["details"]["newRecords"][0]["trip"]["entryDate"] == entry


def test_rules_of_ones_own(dino: Dino, five: Path, tmp_path: Path) -> None:
    ran = dino("import", five, "--rule", "visa type one of business", "--dry-run", "--json")
    assert ran.json["summary"]["errors"] == 4
    file = tmp_path / "rules.json"
    file.write_text(json.dumps([{"field": "notes", "operator": "required", "message": "Say something."}]))
    ran = dino("import", five, "--rules", file, "--rule", "warn: max days max 30", "--dry-run", "--json")
    assert {record["reason"] for record in ran.json["details"]["errorRecords"]} >= {"Say something."}
    for text, where in (("{", "rules.json: 1:2"), ('[{"field": "x"}]', "rules.json: rule 1")):
        file.write_text(text)
        wrong = dino("import", five, "--rules", file.name, "--json")
        assert (wrong.code, wrong.error["where"]) == (2, where)
    assert dino("import", five, "--rules", "none.json").code == 1
    assert dino("import", five, "--rule", "nonsense").code == 2


def test_a_country_that_is_ambiguous_is_settled(dino: Dino, tmp_path: Path) -> None:
    file = write(tmp_path / "korea.csv", "Korea,2024-01-02,2024-01-09,work,,,")
    ran = dino("import", file, "--dry-run", "--json")
    assert any('--country "Korea=CODE"' in text for text in ran.json["warnings"])
    assert ran.json["details"]["newRecords"][0]["trip"]["countryCode"] is None
    settled = dino("import", file, "--country", "Korea=KR", "--json")
    assert settled.json["details"]["newRecords"][0]["trip"]["countryCode"] == "KR"
    assert dino("import", file, "--country", "Korea=ZZ").code == 2


@pytest.mark.parametrize("option", ["--strict", "--stop-on-invalid"])
def test_one_invalid_record_can_stop_everything(two_trips: Dino, five: Path, option: str) -> None:
    before = trips(two_trips)
    ran = two_trips("import", five, option, "--json")
    assert (ran.code, ran.error["code"], ran.error["where"]) == (1, "invalid-records", "five.csv:4")
    assert trips(two_trips) == before
    assert two_trips("review", "--list", "--json").json == []
    dry = two_trips("import", five, option, "--dry-run", "--json")
    assert (dry.code, dry.json["success"], dry.json["state"]) == (1, False, "refused")
    assert counts(dry) == (2, 0, 1, 1, 1)


def test_strict_refuses_a_country_without_a_code(dino: Dino, tmp_path: Path) -> None:
    file = write(tmp_path / "atlantis.csv", "Atlantis,2024-01-02,2024-01-09,work,,,")
    assert dino("import", file, "--strict", "--json").error["code"] == "country-unknown"
    assert dino("import", file, "--strict", "--country", "Atlantis=PT").code == 0


def test_every_country_without_a_code_is_told_with_the_nearest_ones(dino: Dino, tmp_path: Path) -> None:
    names = [
        "Germny",
        "Korea",
        "Congo",
        "Narnia",
        "Frnace",
        "Saint-Martin",
        "Czechoslovakia",
        "Yugoslavia",
        "Qzxvv",
    ]
    rows = [f"{name},2024-0{n}-02,2024-0{n}-09,work,,," for n, name in enumerate(names, start=1)]
    ran = dino("import", write(tmp_path / "names.csv", *rows), "--json")
    told = {name: [text for text in ran.json["warnings"] if f"“{name}”" in text] for name in names}
    assert all(len(texts) == 1 and f'--country "{name}=CODE"' in texts[0] for name, texts in told.items())
    assert "Near: Germany (DE)" in told["Germny"][0]
    assert "Near: France (FR)" in told["Frnace"][0]
    assert "may be South Korea (KR) or North Korea (KP)" in told["Korea"][0]
    assert "(CD)" in told["Congo"][0]
    assert "(CG)" in told["Congo"][0]
    assert "(MF)" in told["Saint-Martin"][0]
    assert "no country has a name like it" in told["Qzxvv"][0]


def test_of_very_many_countries_without_a_code_it_is_told_how_many_more_there_are(
    dino: Dino, tmp_path: Path
) -> None:
    rows = [f"Qzx{chr(97 + n)}vv,2024-01-{n + 1:02},2024-01-{n + 1:02},work,,," for n in range(23)]
    warnings = dino("import", write(tmp_path / "many.csv", *rows), "--dry-run", "--json").json["warnings"]
    assert len([text for text in warnings if "No country code for" in text]) == 20
    assert len([text for text in warnings if text.startswith("3 more country names have no code")]) == 1


def test_strict_names_the_countries_that_a_name_may_mean(dino: Dino, tmp_path: Path) -> None:
    for name, code, said in (
        ("Korea", "country-ambiguous", "may be South Korea (KR) or North Korea (KP)"),
        ("Germny", "country-unknown", "near: Germany (DE)"),
    ):
        file = write(tmp_path / "strict.csv", f"{name},2024-01-02,2024-01-09,work,,,")
        error = dino("import", file, "--strict", "--json").error
        assert (error["code"], error["where"]) == (code, "strict.csv:2")
        assert said in error["message"]
        assert f'--country "{name}=CODE"' in error["message"]


def test_a_known_country_with_another_code_is_not_called_unknown(dino: Dino, tmp_path: Path) -> None:
    file = tmp_path / "codes.csv"
    file.write_text("Country,Country Code,Entry Date,Visa Type\nJapan,KR,2024-01-02,work\n")
    warnings = dino("import", file, "--dry-run", "--json").json["warnings"]
    assert [text for text in warnings if "“KR” is not that of the country" in text]
    assert not [text for text in warnings if "--country" in text]
    error = dino("import", file, "--strict", "--json").error
    assert (error["code"], "“KR”" in error["message"]) == ("country-code-differs", True)


def test_every_kind_of_warning_is_told_and_those_of_ones_own_rules_apart(dino: Dino, tmp_path: Path) -> None:
    file = write(tmp_path / "one.csv", "Peru,1930-01-02,1930-12-09,work,9,,x", "Chile,2024-01-02,,work,,,x")
    rules = ["country not one of Peru", "notes not one of x", "max days min 10", "visa type not one of work"]
    words = [word for rule in rules for word in ("--rule", f"warn: {rule}")]
    warnings = dino("import", file, *words, "--dry-run", "--json").json["warnings"]
    assert len(warnings) == 6


# rejects and backups


def test_rejects_are_saved_and_import_once_they_are_fixed(dino: Dino, five: Path, tmp_path: Path) -> None:
    target = tmp_path / "bad rows.csv"
    ran = dino("import", five, "--rejects", target, "--json")
    assert ran.code == 3
    assert target.stat().st_mode & 0o777 == 0o600
    assert any(str(target) in text for text in ran.json["recommendations"])
    text = target.read_text("utf-8-sig")
    assert "2024-02-30" in text
    target.write_text(text.replace("2024-02-30", "2024-02-29"), "utf-8")
    fixed = dino("import", target, "--json")
    assert (fixed.code, counts(fixed)) == (0, (1, 0, 0, 0, 0))
    assert not [text for text in fixed.json["warnings"] if "not imported" in text]  # where it was, and why
    assert len(trips(dino)) == 5


def test_rejects_never_overwrite_a_file(dino: Dino, five: Path, tmp_path: Path) -> None:
    target = tmp_path / "mine.csv"
    target.write_text("mine")
    ran = dino("import", five, "--rejects", target, "--json")
    assert (ran.code, ran.error["code"]) == (1, "rejects-exist")
    assert target.read_text() == "mine"
    assert trips(dino) == []


def test_rejects_are_saved_when_they_stop_the_import_and_not_in_a_dry_run(
    dino: Dino, five: Path, tmp_path: Path
) -> None:
    target = tmp_path / "bad.csv"
    assert dino("import", five, "--rejects", target, "--dry-run").code == 0
    assert not target.exists()
    assert dino("import", five, "--rejects", target, "--strict").code == 1
    assert target.exists()


def test_a_file_without_rejects_makes_no_file_of_rejects(dino: Dino, tmp_path: Path) -> None:
    file = write(tmp_path / "good.csv", "Peru,2024-01-02,2024-01-09,work,,,")
    assert dino("import", file, "--rejects", tmp_path / "bad.csv").code == 0
    assert not (tmp_path / "bad.csv").exists()


@pytest.mark.parametrize(("kind", "suffix"), [("sqlite", ".db"), ("sql", ".sql"), ("json", ".json")])
def test_the_backup_has_the_form_that_was_asked_for(
    two_trips: Dino, five: Path, tmp_path: Path, kind: str, suffix: str
) -> None:
    ran = two_trips("import", five, "--on-duplicate", "update", "--backup-format", kind, "--json")
    assert ran.json["metadata"]["backupId"]
    (made,) = [path for path in (tmp_path / "trips.db.d" / "backups").iterdir() if path.is_file()]
    assert made.suffix == suffix
    assert made.stat().st_mode & 0o777 == 0o600


def test_no_backup(two_trips: Dino, five: Path, tmp_path: Path) -> None:
    ran = two_trips("import", five, "--on-duplicate", "update", "--no-backup", "--json")
    assert ran.json["metadata"]["backupId"] is None
    folder = tmp_path / "trips.db.d" / "backups"
    assert not folder.exists() or not any(folder.iterdir())


def test_no_conflict_and_prompt_applies(dino: Dino, five: Path, app: FakeApp) -> None:
    ran = dino("import", five, "--on-duplicate", "prompt", "--json")
    assert (ran.code, ran.json["state"]) == (3, "applied")
    assert app.opened == []


def test_rows_are_named_by_the_line_of_their_file(dino: Dino, tmp_path: Path) -> None:
    title = write(
        tmp_path / "titled.csv", "Peru,2023-01-01,2023-01-05,work,,,", "Peru,2023-01-01,2023-01-05,work,,,"
    )
    title.write_text("My journeys\n\n" + title.read_text(encoding="utf-8"), encoding="utf-8")
    other = write(
        tmp_path / "other.csv", "Peru,2023-01-01,2023-01-05,work,,,", "Peru,2023-01-04,2023-01-20,work,,,"
    )
    ran = dino("import", title, other, "--dry-run", "--json")
    assert [(row["where"], row["comment"]) for row in ran.json["preview"]] == [
        ("titled.csv:4", "The stay overlaps that of row 3 of other.csv in Peru (2023-01-04 to 2023-01-20)."),
        ("titled.csv:5", "The same as row 4 of this file."),
        ("other.csv:2", "The same as row 4 of titled.csv."),
        ("other.csv:3", "The stay overlaps that of row 4 of titled.csv in Peru (2023-01-01 to 2023-01-05)."),
    ]
    assert any(
        text.startswith("2 records overlap another stay; the first, titled.csv:4: The stay overlaps")
        for text in ran.json["warnings"]
    )


def test_the_users_own_rules_hold_on_the_command_line_too(dino: Dino, five: Path, db: Path) -> None:
    from dinotui.domain.validation import parse_rule
    from dinotui.engine.rules import save_rule
    from dinotui.storage.store import Store

    assert dino("trips").code == 0
    with Store(db) as store:
        save_rule(store, parse_rule("country not one of Italy"))
    ran = dino("import", five, "--rule", "country not one of Japan", "--json")
    assert ran.code == 3
    assert ran.json["summary"]["errors"] == 3
