"""The command line as scripts meet it: words in, exit code and two streams out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dinotui.cli.entry import run
from dinotui.domain.errors import DinoError
from dinotui.locale import use_language
from dinotui.storage.store import Store

FIVE_ROWS = """\
Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Notes
France,2024-05-02,2024-05-09,tourist,90,,
Japan,2024-03-02,2024-03-10,business,,KR,오사카 출장
Spain,2024-02-30,2024-03-01,tourist,,,
Italy,2024-07-01,2024-07-10,tourist,90,KR,"one, ""two""
three"
Thailand,2024-08-01,2024-08-20,tourist,90 days,KR,
"""
"""A repeat, a conflict, a date that is none, and two new ones, for the database of `two_trips`."""


@dataclass
class Ran:
    """What a command line did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        return dict(self.json["error"])


@dataclass
class FakeApp:
    """Stands for the terminal app: it writes down how it was opened."""

    refusal: str | None = None
    opened: list[dict[str, Any]] = field(default_factory=list)

    def refuse_without_terminal(self) -> None:
        if self.refusal is not None:
            raise DinoError("no-terminal", self.refusal)

    def run(self, database: Path, user: str | None, **given: Any) -> int:
        self.opened.append({"database": database, "user": user, **given})
        return 0


Dino = Callable[..., Ran]


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of its own for every test, in English."""
    for name in ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home" / name))
    for name in ("LC_ALL", "LC_MESSAGES", "DINOTUI_DB"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.chdir(tmp_path)
    use_language("en")


@pytest.fixture
def app() -> FakeApp:
    return FakeApp()


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "trips.db"


@pytest.fixture
def dino(
    app: FakeApp, db: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> Dino:
    """Run a command line in this process, on the database `db` unless it says another."""
    monkeypatch.setenv("DINOTUI_DB", str(db))

    def command(*words: str | Path) -> Ran:
        capfdbinary.readouterr()
        code = run([str(word) for word in words], app)
        captured = capfdbinary.readouterr()
        return Ran(code, captured.out.decode(), captured.err.decode())

    return command


@pytest.fixture
def two_trips(dino: Dino) -> Dino:
    """The same with a stay in Japan and one in France."""
    stays = (("Japan", "2024-03-02", "2024-03-09"), ("France", "2024-05-02", "2024-05-09"))
    for country, entry, leaving in stays:
        words = ("--country", country, "--entry", entry, "--exit", leaving, "--visa-type", "tourist")
        limit = ("--max-days", "90") if country == "France" else ()
        assert dino("trip", "add", *words, *limit).code == 0
    return dino


@pytest.fixture
def lee(two_trips: Dino, db: Path) -> tuple[str, str]:
    """A second user of that database, without anything, as the command line names them."""
    Store(db, "Lee").close()
    return "--user", "Lee"


@pytest.fixture
def five(tmp_path: Path) -> Path:
    path = tmp_path / "five.csv"
    path.write_text(FIVE_ROWS, encoding="utf-8", newline="")
    return path
