"""Starting the app for real: what keeps it from running, what it says first and last, the demo, signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest
from tui_store import fill, import_text, running, screen_text, settled, stay

from dinotui.engine.importing.waiting import waiting_imports
from dinotui.storage.staging import Staging, staged_files
from dinotui.storage.store import Store
from dinotui.tui.screens.home import HomeScreen
from dinotui.tui.start import run

Start = Callable[..., Any]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Run dinotui in a pseudo-terminal of 80 by 24."""
    begun: list[Any] = []

    def spawn(*arguments: str, **environ: str) -> Any:
        surroundings = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TEXTUAL_")},
            "HOME": str(tmp_path),
            "TERM": "xterm-256color",
            "LANG": "en_US.UTF-8",
            **environ,
        }
        child = pexpect.spawn(
            sys.executable,
            ["-m", "dinotui", *arguments],
            dimensions=(24, 80),
            env=surroundings,
            encoding="utf-8",
            timeout=15,
        )
        begun.append(child)
        return child

    yield spawn
    for child in begun:
        child.close(force=True)


def begun(child: Any) -> Any:
    child.expect("help")
    return child


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "data" / "dinotui.db"


def test_it_starts_on_home_leaves_with_q_and_keeps_what_was_added(start: Start, database: Path) -> None:
    child = begun(start("--db", str(database)))
    child.send("1")
    child.expect("No trip yet")
    child.send("a")
    child.expect("New trip")
    for text in ("Japan", "2024-03-02", "2024-03-10", "tourist"):
        child.send(f"\x1b[200~{text}\x1b[201~")
        child.send("\t")
    child.send("\r")
    child.expect("Added")
    child.send("\x1b")
    child.expect("Home")
    child.send("q")
    child.expect(pexpect.EOF)
    assert child.wait() == 0
    with Store(database) as store:
        assert store.database.rows("SELECT country FROM trip") == [("Japan",)]


def test_the_demo_opens_from_the_first_start_and_leads_back(
    start: Start, database: Path, tmp_path: Path
) -> None:
    child = begun(start("--db", str(database), TMPDIR=str(tmp_path)))
    child.send("9")
    child.expect("This is the demo")
    assert list(tmp_path.glob("dinotui-demo-*"))
    child.send("q")
    child.expect("keeps your stays abroad")
    assert not list(tmp_path.glob("dinotui-demo-*"))
    child.send("q")
    child.expect(pexpect.EOF)
    assert child.wait() == 0
    with Store(database) as store:
        assert store.database.value("SELECT count(*) FROM trip") == 0


def test_a_signal_ends_the_demo_and_removes_it(start: Start, database: Path, tmp_path: Path) -> None:
    child = begun(start("--db", str(database), TMPDIR=str(tmp_path)))
    child.send("9")
    child.expect("This is the demo")
    child.kill(signal.SIGTERM)
    child.expect(pexpect.EOF)
    assert child.wait() == 128 + signal.SIGTERM
    assert not list(tmp_path.glob("dinotui-demo-*"))


def test_what_waits_is_said_at_the_end(start: Start, database: Path, tmp_path: Path) -> None:
    with Store(database) as store:
        fill(store, stay("Japan", "2024-01-01", "2024-01-05"))
        import_text(store, tmp_path / "a.csv", "Japan,2024-01-01,2024-01-05,business,\n", apply=False)
    child = begun(start("--db", str(database)))
    child.send("q")
    child.expect("1 import waits for you. Go on with: dinotui review")
    child.expect(pexpect.EOF)
    assert child.wait() == 0


def test_a_redirected_standard_error_takes_nothing_from_the_screen(start: Start, tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = f"{sys.executable} -m dinotui --db {tmp_path}/x.db 2> {log}"
    child = pexpect.spawn(
        "/bin/sh",
        ["-c", command],
        dimensions=(24, 80),
        env={**os.environ, "TERM": "xterm-256color", "HOME": str(tmp_path)},
        encoding="utf-8",
        timeout=15,
    )
    begun(child).send("q")
    child.expect(pexpect.EOF)
    assert log.read_text() == ""


@pytest.mark.parametrize(("term", "sentence"), [("dumb", "TERM=dumb"), ("", "TERM=not set")])
def test_a_terminal_that_cannot_show_it_is_refused(start: Start, term: str, sentence: str) -> None:
    child = start(TERM=term)
    child.expect_exact(sentence)
    child.expect(pexpect.EOF)
    assert child.wait() == 1


def test_without_a_terminal_it_says_so_and_touches_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dinotui", "--db", str(tmp_path / "x" / "y.db")],
        input="",
        capture_output=True,
        text=True,
        env={**os.environ, "TERM": "xterm", "LANG": "C.UTF-8"},
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "needs a terminal" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "x").exists()


def test_run_itself_refuses_before_it_opens_anything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path / "x.db", None) == 1
    assert "needs a terminal" in capsys.readouterr().err
    assert not (tmp_path / "x.db").exists()


def test_a_database_of_another_program_is_refused_with_a_sentence(start: Start, tmp_path: Path) -> None:
    foreign = tmp_path / "\x1b[31mforeign.db"
    foreign.write_bytes(b"something else, and not at all a database" * 200)
    child = start("--db", str(foreign))
    child.expect("not a dinotui database")
    child.expect(pexpect.EOF)
    assert child.wait() == 1
    assert "\x1b[31m" not in (child.before or "")


async def test_what_was_interrupted_is_said_on_home(store: Store, tmp_path: Path) -> None:
    import_text(store, tmp_path / "a\x1b[31m.csv", "Japan,2024-01-01,,tourist,\n", apply=False)
    (path,) = staged_files(store.staging)
    with Staging(path) as staging:
        staging.set_meta(state="reading")
    async with running(store) as (app, _pilot):
        text = " ".join(screen_text(app).split())
        assert "was interrupted before it was planned. Nothing was changed." in text
        assert "\x1b" not in text
        assert "␛[31m" in text
    assert waiting_imports(store) == []


async def test_an_import_or_a_review_is_opened_over_home(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    async with running(store, opening=opened.append) as (app, pilot):
        await settled(pilot)
        assert opened == [app.screen]
        assert isinstance(app.screen, HomeScreen)


def test_listing_what_waits_holds_nothing_and_shows_only_ones_own(store: Store, tmp_path: Path) -> None:
    fill(store, stay("Japan", "2024-01-01", "2024-01-05"))
    import_id = import_text(store, tmp_path / "a.csv", "Japan,2024-01-01,2024-01-05,business,\n", apply=False)
    with Staging.find(store.staging, import_id):
        (one,) = waiting_imports(store)
    assert (one.import_id, one.source, one.conflicts, one.decided) == (import_id, "a.csv", 1, 0)
    with Store(store.path, "another") as other:
        assert waiting_imports(other) == []
    staged_files(store.staging)[0].write_bytes(b"damaged")
    assert waiting_imports(store) == []
