"""Everything that a request is refused with: a status and ``{error, details}``, nothing internal (SPEC.md 7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from dinotui.domain.errors import (
    Cancelled,
    DinoError,
    FormatError,
    NeedsAnswer,
    NotFound,
    StorageError,
    UsageError,
)
from dinotui.domain.visible import visible
from dinotui.engine.failures import record_failure
from dinotui.locale import N_, _

TITLES: Final = {
    400: N_("Bad request"),
    401: N_("Unauthorized"),
    403: N_("Forbidden"),
    404: N_("Not found"),
    405: N_("Method not allowed"),
    408: N_("Too slow"),
    409: N_("Conflict"),
    413: N_("Too large"),
    415: N_("Not supported"),
    422: N_("Cannot be done"),
    429: N_("Too many requests"),
    500: N_("Server error"),
    503: N_("Unavailable"),
}
RETRY_SECONDS: Final = 5

FAILED: Final = {"import": N_("Import failed"), "export": N_("Export failed")}
"""What `error` says where the work itself failed (source document, API Endpoints)."""

_CONFLICTS: Final = ("needs-yes", "data-keeps-changing", "import-in-use")
_PARAMETERS: Final = {
    "--date-order": "dateOrder",
    "--partial-dates": "partialDates",
    "--sheet": "table",
    "--map": "map",
    "--set": "set",
    "--country": "country",
    "--encoding": "encoding",
}
_OPTION: Final = re.compile(r"--[a-z][a-z-]+")


class Refusal(Exception):
    """A request that gets no answer but a reason."""

    def __init__(
        self,
        status: int,
        details: str,
        *,
        error: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Take the status, one or two plain sentences, and a title where it is not the status's own."""
        super().__init__(details)
        self.status = status
        self.error = error
        self.details = details
        self.headers = dict(headers or {})

    @property
    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        title = self.error if self.error is not None else TITLES.get(self.status, TITLES[400])
        return {"error": _(title), "details": self.details}


def stopping() -> Refusal:
    """Return the refusal of a server that is going down."""
    text = _("The server is stopping. Nothing was changed; try again in a moment.")
    return Refusal(503, text, headers={"Retry-After": str(RETRY_SECONDS)})


def refusal_of(error: Exception, kind: str) -> Refusal:
    """Return what a client is told of an error in the work `kind` (import, export)."""
    title = FAILED[kind]
    if isinstance(error, Refusal):
        return error
    if isinstance(error, Cancelled):
        return stopping()
    if isinstance(error, StorageError) and error.code not in _CONFLICTS:
        return _of_storage(error, title)
    if not isinstance(error, DinoError):
        record_failure(error)
        return Refusal(500, _("Something went wrong in the server; its log says what."), error=title)
    if error.code in _CONFLICTS:
        status = 409
    elif isinstance(error, (FormatError, NeedsAnswer, UsageError)):
        status = 422
    else:
        status = 404 if isinstance(error, NotFound) else 422
    return Refusal(status, _OPTION.sub(_parameter, visible(str(error))), error=title)


def _of_storage(error: StorageError, title: str) -> Refusal:
    """Tell of trouble with the database or the disk without saying where they are."""
    if error.code == "database-busy":
        text = _("Others are writing and did not finish in time. Nothing was changed; try again.")
        return Refusal(503, text, headers={"Retry-After": str(RETRY_SECONDS)})
    record_failure(error)
    return Refusal(500, _("The server could not store the data. Nothing was changed."), error=title)


def _parameter(match: re.Match[str]) -> str:
    """Name a request's parameter where the message names an option of the command line."""
    return _PARAMETERS.get(match[0], match[0])
