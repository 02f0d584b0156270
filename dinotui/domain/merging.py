"""What two versions of a stay become: field by field, with the user's choice or the rule of an update.

An empty incoming value never erases, and a value that means the same (same country by code, same folded
text) leaves the existing wording (SPEC.md 4.5). Values are the columns of a stored trip.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

from dinotui.domain.errors import UsageError
from dinotui.domain.matching import Stay, same_country
from dinotui.locale import _

Choice: TypeAlias = Literal["existing", "incoming", "both"]

# The columns that one field of the user stands for.
FIELD_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "country": ("country", "country_code", "country_fold"),
    "entryDate": ("entry_day",),
    "exitDate": ("exit_day",),
    "visaType": ("visa_type", "visa_fold"),
    "maxDays": ("max_days",),
    "passportCountry": ("passport_country", "passport_fold"),
    "notes": ("notes",),
}


def differing(existing: Mapping[str, Any], incoming: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the fields that taking the incoming values would change, in the order of `FIELD_COLUMNS`."""
    tests = {
        "country": not same_country(_stay(existing), _stay(incoming)),
        "entryDate": incoming["entry_day"] != existing["entry_day"],
        "exitDate": incoming["exit_day"] not in (None, existing["exit_day"]),
        "visaType": incoming["visa_fold"] != existing["visa_fold"],
        "maxDays": incoming["max_days"] not in (None, existing["max_days"]),
        "passportCountry": incoming["passport_fold"] not in ("", existing["passport_fold"]),
        "notes": incoming["notes"] not in ("", existing["notes"]),
    }
    return tuple(field for field in FIELD_COLUMNS if tests[field])


def merged(
    existing: Mapping[str, Any], incoming: Mapping[str, Any], choices: Mapping[str, Choice]
) -> dict[str, Any]:
    """Return the columns of the result; a field without a choice takes the rule of an update.

    Raises `UsageError` when *both* is asked for anything but the notes.
    """
    changed = differing(existing, incoming)
    result: dict[str, Any] = {}
    for field, columns in FIELD_COLUMNS.items():
        choice = choices.get(field, "incoming" if field in changed else "existing")
        if choice == "both":
            if field != "notes":
                raise UsageError("both-notes-only", _("Only notes can keep both texts."), field)
            result["notes"] = joined_notes(str(existing["notes"]), str(incoming["notes"]))
        else:
            side = incoming if choice == "incoming" else existing
            result.update({column: side[column] for column in columns})
    return result


def joined_notes(existing: str, incoming: str) -> str:
    """Return both texts, the existing one first; a text that the other contains is not repeated."""
    if not existing or existing in incoming:
        return incoming
    return existing if incoming in existing else f"{existing}\n{incoming}"


def _stay(row: Mapping[str, Any]) -> Stay:
    return Stay(row["country_code"], row["country_fold"], row["entry_day"], row["exit_day"], row["visa_fold"])
