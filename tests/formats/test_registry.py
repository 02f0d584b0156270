"""The door to all formats: the content chooses the reader, whatever the name says."""

import gzip
import json
import os
import zipfile
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest

from dinotui.domain.errors import DinoError, FormatError
from dinotui.formats.base import ReadOptions
from dinotui.formats.registry import FORMATS, open_source

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
TABLE = b"Country,Entry Date\nSpain,2024-01-02\n"
DOCUMENT = json.dumps([{"country": "Spain", "entryDate": "2024-01-02"}]).encode()


@pytest.mark.parametrize("name", ["x.csv", "x.json", "x.xlsx", "x.zip", "x", "x.tsv.gz"])
@pytest.mark.parametrize(
    ("data", "kind"),
    [(TABLE, "csv"), (DOCUMENT, "json"), (gzip.compress(TABLE), "csv")],
    ids=["table", "document", "gzip"],
)
def test_the_name_does_not_matter(tmp_path: Path, name: str, data: bytes, kind: str) -> None:
    (tmp_path / name).write_bytes(data)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    source = open_source(tmp_path / name, scratch=scratch)
    [table] = source.tables
    assert table.detection.format == kind
    assert [row.cells for row in table.rows()] == [["Spain", "2024-01-02"]]
    source.close()


def test_the_users_name_of_a_file_stands_in_messages(tmp_path: Path) -> None:
    (tmp_path / "upload-1").write_bytes(b"")
    with pytest.raises(FormatError) as raised:
        open_source(tmp_path / "upload-1", scratch=tmp_path, name="my \x1b[2Jtrips.csv")
    assert raised.value.where == "my ␛[2Jtrips.csv"
    (tmp_path / "upload-2").write_bytes(TABLE)
    source = open_source(tmp_path / "upload-2", scratch=tmp_path, name="trips.csv")
    assert (source.name, source.tables[0].name) == ("trips.csv", "trips.csv")


def test_json_of_another_program_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "Records.json"
    path.write_bytes(
        b'{"locations": [{"latitudeE7": 374219983, "longitudeE7": 1,' + b" " * 200_000 + b"not json"
    )
    with pytest.raises(DinoError) as raised:
        open_source(path, scratch=tmp_path)
    assert raised.value.code == "unsupported-google-timeline"


def test_json_in_korean_bytes_is_read(tmp_path: Path) -> None:
    data = json.dumps([{"country": "대한민국", "notes": "서울 여행과 부산 출장"}], ensure_ascii=False)
    (tmp_path / "x.json").write_bytes(data.encode("cp949"))
    [table] = open_source(tmp_path / "x.json", scratch=tmp_path).tables
    assert [row.cells for row in table.rows()] == [["대한민국", "서울 여행과 부산 출장"]]
    assert table.detection.encoding_sure


def test_a_chosen_delimiter_makes_it_a_table(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b'{"a"|b\n1|2\n')
    [table] = open_source(tmp_path / "x.csv", ReadOptions(delimiter="|"), scratch=tmp_path).tables
    assert table.detection.format == "csv"


def test_csv_has_nothing_beside_trips(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(TABLE)
    source = open_source(tmp_path / "x.csv", scratch=tmp_path)
    assert source.other_categories().preferences is None
    source.close()


def test_the_formats_are_told_apart_by_name() -> None:
    assert [known.name for known in FORMATS] == ["xlsx", "zip", "gzip", "json", "csv"]


def test_a_surrogate_in_a_file_name_does_no_harm(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.csv")
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(FormatError) as raised:
        open_source(tmp_path / name, scratch=tmp_path)
    str(raised.value).encode()


@pytest.mark.skipif(not CORPORA.exists(), reason="the foreign corpora are not here")
@pytest.mark.parametrize("kind", ["n", "y", "i"])
def test_the_json_test_suite_ends_in_rows_or_a_sentence(kind: str, tmp_path: Path) -> None:
    accepted, places = [], []
    for path in sorted(CORPORA.glob(f"JSONTestSuite/test_parsing/{kind}_*.json")):
        try:
            source = open_source(path, scratch=tmp_path)
            for table in source.tables:
                for _row in table.rows():
                    pass
        except DinoError as error:
            places.append(error.where)
        else:
            accepted.append(path.name)
    assert all(places)
    if kind == "n":
        assert accepted == []


def test_a_workbook_is_told_from_an_archive_and_may_lie_in_one(tmp_path: Path) -> None:
    pytest.importorskip("dinotui.formats.xlsx", reason="needs the reader of workbooks")
    book = openpyxl.Workbook()
    book.active.append(["Country", "Entry Date"])
    book.active.append(["Spain", "2024-01-02"])
    book.save(tmp_path / "book.csv")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.write(tmp_path / "book.csv", "sub/book.xlsx")
        archive.writestr("trips.csv", TABLE)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with closing(open_source(tmp_path / "book.csv", scratch=scratch)) as source:
        assert [table.detection.format for table in source.tables] == ["xlsx"]
    with closing(open_source(tmp_path / "x.zip", scratch=scratch)) as source:
        assert [table.name for table in source.tables] == ["sub/book.xlsx", "trips.csv"]
        assert [[row.cells[0] for row in table.rows()] for table in source.tables] == [["Spain"], ["Spain"]]
    assert not list(scratch.iterdir())
