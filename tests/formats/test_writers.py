import csv
import gzip
import io
import itertools
import json
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dinotui.domain.configuration import (
    Categories,
    Compression,
    ExportConfiguration,
    ExportFormat,
)
from dinotui.domain.errors import FormatError, UsageError
from dinotui.domain.export import BATCH, CSV_HEADER, ExportRow
from dinotui.domain.trip import export_form
from dinotui.engine.export_verifying import write_document
from dinotui.formats.guard import unguard
from dinotui.formats.rereading import Traces, reread
from dinotui.formats.writing import CannotHold, Document, Fingerprint, Layout, Meant, layout_of
from dinotui.formats.xlsx_text import escape, unescape
from tests.conftest import sweep

FORMATS: tuple[ExportFormat, ...] = ("json", "csv", "xlsx")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.text(
    "=+-@\t\r\n',\"_x0041 ", max_size=12
)
DAYS = st.integers(-354_285, 2_932_896)


def trip(**changes: Any) -> ExportRow:
    columns = {
        "id": "a",
        "country": "Japan",
        "code": "JP",
        "entry": 19_800,
        "exit": 19_809,
        "visa": "tourist",
        "most": 90,
        "passport": "KR",
        "notes": "",
        "created": "2024-03-05T10:11:12.345Z",
        "updated": "2024-03-05T10:11:12.345Z",
        "source": "manual",
    }
    return cast("ExportRow", tuple({**columns, **changes}.values()))


ROWS = st.lists(
    st.builds(
        lambda entry, length, **texts: trip(
            entry=entry, exit=length and min(entry + length, 2_932_896), **texts
        ),
        DAYS,
        st.none() | st.integers(1, 4_000),
        country=TEXTS,
        code=st.none() | st.just("KR"),
        visa=TEXTS,
        most=st.none() | st.integers(1, 3_650),
        passport=TEXTS,
        notes=TEXTS,
        id=TEXTS,
    ),
    max_size=5,
)


def document(rows: Iterable[ExportRow], scratch: Path = Path(), **changes: Any) -> Document:
    kept = list(rows)

    def batches() -> Iterable[list[ExportRow]]:
        left = iter(kept)
        while batch := list(itertools.islice(left, BATCH)):
            yield batch

    base: dict[str, Any] = {
        "categories": ("trips",),
        "metadata": {"exportId": "x", "version": "1.0", "privacy": {"a": [1]}},
        "trips": batches,
        "notifications": list,
        "scratch": scratch,
    }
    return Document(**{**base, **changes})


def written(made: Document, layout: Layout) -> tuple[bytes, Meant]:
    sink = io.BytesIO()
    meant = write_document(made, layout, sink, lambda _count: None)
    return sink.getvalue(), meant


def read_back(data: bytes, layout: Layout, made: Document, words: tuple[str, ...] = ()) -> Meant:
    return reread(cast("BinaryIO", io.BytesIO(data)), layout, made, Traces(words), lambda _count: None)


def layout(name: ExportFormat, container: str = "plain", level: int = 3, **categories: bool) -> Layout:
    compression = Compression(
        enabled=container != "plain", algorithm="zip" if container == "zip" else "gzip", level=level
    )
    return layout_of(
        ExportConfiguration(format=name, compression=compression, categories=Categories(**categories))
    )


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=sweep(60), deadline=None)
@given(rows=ROWS, metadata=st.booleans(), bom=st.booleans())
@example(
    rows=[trip(notes="=1+1"), trip(notes="'=1"), trip(notes="\x00\x01\r\n_x0041_ ")], metadata=True, bom=True
)
def test_what_is_written_reads_back_as_meant(
    name: ExportFormat, rows: list[ExportRow], metadata: bool, bom: bool
) -> None:
    made = document(rows, trip_metadata=metadata, bom=bom)
    data, meant = written(made, layout(name))
    assert read_back(data, layout(name), made) == meant
    assert meant["trips"].rows == len(rows)


@settings(max_examples=sweep(60), deadline=None)
@given(ROWS)
def test_json_is_what_any_reader_reads(rows: list[ExportRow]) -> None:
    from dinotui.domain.dates import day_text

    data, _meant = written(document(rows), layout("json"))
    found = json.loads(data)
    assert list(found) == ["metadata", "data"]
    expected = [
        export_form(
            (*row[:3], day_text(row[3]), None if row[4] is None else day_text(row[4]), *row[5:]),
            metadata=True,
        )
        for row in rows
    ]
    assert found["data"] == {"trips": expected}


@settings(max_examples=sweep(60), deadline=None)
@given(ROWS)
def test_csv_is_what_any_reader_reads(rows: list[ExportRow]) -> None:
    data, _meant = written(document(rows, bom=True), layout("csv"))
    assert data.startswith(
        b"\xef\xbb\xbfCountry,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Duration,Notes\r\n"
    )
    found = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1:]
    for row, cells in zip(rows, found, strict=True):
        assert [unguard(cells[at]) for at in (0, 3, 5, 7)] == [row[1], row[5], row[7], row[8]]
        assert cells[4] == ("" if row[6] is None else str(row[6]))
        assert cells[6] == ("" if row[4] is None else str(row[4] - row[3] + 1))
        assert not any(cells[at].startswith(("=", "+", "-", "@", "\t", "\r")) for at in (0, 3, 5, 7))


@settings(max_examples=sweep(30), deadline=None)
@given(ROWS)
def test_xlsx_is_what_openpyxl_reads(rows: list[ExportRow]) -> None:
    data, _meant = written(document(rows), layout("xlsx"))
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book["Trips"]
    found = list(sheet.iter_rows(values_only=True))
    assert found[0] == (*CSV_HEADER, "ID", "Country Code", "Created At", "Updated At", "Source")
    for number, row in enumerate(rows, 2):
        cells = [cell.value for cell in sheet[number]]
        assert [unescape(cells[at] or "") for at in (0, 3, 5, 7, 8)] == [
            row[1],
            row[5],
            row[7],
            row[8],
            row[0],
        ]
        assert all(cell.data_type == "s" for cell in sheet[number] if isinstance(cell.value, str))
        assert (cells[4], cells[9]) == (row[6], row[2])


def test_a_sheet_has_real_dates_a_frozen_header_a_filter_and_widths_that_fit() -> None:
    rows = [trip(country="대한민국 서울특별시", notes="x" * 300), trip(entry=-30_000, exit=None)]
    data, _meant = written(document(rows), layout("xlsx"))
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Trips"]
    assert sheet["B2"].value == datetime(2024, 3, 18)  # noqa: DTZ001 - what openpyxl gives
    assert sheet["B2"].is_date
    assert sheet["B3"].value == "1887-11-12"  # older than Excel's calendar
    assert (sheet["E2"].value, sheet["G2"].value, sheet["C3"].value, sheet["G3"].value) == (
        90,
        10,
        None,
        None,
    )
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet["A1"].font.b) == ("A2", "A1:M3", True)
    assert (
        sheet.column_dimensions["A"].width == 20
    )  # ten wide characters take twenty columns, less the space, plus one
    assert sheet.column_dimensions["H"].width == 61


def test_a_text_that_looks_like_a_formula_is_text_for_good() -> None:
    data, _meant = written(document([trip(notes="=1+1", country="#N/A", visa="TRUE")]), layout("xlsx"))
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Trips"]
    assert (sheet["H2"].value, sheet["H2"].data_type, sheet["H2"].quotePrefix) == ("=1+1", "s", True)
    assert (sheet["A2"].data_type, sheet["D2"].data_type) == ("s", "s")


@given(TEXTS)
@example("_x0041_")
@example("__x000D__x005F_")
@example("\r\n\x00\ufffe")
def test_sheet_texts_are_escaped_invertibly(text: str) -> None:
    assert unescape(escape(text)) == text
    assert not any(ord(c) < 32 and c not in "\t\n" for c in escape(text))


@pytest.mark.parametrize(("name", "container"), list(itertools.product(FORMATS, ("plain", "gzip", "zip"))))
def test_every_format_in_every_container(name: ExportFormat, container: str, tmp_path: Path) -> None:
    words = ["오사카 출장", "museum", "dinner with friends", "late flight", "rain", "train to Busan", "again"]
    notes = (" ".join(words[n * k % 7] for k in (1, 2, 3, 5, 11)) for n in range(2_500))
    made = document([trip(id=str(n), notes=text) for n, text in enumerate(notes)], tmp_path)
    sizes = []
    for level in range(1, 6):
        chosen = layout(name, container, level)
        data, meant = written(made, chosen)
        assert read_back(data, chosen, made) == meant
        assert data == written(made, chosen)[0]  # the same data gives the same bytes
        sizes.append(len(data))
    if container != "plain" and name != "xlsx":  # a workbook is packed already
        assert sizes[0] > sizes[4], sizes
    if container == "gzip":
        inner = gzip.decompress(data)
    elif container == "zip":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert archive.testzip() is None
            names = archive.namelist()
            inner = archive.read(names[0])
        assert names == [{"json": "dinocal.json", "csv": "trips.csv", "xlsx": "dinocal.xlsx"}[name]]
    else:
        inner = data
    expected = written(made, layout(name))[0]
    assert inner == expected or parts_of(inner) == parts_of(expected)


def parts_of(workbook: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(workbook)) as package:
        return {name: package.read(name) for name in package.namelist()}


DAMAGE = {
    "cut": lambda data: data[: len(data) * 2 // 3],
    "torn end": lambda data: data[:-2],
    "more": lambda data: data + data[-40:],
    "one digit": lambda data: data.replace(b"-18", b"-17", 1),
    "a text": lambda data: data.replace(b"tourist", b"tourisT", 1),
    "the header": lambda data: data.replace(b"Max Days", b"Most Days", 1).replace(
        b'"version"', b'"revision"', 1
    ),
    "a row less": lambda data: b"\n".join([line for n, line in enumerate(data.split(b"\n")) if n != 14]),
    "two rows swapped": lambda data: (
        data.replace(b"row-7", b"row-X").replace(b"row-8", b"row-7").replace(b"row-X", b"row-8")
    ),
    "a row twice": lambda data: b"\n".join(
        line for n, each in enumerate(data.split(b"\n")) for line in ([each, each] if n == 14 else [each])
    ),
    "bad bytes": lambda data: data.replace(b"tourist", b"touri\xff\xfe", 1),
    "another key": lambda data: data.replace(b'"visaType"', b'"visa"', 1).replace(b"90,KR", b"90;KR", 1),
}


@pytest.mark.parametrize(("name", "damage"), list(itertools.product(("json", "csv"), DAMAGE)))
def test_damage_is_noticed(name: ExportFormat, damage: str) -> None:
    made = document([trip(id=f"row-{n}", notes=f"row-{n}") for n in range(20)])
    data, meant = written(made, layout(name))
    damaged = DAMAGE[damage](data)
    assert damaged != data
    try:
        found = read_back(damaged, layout(name), made)
    except FormatError:
        return
    assert found != meant


@pytest.mark.parametrize("container", ["gzip", "zip"])
def test_damage_inside_a_package_is_noticed(container: str) -> None:
    chosen = layout("csv", container)
    made = document([trip(notes=f"row-{n}") for n in range(500)])
    data, meant = written(made, chosen)
    for at in range(60, len(data) - 120, len(data) // 40):
        damaged = data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]
        try:
            assert read_back(damaged, chosen, made) != meant
        except FormatError:
            continue


def test_damage_inside_a_workbook_is_noticed() -> None:
    made = document([trip(notes=f"row-{n}") for n in range(20)])
    data, meant = written(made, layout("xlsx"))
    parts = parts_of(data)
    sheet = "xl/worksheets/sheet1.xml"
    for old, new in (
        (b"row-7<", b"row-6<"),
        (b"<v>90</v>", b"<v>91</v>"),
        (b"<v>90</v>", b"<f>1</f><v>90</v>"),
        (b"Notes", b"notes"),
    ):
        changed = io.BytesIO()
        with zipfile.ZipFile(changed, "w") as package:
            for name, content in parts.items():
                package.writestr(name, content.replace(old, new, 1) if name == sheet else content)
        try:
            assert read_back(changed.getvalue(), layout("xlsx"), made) != meant
        except FormatError:
            continue


def test_a_fingerprint_depends_on_every_field_and_the_order() -> None:
    def of(*rows: tuple[Any, ...]) -> Fingerprint:
        found = Fingerprint()
        found.add(rows)
        return found

    assert of(("a", 1), ("b", None)) == of(("a", 1), ("b", None))
    assert of(("a", 1), ("b", None)) != of(("b", None), ("a", 1))
    assert of(("a", 1)) != of(("a", 2))
    assert of(("a", "b")) != of(("ab", ""))
    assert of(("a", None)) != of(("a", ""))


@pytest.mark.parametrize(
    ("text", "word", "found"),
    [
        ("Kim was here", "kim", True),
        ("kimchi", "kim", False),
        ("a KIM.", "Kim", True),
        ("mokim", "kim", False),
        ("김민수는", "김민수", True),
        ("ÉMILE", "émile", True),
        ('say \\"Hi\\" now', 'say "Hi"', True),
        ("A &amp; B", "A & B", True),
    ],
)
def test_traces_are_found_as_words(text: str, word: str, found: bool) -> None:
    assert Traces([word]).found_in(text.encode()) is found


@pytest.mark.parametrize("offset", range(-8, 9))
@pytest.mark.parametrize(("text", "found"), [(" kim ", True), ("kimchi", False), ("mokim", False)])
def test_a_trace_across_two_pieces_is_found(offset: int, text: str, found: bool) -> None:
    from dinotui.formats.rereading import Watched

    data = b"." * ((1 << 16) + offset) + text.encode() + b"." * 100
    stream = io.BufferedReader(Watched(io.BytesIO(data), Traces(["Kim"])), 1 << 16)
    try:
        while stream.read1(1 << 16):
            pass
    except FormatError:
        assert found
    else:
        assert not found


def test_a_workbook_refuses_what_it_cannot_hold() -> None:
    with pytest.raises(CannotHold, match="does not fit"):
        written(document([trip(notes="x" * 32_768)]), layout("xlsx"))
    written(document([trip(notes="x" * 32_767)]), layout("xlsx"))


def test_a_worksheet_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    from dinotui.formats import xlsx_writer

    monkeypatch.setattr(xlsx_writer, "MOST_ROWS", 11)
    written(document([trip()] * 10), layout("xlsx"))
    with pytest.raises(CannotHold, match="10 rows at most"):
        written(document([trip()] * 11), layout("xlsx"))


OTHERS: dict[str, Any] = {
    "categories": ("trips", "preferences", "notifications", "analytics"),
    "preferences": {"theme": "auto", "visaExpiryDays": [7, 14], "keyMap": {}},
    "notifications": lambda: [[("n1", "overstay", "=Title", "text", "2024-01-01T00:00:00Z", None, "a", "s")]],
    "analytics": {
        "asOf": "2024-06-01",
        "perCountry": [{"country": "Japan", "days": 3, "years": [{"year": 2024, "days": 3}]}],
        "longestStay": {"tripId": "a", "days": 9},
        "overlaps": {"count": 0, "newest": []},
        "share": 0.5,
    },
}
ALL = {"preferences": True, "notifications": True, "analytics": True}


@pytest.mark.parametrize(("name", "container"), list(itertools.product(FORMATS, ("plain", "gzip", "zip"))))
def test_all_categories_in_every_format(name: ExportFormat, container: str, tmp_path: Path) -> None:
    made = document([trip()], tmp_path, **OTHERS)
    chosen = layout(name, container, **ALL)
    data, meant = written(made, chosen)
    assert read_back(data, chosen, made) == meant
    assert set(OTHERS["categories"]) <= set(meant)


def test_several_categories_as_csv_are_one_zip() -> None:
    data, _meant = written(document([trip()], **OTHERS), layout("csv", **ALL))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert list(texts) == ["trips.csv", "preferences.csv", "notifications.csv", "analytics.csv"]
    assert texts["preferences.csv"].splitlines()[2] == 'visaExpiryDays,"[7, 14]"'
    assert texts["notifications.csv"].splitlines()[1] == "n1,overstay,'=Title,text,2024-01-01T00:00:00Z,,a,s"
    assert "perCountry,Japan / 2024,days,3" in texts["analytics.csv"].splitlines()


def test_fields_that_are_left_out_are_no_keys_in_json_and_empty_elsewhere() -> None:
    omitted = frozenset({"passportCountry", "notes", "source", "title", "message"})
    made = document([trip(passport="", source="")], omitted=omitted, **OTHERS)
    found = json.loads(written(made, layout("json", **ALL))[0])["data"]
    assert list(found["trips"][0]) == [
        "id",
        "country",
        "countryCode",
        "entryDate",
        "exitDate",
        "visaType",
        "maxDays",
        "metadata",
    ]
    assert list(found["trips"][0]["metadata"]) == ["createdAt", "updatedAt"]
    assert list(found["notifications"][0]) == ["id", "kind", "created", "read", "tripId", "subject"]
    data, meant = written(made, layout("xlsx", **ALL))
    assert read_back(data, layout("xlsx", **ALL), made) == meant
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Notifications"]
    assert [cell.value for cell in sheet[2]][:4] == ["n1", "overstay", None, None]


def test_csv_of_another_category_alone_is_a_clear_message() -> None:
    with pytest.raises(UsageError, match="CSV file holds trips only"):
        layout("csv", trips=False, preferences=True)
    with pytest.raises(UsageError, match="Nothing is chosen"):
        layout("json", trips=False)


def test_naughty_strings_survive_in_every_format(corpora: Path) -> None:
    strings = json.loads((corpora / "blns" / "blns.json").read_text(encoding="utf-8"))
    rows = [trip(id=f"{n}", notes=text, country=text, visa=text) for n, text in enumerate(strings)]
    for name in FORMATS:
        made = document(rows)
        data, meant = written(made, layout(name))
        assert read_back(data, layout(name), made) == meant
