"""`dinotui history`, `show`, `undo --dry-run`: filters, pages, files, and what would be done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cli.conftest import Dino


def listed(dino: Dino, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = dino("history", *words, "--json").json
    return found


def test_filters(two_trips: Dino) -> None:
    two_trips("trip", "edit", "1", "--notes", "needle in hay")
    two_trips("trip", "delete", "2")
    two_trips("undo")
    assert [each["kind"] for each in listed(two_trips)] == ["undo", "delete", "edit", "add", "add"]
    assert [each["kind"] for each in listed(two_trips, "--kind", "add")] == ["add", "add"]
    assert [each["kind"] for each in listed(two_trips, "--text", "japan changed")] == ["edit"]
    assert [each["kind"] for each in listed(two_trips, "--trip", "1")] == ["edit", "add"]
    assert [each["kind"] for each in listed(two_trips, "--trip", "#2")] == ["undo", "delete", "add"]
    assert listed(two_trips, "--trip", "2", "--kind", "delete")[0]["state"] == "undone"
    assert len(listed(two_trips, "--limit", "2")) == 2
    assert listed(two_trips, "--to", "2020-01-01") == []
    assert len(listed(two_trips, "--from", "2020-01-01", "--to", "2999-01-01")) == 5
    assert two_trips("history", "--from", "2024-01-02", "--to", "2024-01-01").code == 2
    assert two_trips("history", "--kind", "party").code == 2
    assert two_trips("history", "--trip", "none").code == 1
    assert "Nothing" in two_trips("history", "--to", "2020-01-01").err


def test_the_history_of_a_trip_that_is_gone(two_trips: Dino) -> None:
    two_trips("trip", "delete", "1")
    assert [each["kind"] for each in listed(two_trips, "--trip", "1")] == ["delete", "add"]


def test_the_log_goes_into_a_file_with_each_row(two_trips: Dino, tmp_path: Path) -> None:
    two_trips("trip", "edit", "1", "--notes", "메모 \x1b[31m")
    target = tmp_path / "log.json"
    told = two_trips("history", "-o", str(target), "--rows", "--json").json
    written = json.loads(target.read_text("utf-8"))
    assert (told["operations"], told["bytes"]) == (3, target.stat().st_size)
    assert [{key: value for key, value in each.items() if key != "changes"} for each in written] == listed(
        two_trips
    )
    assert written[0]["changes"] == [
        {
            "table": "trip",
            "id": two_trips("trips", "--json").json[1]["id"],
            "what": "changed",
            "fields": {"notes": {"before": "", "after": "메모 \x1b[31m"}},
        }
    ]
    assert target.stat().st_mode & 0o777 == 0o600
    refused = two_trips("history", "-o", str(target))
    assert refused.code == 1
    assert "exists already" in refused.err
    assert two_trips("history", "-o", str(target), "--force", "--kind", "fix").code == 0
    assert target.read_text() == "[]\n"
    assert two_trips("history", "--rows").code == 2


def test_show_gives_pages_of_rows(dino: Dino, tmp_path: Path) -> None:
    rows = "".join(f"Japan,20{n // 12:02}-{n % 12 + 1:02}-01,,work,,,note {n}\n" for n in range(90))
    file = tmp_path / "many.csv"
    file.write_text("Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Notes\n" + rows)
    assert dino("import", file, "--duplicates", "off").code == 0
    id_ = listed(dino)[0]["id"]
    whole = dino("show", id_, "--json").json["changes"]
    assert len(whole) == 90
    page = dino("show", id_, "--from-row", "31", "--limit", "7", "--json").json
    assert page["changes"] == whole[30:37]
    assert page["id"] == id_
    assert dino("show", id_, "--from-row", "89", "--limit", "5000", "--json").json["changes"] == whole[88:]
    assert dino("show", id_, "--limit", "2").out.count("+ trip") == 2
    assert dino("show", id_, "--from-row", "900", "--json").json["changes"] == []


def test_what_undo_and_redo_would_do_is_said_with_nothing_changed(two_trips: Dino) -> None:
    before = two_trips("trips", "--json").json
    log = listed(two_trips)
    shown = two_trips("undo", "--dry-run")
    assert shown.code == 0
    assert "Would undo: Added #2 France" in shown.out
    assert "1 row removed" in shown.out
    form = two_trips("undo", log[1]["id"], "--dry-run", "--json").json
    assert form == {
        "undoes": log[1]["id"],
        "removed": 1,
        "restored": 0,
        "reverted": 0,
        "kept": [],
        "dryRun": True,
    }
    assert (two_trips("trips", "--json").json, listed(two_trips)) == (before, log)
    assert two_trips("redo", "--dry-run").code == 1
    two_trips("undo")
    assert two_trips("redo", "--dry-run", "--json").json["restored"] == 1


def test_an_undo_or_redo_that_was_taken_back_says_so(two_trips: Dino) -> None:
    added = listed(two_trips)[0]["id"]
    undone = two_trips("undo", added, "--json").json["operationId"]
    redone = two_trips("redo", added, "--json").json["operationId"]
    ran = two_trips("undo", undone, "--json")
    assert (ran.code, ran.error["code"]) == (1, "already-undone")
    assert (
        f"This undo is taken back already. Undo what it had undone with: dinotui undo {added}."
        in (ran.error["message"])
    )
    assert two_trips("undo", redone).code == 0
    ran = two_trips("undo", redone, "--json")
    assert f"This redo is taken back already. Do it again with: dinotui redo {added}." in ran.error["message"]
    assert two_trips("undo", undone, "--dry-run").code == 0


def test_an_edit_comes_back_after_a_redo_that_kept_the_row(two_trips: Dino) -> None:
    def notes() -> Any:
        return two_trips("trips", "--json").json[-1]["notes"]

    def newest() -> str:
        return str(listed(two_trips)[0]["id"])

    two_trips("trip", "edit", "1", "--notes", "n5")
    edit = newest()
    undo = two_trips("undo", edit, "--json").json["operationId"]
    two_trips("trip", "edit", "1", "--notes", "z")
    between = newest()
    tried = two_trips("redo", edit)
    assert tried.code == 0
    assert "Could not redo" in tried.out
    assert "No row was changed" in tried.out
    assert between in tried.out
    assert two_trips("undo", newest()).code == 1
    two_trips("undo", between)
    foretold = two_trips("undo", undo, "--dry-run", "--json").json
    assert (foretold["redoes"], foretold["reverted"], foretold["kept"]) == (edit, 1, [])
    assert two_trips("undo", undo).code == 0
    assert notes() == "n5"
    assert two_trips("redo", edit).code == 1
    assert two_trips("undo", edit).code == 0
    assert notes() != "n5"


def test_an_import_keeps_all_that_it_left_out(two_trips: Dino, tmp_path: Path) -> None:
    """The answer of an import lists at most a thousand; the history has the rest, in pages (SPEC.md 4.6)."""
    file = tmp_path / "many.csv"
    bad = "".join(f"Peru,2024-02-3{n % 2},,work,90,,bad {n}\n" for n in range(1_200))
    same = "Japan,2024-03-02,2024-03-09,tourist,,,\n" * 1_100
    new = "Chile,2024-08-01,2024-08-09,work,90,,new\n"
    file.write_text(
        "Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Notes\n" + bad + same + new, "utf-8"
    )
    made = two_trips("import", str(file), "--on-duplicate", "skip", "--json").json
    assert made["details"]["more"] == {"errorRecords": 200, "skippedRecords": 100}
    operation = made["metadata"]["operationId"]
    shown = two_trips("show", operation, "--json").json
    left = shown["leftOut"]
    assert len(shown["changes"]) == 1
    assert [each["line"] for each in left] == list(range(2, 2_302))
    assert [each["action"] for each in left] == ["reject"] * 1_200 + ["skip"] * 1_100
    for listed_, kept in (("errorRecords", left[:1_000]), ("skippedRecords", left[1_200:2_200])):
        there = made["details"][listed_]
        assert [(each["where"], each["reason"]) for each in there] == [
            (each["where"], each["reason"]) for each in kept
        ]
    assert left[1_199]["cells"]["Notes"] == "bad 1199"
    assert (left[0]["field"], left[0]["cells"]) == (
        made["details"]["errorRecords"][0]["field"],
        made["details"]["errorRecords"][0]["cells"],
    )
    page = two_trips("show", operation, "--left-out", "--from-row", "1200", "--limit", "2", "--json").json
    assert "changes" not in page
    assert page["leftOut"] == left[1_199:1_201]
    text = two_trips("show", operation, "--from-row", "1200", "--limit", "2").out.splitlines()
    assert "2,300 records left out" in text
    assert text[-2].startswith("! many.csv:1201 rejected: ")
    assert text[-1].startswith("! many.csv:1202 skipped: ")
    target = tmp_path / "log.json"
    two_trips("undo", operation)
    two_trips("history", "-o", str(target), "--rows")
    undone, written, *others = json.loads(target.read_text("utf-8"))
    assert written["leftOut"] == left
    assert not any("leftOut" in each for each in (undone, *others))
