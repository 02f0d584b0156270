"""`dinotui review`: what waits, by list, by id, and thrown away."""

from __future__ import annotations

from pathlib import Path

from dinotui.engine.importing.deciding import conflict_numbers, decide, load_conflict
from dinotui.storage.staging import Staging
from dinotui.storage.store import Store
from tests.cli.conftest import Dino, FakeApp


def staged(dino: Dino, file: Path, *words: str) -> str:
    ran = dino("import", file, "--json", *words)
    assert ran.code == 4
    return str(ran.json["metadata"]["importId"])


def test_the_app_opens_at_the_one_that_waits(two_trips: Dino, five: Path, app: FakeApp, db: Path) -> None:
    import_id = staged(two_trips, five)
    for words in ([], [import_id], [import_id[:20], "--mouse"]):
        assert two_trips("review", *words).code == 0
    assert [opened["open_review"] for opened in app.opened] == [import_id] * 3
    assert {opened["database"] for opened in app.opened} == {db}
    assert [opened["mouse"] for opened in app.opened] == [False, False, True]


def test_several_have_to_be_named(two_trips: Dino, five: Path, app: FakeApp) -> None:
    ids = {staged(two_trips, five), staged(two_trips, five)}
    ran = two_trips("review")
    assert ran.code == 1
    assert all(one in ran.err for one in ids)
    assert app.opened == []
    assert two_trips("review", "0").code == 1  # both begin so
    assert {one["importId"] for one in two_trips("review", "--list", "--json").json} == ids


def test_without_a_terminal_it_says_so(two_trips: Dino, five: Path, app: FakeApp) -> None:
    staged(two_trips, five)
    app.refusal = "It needs a terminal."
    ran = two_trips("review")
    assert (ran.code, ran.err) == (1, "It needs a terminal.\n")


def test_the_list_counts_decisions(two_trips: Dino, five: Path, db: Path) -> None:
    import_id = staged(two_trips, five)
    with Store(db) as store, Staging.find(store.staging, import_id) as staging:
        (number,) = conflict_numbers(staging)
        decide(staging, load_conflict(staging, store, number), "incoming")
    (one,) = two_trips("review", "--list", "--json").json
    assert (one["conflicts"], one["decided"], one["later"]) == (1, 1, 0)
    table = two_trips("review", "--list").out.splitlines()
    assert import_id in table[1]


def test_discard(two_trips: Dino, five: Path, tmp_path: Path) -> None:
    import_id = staged(two_trips, five)
    before = two_trips("trips", "--json").out
    ran = two_trips("review", import_id[:20], "--discard", "--json")
    assert (ran.code, ran.json["importId"]) == (0, import_id)
    assert two_trips("review", "--list", "--json").json == []
    assert two_trips("trips", "--json").out == before
    assert not any((tmp_path / "trips.db.d" / "staging").iterdir())


def test_one_that_is_open_elsewhere_is_listed_and_not_discarded(
    two_trips: Dino, five: Path, db: Path
) -> None:
    import_id = staged(two_trips, five)
    with Store(db) as store, Staging.find(store.staging, import_id):
        assert len(two_trips("review", "--list", "--json").json) == 1
        ran = two_trips("review", import_id, "--discard", "--json")
        assert (ran.code, ran.error["code"]) == (1, "import-in-use")
    assert len(two_trips("review", "--list", "--json").json) == 1


def test_another_users_import_is_not_there(two_trips: Dino, five: Path, lee: tuple[str, str]) -> None:
    import_id = staged(two_trips, five)
    assert two_trips("review", "--list", *lee, "--json").json == []
    assert two_trips("review", import_id, "--discard", *lee, "--json").error["code"] == "no-such-import"
    assert len(two_trips("review", "--list", "--json").json) == 1
