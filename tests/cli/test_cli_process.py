"""The command line as a process of its own: what it loads, signals, real pipes and a real terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from dinotui import __version__
from tests.cli.conftest import FIVE_ROWS
from tests.conftest import sweep

HEAVY = ("textual", "rich", "peewee", "apsw", "pydantic", "openpyxl", "rapidfuzz", "msgspec", "platformdirs")
ENTRY = (sys.executable, "-W", "error", "-m", "dinotui")


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "DINOTUI_DB": str(tmp_path / "trips.db"), "LANG": "C.UTF-8", "TERM": "xterm"}


def ran(
    env: dict[str, str], *words: str | Path, stdin: bytes = b"", prefix: Sequence[str] = ENTRY
) -> subprocess.CompletedProcess[bytes]:
    command = [*prefix, *(str(word) for word in words)]
    return subprocess.run(command, env=env, input=stdin, capture_output=True, timeout=60)


def loaded(env: dict[str, str], *words: str | Path) -> set[str]:
    """Return which modules a command line loads."""
    code = (
        "import sys; from dinotui.__main__ import main; main(sys.argv[1:]);"
        " sys.stderr.write(' '.join(sys.modules))"
    )
    done = ran(env, *words, prefix=(sys.executable, "-c", code))
    return set(done.stderr.decode().splitlines()[-1].split()) if done.stderr else set()


def test_a_round_trip_through_real_pipes(env: dict[str, str], tmp_path: Path) -> None:
    assert ran(env, "--version").stdout.decode() == f"dinotui {__version__}\n"
    done = ran(env, "import", "-", stdin=FIVE_ROWS.encode())
    assert done.returncode == 3
    first = ran(env, "export", "-o", "-")
    assert first.returncode == 0
    other = {**env, "DINOTUI_DB": str(tmp_path / "other.db")}
    assert ran(other, "import", "-", stdin=first.stdout).returncode == 0
    assert ran(other, "trips", "--json").stdout == ran(env, "trips", "--json").stdout
    refused = ran(env, "frobnicate")
    assert (refused.returncode, refused.stdout) == (2, b"")


def test_alone_without_a_terminal_is_a_sentence(env: dict[str, str], tmp_path: Path) -> None:
    for words in ([], ["demo"]):
        done = ran(env, *words)
        assert (done.returncode, done.stdout) == (1, b"")
        assert done.stderr.count(b"\n") == 1
    assert not (tmp_path / "trips.db").exists()


def test_help_and_version_load_nothing_heavy(env: dict[str, str]) -> None:
    for words in (["--version"], ["--help"], ["import", "--help"], ["import", "--foo"]):
        assert not loaded(env, *words) & {*HEAVY, "dinotui.cli.shells", "dinotui.cli.completion"}


def test_no_command_loads_the_app(env: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "five.csv"
    file.write_text(FIVE_ROWS, encoding="utf-8")
    for words in (["import", str(file)], ["export"], ["stats"]):
        found = loaded(env, *words)
        assert "apsw" in found
        assert not found & {"textual", "rich"}


def test_a_reader_that_goes_away(env: dict[str, str]) -> None:
    ran(env, "import", "-", stdin=FIVE_ROWS.encode())
    for words in ("trips", "export -o -"):
        command = f"{' '.join(ENTRY)} {words} | true"
        done = subprocess.run(["bash", "-c", command], env=env, capture_output=True, timeout=60)
        assert done.stderr == b""


# stopping


def big_file(folder: Path, rows: int) -> Path:
    path = folder / "big.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("Country,Entry Date,Exit Date,Visa Type,Notes\n")
        for number in range(rows):
            year, month, day = 1970 + number // 336 % 50, number // 28 % 12 + 1, number % 28 + 1
            date = f"{year}-{month:02}-{day:02}"
            file.write(f"Peru,{date},{date},work,note {number}\n")
    return path


def wait_for(condition: Path, pattern: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while not any(condition.glob(pattern)):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)


def leftovers(folder: Path) -> list[str]:
    return [str(path) for path in (folder / "trips.db.d").rglob("*") if path.is_file()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stopping_while_it_reads_standard_input(
    env: dict[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    process = subprocess.Popen(
        [*ENTRY, "import", "-", "--json"],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    wait_for(tmp_path, "trips.db.d/scratch/*/standard-input", process)
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b'"cancelled"' in out
    assert b"Stopped. Nothing was changed." in out
    assert err == b""
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("times", [1, 3])
def test_stopping_an_import_leaves_nothing(env: dict[str, str], tmp_path: Path, times: int) -> None:
    file = big_file(tmp_path, 30_000)
    process = subprocess.Popen(
        [*ENTRY, "import", str(file)], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    wait_for(tmp_path, "trips.db.d/staging/*.db", process)
    for _time in range(times):
        time.sleep(0.05)
        process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, b"", b"Stopped. Nothing was changed.\n")
    assert leftovers(tmp_path) == []
    assert ran(env, "trips", "--json").stdout == b"[]\n"
    assert ran(env, "history", "--json").stdout == b"[]\n"


@pytest.mark.parametrize("delay", [0.3 + 1.2 * step / sweep(3) for step in range(sweep(3))])
def test_whenever_it_is_stopped_the_answer_is_true(env: dict[str, str], tmp_path: Path, delay: float) -> None:
    file = big_file(tmp_path, 6_000)
    process = subprocess.Popen(
        [*ENTRY, "import", str(file), "--duplicates", "off"],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    time.sleep(delay)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    count = ran(env, "history", "--json").stdout.count(b'"import"')
    assert (process.returncode, count) in ((130, 0), (0, 1), (-signal.SIGINT, 0))


INTERRUPTED = """
import os, signal, sys
class Interrupting:
    number, name = signal.Signals(int(sys.argv.pop(1))), sys.argv.pop(1)
    def find_spec(self, name, path=None, target=None):
        if name == self.name:
            os.kill(os.getpid(), self.number)
sys.meta_path.insert(0, Interrupting())
from dinotui.__main__ import main
sys.exit(main())
"""
"""Runs a command line that gets a signal while it is about to import a module."""
LOADED = ("dinotui.cli", "argparse", "dinotui.cli.entry", "json", "dinotui.domain.errors", "dinotui.cli.output",
          "dinotui.locale", "gettext", "dinotui.cli.trips", "dinotui.storage.store", "apsw", "peewee")  # fmt: skip


def test_a_signal_that_python_wraps_is_a_stop_all_the_same(env: dict[str, str]) -> None:
    code = """
import os, signal, sys
from dinotui.__main__ import main
import dinotui.cli.trips
class Naming:
    def __set_name__(self, owner, name):
        os.kill(os.getpid(), signal.SIGINT)
def interrupted(context):
    class Wraps:
        name = Naming()
dinotui.cli.trips.run = interrupted
sys.exit(main())
"""
    done = ran(env, "trips", prefix=(sys.executable, "-c", code))
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"Stopped. Nothing was changed.\n")


@pytest.mark.parametrize("name", LOADED)
def test_a_signal_while_the_program_is_loaded(env: dict[str, str], tmp_path: Path, name: str) -> None:
    prefix = (sys.executable, "-c", INTERRUPTED)
    done = ran(env, str(int(signal.SIGINT)), name, "trips", prefix=prefix)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"Stopped. Nothing was changed.\n")
    done = ran(env, str(int(signal.SIGTERM)), name, "trips", "--json", prefix=prefix)
    assert (done.returncode, done.stderr) == (130, b"")
    assert b'"cancelled"' in done.stdout
    assert not (tmp_path / "trips.db").exists()


def test_nohup_is_respected(env: dict[str, str], tmp_path: Path) -> None:
    process = subprocess.Popen(
        ["nohup", *ENTRY, "import", "-"],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    wait_for(tmp_path, "trips.db.d/scratch/*/standard-input", process)
    process.send_signal(signal.SIGHUP)
    process.communicate(FIVE_ROWS.encode(), timeout=20)
    assert process.returncode == 3


# at a terminal


def at_terminal(
    env: dict[str, str], *words: str | Path, answers: Sequence[tuple[str, str]] = ()
) -> tuple[int, str]:
    """Run a command line at a real terminal, answer its questions, and return exit code and screen."""
    import pexpect

    child = pexpect.spawn(
        sys.executable,
        ["-m", "dinotui", *(str(word) for word in words)],
        env=env,
        encoding="utf-8",
        timeout=30,
    )
    shown = ""
    for question, answer in answers:
        child.expect_exact(question)
        shown += child.before + question
        child.sendline(answer)
    child.expect(pexpect.EOF)
    shown += child.before
    child.close()
    return child.exitstatus, shown


def test_records_typed_at_a_terminal_end_with_one_end_of_file(env: dict[str, str]) -> None:
    import pexpect

    child = pexpect.spawn(sys.executable, ["-m", "dinotui", "import", "-"], env=env, timeout=20)
    for line in ("Country,Entry Date,Visa Type", "Peru,2024-03-02,work"):
        child.sendline(line)
    child.sendeof()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_comments_are_wrapped_at_a_terminal(env: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "korea.csv"
    file.write_text("Country,Entry Date,Visa Type\nKorea,2024-03-02,tuorist\n")
    _code, shown = at_terminal(env, "import", file, "--dry-run")
    lines = shown.split("dry run")[-1].splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("        “Korea” may be"))
    assert lines[at + 1].startswith("          ")
    assert all(len(line) <= 80 for line in lines[at : at + 2])


def test_replacing_is_asked_for_by_hand(env: dict[str, str], tmp_path: Path) -> None:
    ran(env, "import", "-", stdin=FIVE_ROWS.encode())
    file = tmp_path / "one.csv"
    file.write_text("Country,Entry Date,Visa Type\nPeru,2024-03-02,work\n")
    question = "Type yes to go on: "
    code, shown = at_terminal(env, "import", file, "--strategy", "replace", answers=[(question, "n")])
    assert (code, "removes 4 trips" in shown, "Nothing was changed." in shown) == (1, True, True)
    code, shown = at_terminal(env, "import", file, "--strategy", "replace", answers=[(question, "yes")])
    assert code == 0
    assert ran(env, "trips", "--json").stdout.count(b'"country"') == 1


def test_the_review_is_offered_by_hand(env: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "five.csv"
    file.write_text(FIVE_ROWS, encoding="utf-8")
    ran(env, "import", file)
    file.write_text(FIVE_ROWS.replace("2024-03-10", "2024-03-11"), encoding="utf-8")
    code, shown = at_terminal(env, "import", file, answers=[("Decide them now? [Y/n] ", "n")])
    assert code == 4
    assert "dinotui review " in shown


def test_a_file_is_replaced_by_hand(env: dict[str, str], tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    target.write_text("mine")
    question = "Replace it? [y/N] "
    assert at_terminal(env, "export", "-o", target, answers=[(question, "")])[0] == 1
    assert target.read_text() == "mine"
    assert at_terminal(env, "export", "-o", target, answers=[(question, "y")])[0] == 0
    assert target.read_text() != "mine"


def test_no_bytes_are_thrown_at_a_terminal(env: dict[str, str]) -> None:
    code, shown = at_terminal(env, "export", "-o", "-", "--format", "xlsx")
    assert (code, "is not shown" in shown) == (1, True)
    code, shown = at_terminal(env, "export", "-o", "-")
    assert code == 0
    assert '"metadata"' in shown
