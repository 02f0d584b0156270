"""Reasons in words: why a record is skipped, what is wrong with it, why two stays may be one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from dinotui.domain.dates import day_text
from dinotui.domain.matching import Stay, same_country
from dinotui.domain.problems import CORRECTIONS, PROBLEMS, RULE_BROKEN, make_problem, shown
from dinotui.domain.rule_checks import RULE_SENTENCES
from dinotui.locale import _, ngettext, retold

_WORST: Final = {"error": 0, "warning": 1, "info": 2}


def row_name(line: int | None, table: str | None, here: str) -> str:
    """Return what a row of the import is called beside one of table `here`: by the line it has in its file."""
    if table is None or table == here:
        return _("row {n} of this file").format(n=line)
    return _("row {n} of {file}").format(n=line, file=table)


def where_of(row: Mapping[str, Any]) -> str:
    """Return where a record stands, as an error message names it."""
    return f"{row['table']}:{row['line']}"


def skip_reason(row: Mapping[str, Any]) -> str:
    """Return why a planned record is left out, empty where it is not."""
    if not row["reason"]:
        return ""
    if row["trip"] is not None:
        other = f"#{row['trip']}"
    else:
        other = row_name(row["twin_line"], row["twin_table"], row["table"])
    texts = {
        "identical": _("The same as {other}: nothing would change."),
        "identical-row": _("The same as {other}."),
        "same-id": _("Has the id of {other}."),
        "same-id-row": _("Has the id of {other}."),
        "similar": _("Like {other}."),
        "similar-row": _("Like {other}."),
        "claimed": _("{other} is updated by another record already."),
        "ends-first": _("{other} would end before it begins: choose its dates."),
        "settled": _("An earlier import settled this record and {other}."),
        "replaced": _("Replaces {other}."),
    }
    return texts.get(row["reason"], _("Left out.")).format(other=other)


def problem_text(problem: Mapping[str, Any]) -> str:
    """Return the sentence of a stored problem in the language of now: it was made in that of then."""
    code = problem["code"]
    if code == RULE_BROKEN:
        made_of: Sequence[str] = RULE_SENTENCES
    else:
        made_of = (
            [CORRECTIONS[code]] if code in CORRECTIONS else [PROBLEMS[code][1]] if code in PROBLEMS else []
        )
    return retold(str(problem["message"]), *made_of)


def said_of(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what has to be said about a planned record, as stored problems: worst first, corrections last."""
    overlap = overlap_problem(row)
    found = row["problems"] or []
    stored = json.loads(found) if isinstance(found, str) else found
    told = [{**item, "message": problem_text(item)} for item in stored]
    said = [*told, *([overlap] if overlap else ())]
    return sorted(said, key=lambda item: _WORST[item["severity"]])


def overlap_problem(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the warning that a planned record runs into another stay, in the form of a stored problem."""
    if row["overlap_country"] is None:
        return None
    leaving = row["overlap_exit_day"]
    found = make_problem(
        "overlap" if row["overlap_twin"] is None else "overlap-row",
        "entryDate",
        country=shown(row["overlap_country"]),
        row=row_name(row["overlap_line"], row["overlap_table"], row["table"]),
        entry=day_text(row["overlap_entry_day"]),
        exit=_("today") if leaving is None else day_text(leaving),
    )
    return found._asdict()


def match_reasons(existing: Mapping[str, Any], incoming: Mapping[str, Any]) -> list[str]:
    """Return, field by field, what speaks for and against a pair being one stay."""
    reasons = [_("same country") if same_country(_stay(existing), _stay(incoming)) else _("another country")]
    reasons.append(_day_reason(_("entry"), existing["entry_day"], incoming["entry_day"]))
    reasons.append(_day_reason(_("exit"), existing["exit_day"], incoming["exit_day"]))
    same_visa = existing["visa_fold"] == incoming["visa_fold"]
    reasons.append(_("same visa type") if same_visa else _("another visa type"))
    if existing["passport_fold"] or incoming["passport_fold"]:
        same_passport = existing["passport_fold"] == incoming["passport_fold"]
        reasons.append(_("same passport") if same_passport else _("another passport"))
    return reasons


def _day_reason(name: str, existing: int | None, incoming: int | None) -> str:
    if existing == incoming:
        return (
            _("same {date} date").format(date=name)
            if existing is not None
            else _("both without {date}").format(date=name)
        )
    if existing is None or incoming is None:
        return _("only one has an {date}").format(date=name)
    days = abs(existing - incoming)
    return ngettext("{date} {days} day apart", "{date} {days} days apart", days).format(date=name, days=days)


def _stay(row: Mapping[str, Any]) -> Stay:
    return Stay(row["country_code"], row["country_fold"], row["entry_day"], row["exit_day"], row["visa_fold"])
