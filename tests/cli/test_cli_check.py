"""`dinotui check`: what is said, the JSON form, the exit codes."""

from __future__ import annotations

from pathlib import Path

import apsw

from tests.cli.conftest import Dino


def spoil(db: Path, sql: str) -> None:
    raw = apsw.Connection(str(db))
    raw.execute(sql)
    raw.close()


def test_check_and_fix(two_trips: Dino, db: Path) -> None:
    well = two_trips("check", "--json")
    assert (well.code, well.json) == (0, {"ok": True, "findings": []})
    assert "All is well" in two_trips("check").out
    spoil(db, "UPDATE trip SET country_code = 'ZZ' WHERE number = 1")
    found = two_trips("check", "--json")
    assert found.code == 1
    assert found.json == {
        "ok": False,
        "findings": [
            {
                "code": "country-code-unknown",
                "severity": "error",
                "message": "#1 Japan 2024-03-02: there is no country with the code ZZ.",
                "fixable": True,
            }
        ],
    }
    shown = two_trips("check")
    assert (shown.code, "can be put right" in shown.out, "--fix" in shown.err) == (1, True, True)
    fixed = two_trips("check", "--fix")
    assert fixed.code == 0
    assert "set the code to JP" in fixed.out
    assert "dinotui undo" in fixed.out
    assert two_trips("undo").code == 0
    again = two_trips("check", "--fix", "--json").json
    assert again["ok"]
    assert [each["code"] for each in again["fixed"]] == ["country-code-unknown"]
    assert again["operationId"] == two_trips("history", "--json").json[0]["id"]


def test_infos_leave_the_exit_code_alone(two_trips: Dino, db: Path) -> None:
    spoil(db, "UPDATE trip SET exit_day = 20000 WHERE number = 1")
    found = two_trips("check", "--json")
    assert (found.code, found.json["ok"], found.json["findings"][0]["code"]) == (0, True, "overlap")
