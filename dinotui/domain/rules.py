"""The user's own validation rules: data, never code (ValidationRule, SPEC.md 4.3)."""

from __future__ import annotations

import hashlib
import math
from typing import Any, Final, Literal, TypeAlias, get_args

from pydantic import Field, ValidationInfo, field_validator

from dinotui.domain.dates import iso_day
from dinotui.domain.errors import UsageError
from dinotui.domain.mapping import compact, field_named
from dinotui.domain.patterns import compile_pattern
from dinotui.domain.problems import Severity, shown
from dinotui.domain.wire import Wire
from dinotui.locale import _

RuleField: TypeAlias = Literal[
    "country",
    "countryCode",
    "entryDate",
    "exitDate",
    "visaType",
    "maxDays",
    "passportCountry",
    "notes",
    "duration",
]
Operator: TypeAlias = Literal[
    "required", "min", "max", "before", "after", "oneOf", "notOneOf", "matches", "maxLength"
]
RULE_FIELDS: Final[tuple[RuleField, ...]] = get_args(RuleField)
OPERATORS: Final[tuple[Operator, ...]] = get_args(Operator)
DATE_FIELDS: Final = ("entryDate", "exitDate")
NUMBER_FIELDS: Final = ("maxDays", "duration")
TEXT_FIELDS: Final = ("country", "countryCode", "visaType", "passportCountry", "notes")
FIELDS_OF: Final[dict[Operator, tuple[str, ...]]] = {
    "required": RULE_FIELDS,
    "min": NUMBER_FIELDS,
    "max": NUMBER_FIELDS,
    "before": DATE_FIELDS,
    "after": DATE_FIELDS,
    "oneOf": (*TEXT_FIELDS, "maxDays"),
    "notOneOf": (*TEXT_FIELDS, "maxDays"),
    "matches": TEXT_FIELDS,
    "maxLength": TEXT_FIELDS,
}
_OTHER_SPELLINGS: Final[dict[str, Operator]] = {
    "isrequired": "required",
    "notempty": "required",
    "atleast": "min",
    "atmost": "max",
    ">=": "min",
    "<=": "max",
    "<": "before",
    ">": "after",
    "in": "oneOf",
    "isoneof": "oneOf",
    "notin": "notOneOf",
    "isnotoneof": "notOneOf",
}
OPERATOR_NAMES: Final[dict[str, Operator]] = {compact(name): name for name in OPERATORS} | _OTHER_SPELLINGS
"""How an operator may be written, by `compact` spelling."""

_LONGEST: Final = 500  # characters of an id, a message, a value of a list
_MOST: Final = 1_000  # values of a list


class ValidationRule(Wire):
    """One rule: `field` must satisfy `operator` with `value`, else there is a problem of this `severity`.

    `value` by operator: none for required; a whole number for min, max and maxLength; ``YYYY-MM-DD`` for
    before and after (that day itself breaks the rule); a list for oneOf and notOneOf; a pattern for matches.
    Every rule but required lets an empty field pass. ``duration`` counts both days of a stay that is over.
    A rule without an id gets one that the same rule always gets.

    Raises:
        UsageError: an unknown field or operator, or a value that does not fit, each with a plain sentence.
    """

    field: RuleField
    operator: Operator
    value: str | int | tuple[str, ...] | None = Field(default=None, validate_default=True)
    severity: Severity = "error"
    message: str = ""
    enabled: bool = True
    id: str = Field(default="", validate_default=True)  # last, because its default follows from the others

    @field_validator("field", mode="before")
    @classmethod
    def _known_field(cls, given: object) -> object:
        named = field_named(given) if isinstance(given, str) else None
        if named not in RULE_FIELDS:
            message = _("A rule cannot be about “{field}”. It can be about {fields}.")
            raise UsageError("rule", message.format(field=shown(given), fields=", ".join(RULE_FIELDS)))
        return named

    @field_validator("operator", mode="before")
    @classmethod
    def _known_operator(cls, given: object) -> object:
        named = OPERATOR_NAMES.get(compact(given)) if isinstance(given, str) else None
        if named is None:
            message = _("There is no operator “{operator}”. There are {operators}.")
            raise UsageError("rule", message.format(operator=shown(given), operators=", ".join(OPERATORS)))
        return named

    @field_validator("value", mode="before")
    @classmethod
    def _fitting_value(cls, given: object, info: ValidationInfo) -> object:
        field, operator = info.data.get("field"), info.data.get("operator")
        if field is None or operator is None:
            return given  # one of them is missing, which is said of itself
        if field not in FIELDS_OF[operator]:
            message = _("“{operator}” does not fit {field}. It fits {fields}.")
            fields = ", ".join(FIELDS_OF[operator])
            raise UsageError("rule", message.format(operator=operator, field=field, fields=fields))
        return _value(field, operator, given)

    @field_validator("id", "message")
    @classmethod
    def _short_enough(cls, given: str) -> str:
        if len(given) > _LONGEST:
            raise UsageError(
                "rule", _("An id or message of a rule has more than 500 characters. Shorten it.")
            )
        return given

    @field_validator("id")
    @classmethod
    def _lasting_id(cls, given: str, info: ValidationInfo) -> str:
        if given or len(info.data) < len(cls.model_fields) - 1:
            return given
        what = repr([info.data[name] for name in ("field", "operator", "value", "severity")])
        short = hashlib.sha256(what.encode("utf-8", "backslashreplace")).hexdigest()[:6]
        return f"{info.data['field']}-{info.data['operator']}-{short}"


def _value(field: str, operator: Operator, given: object) -> object:
    """Return the value of a rule in its own type; raises UsageError where it does not fit."""
    if operator == "required":
        if given not in (None, ""):
            raise UsageError("rule", _("“required” takes no value. Leave it out."))
        return None
    if operator in ("before", "after"):
        return _date(field, operator, given)
    if operator in ("oneOf", "notOneOf"):
        return _list(field, operator, given)
    if operator == "matches":
        compile_pattern(given if isinstance(given, str) else "")
        return given
    return _whole_number(field, operator, given)


def _whole_number(field: str, operator: Operator, given: object) -> int:
    if isinstance(given, str) and len(given) <= 9 and given.strip().isascii() and given.strip().isdigit():
        return int(given)
    if isinstance(given, int | float) and not isinstance(given, bool) and math.isfinite(given):
        number = int(given)
        if number == given and 0 <= number < 10**9:
            return number
    message = _("The rule “{field} {operator}” needs a whole number, as in “{field} {operator} 90”.")
    raise UsageError("rule", message.format(field=field, operator=operator))


def _date(field: str, operator: Operator, given: object) -> str:
    if isinstance(given, str) and iso_day(given.strip()) is not None:
        return given.strip()
    message = _(
        "The rule “{field} {operator}” needs a date as YYYY-MM-DD, as in “{field} {operator} 2024-12-31”."
    )
    raise UsageError("rule", message.format(field=field, operator=operator))


def _list(field: str, operator: Operator, given: object) -> tuple[str, ...]:
    items = [given] if isinstance(given, str) else given
    if isinstance(items, list | tuple) and 0 < len(items) <= _MOST and all(_is_item(item) for item in items):
        return tuple(str(item).strip() for item in items)
    message = _("The rule “{field} {operator}” needs values, as in “{field} {operator} tourist,business”.")
    raise UsageError("rule", message.format(field=field, operator=operator))


def _is_item(item: Any) -> bool:
    if isinstance(item, bool) or not isinstance(item, str | int):
        return False
    return bool(str(item).strip()) and len(str(item)) <= _LONGEST
