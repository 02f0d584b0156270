"""JSON files through the reader's door: forms, tables, cells, problems, limits, memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dinotui.domain.errors import FormatError, LimitError, UnsupportedFormat
from dinotui.formats.base import Limits, OtherCategories, ReadOptions, Row
from dinotui.formats.json import JsonSource, open_json
from dinotui.formats.json_rows import Columns, RecordShaper
from dinotui.formats.json_stream import Batch
from tests.conftest import sweep

DATA = Path(__file__).parents[1] / "data" / "json"
METADATA = {"exportId": "e", "version": "1.0", "source": "DINO Travel Tracker"}


def opened(folder: Path, document: Any, chunk_bytes: int = 1 << 19, **options: Any) -> JsonSource:
    path = folder / "file.json"
    if not isinstance(document, str | bytes):
        document = json.dumps(document)
    path.write_bytes(document if isinstance(document, bytes) else document.encode())
    return open_json(path, ReadOptions(**options), chunk_bytes=chunk_bytes)


def records(source: JsonSource, table: int = 0) -> list[dict[str, Any]]:
    """Return what the rows of a table say, with the cells that are there."""
    rows = list(source.tables[table].rows())
    return [dict(zip(source.tables[table].columns, row.cells, strict=False)) for row in rows]


def test_our_own_form() -> None:
    source = open_json(DATA / "dino.json", ReadOptions())
    (table,) = source.tables
    assert (table.name, table.detection.form, table.detection.format) == ("trips", "dino", "json")
    assert table.columns == [
        "id", "country", "countryCode", "entryDate", "exitDate", "visaType", "maxDays", "passportCountry", "notes",
        "createdAt", "updatedAt", "source",
    ]  # fmt: skip
    first, second = table.rows()
    assert first == Row(1, [
        "t-1", "대한민국", "KR", "2024-01-14", None, "tourist", 90, "US", "=1+1",
        "2024-01-14T15:00:00.000Z", "2024-01-15T15:00:00.000Z", "manual",
    ])  # fmt: skip
    assert second == Row(2, ["t-2", "Spain", None, "2023-05-01", "2023-05-09", "business", None, "US", ""])
    others = source.other_categories()
    assert others.metadata["exportId"] == "exp-1"
    assert others.preferences == {"homePassport": "US", "visaExpiryDays": [7, 14, 30]}
    assert others.notifications == [{"id": "n-1", "kind": "overstay", "tripId": "t-1"}]
    assert others.analytics == {"totalDays": 9}
    source.close()
    source.close()


def test_the_legacy_form() -> None:
    source = open_json(DATA / "legacy.json", ReadOptions())
    (table,) = source.tables
    assert (table.name, table.detection.form) == ("trips", "legacy")
    (row,) = table.rows()
    assert dict(zip(table.columns, row.cells, strict=True))["createdAt"] == "2023-02-06T10:00:00.000Z"
    others = source.other_categories()
    assert others.preferences == {
        "homePassport": "KR",
        "timeZone": "Asia/Seoul",
        "visaExpiryDays": [7, 30],
        "schengenWarningDays": 5,
    }
    assert others.metadata == {"version": "1.2", "exportDate": "2023-08-01T00:00:00.000Z"}
    assert others.notifications is None


@pytest.mark.parametrize("order", ["metadata data", "data metadata"])
@pytest.mark.parametrize("inner", ["trips preferences", "preferences trips"])
def test_categories_before_and_after_the_trips(tmp_path: Path, order: str, inner: str) -> None:
    parts = {"trips": [{"country": "Peru"}] * 3, "preferences": {"theme": "dark"}}
    whole = {"metadata": METADATA, "data": {key: parts[key] for key in inner.split()}}
    source = opened(tmp_path, {key: whole[key] for key in order.split()})
    assert source.tables[0].detection.form == "dino"
    assert len(list(source.tables[0].rows())) == 3
    assert source.other_categories().preferences == {"theme": "dark"}


def test_an_export_without_trips_has_no_table(tmp_path: Path) -> None:
    source = opened(tmp_path, {"metadata": METADATA, "data": {"preferences": {"theme": "dark"}}})
    assert source.tables == []
    assert source.other_categories().preferences == {"theme": "dark"}


@pytest.mark.parametrize("version", ["2.0", "10.1", "next", 2])
@pytest.mark.parametrize("last", [False, True])
def test_a_newer_version_is_refused(tmp_path: Path, version: Any, last: bool) -> None:
    parts = [("metadata", {**METADATA, "version": version}), ("data", {"trips": []})]
    with pytest.raises(UnsupportedFormat, match="Update the program") as caught:
        opened(tmp_path, dict(reversed(parts) if last else parts))
    assert caught.value.code == "newer-version"


def test_a_later_minor_version_is_read(tmp_path: Path) -> None:
    source = opened(tmp_path, {"metadata": {**METADATA, "version": "1.7"}, "data": {"trips": [{"a": 1}]}})
    assert records(source) == [{"a": 1}]


INFERRED: list[tuple[Any, list[tuple[str, list[dict[str, Any]]]]]] = [
    ([{"a": 1}, {"b": "x", "a": None}], [("file.json", [{"a": 1}, {"a": None, "b": "x"}])]),
    ([], [("file.json", [])]),
    ({"stays": [{"a": 1}], "count": 1}, [("stays", [{"a": 1}])]),
    ({"result": {"items": [{"a": 1}], "tags": ["x"]}}, [("result.items", [{"a": 1}])]),
    ({"x": [{"a": 1}], "y": {"z": [{"b": 2}]}, "n": []}, [("x", [{"a": 1}]), ("y.z", [{"b": 2}])]),
    ({"country": "Peru", "maxDays": 9}, [("file.json", [{"country": "Peru", "maxDays": 9}])]),
    (
        {"country": "Peru", "entryDate": "2024-01-01", "photos": [{"url": "x"}]},
        [("file.json", [{"country": "Peru", "entryDate": "2024-01-01", "photos": '[{"url":"x"}]'}])],
    ),
    ({"data": {"trips": [{"a": 1}]}}, [("data.trips", [{"a": 1}])]),
    ({"metadata": {"source": "Another"}, "data": {"trips": [{"a": 1}]}}, [("data.trips", [{"a": 1}])]),
]


@pytest.mark.parametrize(("document", "tables"), INFERRED)
@pytest.mark.parametrize("chunk_bytes", [1, 1 << 19])
def test_inferred_documents(tmp_path: Path, document: Any, tables: list[Any], chunk_bytes: int) -> None:
    source = opened(tmp_path, document, chunk_bytes)
    assert [(table.name, records(source, i)) for i, table in enumerate(source.tables)] == tables
    assert all(table.detection.form == "inferred" for table in source.tables)
    assert source.other_categories() == OtherCategories()


@pytest.mark.parametrize("text", ["1", '"trips"', "null", "{}", "[1, 2]", '[["a"], ["b"]]', '[null, "x"]'])
def test_documents_without_records_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(FormatError, match="holds no records") as caught:
        opened(tmp_path, text)
    assert caught.value.code == "no-records"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\n\n \n"])
@pytest.mark.parametrize("chunk_bytes", [1, 11, 1 << 19])
def test_an_object_a_line(tmp_path: Path, newline: str, chunk_bytes: int) -> None:
    text = newline.join(['{"a": 1, "t": "한 줄"}', '{"b": [1, {"c": 2}]}', "7", '{"a": 2}'])
    (table,) = opened(tmp_path, text, chunk_bytes).tables
    step = newline.count("\n")
    assert table.detection.format == "ndjson"
    assert list(table.rows()) == [
        Row(1, [1, "한 줄"]),
        Row(1 + step, [None, None, '[1,{"c":2}]']),
        Row(1 + 2 * step, [7], "not-an-object"),
        Row(1 + 3 * step, [2]),
    ]
    assert table.columns == ["a", "t", "b"]


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    lines = ['{"a": 1}'] * 3_000
    lines[2_000] = '{"a": 1,}'
    with pytest.raises(FormatError, match="field name") as caught:
        list(opened(tmp_path, "\n".join(lines)).tables[0].rows())
    assert caught.value.where == "file.json, line 2001"
    lines[2_000] = '{"a": 1} {"a": 2}'
    with pytest.raises(FormatError, match="follows the value") as caught:
        list(opened(tmp_path, "\n".join(lines)).tables[0].rows())
    assert caught.value.where == "file.json, line 2001"


def test_nested_objects_become_columns_and_deeper_ones_text(tmp_path: Path) -> None:
    source = opened(tmp_path, [{"a": {"b": {"c": {"d": 1}, "e": None}}, "l": [1, "x"], "a.b.e": 3, "o": {}}])
    (row,) = source.tables[0].rows()
    assert source.tables[0].columns == ["a.b.c", "a.b.e", "l", "a.b.e (2)"]
    assert row == Row(1, ['{"d":1}', None, '[1,"x"]', 3])


def test_numbers_keep_every_digit(tmp_path: Path) -> None:
    digits = [
        "0", "-0", "1", "90", "1.5", "1e2", "0.1", "123456789.123456", "1.10", "9223372036854775807",
        "-9223372036854775808", "9223372036854775808", "12345678901234567890123", "0.1000000000000000055",
        "1.7976931348623157e309", "1e-400", "3.141592653589793238", "9" * 5_000, "1.00000000000000000000",
    ]  # fmt: skip
    source = opened(tmp_path, "[" + ",".join(f'{{"n": {text}}}' for text in digits) + "]")
    cells = [row.cells[0] for row in source.tables[0].rows()]
    assert cells == [
        0, 0, 1, 90, 1.5, 100.0, 0.1, 123456789.123456, 1.1, 2**63 - 1, -(2**63), "9223372036854775808",
        "12345678901234567890123", "0.1000000000000000055", "1.7976931348623157e309", "1e-400",
        "3.141592653589793238", "9" * 5_000, 1.0,
    ]  # fmt: skip
    assert [type(cell) for cell in cells[:6]] == [int, int, int, int, float, float]


def test_true_false_and_null_stay_themselves(tmp_path: Path) -> None:
    (row,) = opened(tmp_path, '[{"a": true, "b": false, "c": null, "d": ""}]').tables[0].rows()
    assert row.cells == [True, False, None, ""]
    assert [type(cell) for cell in row.cells[:2]] == [bool, bool]


def test_a_repeated_key_marks_its_record_and_keeps_every_value(tmp_path: Path) -> None:
    lines = [f'{{"country": "Peru", "n": {n}, "note": "a: b \\": c"}}' for n in range(4_000)]
    lines[2_500] = '{"country": "Peru", "n": 1, "country": "Chile"}'
    lines[2_600] = '{"country": "Peru", "m": {"x": 1, "x": 2}}'
    lines[2_700] = '{"country": "Peru", "l": [{"x": 1, "x": 2}]}'
    (table,) = opened(tmp_path, "[" + ",\n".join(lines) + "]").tables
    rows = list(table.rows())
    assert [row.line for row in rows if row.problem] == [2_501, 2_601, 2_701]
    assert {row.problem for row in rows} == {None, "repeated-key"}
    assert rows[2_500].cells[:2] == ["Peru", 1]
    assert rows[2_500].cells[-1] == "Chile"
    assert (rows[2_600].cells[table.columns.index("m.x")], rows[2_600].cells[-1]) == (1, 2)
    assert rows[2_700].cells[-1] == '[{"x":1,"x":2}]'
    assert rows[2_501].cells == ["Peru", 2_501, 'a: b ": c']


@pytest.mark.parametrize(
    "text",
    [
        '{"metadata": {"source": "DINO Travel Tracker", "version": "1.0"}, "data": {"trips": [], "trips": [{"a": 1}]}}',
        '{"metadata": {"source": "DINO Travel Tracker", "version": "1.0", "version": "3"}, "data": {"trips": []}}',
        '{"items": [{"a": 1}], "info": {"x": 1, "x": 2}}',
        '{"items": [{"a": 1}], "items": [{"a": 2}]}',
    ],
)
def test_a_repeated_key_elsewhere_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(FormatError, match="twice") as caught:
        list(opened(tmp_path, text).tables[0].rows())
    assert (caught.value.code, caught.value.where) == ("repeated-key", "file.json, line 1")


def test_a_repeated_key_among_preferences_is_an_error(tmp_path: Path) -> None:
    text = (
        json.dumps({"metadata": METADATA})[:-1] + ', "data": {"trips": [], "preferences": {"a": 1, "a": 2}}}'
    )
    with pytest.raises(FormatError, match="twice"):
        opened(tmp_path, text).other_categories()


def test_half_a_character_marks_its_record_and_can_be_stored(tmp_path: Path) -> None:
    text = '[{"n": "fine \\ud83d\\ude00"}, {"n": "half \\ud83d"}, {"n": ["\\udc00"]}, {"\\ud800": 1}]'
    source = opened(tmp_path, text)
    rows = list(source.tables[0].rows())
    assert rows[0] == Row(1, ["fine 😀"])
    assert rows[1] == Row(2, ["half \\ud83d"], "lone-surrogate")
    assert rows[2] == Row(3, ['["\\udc00"]'], "lone-surrogate")
    assert source.tables[0].columns == ["n", "\\ud800"]
    json.dumps([row.cells for row in rows], ensure_ascii=False).encode()


def test_a_list_may_hold_what_is_no_object(tmp_path: Path) -> None:
    rows = list(opened(tmp_path, '[{"a": 1}, null, "x", [1], {"a": 2}]').tables[0].rows())
    assert [row.problem for row in rows] == [None, "not-an-object", "not-an-object", "not-an-object", None]
    assert [row.cells for row in rows[1:4]] == [[None], ["x"], ["[1]"]]


def test_a_damaged_end_is_found_after_the_rows(tmp_path: Path) -> None:
    whole = json.dumps(
        {"metadata": METADATA, "data": {"trips": [{"country": "Peru"}] * 200, "preferences": {}}}
    )
    for text, code in [
        (whole[:-1], "truncated-json"),
        (whole + "]", "malformed-json"),
        (whole[:-30], "truncated-json"),
    ]:
        source = opened(tmp_path, text)
        with pytest.raises(FormatError) as caught:
            list(source.tables[0].rows())
        assert caught.value.code == code


def test_a_table_is_chosen_by_its_name(tmp_path: Path) -> None:
    document = {"x": [{"a": 1}], "y": {"z": [{"b": 2}]}}
    assert [table.name for table in opened(tmp_path, document, table="Y.z").tables] == ["y.z"]
    with pytest.raises(FormatError, match=r"There are: x, y\.z") as caught:
        opened(tmp_path, document, table="trips")
    assert caught.value.code == "no-such-table"


def test_other_programs_are_refused_by_name(tmp_path: Path) -> None:
    for document in (
        {"semanticSegments": [{"startTime": "2024"}]},
        {"locations": [{"latitudeE7": 1}]},
        [{"startTime": "2024", "visit": {}}],
    ):
        with pytest.raises(UnsupportedFormat, match="location history"):
            opened(tmp_path, document)
    assert records(opened(tmp_path, {"locations": [{"country": "Peru"}]})) == [{"country": "Peru"}]


def test_limits_have_messages_of_their_own(tmp_path: Path) -> None:
    many = [{"a": 1}] * 300
    wide = [{f"k{n}": n for n in range(40)}]
    for document, limits, code, where in [
        (many, Limits(records=299), "too-many-records", "file.json"),
        (wide, Limits(columns=39), "too-many-columns", "file.json, record 1"),
        ([{"a": 1}, {"a": "x" * 50}], Limits(cell_characters=49), "cell-too-long", "file.json, record 2"),
        ([{"a": [[[1]]]}], Limits(nesting=4), "nested-too-deeply", "file.json, record 1"),
        (many, Limits(file_bytes=100), "file-too-large", "file.json"),
    ]:
        with pytest.raises(LimitError) as caught:
            list(opened(tmp_path, document, limits=limits).tables[0].rows())
        assert (caught.value.code, caught.value.where) == (code, where)
    list(opened(tmp_path, [{"a": [[1]]}], limits=Limits(nesting=4)).tables[0].rows())
    list(opened(tmp_path, many, limits=Limits(records=300)).tables[0].rows())


def test_an_encoding_by_the_user(tmp_path: Path) -> None:
    text = '[{"나라": "대한민국"}]'
    assert records(opened(tmp_path, text.encode("cp949"), encoding="cp949")) == [{"나라": "대한민국"}]
    source = opened(tmp_path, text.encode("utf-16"))
    assert (records(source), source.tables[0].detection.encoding) == ([{"나라": "대한민국"}], "utf-16-le")
    with pytest.raises(FormatError, match="Name the encoding"):
        opened(tmp_path, text.encode("cp949"))
    with pytest.raises(FormatError, match="not known"):
        opened(tmp_path, text, encoding="klingon")


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="cannot be opened") as caught:
        open_json(tmp_path / "none\x1b[2J.json", ReadOptions())
    assert caught.value.where == "none␛[2J.json"


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXT
    | st.floats(1e-300, 1e300).map(lambda number: float(f"{number:.15g}"))
)  # fmt: skip
FLAT = st.dictionaries(TEXT.filter(bool), SCALARS, max_size=5)


@settings(max_examples=sweep(80), deadline=None)
@given(
    rows=st.lists(FLAT, max_size=30),
    indent=st.none() | st.integers(0, 2),
    ascii_=st.booleans(),
    ours=st.booleans(),
    chunk_bytes=st.sampled_from([1, 40, 1 << 19]),
)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[dict[str, Any]],
    indent: int | None,
    ascii_: bool,
    ours: bool,
    chunk_bytes: int,
) -> None:
    document: Any = [{"id": 1}, *rows]
    if ours:
        document = {"metadata": METADATA, "data": {"trips": document}}
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_)
    source = opened(tmp_path_factory.getbasetemp(), text, chunk_bytes)
    found = list(source.tables[0].rows())[1:]
    columns = source.tables[0].columns
    assert [row.problem for row in found] == [None] * len(rows)
    for row, wanted in zip(found, rows, strict=True):
        cells = dict(zip(columns, row.cells, strict=False))
        assert {key: (type(cells[key]), cells[key]) for key in wanted} == {
            key: (type(value), value) for key, value in wanted.items()
        }
        assert all(value is None for key, value in cells.items() if key not in wanted)


NESTED = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=sweep(150), deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from("abcde"), NESTED, max_size=4) | NESTED, max_size=12))
def test_the_fast_way_gives_what_the_careful_way_gives(values: list[Any]) -> None:
    source = ",".join(json.dumps(value) for value in values).encode()
    careful, fast = Columns(Limits()), Columns(Limits())
    lines = range(1, len(values) + 1)
    wanted = RecordShaper(careful, str).rows(Batch(values), lines)
    found = RecordShaper(fast, str).rows(Batch(values, source), lines)
    assert [row.cells for row in found] == [row.cells for row in wanted]
    assert found == wanted
    assert fast.names == careful.names


PAIRS = st.recursive(
    st.sampled_from(["", 'a":', " :", "x", 1, None, '"', ":"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(st.tuples(st.sampled_from(["a", "b", 'c" :']), inner), max_size=3).map(tuple)
    ),
    max_leaves=8,
)


def as_json(value: Any, space: str) -> str:
    """Write a value whose objects are tuples of pairs, so that keys may repeat."""
    if isinstance(value, tuple):
        return f"{{{','.join(f'{json.dumps(key)}{space}:{as_json(inner, space)}' for key, inner in value)}}}"
    if isinstance(value, list):
        return f"[{','.join(as_json(inner, space) for inner in value)}]"
    return json.dumps(value)


def repeats(value: Any) -> bool:
    if isinstance(value, tuple):
        return len({key for key, _inner in value}) < len(value) or any(
            repeats(inner) for _key, inner in value
        )
    return isinstance(value, list) and any(map(repeats, value))


@settings(max_examples=sweep(300), deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), PAIRS), min_size=1, max_size=3).map(tuple),
        max_size=12,
    ),
    st.sampled_from(["", " ", "\n\t"]),
)
def test_repeated_keys_are_found_wherever_they_hide(values: list[Any], space: str) -> None:
    source = ",".join(as_json(value, space) for value in values).encode()
    decoded = json.loads(b"[" + source + b"]")
    rows = RecordShaper(Columns(Limits()), str).rows(Batch(decoded, source), range(1, len(values) + 1))
    assert [row.problem == "repeated-key" for row in rows] == [repeats(value) for value in values]


CHILD = r"""
import re, sys
from pathlib import Path
from dinotui.formats.base import ReadOptions
from dinotui.formats.json import open_json
source = open_json(Path(sys.argv[1]), ReadOptions())
count = sum(1 for row in source.tables[0].rows())
others = source.other_categories()
most = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
print(count, len(others.preferences), int(most[1]) // 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the most memory used is read from /proc")
@pytest.mark.parametrize("last", [True, False])
def test_memory_stays_bounded(tmp_path: Path, last: bool) -> None:
    count = sweep(120_000)
    path = tmp_path / "large.json"
    preferences = '"preferences": {"theme": "dark"}'
    with path.open("w") as file:
        file.write(
            f'{{"metadata": {json.dumps(METADATA)}, "data": {{{"" if last else preferences + ","}"trips": ['
        )
        for number in range(count):
            record = {
                "id": f"trip-{number}", "country": "South Korea", "entryDate": "2024-01-14", "exitDate": None,
                "visaType": "tourist", "maxDays": 90, "notes": f"note {number} " + "x" * (number % 200),
                "metadata": {"createdAt": "2024-01-14T15:00:00.000Z", "source": "manual"},
            }  # fmt: skip
            file.write(("," if number else "") + json.dumps(record))
        file.write(f"]{',' + preferences if last else ''}}}}}")
    assert path.stat().st_size > 30_000_000 * min(1.0, float(os.environ.get("DINOTUI_SWEEP", "1")))
    result = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)], capture_output=True, text=True, check=True
    )
    read, preferences_read, megabytes = map(int, result.stdout.split())
    assert (read, preferences_read) == (count, 1)
    assert megabytes < 80


@pytest.mark.parametrize("text", ["", " \n "])
@pytest.mark.parametrize("chunk_bytes", [3, 1 << 19])
def test_a_file_with_nothing_in_it_is_said_to_be_empty(tmp_path: Path, text: str, chunk_bytes: int) -> None:
    path = tmp_path / "nothing.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match="is empty") as told:
        open_json(path, ReadOptions(), chunk_bytes=chunk_bytes)
    assert told.value.where == path.name
