"""Rows understood in batches become the same records as rows understood one by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dinotui.domain.date_columns import ColumnJudge, judge_together
from dinotui.domain.date_reading import DateReading
from dinotui.domain.dates import iso_day
from dinotui.domain.mapping import ColumnMatch, Mapping
from dinotui.domain.record_batches import BatchNormaliser
from dinotui.domain.records import Normaliser, NormaliserOptions
from dinotui.domain.source_rows import SourceRows
from dinotui.domain.validation import compile_rules, parse_rule

FIELDS = (
    "country",
    "countryCode",
    "entryDate",
    "exitDate",
    "visaType",
    "maxDays",
    "passportCountry",
    "notes",
)
FIELDS += ("id", "source", "createdAt", "updatedAt")
TODAY = iso_day("2025-06-01") or 0
CELLS = {
    "country": ("France", " France ", "Korea", "nowhere", "", "대한민국", None, "x" * 101, 7, True, 7.0),
    "countryCode": ("", None, "FR", "fr", "KR", "??", "DE"),
    "entryDate": (
        "2024-01-05",
        "2024-02-01",
        "1901-01-01",
        "2030-01-01",
        "",
        "2024-02-30",
        "5.1.2024",
        45000,
    ),
    "exitDate": ("2024-01-07", "2024-03-01", "", None, "present", "2031-01-01", "soon", "2023-12-31", 45010),
    "visaType": ("Tourist", "touristt", "", " Work", None, "y" * 101, 3),
    "maxDays": ("", None, "90", 90, 90.0, True, 1, 1.0, "90 days", "1", "4000", "few", 0.5),
    "passportCountry": ("", "Germany", " USA", None, "z" * 101, 1),
    "notes": ("", None, "a\nb", " kept ", "n" * 10_001, 5, True),
    "id": ("", None, "a-1", " a-2 ", "i" * 201, 12),
    "source": ("", None, "old", "s" * 101),
    "createdAt": ("", None, "2024-01-01T00:00:00Z"),
    "updatedAt": ("", None, "2024-01-02T00:00:00Z"),
}
ROWS = st.lists(st.tuples(*(st.sampled_from(CELLS[field]) for field in FIELDS)), min_size=1, max_size=30)
LENGTHS = st.lists(st.integers(0, len(FIELDS) + 1), min_size=30, max_size=30)


def mapped(
    constants: dict[str, str], kept: tuple[int, ...] = (), leave_out: frozenset[str] = frozenset()
) -> Mapping:
    columns = tuple(
        ColumnMatch(column=at, header=name, field=None if name in leave_out | set(constants) else name)
        for at, name in enumerate(FIELDS)
    )
    return Mapping(columns=columns, constants=constants, keep_in_notes=kept)


def both(
    mapping: Mapping, options: NormaliserOptions, rows: SourceRows, fixes: dict[int, dict[str, str]]
) -> None:
    one = Normaliser(mapping, FIELDS, options)
    batch = BatchNormaliser(Normaliser(mapping, FIELDS, options), mapping, options)
    expected = [
        one(record, cells, problem, fixes.get(record))
        for record, cells, problem in zip(rows.records, rows.cells, rows.problems, strict=True)
    ]
    for _again in range(2):  # the second time from what is remembered
        found = batch(rows, fixes)
        assert found == expected
        assert [list(map(type, row)) for row in found] == [list(map(type, row)) for row in expected]


@given(
    ROWS,
    LENGTHS,
    st.booleans(),
    st.sampled_from(
        ({}, {"country": "Spain"}, {"visaType": "Work", "exitDate": "2024-03-01"}, {"countryCode": "FR"})
    ),
    st.sampled_from((frozenset(), frozenset({"countryCode"}), frozenset({"id", "maxDays", "notes"}))),
    st.dictionaries(st.integers(1, 30), st.just({"entryDate": "2024-01-01", "country": "Spain"}), max_size=3),
    st.lists(st.sampled_from((None, None, None, "short-row")), min_size=30, max_size=30),
)
def test_a_batch_is_read_as_its_rows_are(rows, lengths, swap, constants, leave_out, fixes, problems):
    cells = [list(row[: lengths[at]]) if problems[at] else list(row) for at, row in enumerate(rows)]
    source = SourceRows(range(1, len(rows) + 1), cells, problems[: len(rows)])
    options = NormaliserOptions({"entryDate": DateReading(order="dmy")}, today=TODAY, swap=swap)
    both(mapped(constants, leave_out=leave_out), options, source, fixes)


@pytest.mark.parametrize("kind", ["rule", "kept"])
@given(rows=ROWS)
def test_what_looks_at_whole_rows_is_asked_of_each(kind, rows):
    rules = compile_rules((parse_rule("notes required"),)) if kind == "rule" else None
    source = SourceRows(range(1, len(rows) + 1), [list(row) for row in rows], [None] * len(rows))
    options = NormaliserOptions({}, today=TODAY, rules=rules)
    both(mapped({}, (1,) if kind == "kept" else ()), options, source, {})


@given(
    st.lists(
        st.one_of(st.sampled_from(CELLS["entryDate"] + CELLS["exitDate"]), st.dates().map(str)), max_size=40
    )
)
def test_a_column_fed_at_once_is_judged_as_its_cells_are(cells):
    one, all_ = ColumnJudge(), ColumnJudge()
    for cell in cells:
        one.feed(cell)
    all_.feed_all(cells)
    assert judge_together([one], None) == judge_together([all_], None)
