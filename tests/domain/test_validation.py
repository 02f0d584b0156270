"""Built-in checks and the user's own rules."""

from __future__ import annotations

import datetime as dt
import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dinotui.domain.dates import to_day
from dinotui.domain.errors import UsageError
from dinotui.domain.validation import (
    CORRECTIONS,
    LENGTH_LIMITS,
    PROBLEMS,
    RULE_BROKEN,
    RULE_FIELDS,
    ValidationRule,
    check_lengths,
    check_stay,
    compile_rules,
    load_rules,
    make_correction,
    make_problem,
    parse_max_days,
    parse_rule,
    rule_text,
    rules_to_json,
)

TODAY = to_day(dt.date(2024, 6, 15))


def day(text: str) -> int:
    return to_day(dt.date.fromisoformat(text))


@pytest.mark.parametrize(
    ("entry", "leaving", "max_days", "codes"),
    [
        ("2024-01-01", "2024-01-10", 90, []),
        ("2024-01-01", "2024-01-01", 1, []),
        ("2024-01-01", None, None, []),
        ("2024-01-10", "2024-01-09", 90, ["exit-before-entry"]),
        ("2024-06-15", "2024-06-15", None, []),
        ("2024-06-16", "2024-06-20", None, ["future-entry"]),
        ("2024-06-16", None, 1, ["future-entry"]),
        ("2024-06-10", "2024-06-16", None, ["future-exit"]),
        ("1949-12-31", "1950-01-05", None, ["very-old-entry"]),
        ("1950-01-01", "1950-01-05", None, []),
        ("2024-01-01", "2024-03-30", 90, []),
        ("2024-01-01", "2024-03-31", 90, ["over-max-days"]),
        ("2024-06-01", None, 15, []),
        ("2024-06-01", None, 14, ["open-over-max-days"]),
        ("1940-01-01", "2024-12-01", 90, ["very-old-entry", "future-exit", "over-max-days"]),
    ],
)
def test_stay(entry: str, leaving: str | None, max_days: int | None, codes: list[str]) -> None:
    found = check_stay(day(entry), day(leaving) if leaving else None, max_days, TODAY)
    assert [problem.code for problem in found] == codes
    errors = [problem.code for problem in found if problem.severity == "error"]
    assert errors == [code for code in codes if code == "exit-before-entry"]


def test_stay_without_entry_is_not_checked() -> None:
    assert check_stay(None, 5, 1, TODAY) == []


def test_stay_says_which_days() -> None:
    [problem] = check_stay(day("2024-01-10"), day("2024-01-09"), None, TODAY)
    assert problem.field == "exitDate"
    assert problem.message == "The exit (2024-01-09) is before the entry (2024-01-10)."
    [problem] = check_stay(day("2024-01-01"), day("2024-03-31"), 90, TODAY)
    assert problem.message == "The stay of 91 days is longer than the 90 days allowed."


def test_lengths() -> None:
    record = {name: "x" * limit for name, limit in LENGTH_LIMITS.items()}
    assert check_lengths(record) == []
    found = check_lengths({name: text + "x" for name, text in record.items()} | {"maxDays": 10**9})
    assert [problem.field for problem in found] == list(LENGTH_LIMITS)
    assert {problem.code for problem in found} == {"too-long"}
    assert "10000" in next(problem.message for problem in found if problem.field == "notes")


@pytest.mark.parametrize(
    ("cell", "value", "problem", "correction"),
    [
        (None, None, None, None),
        ("", None, None, None),
        ("   ", None, None, None),
        ("90", 90, None, None),
        (" 90 ", 90, None, None),
        (90, 90, None, None),
        (90.0, 90, None, None),
        (1, 1, None, None),
        (3650, 3650, None, None),
        ("90.0", 90, None, "max-days-unit"),
        ("90 days", 90, None, "max-days-unit"),
        ("90 Days", 90, None, "max-days-unit"),
        ("90days", 90, None, "max-days-unit"),
        ("1 day", 1, None, "max-days-unit"),
        ("90d", 90, None, "max-days-unit"),
        ("90 d", 90, None, "max-days-unit"),
        ("90일", 90, None, "max-days-unit"),
        ("90 일", 90, None, "max-days-unit"),
        ("90일간", 90, None, "max-days-unit"),
        ("９０", 90, None, "max-days-unit"),
        ("unlimited", None, None, "max-days-unlimited"),
        ("Unlimited", None, None, "max-days-unlimited"),
        ("무제한", None, None, "max-days-unlimited"),
        ("N/A", None, None, "max-days-unlimited"),
        ("-", None, None, "max-days-unlimited"),
        ("3 months", None, "max-days-unclear", None),
        ("3개월", None, "max-days-unclear", None),
        ("2 weeks", None, "max-days-unclear", None),
        ("90/180", None, "max-days-unclear", None),
        ("90-180", None, "max-days-unclear", None),
        ("about 90", None, "max-days-unclear", None),
        ("1,000", None, "max-days-unclear", None),
        ("1e3", None, "max-days-unclear", None),
        ("+90", None, "max-days-unclear", None),
        ("0x5A", None, "max-days-unclear", None),
        ("x", None, "max-days-unclear", None),
        ("9" * 5_000, None, "max-days-unclear", None),
        (" " * 5_000 + "9", None, "max-days-unclear", None),
        (True, None, "max-days-unclear", None),
        (False, None, "max-days-unclear", None),
        (float("nan"), None, "max-days-unclear", None),
        (float("inf"), None, "max-days-unclear", None),
        ("90.5", None, "max-days-fraction", None),
        (90.5, None, "max-days-fraction", None),
        ("-1", None, "max-days-range", None),
        (-1, None, "max-days-range", None),
        ("0", None, "max-days-range", None),
        (0, None, "max-days-range", None),
        ("0 days", None, "max-days-range", None),
        ("3651", None, "max-days-range", None),
        (3651, None, "max-days-range", None),
        (10**30, None, "max-days-range", None),
        pytest.param(10**5_000, None, "max-days-range", None, id="5,000 digits"),
        (1e300, None, "max-days-range", None),
    ],
)
def test_max_days(cell: object, value: int | None, problem: str | None, correction: str | None) -> None:
    assert parse_max_days(cell) == (value, problem, correction)  # type: ignore[arg-type]


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none()))
def test_max_days_never_raises_and_never_leaves_its_range(cell: object) -> None:
    value, problem, correction = parse_max_days(cell)  # type: ignore[arg-type]
    assert value is None or 1 <= value <= 3650
    assert problem is None or (problem in PROBLEMS and value is None and correction is None)
    assert correction is None or correction in CORRECTIONS


def test_no_escape_sequence_reaches_a_sentence() -> None:
    hostile = "\x1b]52;c;AAAA\x07\u202e"
    assert "\x1b" not in make_problem("unreadable-date", "entryDate", hostile).message
    [problem] = compile_rules([parse_rule("notes matches x")])({"notes": hostile})
    assert "\x1b" not in problem.message
    for text in (
        f"{hostile} max 3",
        f"maxDays {hostile}",
        f"notes matches ({hostile}",
        f'visaType in "{hostile}',
    ):
        with pytest.raises(UsageError) as caught:
            parse_rule(text)
        assert not set("\x1b\x07\u202e") & set(caught.value.message)


def test_every_code_is_kebab_case_and_makes_a_sentence() -> None:
    details = {"entry": "a", "exit": "b", "days": 1, "year": 1950, "country": "c", "row": 2}
    details |= {"first": "a", "second": "b"}
    for code, (severity, _sentence) in PROBLEMS.items():
        problem = make_problem(code, "notes", "v\nw", **details)
        assert set(code) <= set(string.ascii_lowercase + "-")
        assert problem.severity == severity
        assert problem.message.endswith(".")
        assert "{" not in problem.message
        assert "\n" not in problem.message
    for code in CORRECTIONS:
        assert "{" not in make_correction(code, "maxDays", "90 days", 90).message
    assert RULE_BROKEN not in PROBLEMS


def test_strict_mode_may_raise_the_severity() -> None:
    problem = make_problem("country-unknown", "country", "Atlantis", severity="error")
    assert problem == (
        "country",
        "country-unknown",
        "“Atlantis” is no country that is known, so it gets no country code.",
        "error",
        "Atlantis",
        None,
    )


def test_a_long_or_hostile_value_is_told_harmlessly() -> None:
    problem = make_problem("unreadable-date", "entryDate", "9" * 10_000)
    assert len(problem.message) < 120
    assert problem.value == "9" * 200 + "…"
    assert make_problem("max-days-range", "maxDays", 10**5_000).message == "“…” is not from 1 to 3650 days."


RECORD = {
    "country": "대한민국",
    "countryCode": "KR",
    "entryDate": day("2024-01-01"),
    "exitDate": day("2024-03-31"),
    "visaType": "Tourist",
    "maxDays": 90,
    "passportCountry": "Germany",
    "notes": "Seoul, spring",
}


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ("maxDays max 90", True),
        ("maxDays max 89", False),
        ("max days min 90", True),
        ("max-days >= 91", False),
        ("최대 체류일 max 180", True),
        ("duration max 91", True),
        ("duration max 90", False),
        ("entryDate after 2023-12-31", True),
        ("entryDate after 2024-01-01", False),
        ("Entry Date before 2024-01-02", True),
        ("exit date before 2024-03-31", False),
        ("visaType one of tourist,business", True),
        ("visa type oneOf business", False),
        ("visa type not one of tourist", False),
        ("visaType notOneOf business,work", True),
        ("country one of South Korea,Japan", True),
        ("country one of KR", True),
        ('country one of "Korea, South",Japan', True),
        ("country not one of Japan", True),
        ("country one of Japan", False),
        ("countryCode one of kr", True),
        ("passport country one of DE", True),
        ("passport country one of France", False),
        ("maxDays one of 30,90", True),
        ("maxDays one of 30,60", False),
        ("notes matches ^Seoul", True),
        ("notes matches ^seoul", False),
        ("notes matches (?i)^seoul, spring$", True),
        ("notes maxLength 13", True),
        ("notes max length 12", False),
        ("notes required", True),
        ("passportCountry is required", True),
    ],
)
def test_rule(rule: str, holds: bool) -> None:
    parsed = parse_rule(rule)
    found = compile_rules([parsed])(RECORD)
    assert (found == []) is holds
    for problem in found:
        assert (problem.field, problem.code, problem.severity, problem.rule) == (
            parsed.field,
            RULE_BROKEN,
            "error",
            parsed.id,
        )
        assert problem.message.endswith(".")
    assert parse_rule(rule_text(parsed)) == parsed


@pytest.mark.parametrize(
    "rule",
    [
        "maxDays max 1",
        "duration min 1000",
        "entryDate before 1990-01-01",
        "visaType one of x",
        "country not one of x",
        "notes matches x",
        "notes maxLength 0",
    ],
)
@pytest.mark.parametrize(
    "record", [{}, dict.fromkeys(RECORD), {**dict.fromkeys(RECORD, ""), "maxDays": None}]
)
def test_an_empty_field_passes_all_but_required(rule: str, record: dict[str, object]) -> None:
    assert compile_rules([parse_rule(rule)])(record) == []
    assert [p.field for p in compile_rules([parse_rule("notes required")])(record)] == ["notes"]


def test_problems_come_in_the_order_of_the_rules_and_off_is_off() -> None:
    rules = [
        parse_rule("warn: maxDays max 30"),
        parse_rule("visaType one of work"),
        ValidationRule(field="notes", operator="maxLength", value=3, enabled=False),
        ValidationRule(field="notes", operator="matches", value="x{3}", message="Write xxx."),
    ]
    found = compile_rules(rules)(RECORD)
    assert [(p.field, p.severity) for p in found] == [
        ("maxDays", "warning"),
        ("visaType", "error"),
        ("notes", "error"),
    ]
    assert found[0].message == "The max days is 90; a rule allows at most 30."
    assert found[2].message == "Write xxx."


def test_a_date_is_told_as_a_date() -> None:
    [problem] = compile_rules([parse_rule("entryDate after 2024-01-01")])(RECORD)
    assert problem.message == "The entry date is 2024-01-01; a rule asks for a day after 2024-01-01."
    assert problem.value == "2024-01-01"


def test_the_stay_still_open_has_no_duration() -> None:
    assert compile_rules([parse_rule("duration max 1")])({**RECORD, "exitDate": None}) == []


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("", "begins with no field"),
        ("colour max 3", "begins with no field"),
        ("id required", "begins with no field"),
        ("maxDays", "no operator"),
        ("maxDays exceeds 3", "no operator"),
        ("maxDays max", "whole number"),
        ("maxDays max many", "whole number"),
        ("maxDays max -1", "whole number"),
        ("maxDays max 9999999999", "whole number"),
        ("notes maxLength 1.5", "whole number"),
        ("entryDate before soon", "YYYY-MM-DD"),
        ("entryDate before 2024-02-30", "YYYY-MM-DD"),
        ("entryDate before", "YYYY-MM-DD"),
        ("visaType one of", "needs values"),
        ("visaType one of ,,", "needs values"),
        ('visaType one of "a', "quote"),
        ("notes matches (", "never closed"),
        ("notes matches", "empty"),
        ("notes required yes", "takes no value"),
        ("country max 3", "does not fit"),
        ("entryDate min 2024-01-01", "does not fit"),
        ("maxDays matches 9", "does not fit"),
        ("duration one of 3", "does not fit"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_rule(rule)
    assert says in caught.value.message


def test_model_names_and_defaults() -> None:
    rule = ValidationRule.model_validate({"field": "visa type", "operator": "one-of", "value": ["tourist"]})
    assert rule == ValidationRule(field="visaType", operator="oneOf", value=("tourist",), id=rule.id)
    assert rule.model_dump(mode="json", by_alias=True) == {
        "id": rule.id,
        "field": "visaType",
        "operator": "oneOf",
        "value": ["tourist"],
        "severity": "error",
        "message": "",
        "enabled": True,
    }
    assert rule.id.startswith("visaType-oneOf-")
    assert parse_rule("visa type one of tourist").id == rule.id
    assert parse_rule("warn: visa type one of tourist").id != rule.id


def test_rules_round_trip_through_json() -> None:
    rules = [
        parse_rule("maxDays max 180"),
        parse_rule("warning: 비자 종류 one of 관광,상용"),
        ValidationRule(
            id="mine", field="notes", operator="matches", value='^"', message="참고", enabled=False
        ),
        parse_rule("exitDate required"),
    ]
    assert load_rules(rules_to_json(rules)) == rules
    assert load_rules(json.dumps({"rules": json.loads(rules_to_json(rules))})) == rules
    assert load_rules("[]") == []


@pytest.mark.parametrize(
    ("text", "says", "where"),
    [
        ("", "no valid JSON", "1:1"),
        ("{", "no valid JSON", "1:2"),
        ("[" * 100_000, "no valid JSON", None),
        ("3", "JSON list", None),
        ('{"a": 1}', "JSON list", None),
        ("[3]", "is an object", "rule 1"),
        ('[{"field": "notes"}]', "operator", "rule 1"),
        ('[{"operator": "required"}]', "field", "rule 1"),
        ('[{"field": "notes", "operator": "required"}, {"field": "x", "operator": "min"}]', "“x”", "rule 2"),
        ('[{"field": 3, "operator": "min"}]', "cannot be about", "rule 1"),
        ('[{"field": "notes", "operator": 3}]', "no operator", "rule 1"),
        ('[{"field": "notes", "operator": "required", "severity": "fatal"}]', "severity", "rule 1"),
        ('[{"field": "notes", "operator": "required", "extra": 1}]', "extra", "rule 1"),
        ('[{"field": "notes", "operator": "required", "enabled": []}]', "enabled", "rule 1"),
        ('[{"field": "maxDays", "operator": "min", "value": true}]', "whole number", "rule 1"),
        ('[{"field": "maxDays", "operator": "min", "value": NaN}]', "whole number", "rule 1"),
        ('[{"field": "visaType", "operator": "oneOf", "value": [true]}]', "needs values", "rule 1"),
        ('[{"field": "visaType", "operator": "oneOf", "value": {}}]', "needs values", "rule 1"),
        ('[{"field": "notes", "operator": "matches", "value": ["a"]}]', "empty", "rule 1"),
        (
            json.dumps([{"id": "a", "field": "notes", "operator": "required"}] * 2),
            "id “a”",
            None,
        ),
        ("[" + ",".join(['{"field":"notes","operator":"required"}'] * 501) + "]", "at most 500", None),
        (" " * 1_000_001, "1,000,000", None),
        (
            json.dumps([{"id": "x" * 501, "field": "notes", "operator": "required"}]),
            "500 characters",
            "rule 1",
        ),
    ],
)
def test_rules_that_cannot_be_read_say_where(text: str, says: str, where: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        load_rules(text)
    assert says in caught.value.message
    assert caught.value.where == where


@given(st.text(max_size=60))
def test_any_line_is_a_rule_or_a_sentence(text: str) -> None:
    try:
        rule = parse_rule(text)
    except UsageError:
        return
    assert rule.field in RULE_FIELDS


FIELDS = st.sampled_from(["maxDays", "visaType", "notes", "entryDate", "country"])
OPERATORS = st.sampled_from(["max", "oneOf", "matches", "before", "maxLength", "required"])


@given(
    FIELDS,
    OPERATORS,
    st.one_of(st.none(), st.integers(), st.text(max_size=12), st.lists(st.text(max_size=5))),
)
def test_what_is_accepted_survives_json(field: str, operator: str, value: object) -> None:
    entry = {"field": field, "operator": operator, "value": value}
    try:
        rules = load_rules(json.dumps([entry]))
    except UsageError:
        return
    assert load_rules(rules_to_json(rules)) == rules


def test_a_pattern_of_a_rule_cannot_hang() -> None:
    rule = parse_rule("notes matches ^(a+)+$")
    assert len(compile_rules([rule])({"notes": "a" * 50_000 + "b"})) == 1
    assert len(compile_rules([rule])({"notes": "a" * 200_000})) == 1
