"""What can be wrong with a record and what may be put right: one table of codes, severities and sentences.

Nothing about a problem is decided anywhere else. A sentence is marked here and translated when the problem
is made. (SPEC.md 4.3)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, TypeAlias

from dinotui.domain.dates import EARLIEST_YEAR
from dinotui.domain.visible import visible
from dinotui.locale import N_, _

Severity: TypeAlias = Literal["error", "warning"]

MAX_DAYS_LIMIT: Final = 3650
VERY_OLD_YEAR: Final = 1950
LENGTH_LIMITS: Final[Mapping[str, int]] = {
    "id": 200,
    "country": 100,
    "visaType": 100,
    "passportCountry": 100,
    "notes": 10_000,
    "source": 100,
}
"""The most characters of each text field; a longer text is an error, never cut."""


class Problem(NamedTuple):
    """One finding about one record.

    `field` is the camelCase name, empty where the whole row is meant; `message` is translated and final;
    `value` is the cell or value that caused it, a long text cut; `rule` is the id of the custom rule that was broken.
    """

    field: str
    code: str
    message: str
    severity: Severity
    value: object = None
    rule: str | None = None


class Correction(NamedTuple):
    """One value that is read as another than what stands in the file; shown and counted, never silent."""

    field: str
    code: str
    message: str
    before: object
    after: object


RULE_BROKEN: Final = "rule-broken"
"""The code of every problem that a custom rule finds; the rule brings severity and sentence."""

_ERRORS: Final = {
    # the row as the reader found it
    "long-row": N_(
        "The row has more cells than the header. A text with a separator in it may lack its quotes."
    ),
    "unclosed-quote": N_("A quote opens in this row and never closes."),
    "repeated-key": N_("The object names a key twice, so it is unclear which value counts."),
    "lone-surrogate": N_("A text holds half a character, which nothing can store. Correct it in the file."),
    "not-an-object": N_("This entry of the list is no object with fields."),
    # one field
    "too-long": N_("The text is longer than {limit} characters. Shorten it."),
    "country-missing": N_("The country is missing."),
    "entry-date-missing": N_("The entry date is missing."),
    "visa-type-missing": N_("The visa type is missing."),
    "unreadable-date": N_("“{value}” cannot be read as a date."),
    "no-such-date": N_("“{value}” is a day that the calendar does not have."),
    "year-too-early": N_("“{value}” is before the year {year}, with which dates begin here."),
    "partial-date": N_("“{value}” names no day. Complete it, or let partial dates be the first or last day."),
    "ambiguous-order": N_("“{value}” may be day-first or month-first. Say which order the column has."),
    "two-days-possible": N_("“{value}” may be {first} or {second}. Write the one you mean."),
    "max-days-unclear": N_(
        "“{value}” is no number of days. Write a whole number from 1 to {limit} or nothing."
    ),
    "max-days-fraction": N_("“{value}” is no whole number of days."),
    "max-days-range": N_("“{value}” is not from 1 to {limit} days."),
    # the stay as a whole
    "exit-before-entry": N_("The exit ({exit}) is before the entry ({entry})."),
}
_WARNINGS: Final = {
    "short-row": N_("The row has fewer cells than the header; the missing ones count as empty."),
    "country-unknown": N_("“{value}” is no country that is known, so it gets no country code."),
    "country-ambiguous": N_(
        "“{value}” may be several countries, so it gets no country code until you choose."
    ),
    "country-code-unknown": N_("“{value}” is no ISO country code and is left out."),
    "country-code-differs": N_("The country code “{value}” is not that of the country, so neither is kept."),
    "passport-unknown": N_("Passport: “{value}” is no country that is known."),
    "passport-ambiguous": N_("Passport: “{value}” may be several countries. Write the one it is of."),
    "visa-type-corrected": N_("“{value}” looked misspelt and was corrected."),
    "future-entry": N_("The entry ({entry}) is in the future."),
    "future-exit": N_("The exit ({exit}) is in the future."),
    "very-old-entry": N_("The entry ({entry}) is before {year}."),
    "over-max-days": N_("The stay of {days} days is longer than the {limit} days allowed."),
    "open-over-max-days": N_("The stay goes on and has reached {days} days; {limit} are allowed."),
    "overlap": N_("The stay overlaps another one in {country} ({entry} to {exit})."),
    "overlap-row": N_("The stay overlaps that of {row} in {country} ({entry} to {exit})."),
}
PROBLEMS: Final[dict[str, tuple[Severity, str]]] = {
    **{code: ("error", sentence) for code, sentence in _ERRORS.items()},
    **{code: ("warning", sentence) for code, sentence in _WARNINGS.items()},
}
"""Every built-in problem: its code, how bad it is, and its sentence."""

CORRECTIONS: Final[dict[str, str]] = {
    "max-days-unit": N_("“{before}” is read as {after} days."),
    "max-days-unlimited": N_("“{before}” is read as no limit."),
    "visa-spelling": N_("“{before}” looks misspelt and becomes “{after}”."),
    "country-alias": N_("“{before}” is read as {after}."),
    "dates-swapped": N_("Entry and exit stood the wrong way round and are swapped."),
    "excel-serial": N_("The number {before} is read as the date {after}."),
    "partial-first": N_("“{before}” is read as its first day, {after}."),
    "partial-last": N_("“{before}” is read as its last day, {after}."),
    "two-digit-year": N_("The two-digit year of “{before}” is read as {after}."),
    "read-in-zone": N_("The moment “{before}” is read as {after} by its time zone."),
    "time-dropped": N_("The time of day of “{before}” is dropped; the date is {after}."),
    "stray-whitespace": N_("White space around the text is dropped."),
}
"""Every built-in correction: its code and its sentence."""

_SHOWN: Final = 80  # characters of a value inside a sentence
_KEPT: Final = 200  # characters of a value beside it


def make_problem(
    code: str, field: str, value: object = None, *, severity: Severity | None = None, **details: object
) -> Problem:
    """Return the problem `code` of `field` about `value`; `details` fill its sentence.

    `severity` replaces that of the table (strict mode makes an unknown country an error).

    Raises:
        KeyError: no such code, or a detail that the sentence needs is missing.
    """
    usual, sentence = PROBLEMS[code]
    details.setdefault("year", EARLIEST_YEAR)
    details.setdefault("limit", LENGTH_LIMITS.get(field, MAX_DAYS_LIMIT))
    message = _(sentence).format(value=shown(value), **details)
    return Problem(field, code, message, severity or usual, excerpt(value))


def make_correction(code: str, field: str, before: object, after: object) -> Correction:
    """Return the correction `code` of `field` from `before` to `after`; raises KeyError for no such code."""
    message = _(CORRECTIONS[code]).format(before=shown(before), after=shown(after))
    return Correction(field, code, message, before, after)


def excerpt(value: object) -> object:
    """Return `value` as a problem keeps it: a text of more than 200 characters is cut."""
    return f"{value[:_KEPT]}…" if isinstance(value, str) and len(value) > _KEPT else value


def shown(value: object) -> str:
    """Return `value` as a sentence quotes it: on one line, cut after 80 characters, harmless to a terminal."""
    if isinstance(value, int) and abs(value) >= 10**_SHOWN:
        return "…"  # a number of more than 4,300 digits cannot even be written
    text = "" if value is None else " ".join(str(value)[: 4 * _SHOWN].split())
    return visible(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")
