"""Tables of text through the public door: case folders, foreign corpora, round trips, hostile files."""

import contextlib
import csv
import io
import json
import os
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dinotui.domain.errors import DinoError, LimitError
from dinotui.formats.base import Limits, ReadOptions, Row, Table
from dinotui.formats.csv import open_csv
from dinotui.formats.registry import open_source

CASES = Path(__file__).parents[1] / "data" / "csv"
CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
SWEEP = int(os.environ.get("DINOTUI_SWEEP", "1"))
sweeping = settings(
    max_examples=100 * SWEEP, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
LEGACY = "Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Notes,Created At\n"


def opened(path: Path, options: ReadOptions | None = None) -> Table:
    [table] = open_source(path, options, scratch=path.parent).tables
    return table


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "file.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(folder: Path, text: str | bytes, options: ReadOptions | None = None) -> list[Row]:
    return list(opened(written(folder, text), options).rows())


def cells(rows: list[Row]) -> list[list[Any]]:
    return [row.cells for row in rows]


def options_of(case: dict[str, Any]) -> ReadOptions:
    given_options = dict(case.get("options", {}))
    if "limits" in given_options:
        given_options["limits"] = Limits(**given_options["limits"])
    return ReadOptions(**given_options)


@pytest.mark.parametrize("folder", sorted(p for p in CASES.iterdir() if p.is_dir()), ids=lambda p: p.name)
def test_case(folder: Path, tmp_path: Path) -> None:
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    before = (folder / "input.csv").read_bytes()
    if "error" in expected:
        with pytest.raises(DinoError) as raised:
            list(opened(folder / "input.csv", options_of(expected)).rows())
        assert {"code": raised.value.code, "where": raised.value.where} == expected["error"]
    else:
        table = opened(folder / "input.csv", options_of(expected))
        assert table.columns == expected["columns"]
        found = {name: getattr(table.detection, name) for name in expected["detection"]}
        assert found == expected["detection"]
        rows = [list(row) for row in table.rows()]
        assert rows == expected["rows"]
        assert [list(row) for row in table.rows()] == rows, "a table can be read again"
    assert (folder / "input.csv").read_bytes() == before


@pytest.mark.skipif(not CORPORA.exists(), reason="the foreign corpora are not here")
class TestCorpora:
    @pytest.mark.parametrize(
        "name",
        sorted(p.stem for p in CORPORA.glob("csv-spectrum/csvs/*.csv") if p.stem != "location_coordinates"),
    )
    def test_csv_spectrum(self, name: str) -> None:
        table = opened(CORPORA / "csv-spectrum" / "csvs" / f"{name}.csv")
        expected = json.loads(
            (CORPORA / "csv-spectrum" / "json" / f"{name}.json").read_text(encoding="utf-8")
        )
        assert [dict(zip(table.columns, row.cells, strict=True)) for row in table.rows()] == expected

    @pytest.mark.parametrize("path", sorted(CORPORA.glob("stay-within/*.csv")), ids=lambda p: p.name)
    def test_stay_within_loses_no_line(self, path: Path) -> None:
        lines = path.read_text(encoding="utf-8").split()
        table = opened(path)
        has_header = not lines[0][0].isdigit()
        assert (table.detection.header_row == 1) == has_header
        rows = list(table.rows())
        assert [row.cells[0] for row in rows] == [
            line.split(",")[0]
            for line in path.read_text(encoding="utf-8").splitlines()[has_header:]
            if line.strip()
        ]
        assert all(row.problem is None for row in rows)

    def test_naughty_strings_come_back(self, tmp_path: Path) -> None:
        strings = json.loads((CORPORA / "blns" / "blns.json").read_text(encoding="utf-8"))
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["Country", "Notes"])
        writer.writerows(["Spain", text] for text in strings)
        assert [row[1] for row in cells(read(tmp_path, out.getvalue()))] == strings


DELIMITERS = st.sampled_from(",;\t|")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.text(
    "\"',;\t|\r\n #a", max_size=8
)


def as_csv(rows: list[list[str]], delimiter: str, quote: str, end: str, quoting: Any) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quotechar=quote, lineterminator=end, quoting=quoting).writerows(rows)
    return out.getvalue()


@sweeping
@given(
    rows=st.integers(1, 5).flatmap(
        lambda width: st.lists(st.lists(TEXTS, min_size=width, max_size=width), min_size=1, max_size=6)
    ),
    delimiter=DELIMITERS,
    quote=st.sampled_from("\"'"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_a_writer_wrote_is_read_back_when_the_dialect_is_given(
    tmp_path: Path, rows: list[list[str]], delimiter: str, quote: str, end: str, quoting: Any
) -> None:
    rows = [row for row in rows if any(row) and "".join(row).strip()]  # a blank record is no record
    assume(rows)
    if any("\r" in cell or "\n" in cell for row in rows for cell in row):
        quoting = csv.QUOTE_ALL  # the writer of Python 3.11 quotes only the line end it was given
    assume(all(not row[0].startswith(("#", "\ufeff")) and row != ["\x1a"] for row in rows))
    text = as_csv(rows, delimiter, quote, end, quoting)
    options = ReadOptions(encoding="utf-8", delimiter=delimiter, quote=quote, header_row=0)
    found = read(tmp_path, text, options)
    assert cells(found) == rows
    assert {row.problem for row in found} <= {None, "unclosed-quote"}


NOTES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30) | st.text(
    "\"',; \n|a", max_size=12
)


@sweeping
@given(
    trips=st.lists(
        st.tuples(
            st.sampled_from(["Japan", "Korea, South", "Côte d'Ivoire", "대한민국", "Spain"]),
            st.dates().map(str),
            st.sampled_from(["", "2024-02-03"]),
            st.sampled_from(["tourist", "Business; long"]),
            NOTES,
        ),
        min_size=1,
        max_size=8,
    ),
    delimiter=DELIMITERS,
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_the_dialect_of_trips_is_found(
    tmp_path: Path, trips: list[tuple[str, ...]], delimiter: str, end: str, encoding: str
) -> None:
    header = ["Country", "Entry", "Exit", "Visa", "Notes"]
    text = as_csv([header, *map(list, trips)], delimiter, '"', end, csv.QUOTE_MINIMAL)
    table = opened(written(tmp_path, text.encode(encoding)))
    assert table.columns == header
    assert [row.cells for row in table.rows()] == [list(trip) for trip in trips]


@sweeping
@given(notes=st.lists(st.text("ab ,\"'\n", max_size=12), min_size=1, max_size=5), quoted=st.booleans())
def test_unescaped_quotes_of_the_legacy_writer_never_give_wrong_cells_silently(
    tmp_path: Path, notes: list[str], quoted: bool
) -> None:
    """A record comes back exactly, or flagged, or as what an escaping writer would have meant by it."""
    lines = [f'Japan,2024-01-0{i + 1},,Tourist,90,KR,"{note}",2024-01-01' for i, note in enumerate(notes)]
    if quoted:
        lines = [
            f'"Korea, South","2024-01-0{i + 1}","","Tourist","90","KR","{note}","2024-01-01"'
            for i, note in enumerate(notes)
        ]
    for row in read(tmp_path, LEGACY + "\n".join(lines) + "\n"):
        if row.problem is None:
            note = notes[int(str(row.cells[1])[-1]) - 1]
            assert row.cells[6] in {note, note.replace('""', '"')}
            assert row.cells[7] == "2024-01-01"


@sweeping
@given(st.binary(max_size=200) | st.text("\"',;\n\r\ta#1 ", max_size=120).map(str.encode))
def test_any_bytes_are_read_or_refused_with_a_sentence(tmp_path: Path, data: bytes) -> None:
    path = written(tmp_path, data)
    lines, message = [], "."
    try:
        lines = [row.line for table in open_csv(path, ReadOptions(), name="x").tables for row in table.rows()]
    except DinoError as error:
        message = error.message
    assert lines == sorted(lines)
    assert message.endswith((".", "?"))


def test_the_evidence_is_told(tmp_path: Path) -> None:
    text = "My stays\n\nCountry;Entry\nSpain;2024-01-01\nFrance;2024-01-02\n"
    assert opened(written(tmp_path, text)).detection.notes == (
        "Semicolons separate 2 columns; 100% of the first lines agree.",
        "Line 3 is the header; the lines above it are left out.",
    )


def test_an_unclosed_quote_far_down_costs_one_record_only(tmp_path: Path) -> None:
    lines = [f'Spain,2024-01-{i % 28 + 1:02d},"note, {i}"\n' for i in range(30_000)]
    lines[20_000] = 'Malta,2024-01-01,"open\n'
    rows = read(tmp_path, "Country,Entry,Notes\n" + "".join(lines))
    assert len(rows) == 30_000
    assert [(row.line, row.cells[0]) for row in rows if row.problem] == [(20_002, "Malta")]
    assert rows[-1] == Row(30_001, ["Spain", f"2024-01-{29_999 % 28 + 1:02d}", "note, 29999"], None)


def test_hopeless_quotes_all_over_a_file_cost_little_each(tmp_path: Path) -> None:
    broken = '{"coUntry": "France", "e~tryDate": "2024-05-02", "exitD "passport": 2KR", "nmtes": "one"}\n'
    text = 's"country": "Japan", "entryDatE2: "2024-03-42", "exitDate": "203t-03-0, "visaType": "a"}\n'
    path = written(tmp_path, text + broken * 3_000)
    started = time.process_time()
    with contextlib.suppress(DinoError):
        list(opened(path).rows())
    assert time.process_time() - started < 8, "without a limit for the whole file it is minutes"


def test_lines_are_counted_over_blocks_marks_and_breaks_in_cells(tmp_path: Path) -> None:
    parts = ["\ufeffCountry,Notes\r\n"]
    expected = []
    line = 2
    for number in range(40_000):
        parts.append(f'Spain,"{number}\r\nb"\r\n' if number % 3 else f"\ufeffSpain,{number}\r\n")
        expected.append((line, ["Spain", f"{number}\r\nb" if number % 3 else str(number)]))
        line += 2 if number % 3 else 1
    assert [(row.line, row.cells) for row in read(tmp_path, "".join(parts))] == expected


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "Country,Entry,Notes\n" + "Spain,2024-01-01,some words\n" * 300_000)
    table = opened(path)
    tracemalloc.start()
    count = sum(1 for _row in table.rows())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 300_000
    assert peak < path.stat().st_size / 2


def test_a_file_without_line_ends_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = written(tmp_path, b"x" * 12_000_000)
    with pytest.raises(LimitError, match="longer than 10000000 characters"):
        opened(path)


def test_a_cell_of_a_million_characters_is_read_and_one_more_refused(tmp_path: Path) -> None:
    [row] = read(tmp_path, "Country,Notes\nSpain,{}\n".format("x" * 1_000_000))
    assert len(str(row.cells[1])) == 1_000_000
    with pytest.raises(LimitError) as raised:
        read(tmp_path, "Country,Notes\nSpain,{}\n".format("x" * 1_000_001))
    assert raised.value.code == "cell-too-long"
    assert raised.value.where == "file.csv, line 2"


def test_a_file_that_is_cut_while_it_is_read_does_not_crash(tmp_path: Path) -> None:
    table = opened(written(tmp_path, "Country,Notes\n" + "Spain,x\n" * 100_000))
    rows = table.rows()
    next(rows)
    os.truncate(tmp_path / "file.csv", 300_000)
    assert sum(1 for _row in rows) < 100_000


@pytest.mark.parametrize(
    "options", [{"delimiter": "::"}, {"delimiter": '"'}, {"quote": "''"}, {"delimiter": "\n"}]
)
def test_an_impossible_option_is_wrong_usage(tmp_path: Path, options: dict[str, str]) -> None:
    with pytest.raises(DinoError) as raised:
        read(tmp_path, "a,b\n1,2\n", ReadOptions(**options))
    assert raised.value.exit_code == 2
