"""A user's own validation rules: kept, changed (each change can be undone), tried, used by every import."""

from __future__ import annotations

import datetime as dt
from typing import Final, NamedTuple

from pydantic import ValidationError

from dinotui.domain.configuration import ImportConfiguration
from dinotui.domain.errors import NotFound, UsageError
from dinotui.domain.rule_checks import compile_rules
from dinotui.domain.rule_texts import MAX_RULES, rule_text
from dinotui.domain.rules import ValidationRule
from dinotui.domain.trip import Trip
from dinotui.engine.progress import Progress, Report, Stop, never, quietly, stop_if
from dinotui.locale import _
from dinotui.storage.changelog import operation
from dinotui.storage.rule_rows import remove_rule, stored_rules, write_rule
from dinotui.storage.staging import Staging
from dinotui.storage.store import Store
from dinotui.storage.trips import TripFilter, count, stream, trip_of

_EXAMPLES: Final = 20
_LOOK_EVERY: Final = 2_000
_EPOCH: Final = dt.date(1970, 1, 1)


class Tried(NamedTuple):
    """What rules say about the trips there are: how many were looked at and break one, and some of them."""

    looked_at: int
    broken: int
    examples: tuple[tuple[Trip, str], ...]


def list_rules(store: Store) -> list[ValidationRule]:
    """Return the user's rules in their order; one that makes no sense any more is left out."""
    found = []
    for name, text in stored_rules(store):
        try:
            rule = ValidationRule.model_validate_json(text)
        except (UsageError, ValidationError):
            continue
        found.append(rule.model_copy(update={"id": name}))
    return found


def find_rule(store: Store, rule_id: str) -> ValidationRule:
    """Return one rule. Raises `NotFound`."""
    found = next((rule for rule in list_rules(store) if rule.id == rule_id), None)
    if found is None:
        raise NotFound("no-such-rule", _("There is no rule “{id}”.").format(id=rule_id))
    return found


def save_rule(store: Store, rule: ValidationRule, *, instead_of: str | None = None) -> ValidationRule:
    """Store a rule, in the place of another one or as a new one, and return it; one operation.

    Raises `UsageError` where the same rule is there already or there are too many, `NotFound` where the one
    to replace is gone.
    """
    known = {each.id: each for each in list_rules(store)}
    if instead_of is None:
        if rule.id in known:
            raise UsageError("rule-exists", _("This rule is there already."))
        if len(known) >= MAX_RULES:
            raise UsageError("rules", _("There are {limit} rules; delete one first.").format(limit=MAX_RULES))
        return _written(store, rule, _("Added the rule {rule}"))
    before = find_rule(store, instead_of)
    kept = rule.model_copy(update={"id": before.id})
    return kept if kept == before else _written(store, kept, _("Changed the rule {rule}"))


def set_enabled(store: Store, rule_id: str, *, enabled: bool) -> ValidationRule:
    """Switch a rule on or off and return it. Raises `NotFound`."""
    before = find_rule(store, rule_id)
    if before.enabled == enabled:
        return before
    summary = _("Switched on the rule {rule}") if enabled else _("Switched off the rule {rule}")
    return _written(store, before.model_copy(update={"enabled": enabled}), summary)


def _written(store: Store, rule: ValidationRule, summary: str) -> ValidationRule:
    with operation(store, "edit") as recorder, recorder.part():
        write_rule(recorder, rule.id, rule.model_dump_json(by_alias=True))
        recorder.describe(summary=summary.format(rule=rule_text(rule)))
    return rule


def delete_rule(store: Store, rule_id: str) -> ValidationRule:
    """Delete a rule and return what it was. Raises `NotFound`."""
    rule = find_rule(store, rule_id)
    with operation(store, "edit") as recorder, recorder.part():
        remove_rule(recorder, rule_id)
        recorder.describe(summary=_("Deleted the rule {rule}").format(rule=rule_text(rule)))
    return rule


def try_rules(
    store: Store, rules: list[ValidationRule], *, report: Report = quietly, cancelled: Stop = never
) -> Tried:
    """Look at all trips with `rules`, whether they are switched on or not. Raises `Cancelled`."""
    check = compile_rules([rule.model_copy(update={"enabled": True}) for rule in rules])
    total, looked_at, broken = count(store, TripFilter()), 0, 0
    examples: list[tuple[Trip, str]] = []
    for looked_at, row in enumerate(stream(store, TripFilter()), start=1):
        if looked_at % _LOOK_EVERY == 0:
            stop_if(cancelled)
            report(Progress("Understanding", looked_at, total))
        trip = trip_of(row)
        problems = check(_record(trip))
        if problems:
            broken += 1
            if len(examples) < _EXAMPLES:
                examples.append((trip, problems[0].message))
    return Tried(looked_at, broken, tuple(examples))


def _record(trip: Trip) -> dict[str, object]:
    return {
        "country": trip.country,
        "countryCode": trip.country_code or "",
        "entryDate": (trip.entry_date - _EPOCH).days,
        "exitDate": None if trip.exit_date is None else (trip.exit_date - _EPOCH).days,
        "visaType": trip.visa_type,
        "maxDays": trip.max_days,
        "passportCountry": trip.passport_country,
        "notes": trip.notes,
    }


def with_own_rules(staging: Staging, store: Store, configuration: ImportConfiguration) -> ImportConfiguration:
    """Return the configuration of a new import with the user's own rules before those given for it alone.

    One that was given takes the place of the user's own rule with the same id.
    """
    given = configuration.validation.custom_rules
    staging.set_meta(givenRules=[rule.model_dump(mode="json", by_alias=True) for rule in given])
    return _with_rules(configuration, _joined(list_rules(store), given))


def renew_rules(staging: Staging, store: Store, configuration: ImportConfiguration) -> ImportConfiguration:
    """Return the configuration of a staged import with the user's rules as they are now."""
    given = tuple(ValidationRule.model_validate(rule) for rule in staging.meta("givenRules", []))
    return _with_rules(configuration, _joined(list_rules(store), given))


def _joined(own: list[ValidationRule], given: tuple[ValidationRule, ...]) -> tuple[ValidationRule, ...]:
    ids = {rule.id for rule in given}
    return (*(rule for rule in own if rule.id not in ids), *given)


def _with_rules(configuration: ImportConfiguration, rules: tuple[ValidationRule, ...]) -> ImportConfiguration:
    if rules == configuration.validation.custom_rules:
        return configuration
    validation = configuration.validation.model_copy(update={"custom_rules": rules})
    return configuration.model_copy(update={"validation": validation})
