"""`dinotui backup`: the words, the JSON forms, the exit codes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.conftest import Dino

KEYS = ["id", "format", "path", "size", "sha256", "created", "operationId", "records"]


def test_a_backup_is_made_listed_verified_and_restored(two_trips: Dino, tmp_path: Path) -> None:
    dino = two_trips
    assert dino("backup", "list").code == 0
    assert dino("backup", "list", "--json").json == []
    made = dino("backup", "create", "--json").json
    assert list(made) == KEYS
    assert (made["format"], made["records"], made["operationId"]) == ("sqlite", 2, None)
    assert dino("backup", "list", "--json").json == [made]
    shown = dino("backup", "list")
    assert made["id"] in shown.out
    assert "by hand" in shown.out
    checks = dino("backup", "verify", "--json")
    assert checks.json == [
        {"id": made["id"], "path": made["path"], "ok": True, "records": 2, "code": None, "message": None}
    ]
    assert "whole, 2 trips" in dino("backup", "verify", made["id"]).out
    dino("trip", "delete", "1")
    dino("trip", "add", "--country", "Peru", "--entry", "2020-01-01", "--visa-type", "x")
    would = dino("backup", "restore", made["id"], "--strategy", "replace", "--dry-run")
    assert would.code == 0
    assert "brings 1 row back, removes 1 row" in would.out
    assert "#3 Peru 2020-01-01" in would.out
    refused = dino("backup", "restore", made["id"], "--strategy", "replace", "--json")
    assert (refused.code, refused.error["code"]) == (1, "needs-yes")
    assert "Peru" in refused.error["message"]
    assert len(dino("trips", "--json").json) == 2
    done = dino("backup", "restore", made["id"], "--strategy", "replace", "--yes", "--json").json
    assert (done["added"], done["changed"], done["removed"], done["restoredFrom"]) == (1, 0, 1, made["id"])
    assert [trip["country"] for trip in dino("trips", "--json").json] == ["France", "Japan"]
    assert done["backupId"] == dino("backup", "list", "--json").json[0]["id"]
    assert dino("history", "--json").json[0]["kind"] == "restore"
    assert dino("undo").code == 0
    assert [trip["country"] for trip in dino("trips", "--json").json] == ["France", "Peru"]
    merged = dino("backup", "restore", made["path"])
    assert merged.code == 0
    assert "1 row brought back" in merged.out
    assert len(dino("trips", "--json").json) == 3


@pytest.mark.parametrize("form", ["json", "sql", "sqlite"])
def test_a_damaged_backup_is_refused_and_said(two_trips: Dino, form: str) -> None:
    made = two_trips("backup", "create", "--format", form, "--json").json
    path = Path(made["path"])
    os.truncate(path, made["size"] - 1)
    check = two_trips("backup", "verify")
    assert check.code == 1
    assert "damaged or incomplete" in check.out
    refused = two_trips("backup", "restore", made["id"], "--json")
    assert (refused.code, refused.error["code"], refused.error["where"]) == (1, "backup-damaged", str(path))
    path.unlink()
    assert two_trips("backup", "restore", made["id"], "--json").error["code"] == "backup-missing"
    assert two_trips("backup", "restore", "none", "--json").error["code"] == "no-such-backup"


def test_another_user_and_wrong_words(two_trips: Dino, lee: tuple[str, str]) -> None:
    made = two_trips("backup", "create", "--json").json
    assert two_trips(*lee, "backup", "list", "--json").json == []
    assert two_trips(*lee, "backup", "verify", made["id"], "--json").error["code"] == "no-such-backup"
    into = two_trips("backup", "restore", made["id"], "--into", "Lee", "--json").json
    assert (into["user"], into["added"]) == ("Lee", 2)
    assert two_trips("backup", "restore", made["id"], "--into", "Nobody").code == 1
    for words in (
        ("backup",),
        ("backup", "restore"),
        ("backup", "burn"),
        ("backup", "create", "--format", "xml"),
        ("backup", "prune", "--least", "0"),
    ):
        assert two_trips(*words).code == 2


def test_pruning_says_first_and_needs_a_yes(two_trips: Dino) -> None:
    ids = [two_trips("backup", "create", "--json").json["id"] for _n in range(3)]
    nothing = two_trips("backup", "prune")
    assert nothing.code == 0
    assert "keeps all" in nothing.out
    rule = ("--recent", "0", "--daily", "0", "--weekly", "0", "--monthly", "0", "--least", "1")
    told = two_trips("backup", "prune", *rule, "--dry-run", "--json").json
    assert ([each["id"] for each in told["removed"]], told["kept"], told["dryRun"]) == (ids[1::-1], 1, True)
    refused = two_trips("backup", "prune", *rule)
    assert refused.code == 1
    assert "2 backups would go for good, 1 would stay" in refused.err
    assert len(two_trips("backup", "list", "--json").json) == 3
    assert "Deleted 2 backups, kept 1." in two_trips("backup", "prune", *rule, "--yes").out
    assert [each["id"] for each in two_trips("backup", "list", "--json").json] == ids[2:]


def test_every_form_is_json(two_trips: Dino) -> None:
    for words in (("create",), ("list",), ("verify",), ("prune",)):
        json.loads(two_trips("backup", *words, "--json").out)
