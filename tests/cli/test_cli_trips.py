"""`dinotui trips`, `trip`, `history`, `show`, `undo`, `redo`, `stats` (SPEC.md 5 and 6)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dinotui.cli.tables import width
from tests.cli.conftest import Dino

TRIP_KEYS = [
    "id",
    "country",
    "countryCode",
    "entryDate",
    "exitDate",
    "visaType",
    "maxDays",
    "passportCountry",
    "notes",
    "metadata",
]
ENTRY_KEYS = ["id", "kind", "state", "timestamp", "source", "summary", "backupId", "undoes", "undoneBy"]


def add(dino: Dino, country: str, entry: str, *more: str) -> dict[str, Any]:
    ran = dino(
        "trip", "add", "--country", country, "--entry", entry, "--visa-type", "tourist", *more, "--json"
    )
    assert ran.code == 0
    return dict(ran.json)


def test_a_trip_is_what_a_json_export_has(dino: Dino) -> None:
    made = add(
        dino, "대한민국", "2024-05-01", "--max-days", "90", "--passport", "FR", "--notes", "첫날,\n“비”"
    )
    assert list(made) == TRIP_KEYS
    assert made == {
        **made,
        "country": "대한민국",
        "countryCode": "KR",
        "entryDate": "2024-05-01",
        "exitDate": None,
        "maxDays": 90,
        "passportCountry": "FR",
        "notes": "첫날,\n“비”",
    }
    assert dino("trips", "--json").json == [made]
    exported = json.loads(dino("export", "-o", "-").out)["data"]["trips"]
    assert exported == [made]


def test_trips_are_listed_newest_first_and_filtered(dino: Dino) -> None:
    add(dino, "Japan", "2024-03-02", "--exit", "2024-03-09")
    add(dino, "일본", "2025-03-02", "--exit", "2025-03-09")
    add(dino, "Atlantis", "2025-06-01")

    def listed(*words: str) -> list[str]:
        return [trip["entryDate"] for trip in dino("trips", *words, "--json").json]

    assert listed() == ["2025-06-01", "2025-03-02", "2024-03-02"]
    assert listed("--country", "JP") == listed("--country", "japan") == ["2025-03-02", "2024-03-02"]
    assert listed("--country", "atlantis") == ["2025-06-01"]
    assert listed("--from", "2024-03-09", "--to", "2024-12-31") == ["2024-03-02"]
    assert listed("--from", "2030-01-01") == ["2025-06-01"]  # still there
    assert listed("--to", "2023-12-31") == []


def test_the_table_lines_up_with_wide_characters(dino: Dino) -> None:
    add(dino, "Japan", "2024-03-02", "--notes", "x")
    add(dino, "대한민국", "2025-03-02", "--notes", "오사카")
    title, korea, japan = dino("trips").out.splitlines()
    for word, line, cell in (
        ("Entry", korea, "2025-03-02"),
        ("Entry", japan, "2024-03-02"),
        ("Notes", korea, "오"),
    ):
        assert width(title[: title.index(word)]) == width(line[: line.index(cell)])
    assert dino("trips").err == ""


def test_edit_changes_what_is_given_and_clears_what_is_empty(dino: Dino) -> None:
    made = add(dino, "Japan", "2024-03-02", "--exit", "2024-03-09", "--max-days", "90", "--notes", "x")
    words = ("--exit", "", "--max-days", "", "--notes", "", "--country", "Peru")
    ran = dino("trip", "edit", made["id"], *words, "--json")
    assert ran.code == 0
    assert ran.json == {
        **made,
        "country": "Peru",
        "countryCode": "PE",
        "exitDate": None,
        "maxDays": None,
        "notes": "",
        "metadata": ran.json["metadata"],
    }
    assert dino("trip", "edit", "1", "--entry", "2024-03-01").out.startswith("Changed #1 Peru 2024-03-01 – …")


def test_delete_and_undo(two_trips: Dino) -> None:
    before = two_trips("trips", "--json").json
    gone = two_trips("trip", "delete", "#1", "--json")
    assert (gone.code, gone.json) == (0, before[1])
    assert two_trips("trips", "--json").json == before[:1]
    assert two_trips("undo", "--json").json["restored"] == 1
    assert two_trips("trips", "--json").json == before


BAD = [
    (["trip", "add", "--entry", "2024-03-02", "--visa-type", "x"], 2, "--country"),
    (["trip", "add", "--country", "Peru", "--visa-type", "x"], 2, "--entry"),
    (["trip", "add", "--country", "Peru", "--entry", "2024-02-30", "--visa-type", "x"], 2, "--entry"),
    (["trip", "add", "--country", "Peru", "--entry", "2024-03-02"], 2, "--visa-type"),
    (["trip", "edit", "1", "--exit", "2020-01-01"], 2, "--exit"),
    (["trip", "edit", "1", "--max-days", "4000"], 2, "--max-days"),
    (["trip", "edit", "1", "--country", "Japan"], 2, None),
    (["trip", "edit", "99", "--notes", "x"], 1, None),
    (["trip", "delete", "99"], 1, None),
    (["show", "nothing"], 1, None),
    (["undo", "nothing"], 1, None),
    (["redo"], 1, None),
    (["redo", "nothing"], 1, None),
    (["review", "nothing", "--discard"], 1, None),
    (["review", "nothing"], 1, None),
]


@pytest.mark.parametrize(
    ("words", "code", "where"), BAD, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    two_trips: Dino, words: list[str], code: int, where: str | None
) -> None:
    before = two_trips("history", "--json").json
    plain = two_trips(*words)
    assert (plain.code, plain.out, plain.err.count("\n")) == (code, "", 1)
    assert two_trips("history", "--json").json == before
    if words[:2] != ["review", "nothing"] or "--discard" in words:
        ran = two_trips(*words, "--json")
        assert (ran.code, ran.error["where"]) == (code, where)


def test_history_newest_first(two_trips: Dino) -> None:
    two_trips("trip", "delete", "1")
    two_trips("undo")
    ran = two_trips("history", "--json")
    assert [entry["kind"] for entry in ran.json] == ["undo", "delete", "add", "add"]
    assert all(list(entry) == ENTRY_KEYS for entry in ran.json)
    undo, delete, *_rest = ran.json
    assert (undo["undoes"], delete["undoneBy"], delete["state"]) == (delete["id"], undo["id"], "undone")
    lines = two_trips("history").out.splitlines()
    assert len(lines) == 5
    assert undo["id"] in lines[1]


def test_show_has_every_row_before_and_after(two_trips: Dino) -> None:
    two_trips("trip", "edit", "1", "--exit", "2024-03-11", "--notes", "later")
    entry = two_trips("history", "--json").json[0]
    shown = two_trips("show", entry["id"][:24], "--json").json
    (change,) = shown.pop("changes")
    assert shown == entry
    assert (change["table"], change["what"]) == ("trip", "changed")
    assert change["fields"] == {
        "exitDate": {"before": "2024-03-09", "after": "2024-03-11"},
        "notes": {"before": "", "after": "later"},
    }
    text = two_trips("show", entry["id"]).out
    assert "~ trip #1\n" in text
    assert "    exitDate: 2024-03-09 → 2024-03-11\n" in text
    assert "    notes: (empty) → later\n" in text
    added = two_trips("show", two_trips("history", "--json").json[1]["id"]).out
    assert "+ trip #2\n    country: France\n" in added


def test_undo_keeps_and_names_what_was_changed_since(two_trips: Dino) -> None:
    first = two_trips("history", "--json").json[-1]["id"]
    two_trips("trip", "edit", "1", "--notes", "mine")
    ran = two_trips("undo", first, "--json")
    (kept,) = ran.json["kept"]
    assert list(ran.json) == ["operationId", "undoes", "removed", "restored", "reverted", "kept"]
    assert (ran.code, ran.json["removed"]) == (0, 0)
    assert kept["id"] == two_trips("trips", "--country", "Japan", "--json").json[0]["id"]
    assert "changed since" in kept["reason"]


def test_redo(two_trips: Dino) -> None:
    two_trips("undo")
    ran = two_trips("redo", "--json")
    assert list(ran.json) == ["operationId", "redoes", "removed", "restored", "reverted", "kept"]
    assert ran.json["restored"] == 1
    assert len(two_trips("trips", "--json").json) == 2
    again = two_trips("undo", ran.json["redoes"])
    assert again.code == 0
    assert again.out.splitlines()[0].startswith("Undid: Added #2 France")
    assert "1 row removed" in again.out


def test_nothing_to_show_is_a_message_and_no_data(dino: Dino) -> None:
    for words in (["trips"], ["history"], ["review", "--list"], ["review"]):
        ran = dino(*words)
        assert (ran.code, ran.out, ran.err.count("\n")) == (0, "", 1)
    for words in (["trips"], ["history"], ["review", "--list"]):
        assert dino(*words, "--json").json == []


def test_stats(two_trips: Dino) -> None:
    found = two_trips("stats", "--json").json
    assert (found["visits"], found["countries"], found["days"]) == (2, 2, 16)
    assert found["perYear"] == [{"year": 2024, "visits": 2, "days": 16, "countries": 2}]
    assert found["schengen"]["worst"]["days"] == 8
    text = two_trips("stats").out
    assert "2 visits, 2 countries, 16 days abroad" in text
    assert "worst 180 days: 8 from" in text
    assert [line.split() for line in text.splitlines() if line.startswith("France")] == [
        ["France", "FR", "1", "8", "2024:", "8"]
    ]


def test_users_never_see_each_other(two_trips: Dino, lee: tuple[str, str]) -> None:
    ours = two_trips("history", "--json").json[0]["id"]
    assert two_trips("trips", *lee, "--json").json == []
    assert two_trips("history", *lee, "--json").json == []
    for words in (
        ["undo", ours],
        ["show", ours],
        ["trip", "delete", "1"],
        ["trip", "edit", "1", "--notes", "x"],
    ):
        assert two_trips(*words, *lee, "--json").error["code"] in ("no-such-operation", "no-such-trip")
    assert len(two_trips("trips", "--json").json) == 2


def test_duplicates_are_listed_and_two_trips_merged(two_trips: Dino) -> None:
    words = ("--country", "일본", "--entry", "2024-03-03", "--exit", "2024-03-10", "--visa-type", "tourist")
    assert two_trips("trip", "add", *words, "--notes", "Kyoto").code == 0
    (pair,) = two_trips("trips", "--duplicates", "--json").json
    assert pair["confidence"] == 0.89
    assert "both dates 1 day later" in pair["reasons"]
    assert [trip["country"] for trip in pair["trips"]] == ["Japan", "일본"]
    shown = two_trips("trips", "--duplicates").out
    assert "89%" in shown
    assert "both dates 1 day later" in shown
    assert two_trips("trips", "--duplicates", "--country", "Japan").code == 2
    merged = two_trips("trip", "merge", "1", "3", "--json").json
    assert (merged["country"], merged["notes"]) == ("Japan", "Kyoto")
    assert two_trips("trips", "--duplicates", "--json").json == []
    assert two_trips("undo").code == 0
    assert len(two_trips("trips", "--json").json) == 3
    assert two_trips("trip", "merge", "1").code == 2


def test_suggestions_by_level_are_checked(two_trips: Dino, five: Path) -> None:
    assert two_trips("import", five, "--suggest", "high=maybe").code == 2
    ran = two_trips("import", five, "--suggest", "medium=update,low=prompt", "--json")
    assert ran.json["details"]["pendingRecords"][0]["suggestedAction"] == "update"


def test_a_word_that_names_two_trips_is_refused_and_either_can_be_said(dino: Dino, tmp_path: Path) -> None:
    file = tmp_path / "ids.csv"
    rows = (("2", "Peru"), ("1", "Chile"), ("#1", "Italy"), ("id:x", "Spain"), ("9", "Japan"))
    lines = [
        f"{id_},{country},2024-0{n}-02,2024-0{n}-04,work" for n, (id_, country) in enumerate(rows, start=1)
    ]
    file.write_text("\n".join(["Id,Country,Entry Date,Exit Date,Visa Type", *lines]) + "\n", encoding="utf-8")
    assert dino("import", file).code == 0
    before = dino("trips", "--json").out
    for words in (
        ("trip", "edit", "1", "--max-days", "5"),
        ("trip", "delete", "1"),
        ("trip", "merge", "1", "3"),
        ("trip", "merge", "3", "1"),
        ("history", "--trip", "1"),
    ):
        ran = dino(*words, "--json")
        assert (ran.code, ran.error["code"]) == (2, "ambiguous-trip")
        for said in ("Peru (2024-01-02)", "#2", "Chile (2024-02-02)", "#1 for the number", "id:1 for the id"):
            assert said in ran.error["message"]
    assert dino("trips", "--json").out == before

    def edited(word: str) -> str:
        return str(dino("trip", "edit", word, "--max-days", str(len(edits)), "--json").json["country"])

    edits: list[str] = []
    for word in ("#1", "id:1", "3", "#3", "id:#1", "id:x", "id:id:x", "9", "id:9", "5"):
        edits.append(word)
        edits[-1] = edited(word)
    assert edits == ["Peru", "Chile", "Italy", "Italy", "Italy", "Spain", "Spain", "Japan", "Japan", "Japan"]
    assert len(dino("history", "--trip", "#1", "--json").json) == 2
    assert len(dino("history", "--trip", "id:1", "--json").json) == 2
    assert dino("trip", "merge", "#1", "id:1").code == 0
    assert dino("trip", "delete", "id:9").code == 0
    assert len(dino("history", "--trip", "5", "--json").json) == 5


def test_what_is_wrong_with_a_date_is_said_for_one_trip(two_trips: Dino) -> None:
    words = ("--country", "Peru", "--visa-type", "work", "--entry")
    for command in (("trip", "add", *words), ("trip", "edit", "1", "--entry")):
        ran = two_trips(*command, "03/04/2024", "--json")
        assert (ran.code, ran.error["where"]) == (2, "--entry")
        assert "2024-04-03 or 2024-03-04" in ran.error["message"]
        assert "column" not in ran.error["message"]
        for early in ("0001-01-01", "0999-12-31", "31.12.0999", "Jan 5, 0031"):
            assert "is before the year 1000" in two_trips(*command, early).err
        assert "the calendar does not have" in two_trips(*command, "1999-02-29").err
    assert "is before the year 1000" in two_trips("trips", "--from", "0999-01-01").err


def test_an_empty_word_names_nothing(two_trips: Dino) -> None:
    for words in (
        "trip edit",
        "trip delete",
        "undo",
        "redo",
        "show",
        "import",
        "token revoke",
        "backup verify",
    ):
        options = ["--notes", "x"] if words == "trip edit" else []
        for empty in ("", " "):
            ran = two_trips(*words.split(), empty, *options, "--json")
            assert (ran.code, ran.error["code"]) == (2, "usage"), words
            assert "is empty" in ran.error["message"]
    assert two_trips("trip", "merge", "1", "").code == 2
    assert two_trips("history", "--trip", "", "--json").error["where"] == "--trip"
