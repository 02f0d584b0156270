"""`dinotui demo`: believable trips, and files that show what importing is about."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from dinotui.engine.analytics import analytics
from dinotui.engine.demo import AGENCY_FILE, LEGACY_FILE, build_demo
from dinotui.storage.store import Store
from tests.cli.conftest import Dino, FakeApp
from tests.conftest import logical_dump

TODAY = dt.date(2026, 11, 23)


def test_the_same_day_gives_the_same_trips(tmp_path: Path) -> None:
    dumps = []
    for name in ("one", "two"):
        made = build_demo(tmp_path / name, TODAY)
        with Store(made.database, made.user) as store:
            dumps.append(logical_dump(store, exact=False))
    assert dumps[0] == dumps[1]
    assert len(dumps[0][0]) > 40


@pytest.mark.parametrize("today", [TODAY, dt.date(2028, 2, 29), dt.date(2027, 1, 1), dt.date(2027, 7, 15)])
def test_the_traveller_is_believable_on_any_day(tmp_path: Path, today: dt.date) -> None:
    made = build_demo(tmp_path, today)
    with Store(made.database) as store:
        found = analytics(store, today)
    assert (found.open_stays, found.overlaps.count) == (1, 0)
    assert 30 <= found.visits <= 45
    assert found.per_year[-1].year == today.year - 7
    assert 75 <= found.schengen.used < 90
    assert found.schengen.worst is not None
    assert found.schengen.worst.days <= 90


def test_each_file_shows_what_it_is_for(dino: Dino, tmp_path: Path) -> None:
    build_demo(tmp_path / "demo", dt.datetime.now().astimezone().date())
    files = {path.name: path for path in (tmp_path / "demo" / "files").iterdir()}
    assert len(files) == 4

    def counts(name: str) -> tuple[int, ...]:
        ran = dino("--db", "demo/demo.db", "import", files[name], "--dry-run", "--json")
        summary = ran.json["summary"]
        return tuple(summary[key] for key in ("imported", "skipped", "errors", "pending", "corrected"))

    assert counts(AGENCY_FILE) == (6, 4, 3, 1, 4)
    assert counts(LEGACY_FILE) == (2, 3, 0, 1, 0)
    for name in files.keys() - {AGENCY_FILE, LEGACY_FILE}:
        imported, skipped, *rest = counts(name)
        assert (imported, rest) == (0, [0, 0, 0])
        assert skipped >= 5


def test_it_opens_on_a_throwaway_database(dino: Dino, app: FakeApp, db: Path) -> None:
    seen: list[bool] = []
    original = app.run

    def look(database: Path, user: str | None, **given: object) -> int:
        seen.append(database.is_file())
        return original(database, user, **given)

    app.run = look  # type: ignore[method-assign]
    assert dino("demo", "--mouse").code == 0
    (opened,) = app.opened
    assert seen == [True]
    assert (opened["user"], opened["mouse"], opened["demo_files"].name) == ("Demo", True, "files")
    assert not opened["database"].parent.exists()
    assert not db.exists()


def test_without_a_terminal_nothing_is_made(
    dino: Dino, app: FakeApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    app.refusal = "It needs a terminal."
    ran = dino("demo")
    assert (ran.code, ran.err) == (1, "It needs a terminal.\n")
    assert list(tmp_path.glob("dinotui-demo*")) == []


def test_it_can_be_kept_in_a_folder(dino: Dino, tmp_path: Path) -> None:
    ran = dino("demo", "--keep", "sample", "--json")
    assert ran.code == 0
    assert Path(ran.json["database"]).is_file()
    assert len(ran.json["files"]) == 4
    assert len(dino("trips", "--json", "--db", ran.json["database"]).json) > 30
    again = dino("demo", "--keep", "sample", "--json")
    assert (again.code, again.error["code"]) == (1, "folder-exists")
    assert dino("demo", "--keep", "other").out.count("A file to import: ") == 4


def test_a_demo_that_fails_leaves_nothing(
    dino: Dino, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("dinotui.engine.demo._write_agency", fails)
    (tmp_path / "empty").mkdir()
    for name in ("new", "empty"):
        assert dino("demo", "--keep", name).code == 1
    assert not (tmp_path / "new").exists()
    assert list((tmp_path / "empty").iterdir()) == []
