"""Rules as people write them: one line for the command line, JSON for a file (SPEC.md 4.3 and 6)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from itertools import takewhile
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from dinotui.domain.errors import UsageError
from dinotui.domain.mapping import compact, field_named
from dinotui.domain.problems import Severity, shown
from dinotui.domain.rules import OPERATOR_NAMES, OPERATORS, RULE_FIELDS, ValidationRule
from dinotui.locale import _

MAX_RULES: Final = 500
MAX_RULE_TEXT: Final = 1_000_000  # characters of a file of rules

_SEVERITY: Final = re.compile(r"\s*(warn|warning|error)\s*:", re.IGNORECASE)
_WORD: Final = re.compile(r"\S+")
_ITEM: Final = re.compile(r'\s*(?:"([^"]*)"|([^,"][^,]*)?)\s*(?:,|$)')
_MOST_WORDS: Final = 3  # of a field or operator
_Name = TypeVar("_Name", bound=str)


def parse_rule(text: str) -> ValidationRule:
    """Read one rule: ``maxDays max 180``, ``visa type one of a,b``, ``warn: notes matches ^[A-Z]``.

    Field and operator may be written in camelCase, with spaces or hyphens; a value of a list that holds a
    comma stands in double quotes.

    Raises:
        UsageError: the text is no rule; the message says which part.
    """
    severity: Severity = "error"
    rest = text
    if match := _SEVERITY.match(text):
        severity = "error" if match[1].lower() == "error" else "warning"
        rest = text[match.end() :]
    places = [match.span() for match in _WORD.finditer(rest)]
    field, used = _leading(rest, places, field_named)
    if field is None or field not in RULE_FIELDS:
        message = _("The rule “{rule}” begins with no field that a rule can be about. There are {fields}.")
        raise UsageError("rule", message.format(rule=shown(text), fields=", ".join(RULE_FIELDS)))
    operator, count = _leading(rest, places[used:], lambda words: OPERATOR_NAMES.get(compact(words)))
    if operator is None:
        message = _("The rule “{rule}” has no operator after the field. There are {operators}.")
        raise UsageError("rule", message.format(rule=shown(text), operators=", ".join(OPERATORS)))
    value = rest[places[used + count - 1][1] :].strip()
    given: Any = _items(value) if operator in ("oneOf", "notOneOf") else value or None
    return ValidationRule(field=field, operator=operator, value=given, severity=severity)


def load_rules(json_text: str) -> list[ValidationRule]:
    """Read rules from JSON: a list of objects, or an object with such a list under ``rules``.

    Raises:
        UsageError: no JSON, too long, a rule that makes no sense (`where` names it), or an id used twice.
    """
    data = _json(json_text)
    entries = data.get("rules") if isinstance(data, dict) else data
    if not isinstance(entries, list) or len(entries) > MAX_RULES:
        message = _("Rules are a JSON list of at most {limit} objects.")
        raise UsageError("rules", message.format(limit=MAX_RULES))
    rules = [_rule(entry, number) for number, entry in enumerate(entries, start=1)]
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            message = _("Two rules have the id “{id}”. Give each its own.")
            raise UsageError("rules", message.format(id=shown(rule.id)))
        seen.add(rule.id)
    return rules


def rules_to_json(rules: Iterable[ValidationRule]) -> str:
    """Return `rules` as the JSON that `load_rules` reads."""
    entries = [rule.model_dump(mode="json", by_alias=True) for rule in rules]
    return json.dumps(entries, ensure_ascii=False, indent=2) + "\n"


def rule_text(rule: ValidationRule) -> str:
    """Return `rule` as the line that `parse_rule` reads (its id, message and enabled are not part of it)."""
    value = rule.value
    if isinstance(value, tuple):
        value = ",".join(f'"{item}"' if "," in item else item for item in value)
    parts = (rule.field, rule.operator, "" if value is None else str(value))
    prefix = "warn: " if rule.severity == "warning" else ""
    return prefix + " ".join(part for part in parts if part)


def _leading(
    text: str, places: list[tuple[int, int]], lookup: Callable[[str], _Name | None]
) -> tuple[_Name | None, int]:
    """Return what the first words of `text` name, the longest name first, and how many words it takes."""
    spelled = (any(sign.isalnum() for sign in text[start:end]) for start, end in places[:_MOST_WORDS])
    most = max(1, sum(takewhile(bool, spelled))) if places else 0
    for count in range(most, 0, -1):
        name = lookup(text[places[0][0] : places[count - 1][1]])
        if name is not None:
            return name, count
    return None, 0


def _items(text: str) -> list[str]:
    found = []
    at = 0
    while at < len(text):
        match = _ITEM.match(text, at)
        if match is None:
            message = _("A quote in “{values}” does not close before a comma.")
            raise UsageError("rule", message.format(values=shown(text)))
        item = match[1] if match[1] is not None else (match[2] or "").strip()
        if item:
            found.append(item)
        at = max(match.end(), at + 1)
    return found


def _json(text: str) -> Any:
    if len(text) > MAX_RULE_TEXT:
        raise UsageError("rules", _("The rules are longer than 1,000,000 characters."))
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f"{error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else None
        raise UsageError("rules", _("The rules are no valid JSON."), where) from error


def _rule(entry: object, number: int) -> ValidationRule:
    where = _("rule {number}").format(number=number)
    if not isinstance(entry, dict):
        raise UsageError("rules", _("A rule is an object with field, operator and value."), where)
    try:
        return ValidationRule.model_validate(entry)
    except UsageError as error:
        raise UsageError(error.code, error.message, where) from error
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        message = _("“{name}” of the rule is missing or not what it should be. A rule has {names}.")
        names = "id, field, operator, value, severity, message, enabled"
        raise UsageError("rules", message.format(name=shown(name), names=names), where) from error
