"""Telling the user of an import that left records out, once for the same file."""

from __future__ import annotations

from dinotui.domain.notification import IMPORT_REJECTS
from dinotui.domain.visible import visible
from dinotui.engine.importing.planning import PlanCounts
from dinotui.engine.importing.wording import problem_text
from dinotui.engine.notifications import add_notification
from dinotui.locale import _, ngettext
from dinotui.storage import plan_rows
from dinotui.storage.staging import Staging
from dinotui.storage.store import Store


def tell_rejects(store: Store, staging: Staging, counts: PlanCounts) -> bool:
    """Tell, after an import, that records were rejected; return whether that is new.

    The message is no change of the user's data: it is not among the rows that undoing the import counts.
    """
    first = next(plan_rows.rejected(staging, 1), None)
    if first is None:
        return False
    name = visible(", ".join(file["name"] for file in staging.meta("files", [])))
    text = ngettext(
        "{count:,} record of {source} was rejected and left out: {reason}",
        "{count:,} records of {source} were rejected and left out; the first: {reason}",
        counts.reject,
    )
    reason = problem_text(first["problems"][0])
    return add_notification(
        store,
        IMPORT_REJECTS,
        _("Import with rejects: {source}").format(source=name),
        text.format(count=counts.reject, source=name, reason=reason),
        subject=f"{IMPORT_REJECTS}:{staging.meta('sha256', '')}",
    )
