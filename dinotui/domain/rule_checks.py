"""Rules become one function that checks a record; everything that can be is worked out once (SPEC.md 4.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple, TypeAlias

from dinotui.domain.dates import day_text, duration, iso_day
from dinotui.domain.folding import fold
from dinotui.domain.mapping import field_label
from dinotui.domain.patterns import MAX_TEXT, compile_pattern
from dinotui.domain.problems import RULE_BROKEN, Problem, excerpt, shown
from dinotui.domain.rules import DATE_FIELDS, Operator, ValidationRule
from dinotui.locale import N_, _

Record: TypeAlias = Mapping[str, object]

_SENTENCES: Final[dict[Operator, str]] = {
    "required": N_("A rule asks for the {field}, and it is empty."),
    "min": N_("The {field} is {value}; a rule asks for at least {limit}."),
    "max": N_("The {field} is {value}; a rule allows at most {limit}."),
    "before": N_("The {field} is {value}; a rule asks for a day before {limit}."),
    "after": N_("The {field} is {value}; a rule asks for a day after {limit}."),
    "oneOf": N_("The {field} is “{value}”; a rule allows {limit}."),
    "notOneOf": N_("The {field} is “{value}”, which a rule does not allow."),
    "matches": N_("The {field} “{value}” does not match the pattern {limit} of a rule."),
    "maxLength": N_("The {field} is longer than the {limit} characters that a rule allows."),
}
RULE_SENTENCES: Final = tuple(_SENTENCES.values())
"""The ids of what a broken rule says where it brings no message of its own."""


class _Compiled(NamedTuple):
    rule: ValidationRule
    field: str
    passes: Callable[[object, Record], bool]


def compile_rules(rules: Iterable[ValidationRule]) -> Callable[[Record], list[Problem]]:
    """Return a function from a record to the problems that the enabled `rules` find in it, in their order.

    A record holds country, countryCode, visaType, passportCountry and notes as text, maxDays as a number or
    None, entryDate and exitDate as days since 1970-01-01 or None; a missing key counts as empty. Texts and
    lists compare folded, countries by code as well.
    """
    compiled = [_Compiled(rule, rule.field, _passes(rule)) for rule in rules if rule.enabled]

    def check(record: Record) -> list[Problem]:
        found = []
        for rule, field, passes in compiled:
            value = _duration(record) if field == "duration" else record.get(field)
            if not passes(value, record):
                found.append(_broken(rule, value))
        return found

    return check


def _passes(rule: ValidationRule) -> Callable[[object, Record], bool]:
    """Return the test of one rule; but for required, an empty value passes."""
    if rule.operator == "required":
        return lambda value, _record: not _empty(value)
    test = _test(rule)
    return lambda value, record: _empty(value) or test(value, record)


def _test(rule: ValidationRule) -> Callable[[object, Record], bool]:
    operator, limit = rule.operator, rule.value
    if operator in ("oneOf", "notOneOf"):
        assert isinstance(limit, tuple)
        return _listed(rule.field, limit, operator == "oneOf")
    if operator == "matches":
        pattern = compile_pattern(str(limit))
        return lambda value, _record: len(str(value)) <= MAX_TEXT and pattern.search(str(value))
    if operator in ("before", "after"):
        day = iso_day(str(limit))
        assert day is not None
        return _number_test("below" if operator == "before" else "above", day)
    assert isinstance(limit, int)
    if operator == "maxLength":
        return lambda value, _record: len(str(value)) <= limit
    return _number_test("at least" if operator == "min" else "at most", limit)


def _number_test(kind: str, limit: int) -> Callable[[object, Record], bool]:
    tests: dict[str, Callable[[int], bool]] = {
        "below": lambda number: number < limit,
        "above": lambda number: number > limit,
        "at least": lambda number: number >= limit,
        "at most": lambda number: number <= limit,
    }
    test = tests[kind]
    return lambda value, _record: isinstance(value, int) and test(value)


def _listed(field: str, values: tuple[str, ...], wanted: bool) -> Callable[[object, Record], bool]:
    from dinotui.domain.country import recognise  # its table is loaded only for a rule that lists countries

    keys = {fold(value) for value in values}
    codes = {recognise(value).code for value in values} - {None} if _is_country(field) else set()
    seen: dict[str, bool] = {}

    def test(value: object, record: Record) -> bool:
        if field == "country" and record.get("countryCode") in codes:
            return wanted
        text = str(value)
        inside = seen.get(text)
        if inside is None:
            inside = fold(text) in keys or bool(codes and recognise(text).code in codes)
            if len(seen) < 10_000:
                seen[text] = inside
        return inside is wanted

    return test


def _is_country(field: str) -> bool:
    return field in ("country", "countryCode", "passportCountry")


def _empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _duration(record: Record) -> int | None:
    entry, leaving = record.get("entryDate"), record.get("exitDate")
    if not isinstance(entry, int) or not isinstance(leaving, int):
        return None
    return duration(entry, leaving)


def _broken(rule: ValidationRule, value: object) -> Problem:
    told = day_text(value) if rule.field in DATE_FIELDS and isinstance(value, int) else value
    limit = ", ".join(rule.value) if isinstance(rule.value, tuple) else rule.value
    message = rule.message or _(_SENTENCES[rule.operator]).format(
        field=field_label(rule.field), value=shown(told), limit=shown(limit)
    )
    return Problem(rule.field, RULE_BROKEN, message, rule.severity, excerpt(told), rule.id)
