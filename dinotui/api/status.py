"""`GET /api/export/status`: where imports and exports are, and how they ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dinotui.api.refusals import Refusal
from dinotui.api.work import Desk
from dinotui.locale import _
from dinotui.storage.server_state import JobRow, ServerState

_FILE = "/api/export/file"


def told(desk: Desk, user: str, operation: str | None) -> dict[str, Any]:
    """Return one operation of the user, or with None the newest fifty; raises `Refusal` 404."""
    with desk.state() as state:
        if operation is None:
            return {"operations": [_shown(state, job, whole=False) for job in state.jobs(user)]}
        return _shown(state, _found(state, user, operation), whole=True)


def kept_file(desk: Desk, user: str, operation: str | None) -> tuple[Path, dict[str, str]]:
    """Return the file of a background export and its headers; raises `Refusal` 400, 404 or 409."""
    if operation is None:
        raise Refusal(400, _("operationId is missing."))
    with desk.state() as state:
        job = _found(state, user, operation)
        if state.in_hand(job):
            raise Refusal(409, _("The export is not done yet."), headers={"Retry-After": "1"})
    answer = job.answer or {}
    path = desk.settings.folder / "requests" / answer.get("file", "")
    if "file" not in answer or not path.is_file():
        raise Refusal(404, _("There is no file of this operation, or not any more. Export again."))
    return path, answer["headers"]


def _found(state: ServerState, user: str, operation: str) -> JobRow:
    job = state.job(user, operation)
    if job is None:
        raise Refusal(404, _("There is no such operation, or it is more than a day old."))
    return job


def _shown(state: ServerState, job: JobRow, *, whole: bool) -> dict[str, Any]:
    """Return the JSON form of an operation; work that nobody has in hand any more has failed."""
    lost = job.state in ("queued", "running") and not state.in_hand(job)
    shown: dict[str, Any] = {
        "operationId": job.id,
        "kind": job.kind,
        "state": "failed" if lost else job.state,
        "phase": job.phase,
        "processed": job.processed,
        "total": job.total,
        "created": job.created_at,
        "updated": job.updated_at,
    }
    if lost:
        shown["error"] = _("Interrupted")
        shown["details"] = _(
            "The server stopped in the middle. Nothing was changed, or the history says what."
        )
    answer = job.answer or {}
    if whole and "body" in answer:
        shown |= {name: value for name, value in answer["body"].items() if name != "success"}
    if "file" in answer and answer["file"].startswith("kept-"):
        shown["file"] = f"{_FILE}?operationId={job.id}"
    return shown
