"""Workbooks through the reader's door: cells, dates, headers, sheets, hostile files, limits."""

from __future__ import annotations

import datetime as dt
import os
import random
import re
import struct
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from dinotui.domain.errors import Cancelled, DinoError, FormatError, LimitError, UnsupportedFormat, UsageError
from dinotui.formats.base import Limits, OtherCategories, ReadOptions, Row
from dinotui.formats.xlsx import XlsxSource, open_xlsx
from dinotui.formats.xlsx_dates import kind_of_format
from dinotui.formats.xlsx_text import escape
from tests.conftest import sweep
from tests.formats.workbooks import MAIN, PACKAGE, REL, cell, parts, sheet, strings, styles, write

HEADER = [
    "Country",
    "Entry Date",
    "Exit Date",
    "Visa Type",
    "Max Days",
    "Passport Country",
    "Duration",
    "Notes",
]
TRIP = ["Peru", dt.date(2024, 1, 14), dt.date(2024, 1, 20), "tourist", 90, "KR", 7, "note"]
DAY = ["Peru", "2024-01-14", "2024-01-20", "tourist", 90, "KR", 7, "note"]


def moment(*parts: int) -> dt.datetime:
    """Return a moment without a time zone, as cells hold them."""
    return dt.datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


def opened(path: Path, **options: Any) -> XlsxSource:
    return open_xlsx(path, ReadOptions(**options), scratch=path.parent)


def bare(folder: Path, rows: str, options: dict[str, Any] | None = None, **more: Any) -> XlsxSource:
    """Open a workbook of one sheet with these rows."""
    return opened(write(folder / "bare.xlsx", parts({"Sheet": sheet(rows)}, **more)), **(options or {}))


def cells(source: XlsxSource, table: int = 0) -> list[list[Any]]:
    return [row.cells for row in source.tables[table].rows()]


def saved(folder: Path, *sheets: tuple[str, list[list[Any]]], name: str = "book.xlsx") -> Path:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
    book.save(folder / name)
    return folder / name


def test_a_plain_workbook(tmp_path: Path) -> None:
    source = opened(saved(tmp_path, ("Trips", [HEADER, TRIP, TRIP])))
    (table,) = source.tables
    assert (table.name, table.columns) == ("Trips", HEADER)
    assert (table.detection.format, table.detection.form, table.detection.header_row) == ("xlsx", "dino", 1)
    assert list(table.rows()) == [Row(2, DAY), Row(3, DAY)]
    assert list(table.rows()) == [Row(2, DAY), Row(3, DAY)]
    assert source.other_categories() == OtherCategories()
    source.close()
    source.close()


def test_values_are_what_they_are(tmp_path: Path) -> None:
    row = [
        True, False, 0, -7, 2.5, 90.0, 1e300, 12345678901234, "007", "'=1+1", " spaced ", "line\nbreak", "#N/A",
        moment(2024, 1, 14, 9, 30, 5), dt.time(6, 15), "한국 🦕",
    ]  # fmt: skip
    source = opened(saved(tmp_path, ("Values", [[f"h{n}" for n in range(len(row))], row])))
    (found,) = cells(source)
    assert found == [
        True, False, 0, -7, 2.5, 90, 1e300, 12345678901234, "007", "'=1+1", " spaced ", "line\nbreak", "#N/A",
        "2024-01-14T09:30:05", "06:15:00", "한국 🦕",
    ]  # fmt: skip
    assert [type(value) for value in found[:8]] == [bool, bool, int, int, float, int, float, int]


def numbers(*values: str) -> str:
    """Return rows with one styled number each; the style is that of the row's order."""
    return "".join(f'<row><c s="{n}"><v>{value}</v></c></row>' for n, value in enumerate(values))


DATES = [
    ("yyyy\\-mm\\-dd", "45305", "2024-01-14", "2028-01-15"),
    (14, "45305", "2024-01-14", "2028-01-15"),
    (14, "45305.0", "2024-01-14", "2028-01-15"),
    (22, "45305.5", "2024-01-14T12:00:00", "2028-01-15T12:00:00"),
    (14, "45305.99999999", "2024-01-15", "2028-01-16"),
    (31, "45305", "2024-01-14", "2028-01-15"),
    (57, "45305", "2024-01-14", "2028-01-15"),
    ("yyyy&quot;년&quot; m&quot;월&quot; d&quot;일&quot;", "45305", "2024-01-14", "2028-01-15"),
    ("[$-412]yyyy/mm/dd;@", "45305", "2024-01-14", "2028-01-15"),
    ("mmm yyyy", "45305", "2024-01-14", "2028-01-15"),
    (14, "1", "1900-01-01", "1904-01-02"),
    (14, "59", "1900-02-28", "1904-02-29"),
    (14, "60", "1900-02-29", "1904-03-01"),
    (14, "61", "1900-03-01", "1904-03-02"),
    (14, "2957003", "9995-12-30", "9999-12-31"),
    (14, "-1", -1, -1),
    (14, "99999999999", 99999999999, 99999999999),
    (14, "0", 0, "1904-01-01"),
    (20, "0.25", "06:00:00", "06:00:00"),
    (20, "0", "00:00:00", "00:00:00"),
    (46, "1.5", "36:00:00", "36:00:00"),
    ("[hh]:mm", "1.5", "36:00:00", "36:00:00"),
    (0, "45305", 45305, 45305),
    ("0.00&quot;days&quot;", "45305", 45305, 45305),
    ("#,##0\\ [$₩-412]", "45305", 45305, 45305),
    ("General", "45305.25", 45305.25, 45305.25),
    ("0.00E+00", "45305", 45305, 45305),
    ("[Red]0", "45305", 45305, 45305),
]


@pytest.mark.parametrize("date1904", [False, True])
def test_dates_by_number_format_and_date_system(tmp_path: Path, date1904: bool) -> None:
    style = styles(*[code for code, *_rest in DATES])
    rows = '<row><c t="str"><v>Entry Date</v></c></row>' + numbers(*[value for _code, value, *_rest in DATES])
    source = bare(tmp_path, rows, {"header_row": 1}, style=style, date1904=date1904)
    assert source.tables[0].detection.date_system == ("1904" if date1904 else "1900")
    found = [row[0] for row in cells(source)]
    assert found == [wanted[1 if date1904 else 0] for _code, _value, *wanted in DATES]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("h:mm AM/PM", "time"), ("mm:ss.0", "time"), ("ss.000", "time"), ("d", "date"), ("mmmm", "date"),
        ("[mm]:ss", "elapsed"), ("@", None), ("", None), ('"d"0', None), ("# ?/?", None),
        ("General;[Red]-General", None),
        ('"total" yyyy', "date"), ("\\d0", None), ("aaaa yyyy", "date"), ('0.0" h"', None), ("[h]", "elapsed"),
    ],
)  # fmt: skip
def test_number_formats(code: str, kind: str | None) -> None:
    assert kind_of_format(code) == kind


def test_the_1904_system_as_written_by_another_program(tmp_path: Path) -> None:
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    for row in (HEADER, TRIP):
        book.active.append(row)
    book.save(tmp_path / "mac.xlsx")
    source = opened(tmp_path / "mac.xlsx")
    assert cells(source) == [DAY]
    assert any("1904" in note for note in source.tables[0].detection.notes)


def test_iso_dates_in_the_file(tmp_path: Path) -> None:
    days = ("2024-01-14T00:00:00", "2024-01-14", "2024-01-14T10:00:00")
    rows = "<row>" + "".join(f'<c t="d"><v>{day}</v></c>' for day in days) + "</row>"
    assert cells(bare(tmp_path, rows, {"header_row": 0})) == [
        ["2024-01-14", "2024-01-14", "2024-01-14T10:00:00"]
    ]


def test_texts_of_every_kind_are_kept_to_the_letter(tmp_path: Path) -> None:
    shared = strings(
        "<si><t>plain</t></si><si><r><rPr><b/></rPr><t>ri</t></r><r><t xml:space='preserve'>ch </t></r>"
        "<rPh sb='0' eb='1'><t>spoken</t></rPh></si><si><t>a_x000D__x000A_b</t></si><si><t>_x005F_x0041_</t></si>"
        "<si><t/></si><si><t>_xD83D__xDE00_ &amp; &lt;_xZZZZ_&gt;</t></si><si><t>half _xD800_</t></si>"
    )
    wanted = [
        "plain",
        "rich ",
        "a\r\nb",
        "_x0041_",
        "",
        "😀 & <_xZZZZ_>",
        "half _xD800_",
        "in _line",
        "str\r",
        "end",
    ]
    row = "".join(f'<c t="s"><v>{n}</v></c>' for n in range(7))
    row += '<c t="inlineStr"><is><r><t>in</t></r><r><t> _line</t></r><rPh><t>no</t></rPh></is></c>'
    row += '<c t="str"><f>A1</f><v>str_x000D_</v></c>' + cell("J1", "end")
    assert cells(bare(tmp_path, f"<row>{row}</row>", {"header_row": 0}, shared=shared)) == [wanted]


def test_formulas_give_their_stored_values(tmp_path: Path) -> None:
    rows = (
        f"<row>{cell('A1', 'Country')}{cell('B1', 'Max Days')}{cell('C1', 'Notes')}</row>"
        '<row><c t="str"><f>UPPER("peru")</f><v>PERU</v></c><c><f>60+30</f><v>90</v></c>'
        '<c t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
        '<row><c t="str"><f>X()</f><v>Chile</v></c><c><f>1+1</f></c><c t="b"><f>TRUE()</f><v>1</v></c></row>'
    )
    (table,) = bare(tmp_path, rows).tables
    assert [row.cells for row in table.rows()] == [["PERU", 90, "#DIV/0!"], ["Chile", None, True]]
    assert any("1 formula has no stored value" in note for note in table.detection.notes)


def test_formulas_without_values_far_down_are_counted_at_the_end(tmp_path: Path) -> None:
    rows = [["Country", "Max Days"], *[["Peru", 1]] * 3_000, *[["Peru", "=1+1"]] * 3]
    (table,) = opened(saved(tmp_path, ("S", rows))).tables
    assert not any("formula" in note for note in table.detection.notes)
    for _time in range(2):
        assert [row.cells for row in table.rows()][-1] == ["Peru"]
        assert [note for note in table.detection.notes if "3 formulas have no stored value" in note]
        assert len([note for note in table.detection.notes if "formula" in note]) == 1


def test_titles_above_the_header_and_merged_cells(tmp_path: Path) -> None:
    book = Workbook()
    page = book.active
    page["A1"] = "My stays abroad"
    page.merge_cells("A1:H1")
    page["A2"] = "as of 2024-03-01"
    for column, name in enumerate(HEADER, start=1):
        page.cell(4, column, name)
    for line in (5, 7):
        for column, value in enumerate(TRIP, start=1):
            page.cell(line, column, value)
    page.merge_cells("A7:A8")
    for column, value in enumerate(TRIP[1:], start=2):
        page.cell(8, column, value)
    book.save(tmp_path / "merged.xlsx")
    (table,) = opened(tmp_path / "merged.xlsx").tables
    assert (table.columns, table.detection.header_row, table.detection.preamble_lines) == (HEADER, 4, 3)
    assert list(table.rows()) == [Row(5, DAY), Row(7, DAY), Row(8, [None, *DAY[1:]])]
    assert any("Row 4 is the header" in note for note in table.detection.notes)


def test_a_sheet_without_a_header(tmp_path: Path) -> None:
    rows = [["Peru", dt.date(2024, 1, day), "tourist"] for day in (1, 2, 3)]
    (table,) = opened(saved(tmp_path, ("S", rows))).tables
    assert table.columns == ["Column 1", "Column 2", "Column 3"]
    assert table.detection.header_row == 0
    assert [row.line for row in table.rows()] == [1, 2, 3]


def test_the_header_row_of_the_user(tmp_path: Path) -> None:
    path = saved(tmp_path, ("S", [["Country", "Entry Date"], ["Land", "Von"], ["Peru", "2024-01-01"]]))
    assert opened(path, header_row=2).tables[0].columns == ["Land", "Von"]
    assert cells(opened(path, header_row=2)) == [["Peru", "2024-01-01"]]
    assert len(cells(opened(path, header_row=0))) == 3
    far = saved(
        tmp_path,
        ("S", [*[["x", "y"]] * 300, ["Country", "Entry Date"], ["Peru", "2024-01-01"]]),
        name="far.xlsx",
    )
    assert opened(far, header_row=301).tables[0].columns == ["Country", "Entry Date"]
    assert cells(opened(far, header_row=301)) == [["Peru", "2024-01-01"]]
    with pytest.raises(UsageError, match="no line 9"):
        opened(path, header_row=9)


def test_headers_that_are_missing_or_begin_with_a_hash(tmp_path: Path) -> None:
    rows = [
        ["#", "Country", None, "Entry Date"],
        [1, "Peru", "x", "2024-01-01"],
        [2, "Chile", None, "2024-02-01", None, "y"],
    ]
    (table,) = opened(saved(tmp_path, ("S", rows))).tables
    assert table.columns[:4] == ["#", "Country", "Column 3", "Entry Date"]
    assert [row.cells for row in table.rows()] == [
        [1, "Peru", "x", "2024-01-01"],
        [2, "Chile", None, "2024-02-01", None, "y"],
    ]
    assert table.columns[4:] == ["Column 5", "Column 6"]


def test_cells_past_the_looked_at_part_get_columns(tmp_path: Path) -> None:
    rows = [["Country", "Entry Date"], *[["Peru", "2024-01-01"]] * 300, ["Peru", "2024-01-01", None, "late"]]
    (table,) = opened(saved(tmp_path, ("S", rows))).tables
    assert table.columns == ["Country", "Entry Date"]
    assert list(table.rows())[-1] == Row(302, ["Peru", "2024-01-01", None, "late"])
    assert table.columns == ["Country", "Entry Date", "Column 3", "Column 4"]


def test_empty_rows_and_repeated_headers_are_no_records(tmp_path: Path) -> None:
    rows = [
        ["Country", "Entry Date"],
        [],
        ["Peru", "2024-01-01"],
        ["", None],
        ["Country", "Entry Date"],
        ["Chile", "x"],
        ["", ""],
    ]
    (table,) = opened(saved(tmp_path, ("S", rows))).tables
    assert list(table.rows()) == [Row(3, ["Peru", "2024-01-01"]), Row(6, ["Chile", "x"])]


def test_sheets_are_tables_and_hidden_ones_come_last(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "Secret"
    book.active.sheet_state = "hidden"
    book.active.append(["Country"])
    book.create_sheet("Empty")
    book.create_sheet("Trips").append(["Country", "Entry Date"])
    book.create_chartsheet("Chart")
    book.create_sheet("여행").append(["나라", "입국일"])
    book.save(tmp_path / "many.xlsx")
    source = opened(tmp_path / "many.xlsx")
    assert [table.name for table in source.tables] == ["Trips", "여행", "Secret"]
    assert "This sheet is hidden." in source.tables[2].detection.notes
    assert [table.name for table in opened(tmp_path / "many.xlsx", table="TRIPS").tables] == ["Trips"]
    assert [table.columns for table in opened(tmp_path / "many.xlsx", table="여행").tables] == [
        ["나라", "입국일"]
    ]
    with pytest.raises(FormatError, match="There are: Secret, Empty, Trips, 여행") as caught:
        opened(tmp_path / "many.xlsx", table="Reisen")
    assert caught.value.code == "no-such-table"


def test_an_empty_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no cell") as caught:
        opened(saved(tmp_path, ("S", [])))
    assert (caught.value.code, caught.value.where) == ("empty-file", "book.xlsx")


def test_the_strict_form_and_prefixed_names_are_read(tmp_path: Path) -> None:
    content = parts({"S": sheet(f"<row>{cell('A1', 'Country')}</row><row>{cell('A2', 'Peru')}</row>")})
    strict = {name: text.replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main").replace(
        REL, "http://purl.oclc.org/ooxml/officeDocument/relationships") for name, text in content.items()}  # fmt: skip
    assert cells(opened(write(tmp_path / "strict.xlsx", strict), header_row=1)) == [["Peru"]]
    page = content["xl/worksheets/sheet1.xml"]
    prefixed = (
        re.sub(r"<(/?)(\w)", r"<\1x:\2", page).replace("xmlns=", "xmlns:x=").replace("<?x:xml", "<?xml")
    )
    content["xl/worksheets/sheet1.xml"] = prefixed
    assert cells(opened(write(tmp_path / "prefixed.xlsx", content), header_row=1)) == [["Peru"]]


# Hostile files


def refused(source: Any, within: float = 2.0) -> DinoError:
    begun = time.monotonic()
    with pytest.raises(DinoError) as caught:
        list(source().tables[0].rows())
    assert time.monotonic() - begun < within
    assert caught.value.message.endswith(".")
    return caught.value


def test_a_lying_dimension_costs_nothing(tmp_path: Path) -> None:
    rows = f"<row r='1'>{cell('A1', 'Country')}{cell('B1', 'Entry Date')}</row>"
    rows += f"<row r='1048576'>{cell('A1048576', 'Peru')}</row>"
    text = sheet(rows, head='<dimension ref="A1:XFD1048576"/>')
    source = opened(write(tmp_path / "lie.xlsx", parts({"S": text})), limits=Limits(memory_bytes=150_000_000))
    assert list(source.tables[0].rows()) == [Row(1048576, ["Peru"])]


def test_a_million_empty_rows_are_nothing(tmp_path: Path) -> None:
    rows = f"<row>{cell('A1', 'Country')}{cell('B1', 'Entry Date')}</row>" + "".join(
        f'<row r="{n}"/>' for n in range(2, 1_000_002)
    )
    source = bare(tmp_path, rows + f"<row>{cell('A1000002', 'Peru')}</row>")
    assert list(source.tables[0].rows()) == [Row(1_000_002, ["Peru"])]


@pytest.mark.parametrize(
    "row",
    [
        '<row r="99999999999999999999"><c><v>1</v></c></row>',
        '<row r="-1"><c><v>1</v></c></row>',
        '<row><c r="AAAAAAAAAA1"><v>1</v></c></row>',
        '<row><c r="1"><v>1</v></c></row>',
        '<row><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
        '<row><c r="A1" t="s"><v>5</v></c></row>',
        '<row><c r="A1" t="s"><v>-1</v></c></row>',
        '<row><c r="A1" t="s"><v>x</v></c></row>',
        "<row><c><v>1</v></row>",
        "<row><c><v>&nothing;</v></c></row>",
    ],
)
def test_impossible_cells_are_refused(tmp_path: Path, row: str) -> None:
    error = refused(
        lambda: bare(tmp_path, f"{row}<row><c><v>2</v></c></row>", shared=strings("<si><t>x</t></si>"))
    )
    assert (error.code, error.where) == ("broken-workbook", "bare.xlsx")


LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
    + ']>'
)  # fmt: skip
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "declared", [LAUGHS, OUTSIDE, "<!DOCTYPE x>", '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">']
)
@pytest.mark.parametrize("place", ["sheet", "strings", "workbook", "styles"])
def test_entities_are_refused_everywhere(tmp_path: Path, declared: str, place: str) -> None:
    content = parts(
        {"S": sheet('<row><c t="s"><v>0</v></c></row>', before=declared if place == "sheet" else "")},
        shared=strings("<si><t>x</t></si>", before=declared if place == "strings" else ""),
        style=(declared if place == "styles" else "") + styles(0),
    )
    if place == "workbook":
        content["xl/workbook.xml"] = declared + content["xl/workbook.xml"]
    path = write(tmp_path / "laughs.xlsx", content)
    assert refused(lambda: opened(path)).code == "broken-workbook"


@pytest.mark.parametrize("part", ["sharedStrings", "worksheets/sheet1", "styles"])
def test_parts_that_inflate_like_a_trap_are_refused_at_once(tmp_path: Path, part: str) -> None:
    content: dict[str, Any] = parts(
        {"S": sheet('<row><c t="s"><v>0</v></c></row>')}, shared=strings(""), style=styles(0)
    )
    text = content[f"xl/{part}.xml"]
    content[f"xl/{part}.xml"] = text[:-10] + " " * 100_000_000 + text[-10:]
    path = write(tmp_path / "bomb.xlsx", content)
    assert path.stat().st_size < 1_000_000
    error = refused(lambda: opened(path))
    assert (error.code, error.where) == ("archive-ratio", "bomb.xlsx")


def test_a_trap_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    content = parts(
        {"S": sheet('<row><c t="s"><v>0</v></c></row>')},
        shared=strings("<si><t>" + "x" * 50_000_000 + "</t></si>"),
    )
    path = write(tmp_path / "liar.xlsx", content)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as package:
        size = package.getinfo("xl/sharedStrings.xml").file_size
    assert data.count(struct.pack("<L", size)) == 2
    path.write_bytes(data.replace(struct.pack("<L", size), struct.pack("<L", 1_000)))
    assert refused(lambda: opened(path)).code in {"broken-workbook", "damaged-archive"}


def test_text_past_the_limit_of_a_cell_is_refused(tmp_path: Path) -> None:
    rows = f"<row>{cell('A1', 'x' * 1_000)}</row>"
    for shared, text in (
        (None, rows),
        (strings(f"<si><t>{'x' * 1_000}</t></si>"), '<row><c t="s"><v>0</v></c></row>'),
    ):
        assert cells(
            bare(tmp_path, text, {"header_row": 0, "limits": Limits(cell_characters=1_000)}, shared=shared)
        )
        error = refused(
            lambda s=shared, t=text: bare(tmp_path, t, {"limits": Limits(cell_characters=999)}, shared=s)
        )
        assert error.code == "cell-too-long"


def test_limits_of_rows_and_columns(tmp_path: Path) -> None:
    path = saved(tmp_path, ("S", [["Country", "Entry Date", "Notes"], *[["Peru", "2024-01-01", "x"]] * 50]))
    assert len(cells(opened(path, limits=Limits(records=50, columns=3)))) == 50
    assert refused(lambda: opened(path, limits=Limits(records=49))).code == "too-many-records"
    assert refused(lambda: opened(path, limits=Limits(columns=2))).code == "too-many-columns"
    wide = saved(tmp_path, ("S", [["Country"], ["Peru", *[""] * 2_000, "far"]]))
    error = refused(lambda: opened(wide))
    assert (error.code, error.where) == ("too-many-columns", "book.xlsx, sheet S")


def test_nothing_outside_the_package_is_touched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text(sheet(f"<row>{cell('A1', 'secret')}</row>"))
    for target, mode in (
        ("../../secret.xml", ""),
        (str(secret), ""),
        (secret.as_uri(), ' TargetMode="External"'),
        ("http://127.0.0.1:9/x", ' TargetMode="External"'),
    ):
        content = parts({"S": sheet(f"<row>{cell('A1', 'Country')}</row>")})
        content["xl/_rels/workbook.xml.rels"] = (
            f'<Relationships xmlns="{PACKAGE}">'
            f'<Relationship Id="s1" Type="{REL}/worksheet" Target="{target}"{mode}/></Relationships>'
        )
        path = write(tmp_path / "outside.xlsx", content)
        assert refused(lambda p=path: opened(p)).code in {"broken-workbook", "empty-file"}


def test_links_to_other_workbooks_are_left_alone(tmp_path: Path) -> None:
    link = f'<externalLink xmlns="{MAIN}"><externalBook/></externalLink>'
    content = parts(
        {"S": sheet(f"<row>{cell('A1', 'Country')}</row>")}, more={"xl/externalLinks/externalLink1.xml": link}
    )
    content["xl/_rels/workbook.xml.rels"] = content["xl/_rels/workbook.xml.rels"].replace(
        "</Relationships>",
        f'<Relationship Id="e" Type="{REL}/externalLink" Target="externalLinks/externalLink1.xml"/></Relationships>',
    )
    assert opened(write(tmp_path / "linked.xlsx", content), header_row=1).tables[0].columns == ["Country"]


DAMAGE = {
    "archive-ratio",
    "broken-workbook",
    "damaged-archive",
    "unsafe-archive",
    "unsupported-encrypted-zip",
    "empty-file",
}


def outcome(path: Path) -> tuple[list[list[Any]], DinoError | None]:
    """Return the cells of a workbook, or what it is refused with."""
    try:
        return cells(opened(path)), None
    except DinoError as error:
        return [], error


def test_damaged_files_are_sentences(tmp_path: Path) -> None:
    whole = saved(tmp_path, ("S", [["Country"], *[["Peru"]] * 2_000])).read_bytes()
    path = tmp_path / "damaged.xlsx"
    chance = random.Random(7)
    for number in range(sweep(12)):
        data = bytearray(whole)
        if number % 3 == 0:
            data = data[: chance.randrange(len(data))]
        else:
            for _ in range(chance.randrange(1, 30)):
                data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data)
        rows, error = outcome(path)
        if error is None:
            assert rows == [["Peru"]] * 2_000  # what was hit does not count for the table
        else:
            assert error.code in DAMAGE
            assert error.message.endswith(".")


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "broken-workbook"),
        (b"Country,Entry Date\n", "broken-workbook"),
        (b"PK\x03\x04" + b"x" * 200, "damaged-archive"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "unsupported-encrypted-workbook"),
        (OLE + "Workbook".encode("utf-16-le"), "unsupported-xls"),
    ],
)  # fmt: skip
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "x.xlsx").write_bytes(content)
    assert refused(lambda: opened(tmp_path / "x.xlsx")).code == code


def test_a_missing_file_and_a_package_without_a_workbook(tmp_path: Path) -> None:
    assert refused(lambda: opened(tmp_path / "none.xlsx")).code == "unreadable-file"
    write(tmp_path / "zip.xlsx", {"readme.txt": "x"})
    assert refused(lambda: opened(tmp_path / "zip.xlsx")).code == "broken-workbook"


def test_a_flight_log_is_refused_by_name(tmp_path: Path) -> None:
    path = saved(
        tmp_path, ("S", [["Date", "From", "To", "Flight Number"], ["2024-01-01", "ICN", "MAD", "KE1"]])
    )
    with pytest.raises(UnsupportedFormat, match="flight log"):
        opened(path)


def test_too_much_time_and_memory_are_sentences(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{n}"/>' for n in range(1, 2_000_000))
    slow = write(tmp_path / "slow.xlsx", parts({"S": sheet(rows)}))
    with pytest.raises(LimitError, match="longer than"):
        opened(slow, limits=Limits(seconds=0.3))
    style = styles(0).replace("</cellXfs>", '<xf numFmtId="0"/>' * 400_000 + "</cellXfs>")
    large = write(tmp_path / "large.xlsx", parts({"S": sheet(f"<row>{cell('A1', 'x')}</row>")}, style=style))
    with pytest.raises(LimitError, match="memory"):
        opened(large, limits=Limits(memory_bytes=100_000_000, inflation_ratio=10_000))


def children() -> set[str]:
    found = subprocess.run(
        ["ps", "-ww", "--ppid", str(os.getpid()), "-o", "pid=,args="], capture_output=True, text=True
    )
    return {line for line in found.stdout.splitlines() if "dinotui" in line}


def test_leaving_and_closing_end_the_child(tmp_path: Path) -> None:
    path = saved(tmp_path, ("S", [["Country", "Notes"], *[["Peru", "x" * 300]] * 9_000]))
    source = opened(path)
    early = source.tables[0].rows()
    next(early)
    assert len(children()) == 1
    early.close()  # type: ignore[attr-defined]
    assert children() == set()
    running = source.tables[0].rows()
    next(running)
    source.close()
    assert children() == set()
    with pytest.raises(Cancelled):
        list(running)


# Laws

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
VALUE = (
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(-1e9, 1e9)
    .map(lambda number: float(f"{number:.12g}"))
    .filter(lambda number: not number.is_integer())
    | st.dates(dt.date(1900, 3, 1), dt.date(9999, 12, 31))
    | st.datetimes(moment(1900, 3, 1), moment(2200, 1, 1)).map(lambda found: found.replace(microsecond=0))
    | TEXT
)


def expected(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat() if value.time() != dt.time() else value.date().isoformat()
    return value.isoformat() if isinstance(value, dt.date) else value


@settings(max_examples=sweep(8), deadline=None)
@given(st.lists(st.lists(VALUE, min_size=1, max_size=5), max_size=40))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: list[list[Any]]) -> None:
    folder = tmp_path_factory.getbasetemp()
    book = Workbook()
    page = book.active
    page.append(["first"])
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            target = page.cell(number, column)
            target.value = escape(value) if isinstance(value, str) else value
            if isinstance(value, str):
                target.data_type = "s"
    book.save(folder / "law.xlsx")
    found = {row.line: row.cells for row in opened(folder / "law.xlsx", header_row=1).tables[0].rows()}
    for number, row in enumerate(rows, start=2):
        wanted = [expected(value) if value != "" else None for value in row]
        while wanted and wanted[-1] is None:
            wanted.pop()
        assert [(type(value), value) for value in found.pop(number, [])] == [
            (type(value), value) for value in wanted
        ]
    assert found == {}


@settings(max_examples=sweep(6), deadline=None)
@given(st.lists(st.lists(VALUE, min_size=3, max_size=3), min_size=1, max_size=20))
def test_the_reader_agrees_with_openpyxl(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[Any]]
) -> None:
    safe = [
        [value if not isinstance(value, str) or value.isalnum() else "x" for value in row] for row in rows
    ]
    path = saved(tmp_path_factory.getbasetemp(), ("S", [["first", "second", "third"], *safe, ["last"]]))
    theirs = load_workbook(path, read_only=True, data_only=True)
    wanted = [
        [expected(value) for value in row] for row in theirs["S"].iter_rows(min_row=2, values_only=True)
    ]
    theirs.close()
    ours = cells(opened(path, header_row=1))
    filled = [row for row in wanted if any(value is not None for value in row)]
    assert [row + [None] * (3 - len(row)) for row in ours] == filled


CHILD = r"""
import re, resource, sys
from pathlib import Path
from dinotui.formats.base import Limits, ReadOptions
from dinotui.formats.xlsx import open_xlsx
path = Path(sys.argv[1])
options = ReadOptions(limits=Limits(memory_bytes=int(sys.argv[2])))
source = open_xlsx(path, options, scratch=path.parent)
count = sum(1 for row in source.tables[0].rows())
most = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
print(count, int(most[1]) // 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the most memory used is read from /proc")
@pytest.mark.parametrize("shared", [True, False])
def test_memory_stays_bounded(tmp_path: Path, shared: bool) -> None:
    count = sweep(25_000)
    head = f"<row>{cell('A1', 'Country')}{cell('B1', 'Notes')}</row>"
    note = "a long note about a stay " * 40
    if shared:
        rows = "".join(
            f'<row><c t="inlineStr"><is><t>Peru</t></is></c><c t="s"><v>{n}</v></c></row>'
            for n in range(count)
        )
        part = strings("".join(f"<si><t>{n} {note}</t></si>" for n in range(count)))
    else:
        rows = "".join(
            f"<row>{cell(f'A{n}', 'Peru')}{cell(f'B{n}', f'{n} {note}')}</row>" for n in range(2, count + 2)
        )
        part = None
    path = write(tmp_path / "large.xlsx", parts({"S": sheet(head + rows)}, shared=part))
    allowed = 120_000_000
    command = [sys.executable, "-c", CHILD, str(path), str(allowed)]
    read, megabytes = map(
        int, subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    )
    assert read == count
    assert megabytes < 80
