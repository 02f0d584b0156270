"""What the streams carry: nothing that acts on a terminal, in any encoding, to readers that may go away."""

from __future__ import annotations

import io
import json
import os
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest

from dinotui.cli.entry import run
from dinotui.cli.output import Output
from tests.cli.conftest import Dino, FakeApp

HOSTILE = "\x1b]52;c;aGk=\x07\x1b[2J\x9b31m\u202egnp\u200b\x7f\U000e0041"
ACTING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e\U000e0041]")


def hostile_row(name: str = HOSTILE) -> str:
    return f'Country,Entry Date,Exit Date,Visa Type,Notes\n"{name}",2024-03-02,2024-03-09,"{name}","{name}"\n'


def test_hostile_cells_never_reach_a_stream(dino: Dino, tmp_path: Path) -> None:
    file = tmp_path / f"x{HOSTILE.replace('/', '')}.csv"
    file.write_text(hostile_row() + f'Peru,2024-02-30,,"work","{HOSTILE}"\n{HOSTILE},,,,\n', encoding="utf-8")
    ran = [
        dino("import", file, *words)
        for words in ([], ["--json", "--dry-run"], ["--strict"], ["--sheet", HOSTILE])
    ]
    operation = dino("history", "--json").json[0]["id"]
    commands = (
        ["trips"],
        ["trips", "--json"],
        ["stats"],
        ["stats", "--json"],
        ["history"],
        ["show", operation],
        ["show", operation, "--json"],
        ["trip", "edit", "1", "--max-days", "5"],
        ["undo"],
        ["import", f"{HOSTILE}.csv"],
        ["import", f"{HOSTILE}.csv", "--json"],
        ["export", "-o", f"{HOSTILE}.json"],
        ["trips", HOSTILE],
        [HOSTILE],
        [f"--{HOSTILE}"],
        ["trips", "--country", HOSTILE],
        ["trips", "--user", HOSTILE],
        ["trip", "delete", HOSTILE],
        ["review", HOSTILE, "--discard"],
    )
    ran += [dino(*words) for words in commands]
    assert ran[0].code == 3
    for one in ran:
        assert one.out or one.err
        assert not ACTING.search(one.out)
        assert not ACTING.search(one.err)
    assert "Traceback" not in "".join(one.err for one in ran)


def test_json_is_exact_all_the_same(dino: Dino) -> None:
    words = ("--country", "Peru", "--entry", "2024-03-02", "--visa-type", "work")
    text = f"{HOSTILE}\n대한민국 é"
    ran = dino("trip", "add", *words, "--notes", text, "--json")
    assert ran.json["notes"] == text
    assert "대한민국 é" in ran.out
    assert not ACTING.search(ran.out)


class _Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def test_an_export_shown_on_a_terminal_cannot_act_on_it() -> None:
    shown = io.BytesIO()
    terminal = _Terminal(shown, encoding="utf-8", write_through=True)
    stream = Output(terminal, None).binary()
    for byte in f"{HOSTILE} 한\r\nlast".encode():
        stream.write(bytes([byte]))
    stream.flush()
    text = shown.getvalue().decode()
    assert " 한\nlast\n" in text
    assert not ACTING.search(text)


def _streams(monkeypatch: pytest.MonkeyPatch, encoding: str) -> tuple[io.BytesIO, io.BytesIO]:
    out, err = io.BytesIO(), io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(out, encoding=encoding))
    monkeypatch.setattr("sys.stderr", io.TextIOWrapper(err, encoding=encoding))
    return out, err


@pytest.mark.parametrize("encoding", ["ascii", "iso8859-1"])
def test_a_terminal_without_unicode_gets_ascii(
    dino: Dino, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    dino("trip", "add", "--country", "대한민국", "--entry", "2024-03-02", "--visa-type", "é")
    for words in (["trips"], ["trips", "--json"], ["--help"], ["한국"]):
        out, err = _streams(monkeypatch, encoding)
        run(words, FakeApp())
        told = out.getvalue() + err.getvalue()
        assert told
        assert told.isascii()
        if words == ["trips"]:
            assert rb"\ub300\ud55c" in told
        if "--json" in words:
            assert json.loads(told)[0]["country"] == "대한민국"


class _Broken(io.RawIOBase):
    """A pipe whose reader has gone, or a disk that is full."""

    def __init__(self, error: OSError) -> None:
        self._error = error

    def writable(self) -> bool:
        return True

    def write(self, _data: Any) -> int:
        raise self._error


@pytest.mark.parametrize(
    ("words", "code"), [(["trips"], 0), (["trips", "--json"], 0), (["--help"], 0), (["export", "-o", "-"], 1)]
)
def test_a_reader_that_went_away_is_no_error_to_tell(
    two_trips: Dino, monkeypatch: pytest.MonkeyPatch, words: list[str], code: int
) -> None:
    _out, err = _streams(monkeypatch, "utf-8")
    broken = io.BufferedWriter(_Broken(BrokenPipeError(32, "Broken pipe")), 16)  # type: ignore[arg-type]
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(broken, encoding="utf-8", write_through=True))
    assert run(words, FakeApp()) == code
    assert err.getvalue() == b""
    _forget(broken)


def test_a_full_disk_is_told(two_trips: Dino, monkeypatch: pytest.MonkeyPatch) -> None:
    _out, err = _streams(monkeypatch, "utf-8")
    broken = io.BufferedWriter(_Broken(OSError(28, "No space left on device")), 65_536)  # type: ignore[arg-type]
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(broken, encoding="utf-8", write_through=True))
    assert run(["trips"], FakeApp()) == 1
    assert err.getvalue().startswith(b"The disk is full.")
    _forget(broken)


def _forget(broken: io.BufferedWriter) -> None:
    """Let the buffer go without another try to write it."""
    broken.raw.write = len  # type: ignore[method-assign,assignment]


@pytest.mark.parametrize("missing", ["stdout", "stderr"])
def test_a_stream_may_be_missing(two_trips: Dino, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setattr(f"sys.{missing}", None)
    assert run(["trips"], FakeApp()) == 0
    assert run(["nonsense"], FakeApp()) == 2


def test_an_export_needs_a_stream_that_is_open(
    dino: Dino, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _out, err = _streams(monkeypatch, "utf-8")
    monkeypatch.setattr("sys.stdout", None)
    assert run(["export", "-o", "-"], FakeApp()) == 1
    assert "Standard output is closed" in err.getvalue().decode()
    assert not (tmp_path / "home" / "XDG_STATE_HOME").exists()
    assert run(["history", "-o", str(tmp_path / "log.json")], FakeApp()) == 0
    assert json.loads((tmp_path / "log.json").read_text()) == []


def test_an_error_of_our_own_is_one_sentence_and_a_log(
    dino: Dino, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fails(_context: object) -> int:
        raise ZeroDivisionError(f"about {HOSTILE}")

    monkeypatch.setattr("dinotui.cli.trips.run", fails)
    log = tmp_path / "home" / "XDG_STATE_HOME" / "dinotui" / "errors.log"
    ran = dino("trips", "--json")
    assert (ran.code, ran.error["code"]) == (1, "internal")
    assert str(log) in ran.error["message"]
    assert "ZeroDivisionError: about" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600
    plain = dino("trips")
    assert (plain.code, plain.err.count("\n")) == (1, 1)
    assert not ACTING.search(plain.err)


@pytest.mark.parametrize(
    "content", [b"no database at all, only text" * 100, b"SQLite format 3\0" + bytes(4080)]
)
def test_a_file_that_is_no_database_is_told_and_left_alone(dino: Dino, db: Path, content: bytes) -> None:
    db.write_bytes(content)
    for words in (["trips"], ["undo"]):
        ran = dino(*words, "--json")
        assert ran.code == 1
        assert ran.error["where"] == str(db)
    assert db.read_bytes() == content


def test_a_device_is_no_database_and_is_left_as_it_is(dino: Dino, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o644)
    pipe.chmod(0o644)
    ran = dino("trips", "--db", pipe, "--json")
    assert (ran.code, ran.error["code"], ran.error["where"]) == (1, "no-file", str(pipe))
    assert pipe.stat().st_mode & 0o777 == 0o644


def test_a_damaged_database_is_named_and_not_the_file_beside_it(dino: Dino, db: Path, tmp_path: Path) -> None:
    head = "Country,Entry Date,Exit Date,Visa Type,Notes\n"
    days = [f"20{n // 12:02}-{n % 12 + 1:02}-01" for n in range(240)]
    file = tmp_path / "many.csv"
    file.write_text(head + "".join(f"Peru,{day},{day},work,{'note ' * 20}{day}\n" for day in days))
    assert dino("import", file, "--duplicates", "off").code == 0
    with closing(apsw.Connection(str(db))) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        found = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE tbl_name = 'trip' AND rootpage > 0"
        )
        pages = [row[0] for row in found]
    content = bytearray(db.read_bytes())
    for page in pages:
        content[(page - 1) * 4096 : page * 4096] = bytes(4096)
    db.write_bytes(content)
    file.write_text(head + f"Peru,{days[3]},{days[4]},work,\n")
    ran = dino("import", file, "--json")
    assert (ran.code, ran.error["code"], ran.error["where"]) == (1, "database-damaged", str(db))
