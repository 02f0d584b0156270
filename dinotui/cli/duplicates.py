"""`dinotui trips --duplicates`: pairs of trips that may be one, the surest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dinotui.cli.context import Context
from dinotui.cli.tables import Column, write_table
from dinotui.locale import _

if TYPE_CHECKING:
    from dinotui.engine.duplicates import Repeat


def show_duplicates(context: Context) -> int:
    """List the pairs and return the exit code; nothing is changed."""
    from dinotui.engine.duplicates import find_duplicates, repeats

    with context.store() as store, find_duplicates(store) as staging:
        found = list(repeats(staging, store))
    if context.json:
        context.output.json([_as_json(one) for one in found])
    elif not found:
        context.output.message(_("No two trips look like one."))
    else:
        columns = (
            Column(_("Sure"), "right"),
            Column(_("Trip"), "right"),
            Column(_("Like"), "right"),
            Column(_("Country"), gives=True),
            Column(_("Entry")),
            Column(_("Exit")),
            Column(_("Why"), gives=True),
        )
        write_table(context.output, columns, [_row(one) for one in found])
    return 0


def _row(one: Repeat) -> list[str]:
    trip = one.second
    return [
        f"{one.confidence}%",
        f"#{trip.number}",
        f"#{one.first.number}",
        trip.country,
        trip.entry_date.isoformat(),
        "" if trip.exit_date is None else trip.exit_date.isoformat(),
        ", ".join(reason.text for reason in one.reasons if reason.sign != "+") or _("the same"),
    ]


def _as_json(one: Repeat) -> dict[str, Any]:
    return {
        "score": one.points / 100,
        "confidence": one.confidence / 100,
        "reasons": [reason.text for reason in one.reasons],
        "trips": [one.first.export(), one.second.export()],
    }
