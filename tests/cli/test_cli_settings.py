"""Preferences, messages, saved export settings and the outlook on the command line."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Dino


def test_settings_are_shown_and_changed(dino: Dino) -> None:
    assert dino("settings", "--json").json["dateFormat"] == "YYYY-MM-DD"
    done = dino("settings", "homePassport=대한민국", "visaExpiryDays=30,7", "dateFormat=DD.MM.YYYY", "--json")
    assert (done.code, done.json["homePassport"], done.json["visaExpiryDays"]) == (0, "KR", [7, 30])
    shown = dino("settings").out
    assert "visaExpiryDays       7, 30" in shown
    assert "(as the system has it)" in shown
    assert dino("history", "--json").json[0]["summary"] == (
        "Changed preferences: dateFormat, homePassport, visaExpiryDays"
    )
    assert dino("undo").code == 0
    assert dino("settings", "--json").json["homePassport"] is None


def test_an_empty_value_goes_back_to_the_default(dino: Dino) -> None:
    dino("settings", "theme=dark", "keyMap=app.undo=z,x; app.redo=y", "visaExpiryDays=none")
    found = dino("settings", "--json").json
    assert found["keyMap"] == {"app.undo": "z,x", "app.redo": "y"}
    assert found["visaExpiryDays"] == []
    assert dino("settings", "theme=", "keyMap=", "visaExpiryDays=", "--json").json["theme"] == "auto"
    assert dino("settings", "language=ko").out.splitlines()[1].split() == ["language", "ko"]


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("theme=pink", "There is no theme pink"),
        ("visaExpiryDays=7,x", "whole numbers"),
        ("schengenWarningDays=91", "0 to 90"),
        ("timeZone=Asia/Seol", "no time zone"),
        ("homePassport=Narnia", "no country that I know"),
        ("dateFormat=DD", "YYYY. M. D."),
        ("keyMap=z", "command=keys"),
        ("colour=red", "no preference colour"),
        ("theme", "NAME=VALUE"),
    ],
)
def test_a_value_that_makes_no_sense_changes_nothing(dino: Dino, word: str, says: str) -> None:
    done = dino("settings", "language=en", word, "--json")
    assert done.code == 2
    assert says in done.error["message"]
    assert dino("settings", "--json").json["language"] is None


def test_messages_are_made_listed_and_marked(dino: Dino) -> None:
    assert dino("messages", "--json").json == []
    assert "Nothing to tell" in dino("messages").err
    words = ("--country", "Japan", "--entry", "2020-01-01", "--visa-type", "tourist", "--max-days", "30")
    assert dino("trip", "add", *words).code == 0
    (told,) = dino("messages", "--json").json
    assert (told["kind"], told["read"]) == ("overstay", None)
    assert "Stay too long: Japan" in dino("messages", "--new").out
    assert dino("messages", "--read", told["id"][:18], "--json").json == {"marked": 1}
    assert dino("messages", "--new", "--json").json == []
    assert dino("messages", "--unread", told["id"]).out == "1 message marked\n"
    assert len(dino("messages", "--new", "--json").json) == 1
    assert dino("messages", "--read").out == "1 message marked\n"
    assert len(dino("messages", "--json").json) == 1


@pytest.mark.parametrize("words", [("x",), ("--unread",), ("--read", "--unread", "x"), ("--read", "nothing")])
def test_marking_says_what_is_wrong(dino: Dino, words: tuple[str, ...]) -> None:
    assert dino("messages", *words).code in (1, 2)


def test_settings_for_export_are_saved_used_and_forgotten(two_trips: Dino, tmp_path: Path) -> None:
    saved = two_trips(
        "profile", "save", "To share", "--format", "csv", "--to", "2024-03-31", "--exclude-personal"
    )
    assert (saved.code, saved.out) == (0, "Saved To share: CSV; trips; … – 2024-03-31; no personal data\n")
    (one,) = two_trips("profiles", "--json").json
    assert (one["name"], one["configuration"]["privacy"]["excludePersonalData"]) == ("To share", True)
    assert "To share" in two_trips("profiles").out
    assert two_trips("export", "--profile", "to SHARE", "-o", "-").out.count("\n") == 2
    wide = two_trips("export", "--profile", "To share", "--to", "2024-12-31", "--format", "json", "-o", "-")
    assert [trip["country"] for trip in json.loads(wide.out)["data"]["trips"]] == ["France", "Japan"]
    assert json.loads(wide.out)["metadata"]["userId"] == "anonymous"
    assert two_trips("profile", "delete", "to share", "--json").json == {"name": "To share"}
    assert two_trips("profiles", "--json").json == []
    missing = two_trips("export", "--profile", "To share", "-o", "-")
    assert (missing.code, missing.out) == (1, "")
    assert two_trips("undo").code == 0
    assert len(two_trips("profiles", "--json").json) == 1


def test_packing_of_saved_settings_can_be_changed(two_trips: Dino, tmp_path: Path) -> None:
    two_trips("profile", "save", "packed", "--compress", "gzip", "--level", "1")
    for words, magic in (((), b"\x1f\x8b"), (("--level", "5"), b"\x1f\x8b"), (("--compress", "zip"), b"PK")):
        assert two_trips("export", "--profile", "packed", *words, "-o", tmp_path / "o", "--force").code == 0
        assert (tmp_path / "o").read_bytes()[:2] == magic


def test_settings_that_make_no_sense_are_not_saved(dino: Dino) -> None:
    assert dino("profile", "save", "x", "--format", "csv", "--categories", "preferences").code == 2
    assert dino("profile", "save", " ").code == 2
    assert dino("profile", "save", "x" * 61).code == 2
    assert dino("profile", "save").code == 2
    assert dino("profiles").code == 0
    assert dino("profiles", "--json").json == []


def test_how_long_one_may_stay(two_trips: Dino) -> None:
    found = two_trips("stats", "--enter", "2024-06-01", "--enter", "2030-01-01", "--json").json["outlook"]
    assert found["entries"] == [
        {"entry": "2024-06-01", "days": 82, "until": "2024-08-21"},
        {"entry": "2030-01-01", "days": 90, "until": "2030-03-31"},
    ]
    text = two_trips("stats", "--enter", "2024-06-01").out
    assert "enter on 2024-06-01: 82 days, until 2024-08-21" in text
    assert "gap 2024-03-10 – 2024-05-01, 53 days" in text
    assert len(two_trips("stats", "--json").json["outlook"]["used"]) == 17
    assert two_trips("stats", "--enter", "soon").code == 2


@pytest.mark.parametrize(("zone", "moves"), [("Asia/Seoul", 9), ("Etc/GMT+5", -5)])
def test_times_for_people_follow_the_preferred_zone_and_json_stays_utc(
    two_trips: Dino, zone: str, moves: int, tmp_path: Path
) -> None:
    dino = two_trips
    assert dino("settings", f"timeZone={zone}").code == 0
    assert dino("backup", "create").code == 0
    (tmp_path / "a.csv").write_text(
        "Country,Entry Date,Exit Date,Visa Type\nJapan,2024-03-02,2024-03-10,work\n"
    )
    assert dino("import", tmp_path / "a.csv", "--duplicates", "fuzzy").code == 4
    for words, name in (
        (("history",), "timestamp"),
        (("backup", "list"), "created"),
        (("review", "--list"), "staged"),
    ):
        instant = dino(*words, "--json").json[0][name]
        assert instant.endswith("Z")
        there = datetime.fromisoformat(instant) + timedelta(hours=moves)
        assert f"{there:%Y-%m-%d %H:%M}" in dino(*words).out, words
