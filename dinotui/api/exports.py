"""`GET /api/export`: a verified file, streamed (source document, API Endpoints)."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from pydantic import ValidationError
from starlette.datastructures import QueryParams

from dinotui.api import parameters
from dinotui.api.refusals import Refusal
from dinotui.api.work import Answer, Ticket
from dinotui.domain.configuration import CATEGORIES, ExportConfiguration
from dinotui.domain.errors import UsageError
from dinotui.engine.exporting import default_name, export_to_file, media_type
from dinotui.engine.progress import Report, Stop
from dinotui.locale import _
from dinotui.storage.store import Store

SOURCE = "HTTP API"
"""What the history calls the place of an export that was sent to a client."""


class ExportRequest(NamedTuple):
    """What a client asked for."""

    configuration: ExportConfiguration
    bom: bool
    background: bool


def export_request(query: QueryParams) -> ExportRequest:
    """Read the parameters; raises `Refusal` 400 for what cannot be read, 422 for what makes no sense."""
    found = parameters.read(query, parameters.EXPORT)
    if "level" in found and not found.get("compress", {"enabled": False})["enabled"]:
        raise Refusal(422, _("level goes with compress."))
    chosen = found.get("categories", ["trips"])
    found["categories"] = {name: name in chosen for name in CATEGORIES}
    try:
        configuration = ExportConfiguration.model_validate(parameters.placed(found, parameters.EXPORT))
        media_type(configuration)  # refuses what the format cannot hold
    except UsageError as error:
        raise Refusal(422, error.message) from error
    except ValidationError as error:
        raise Refusal(400, str(error.errors()[0]["msg"])) from error
    return ExportRequest(configuration, found.get("bom", False), found.get("background", False))


def file_name(asked: ExportRequest) -> str:
    """Return the file's name, dated in UTC as the source document does."""
    return default_name(asked.configuration, dt.datetime.now(dt.UTC).date())


def carry_out(asked: ExportRequest, ticket: Ticket, store: Store, report: Report, cancelled: Stop) -> Answer:
    """Write and verify the export in the ticket's folder; the answer names the file."""
    target = ticket.folder / file_name(asked)
    result = export_to_file(
        asked.configuration,
        target,
        store,
        bom=asked.bom,
        export_id=ticket.id,
        source=SOURCE,
        report=report,
        cancelled=cancelled,
    )
    told: dict[str, Any] = result.model_dump(mode="json", by_alias=True)
    told["path"] = target.name
    return Answer(
        200,
        {"success": True, "result": told},
        file=target,
        headers={
            "Content-Type": media_type(asked.configuration),
            "Content-Disposition": f'attachment; filename="{target.name}"',
            "Cache-Control": "no-cache",
        },
    )
