"""The user's own rules: kept, undone, tried, and used by every import."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dinotui.domain.errors import NotFound, UsageError
from dinotui.domain.validation import parse_rule
from dinotui.engine import history, rules, trips
from dinotui.storage.store import Store
from tests.engine.importer import import_file, plan_of, stage

Write = Callable[[str, str], Path]
STAYS = (
    "Country,Entry Date,Exit Date,Visa Type,Max Days\n"
    "Japan,2024-03-02,2024-03-10,tourist,90\nPeru,2024-05-02,2024-05-09,tourist,180\n"
)


def test_a_rule_is_kept_changed_switched_off_and_deleted(store: Store) -> None:
    rule = rules.save_rule(store, parse_rule("maxDays max 90"))
    with pytest.raises(UsageError, match="already"):
        rules.save_rule(store, rule)
    changed = rules.save_rule(store, parse_rule("warn: maxDays max 100"), instead_of=rule.id)
    assert (changed.id, changed.value, changed.severity) == (rule.id, 100, "warning")
    rules.set_enabled(store, rule.id, enabled=False)
    rules.save_rule(store, parse_rule("notes required"))
    assert [each.enabled for each in rules.list_rules(store)] == [False, True]
    rules.delete_rule(store, rule.id)
    with pytest.raises(NotFound):
        rules.find_rule(store, rule.id)
    assert [each.field for each in rules.list_rules(store)] == ["notes"]


def test_a_change_of_a_rule_can_be_undone(store: Store) -> None:
    rule = rules.save_rule(store, parse_rule("maxDays max 90"))
    rules.delete_rule(store, rule.id)
    newest = history.next_operation(store, "undo")
    assert newest is not None
    assert "maxDays max 90" in newest.entry.summary
    history.undo(store, newest.entry.id)
    assert rules.list_rules(store) == [rule]


def test_rules_are_of_one_user(store: Store) -> None:
    rules.save_rule(store, parse_rule("maxDays max 90"))
    with Store(store.path, "Lee") as other:
        assert rules.list_rules(other) == []


def test_every_import_is_checked_with_the_rules_that_are_on(store: Store, write_file: Write) -> None:
    rule = rules.save_rule(store, parse_rule("maxDays max 90"))
    path = write_file("stays.csv", STAYS)
    with stage(store, path) as staging:
        assert plan_of(staging) == [(2, "create"), (3, "reject")]
        staging.discard()
    rules.set_enabled(store, rule.id, enabled=False)
    assert import_file(store, path).summary.imported == 2


def test_rules_for_one_import_come_on_top(store: Store, write_file: Write) -> None:
    rules.save_rule(store, parse_rule("maxDays max 90"))
    given = [parse_rule("country not one of Japan").model_dump(mode="json", by_alias=True)]
    with stage(store, write_file("stays.csv", STAYS), customRules=given) as staging:
        assert plan_of(staging) == [(2, "reject"), (3, "reject")]


def test_trying_names_the_trips_that_break_a_rule(store: Store) -> None:
    for country, days in (("Japan", "90"), ("Peru", "180"), ("Chile", "")):
        stay = {
            "country": country,
            "entryDate": "2024-01-01",
            "exitDate": "2024-01-09",
            "visaType": "tourist",
        }
        trips.add_trip(store, {**stay, "maxDays": days})
    tried = rules.try_rules(store, [parse_rule("maxDays max 90")])
    assert (tried.looked_at, tried.broken) == (3, 1)
    assert [trip.country for trip, _message in tried.examples] == ["Peru"]
    assert rules.try_rules(store, [parse_rule("duration max 8")]).broken == 3
    assert rules.try_rules(store, [parse_rule("entryDate after 2023-12-31")]).broken == 0
    assert rules.try_rules(store, [parse_rule("notes matches (a+)+$")]).broken == 0
