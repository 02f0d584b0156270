"""`dinotui token` and `dinotui serve` as scripts meet them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dinotui.engine.tokens import recognise
from dinotui.storage.store import Store
from tests.cli.conftest import Dino


def test_a_token_is_made_listed_and_revoked(dino: Dino, db: Path) -> None:
    made = dino(
        "token", "create", "phone", "--scope", "read", "--expires", "90d", "--user", "Kim", "--json"
    ).json
    assert set(made) == {"id", "token", "user", "scope", "expires"}
    assert (made["user"], made["scope"]) == ("Kim", "read")
    listed = dino("token", "list", "--json").json
    assert [(each["id"], each["name"], each["revoked"]) for each in listed] == [(made["id"], "phone", None)]
    assert made["token"] not in str(listed)
    shown = dino("token", "list").out
    assert "phone" in shown
    assert made["token"].rpartition("_")[2] not in shown
    with Store(db) as store:
        found = recognise(store, made["token"])
        assert found is not None
        assert (found.user, found.allows("read"), found.allows("write")) == ("Kim", True, False)
        assert recognise(store, made["token"][:-1]) is None
    revoked = dino("token", "revoke", made["id"][:5], "--json").json
    assert revoked["revoked"]
    with Store(db) as store:
        assert recognise(store, made["token"]) is None
    assert "revoked" in dino("token", "list").out


def test_only_the_hash_of_a_token_is_kept(dino: Dino, db: Path) -> None:
    secret = dino("token", "create", "--json").json["token"].rpartition("_")[2]
    for path in db.parent.rglob("*"):
        assert not path.is_file() or secret.encode() not in path.read_bytes()


def test_the_token_alone_goes_to_standard_output(dino: Dino) -> None:
    done = dino("token", "create")
    assert done.out.startswith("dino_")
    assert done.out.count("\n") == 1
    assert "only time" in done.err


def test_another_users_tokens_are_out_of_reach(dino: Dino) -> None:
    made = dino("token", "create", "--user", "Kim", "--json").json
    assert dino("settings", "theme=", "--user", "Lee").code == 0
    assert dino("token", "list", "--user", "Lee", "--json").json == []
    refused = dino("token", "revoke", made["id"], "--user", "Lee", "--json")
    assert (refused.code, refused.error["code"]) == (1, "no-such-token")
    assert dino("token", "list", "--user", "Kim", "--json").json[0]["revoked"] is None


@pytest.mark.parametrize("given", ["soon", "2020-01-01", "0d", "90x", "2024-02-30", "-1d"])
def test_an_end_that_makes_no_sense(dino: Dino, given: str) -> None:
    assert dino("token", "create", f"--expires={given}").code == 2


def test_the_last_day_of_a_token_counts(dino: Dino) -> None:
    assert (
        dino("token", "create", "--expires", "2099-12-31", "--json").json["expires"].startswith("2099-12-31T")
    )
    assert dino("token", "create", "--expires", "12h", "--json").json["expires"].endswith("Z")


def test_help_has_examples(dino: Dino) -> None:
    for words in (("serve",), ("token", "create"), ("token", "list"), ("token", "revoke")):
        shown = dino(*words, "--help")
        assert shown.code == 0
        assert "Examples:" in shown.out
    group = dino("token", "--help").out
    assert "dinotui token revoke" in group
    assert dino("token").code == 2
    assert dino("token", "revoke").code == 2
