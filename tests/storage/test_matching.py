"""The set-based matcher against one that compares every pair with the rules of the domain."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dinotui.domain import evidence
from dinotui.domain import matching as rules
from dinotui.domain.configuration import CRITERIA, DuplicateHandling, ImportConfiguration, LevelActions
from dinotui.domain.merging import differing
from dinotui.storage import crowds
from dinotui.storage.matching import DIFFERS, find_matches
from dinotui.storage.planning import make_plan
from dinotui.storage.staging import ENDS_FIRST, RECORD_COLUMNS, Staging
from dinotui.storage.store import Store
from tests.conftest import sweep

COLUMNS = (
    "id",
    "country",
    "country_code",
    "country_fold",
    "entry_day",
    "exit_day",
    "visa_type",
    "visa_fold",
    "max_days",
    "passport_country",
    "passport_fold",
    "notes",
)
COUNTRY = st.sampled_from(
    [
        ("Japan", "JP", "japan"),
        ("일본", "JP", "일본"),
        ("Korea", None, "korea"),
        ("Korea", "KR", "korea"),
        ("Oz", None, "oz"),
        ("Jpan", None, "jpan"),
        ("Jappan", None, "jappan"),
        ("Corea", None, "corea"),
    ]
)
NEAR = {"jpan": ("JP",), "jappan": ("JP",), "corea": ("KR", "KP"), "korea": ("KR", "KP")}
STAY = st.tuples(
    st.sampled_from([None, "a", "b"]),
    COUNTRY,
    st.integers(100, 106),
    st.sampled_from([None, 0, 1, 2, 9]),
    st.sampled_from(["tourist", "tourist visa", "work"]),
    st.sampled_from([None, 30, 90]),
    st.sampled_from(["", "KR", "US"]),
    st.sampled_from(["", "Kyoto in autumn", "Kyoto in autum", "Osaka in autumn", "other"]),
)


def columns(stay: tuple[Any, ...]) -> dict[str, Any]:
    id_, (country, code, fold), entry, length, visa, max_days, passport, notes = stay
    leaving = None if length is None else entry + length
    values = (id_, country, code, fold, entry, leaving, visa, visa, max_days, passport, passport, notes)
    return dict(zip(COLUMNS, values, strict=True))


def as_stay(row: dict[str, Any]) -> rules.Stay:
    return rules.Stay(
        row["country_code"],
        row["country_fold"],
        row["entry_day"],
        row["exit_day"],
        row["visa_fold"],
        row["passport_fold"],
    )


def agrees(criterion: str, a: dict[str, Any], b: dict[str, Any], days: int) -> bool:
    near = {"entryDate": "entry_day", "exitDate": "exit_day"}
    if criterion in near:
        x, y = a[near[criterion]], b[near[criterion]]
        return bool(x == y or (x is not None and y is not None and abs(x - y) <= days))
    equal = {
        "visaType": "visa_fold",
        "maxDays": "max_days",
        "passportCountry": "passport_fold",
        "notes": "notes",
    }
    return criterion == "country" or bool(a[equal[criterion]] == b[equal[criterion]])


def naive(
    record: dict[str, Any], other: dict[str, Any], handling: DuplicateHandling
) -> tuple[Any, ...] | None:
    """Return (same id, points, confidence, fields that differ) of a pair that matches."""
    bits = sum(DIFFERS[field] for field in differing(other, record))
    if (
        record["exit_day"] is None
        and other["exit_day"] is not None
        and other["exit_day"] < record["entry_day"]
    ):
        bits |= ENDS_FIRST
    if record["id"] is not None and record["id"] == other["id"]:
        return True, 100, 100, bits
    a, b = as_stay(record), as_stay(other)
    days = evidence.SMART_DAYS if handling.detection == "smart" else rules.NEAR_DAYS
    if handling.detection == "off" or not all(
        agrees(name, record, other, days) for name in handling.criteria
    ):
        return None
    if handling.detection == "smart":
        near = {text: frozenset(codes) for text, codes in NEAR.items()}
        level = evidence.country_level(other, record, near)
        if level is None or not any(agrees(name, record, other, days) for name in ("entryDate", "exitDate")):
            return None
        points = evidence.smart_points(other, record, level)
        sure = evidence.smart_confidence(points, dates_differ=bool(bits & 6))
        return None if points < handling.points else (False, points, sure, bits)
    strict = handling.detection == "strict"
    points = 100 * rules.strict_match(a, b) if strict else rules.fuzzy_points(a, b)
    if points < handling.points or not rules.same_country(a, b):
        return None
    return False, points, rules.confidence(a, b), bits


@settings(max_examples=sweep(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    trips=st.lists(STAY, max_size=6),
    records=st.lists(STAY, max_size=6),
    mode=st.sampled_from(["strict", "fuzzy", "smart", "off"]),
    threshold=st.sampled_from([0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 1.0]),
    criteria=st.one_of(
        st.just(("country", "entryDate")), st.lists(st.sampled_from(CRITERIA), unique=True).map(tuple)
    ),
)
def test_the_same_matches_as_comparing_every_pair(
    store: Store,
    trips: list[tuple[Any, ...]],
    records: list[tuple[Any, ...]],
    mode: str,
    threshold: float,
    criteria: tuple[str, ...],
) -> None:
    handling = DuplicateHandling(detection=mode, threshold=threshold, criteria=criteria)  # type: ignore[arg-type]
    existing = [columns(stay) for stay in trips]
    for number, row in enumerate(existing):  # ids are unique
        row["id"] = (
            row["id"] if row["id"] not in [r["id"] for r in existing[:number]] and row["id"] else f"t{number}"
        )
    put_trips(store, existing)
    incoming = [columns(stay) for stay in records]
    staging = staged(store, incoming)
    try:
        find_matches(
            staging, str(store.path), store.user, handling, repair=lambda text: NEAR.get(text.lower(), ())
        )
        found = sorted(
            staging.database.rows(
                "SELECT record, trip, twin, same_id, points, confidence, differs FROM match"
            ),
            key=repr,
        )
    finally:
        staging.discard()
    expected: list[tuple[Any, ...]] = []
    for number, record in enumerate(incoming, 1):
        for trip, other in enumerate(existing, 1):
            if (answer := naive(record, other, handling)) is not None:
                expected.append((number, trip, None, *answer))
        for twin, other in enumerate(incoming[: number - 1], 1):
            if (answer := naive(record, other, handling)) is not None:
                expected.append((number, None, twin, *answer))
    assert found == sorted(expected, key=repr)


def planned(
    store: Store, incoming: list[dict[str, Any]], configuration: ImportConfiguration
) -> list[tuple[Any, ...]]:
    """Return the whole plan of the records."""
    staging = staged(store, incoming)
    try:
        find_matches(
            staging,
            str(store.path),
            store.user,
            configuration.duplicate_handling,
            repair=lambda text: NEAR.get(text.lower(), ()),
        )
        make_plan(staging, str(store.path), store.user, configuration)
        return staging.database.rows("SELECT * FROM plan ORDER BY record")
    finally:
        staging.discard()


CROWDED = st.tuples(
    st.sampled_from([None, None, None, "a", "b"]),
    st.sampled_from([("Japan", "JP", "japan"), ("Oz", None, "oz")]),
    st.integers(100, 101),
    st.sampled_from([None, 2]),
    st.sampled_from(["tourist", "work"]),
    st.just(30),
    st.just("KR"),
    st.sampled_from(["", "one", "two", "three"]),
)


@settings(max_examples=sweep(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    trips=st.lists(CROWDED, max_size=12),
    records=st.lists(CROWDED, min_size=8, max_size=40),
    mode=st.sampled_from(["strict", "fuzzy"]),
    resolution=st.sampled_from(["skip", "update", "prompt", "keepBoth"]),
    criteria=st.sampled_from([("country", "entryDate"), ("country", "notes")]),
)
def test_a_crowd_is_planned_as_if_every_pair_were_compared(
    store: Store,
    trips: list[tuple[Any, ...]],
    records: list[tuple[Any, ...]],
    mode: str,
    resolution: str,
    criteria: tuple[str, ...],
) -> None:
    handling = {"detection": mode, "resolution": resolution, "criteria": criteria}
    configuration = ImportConfiguration.model_validate({"duplicateHandling": handling})
    existing = [{**columns(stay), "id": f"t{number}"} for number, stay in enumerate(trips)]
    put_trips(store, existing)
    incoming = [{**columns(stay), "id": None} for stay in records]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crowds, "MOST", 1_000)
        every_pair = planned(store, incoming, configuration)
        patch.setattr(crowds, "MOST", 2)
        assert planned(store, incoming, configuration) == every_pair


@pytest.mark.parametrize("mode", ["strict", "fuzzy", "smart"])
def test_the_cost_of_a_crowd_grows_with_its_size(store: Store, mode: str) -> None:
    """Thousands of rows that are the same stay, with or without the same id, and as many trips."""
    size = 2_000
    stay = columns((None, ("Japan", "JP", "japan"), 100, 5, "tourist", 30, "KR", ""))
    put_trips(store, [{**stay, "id": f"t{number}", "notes": f"guest {number}"} for number in range(size)])
    rows = [{**stay, "notes": f"guest {number}", "id": None} for number in range(size)]
    configuration = ImportConfiguration.model_validate(
        {"duplicateHandling": {"detection": mode, "resolution": "skip", "threshold": 0.7}}
    )
    staging = staged(store, rows + [{**row, "id": "same", "entry_day": 500} for row in rows])
    try:
        handling = configuration.duplicate_handling
        find_matches(staging, str(store.path), store.user, handling)
        assert staging.database.value("SELECT count(*) FROM match") < 50 * size
        make_plan(staging, str(store.path), store.user, configuration)
        plan = staging.database.rows("SELECT record, action, reason, trip FROM plan ORDER BY record")
    finally:
        staging.discard()
    assert plan[:size] == [(number, "skip", "identical", number) for number in range(1, size + 1)]
    assert [row[1] for row in plan[size:]] == ["skip"] * (size - 1), "all but the first repeat the first"


def put_trips(store: Store, rows: list[dict[str, Any]]) -> None:
    database = store.database
    with database.write():
        database.execute("DELETE FROM trip")
        database.execute(
            "INSERT OR IGNORE INTO operation (number, user, id, kind, timestamp) VALUES (1, ?, 'op', 'add', '')",
            (store.user,),
        )
        for number, row in enumerate(rows, 1):
            names = ", ".join(COLUMNS)
            database.execute(
                f"INSERT INTO trip (number, user, {names}, created_at, updated_at, changed_by)"
                f" VALUES ({', '.join('?' * (len(COLUMNS) + 5))})",
                (number, store.user, *row.values(), "", "", 1),
            )


def staged(store: Store, rows: list[dict[str, Any]]) -> Staging:
    staging = Staging.create(store.staging, "test")
    with staging.database.write():
        staging.add_records(
            [
                tuple(
                    {**row, "record": number, "valid": 1, "corrected": 0, "warned": 0}.get(name)
                    for name in RECORD_COLUMNS
                )
                for number, row in enumerate(rows, 1)
            ]
        )
    return staging


LEVELS = {"equal": 0, "near": 1, "different": 2}
EXITS = ("equal", "near", "different", "missing", "gained", "both missing")
PASSPORTS = {
    "equal": ("KR", "KR"),
    "different": ("US", "KR"),
    "missing": ("", "KR"),
    "both missing": ("", ""),
}
COUNTRIES = {
    "code": (("JP", "일본"), ("JP", "japan"), True),
    "text": ((None, "oz"), (None, "oz"), True),
    "code missing": ((None, "japan"), ("JP", "japan"), True),
    "different": (("FR", "france"), ("JP", "japan"), False),
    "other text": ((None, "nippon"), ("JP", "japan"), False),
}


@pytest.mark.parametrize(
    ("country", "entry", "leaving", "visa", "passport"),
    list(itertools.product(COUNTRIES, LEVELS, EXITS, ("equal", "different"), PASSPORTS)),
)
def test_the_source_documents_formula(
    country: str, entry: str, leaving: str, visa: str, passport: str
) -> None:
    ours, theirs, same = COUNTRIES[country]
    exits = {"missing": (None, 110), "gained": (110, None), "both missing": (None, None)}
    left, had = exits.get(leaving) or (110 + LEVELS[leaving], 110)
    travelled, held = PASSPORTS[passport]
    existing = rules.Stay(*theirs, 100, had, "tourist", held)
    visa_fold = "tourist" if visa == "equal" else "work"
    record = rules.Stay(*ours, 100 + LEVELS[entry], left, visa_fold, travelled)
    equal_exit = leaving in ("equal", "both missing")
    points = 40 + {"equal": 30, "near": 15, "different": 0}[entry]
    points += (20 if equal_exit else 10 if leaving == "near" else 0) + 10 * (visa == "equal")
    sure = 30 * same + 30 * (entry == "equal") + 20 * equal_exit + 10 * (visa == "equal")
    sure += 10 * (passport in ("equal", "both missing"))
    assert rules.fuzzy_points(record, existing) == (points if same else 0)
    assert rules.confidence(record, existing) == sure
    strict = same and entry == "equal" and equal_exit and visa == "equal"
    assert rules.strict_match(record, existing) == strict
    action = "skip" if sure >= 90 else "prompt" if sure >= 70 else "update"
    assert rules.suggested_action(sure, LevelActions()) == action


def test_thresholds_are_whole_points() -> None:
    assert [DuplicateHandling(threshold=t).points for t in (0.6, 0.7, 0.8, 0.29 + 0.51, 1.0)] == [
        60,
        70,
        80,
        80,
        100,
    ]


def test_two_open_stays_have_equal_exits() -> None:
    a = rules.Stay("JP", "japan", 1, None, "x")
    assert rules.fuzzy_points(a, a) == 100
    assert rules.strict_match(a, a)


def test_matching_uses_its_indexes(store: Store, tmp_path: Path) -> None:
    plan = store.database.rows(
        "EXPLAIN QUERY PLAN SELECT number FROM trip"
        " WHERE user = 1 AND country_code = 'JP' AND entry_day BETWEEN 1 AND 3"
    )
    assert "trip_match" in json.dumps(plan)
