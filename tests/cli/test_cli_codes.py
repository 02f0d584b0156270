"""Exit codes, one table; and what a user can do wrong: a sentence or two each, and JSON where it is wanted."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.conftest import FIVE_ROWS, Dino

ADD = ("trip", "add", "--country", "Peru", "--entry", "2024-10-01", "--visa-type", "work")
EXIT_CODES: dict[tuple[str, ...], int] = {
    ("trips",): 0,
    ("history",): 0,
    ("stats",): 0,
    ("undo",): 0,
    ("show", "OPERATION"): 0,
    ADD: 0,
    ("trip", "edit", "2", "--notes", "by sea"): 0,
    ("trip", "delete", "1"): 0,
    ("export", "-o", "out.json"): 0,
    ("import", "five.csv", "--dry-run"): 0,
    ("import", "good.csv"): 0,
    ("review", "--list"): 0,
    ("review",): 0,
    ("import", "missing.csv"): 1,
    ("import", "five.csv", "--strict"): 1,
    ("import", "five.csv", "--stop-on-invalid"): 1,
    ("import", "good.csv", "--strategy", "replace"): 1,
    ("export", "-o", "five.csv"): 1,
    ("redo",): 1,
    ("undo", "nothing"): 1,
    ("show", "nothing"): 1,
    ("trip", "edit", "99", "--notes", "x"): 1,
    ("trip", "delete", "99"): 1,
    ("review", "nothing"): 1,
    ("import",): 2,
    ("nonsense",): 2,
    ("import", "five.csv", "--threshold", "5"): 2,
    ("trip", "add", "--country", "Peru"): 2,
    ("export", "--format", "pdf"): 2,
    ("trips", "--from", "2024-13-01"): 2,
    ("show",): 2,
    ("import", "five.csv", "--on-duplicate", "update"): 3,
    ("import", "five.csv", "--on-duplicate", "skip", "--rejects", "bad.csv"): 3,
    ("import", "five.csv"): 4,
}


@pytest.mark.parametrize("words", EXIT_CODES, ids=" ".join)
def test_exit_codes(two_trips: Dino, five: Path, tmp_path: Path, words: Sequence[str]) -> None:
    """0 done, 1 refused, 2 wrong usage, 3 some rejected, 4 conflicts wait (130 is tested with signals)."""
    (tmp_path / "good.csv").write_text("Country,Entry Date,Visa Type\nPeru,2024-01-01,work\n")
    newest = two_trips("history", "--json").json[0]["id"]
    ran = two_trips(*(newest if word == "OPERATION" else word for word in words))
    assert ran.code == EXIT_CODES[tuple(words)]
    if ran.code in (1, 2):
        assert ran.out == ""
        assert ran.err.count("\n") == 1


NASTY: dict[str, tuple[tuple[str, ...], str, int]] = {
    "missing": (("import", "no.csv"), "file-system", 1),
    "a folder": (("import", "."), "file-system", 1),
    "empty": (("import", "empty.csv"), "empty-file", 1),
    "bytes": (("import", "bytes.csv"), "unsupported-binary", 1),
    "header only": (("import", "header.csv"), "column-missing", 1),
    "a name too long": (("import", "a" * 5000), "file-system", 1),
    "rules that are missing": (("import", "five.csv", "--rules", "no.json"), "file-system", 1),
    "rejects into nowhere": (("import", "five.csv", "--rejects", "no/bad.csv"), "rejects-folder", 1),
    "no such entry": (("import", "stays.json", "--sheet", "2024"), "no-such-table", 1),
    "export into nowhere": (("export", "-o", "no/x.json"), "file-system", 1),
    "export onto a folder": (("export", "-o", "."), "target-is-folder", 1),
    "export into a device": (("export", "-o", "/dev/full"), "target-is-special", 1),
    "a text as database": (("trips", "--db", "five.csv"), "not-a-database", 1),
    "a folder as database": (("trips", "--db", "."), "file-system", 1),
    "a database below a file": (("trips", "--db", "five.csv/x.db"), "file-system", 1),
    "no user": (("trips", "--user", " "), "usage", 2),
    "half a character": (("trip", "add", "--country", "\udcff"), "not-text", 2),
    "a database of half characters": (("trips", "--db", "\udcff.db"), "not-text", 2),
    "half a character to export to": (("export", "-o", "\udcff.json"), "not-text", 2),
    "an escape sequence": (("import", "\x1b]52;c;aGk=\x07.csv"), "file-system", 1),
}


@pytest.mark.parametrize("case", NASTY)
def test_whatever_is_given_the_answer_is_a_sentence(
    dino: Dino, five: Path, tmp_path: Path, case: str
) -> None:
    (tmp_path / "empty.csv").touch()
    (tmp_path / "bytes.csv").write_bytes(bytes(range(256)) * 12)
    (tmp_path / "header.csv").write_text("Country,Entry Date\n")
    (tmp_path / "stays.json").write_text(
        '[{"country": "Chile", "entryDate": "2024-02-02", "visaType": "work"}]'
    )
    words, code, exit_code = NASTY[case]
    ran = dino(*words, "--json")
    assert (ran.code, ran.error["code"], ran.err) == (exit_code, code, "")
    assert 1 <= ran.error["message"].rstrip(".").count(". ") + 1 <= 2
    plain = dino(*words)
    assert (plain.code, plain.out) == (exit_code, "")
    assert plain.err.endswith(f"{ran.error['message']}\n")
    assert len(plain.err) < 600
    assert "\x1b" not in plain.err + ran.out


def test_closed_standard_input_is_told(dino: Dino, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert dino("import", "-", "--json").error["code"] == "no-input"


def test_empty_standard_input_is_told(dino: Dino, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert dino("import", "-", "--json").code == 1


def test_a_file_whose_name_is_no_text_is_imported_all_the_same(dino: Dino, tmp_path: Path) -> None:
    (tmp_path / "\udcff.csv").write_text(FIVE_ROWS, encoding="utf-8")
    ran = dino("import", "\udcff.csv", "--json")
    assert ran.code == 3
    assert dino("history", "--json").json[0]["source"] == "?.csv"
