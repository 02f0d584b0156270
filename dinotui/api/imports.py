"""`POST /api/import`: what a client asked for, and how it is carried out (source document, API Endpoints)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, NamedTuple

from pydantic import ValidationError
from starlette.datastructures import QueryParams

from dinotui.api import parameters
from dinotui.api.refusals import Refusal
from dinotui.api.uploads import Upload, clean_name, fingerprint, unwrap
from dinotui.api.work import Answer, Ticket
from dinotui.domain.configuration import ImportConfiguration
from dinotui.domain.country import parse_overrides
from dinotui.domain.errors import UsageError
from dinotui.domain.mapping import Mapping
from dinotui.domain.result import ImportResult
from dinotui.domain.settings import ImportSettings
from dinotui.domain.visible import visible
from dinotui.engine.importing.reading import SourceFile
from dinotui.engine.importing.unattended import import_unattended, outcome_of_earlier
from dinotui.engine.progress import Report, Stop
from dinotui.formats.mapping import with_constants
from dinotui.locale import _
from dinotui.storage.store import Store

DEFAULTS: Final[dict[str, Any]] = {"backup": {"backupFormat": "json"}}
"""Where the API's defaults differ from the program's (SPEC.md 5 and 7)."""

_NAMELESS: Final = "upload"


class ImportOptions(NamedTuple):
    """What the address says, whatever form the body has."""

    given: dict[str, Any]
    settings: ImportSettings
    name: str
    dry_run: bool
    yes: bool
    background: bool


class ImportRequest(NamedTuple):
    """A whole request: the file, how it is read, how its records are taken."""

    upload: Upload
    options: ImportOptions
    configuration: ImportConfiguration

    def fingerprint(self) -> str:
        """Return what makes another request the same as this one."""
        plain = self.configuration.model_dump(mode="json")
        settings = self.options.settings.model_dump(mode="json")
        switches = (self.options.dry_run, self.options.yes, self.options.background)
        return fingerprint(self.upload.path, plain, settings, switches)


def import_options(query: QueryParams) -> ImportOptions:
    """Read the parameters; raises `Refusal` 400, or 422 for what makes no sense."""
    found = parameters.read(query, parameters.IMPORT)
    try:
        settings = ImportSettings(
            encoding=found.get("encoding"),
            table=found.get("table"),
            maps=tuple(found.get("map", ())),
            constants=with_constants(Mapping(), found.get("set", [])).constants,
            countries=parse_overrides(found.get("country", [])),
            date_order=found.get("dateOrder"),
        )
    except UsageError as error:
        raise Refusal(422, visible(str(error))) from error
    return ImportOptions(
        given=parameters.placed(found, parameters.IMPORT),
        settings=settings,
        name=clean_name(found.get("filename", "")) or _NAMELESS,
        dry_run=found.get("dryRun", False),
        yes=found.get("yes", False),
        background=found.get("background", False),
    )


def import_request(body: Path, media_type: str, options: ImportOptions) -> ImportRequest:
    """Take the body apart and check its configuration; raises `Refusal`."""
    upload = unwrap(body, media_type, options.name)
    return ImportRequest(upload, options, configuration_of(upload.config or {}, options.given))


def configuration_of(config: dict[str, Any], given: dict[str, Any]) -> ImportConfiguration:
    """Return the configuration: the defaults, under what the body says, under what the address says.

    As in the source document null means the default. Raises `Refusal` 400 for what is no configuration.
    """
    merged = _over(_over(DEFAULTS, _without_nulls(config)), given)
    try:
        configuration = ImportConfiguration.model_validate_json(json.dumps(merged), strict=True)
    except UsageError as error:
        raise Refusal(422, visible(str(error))) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        message = _("config.{place}: {reason}.").format(place=visible(place[:120]), reason=first["msg"])
        raise Refusal(400, message) from error
    if configuration.strategy == "replace" and not configuration.backup.create_backup:
        raise Refusal(422, _("A replace always makes a backup first. Leave createBackup out."))
    return configuration


def _over(base: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for name, value in more.items():
        before = result.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            result[name] = _over(before, value)
        else:
            result[name] = value
    return result


def _without_nulls(config: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _without_nulls(value) if isinstance(value, dict) else value
        for name, value in config.items()
        if value is not None
    }


def carry_out(
    asked: ImportRequest, ticket: Ticket, earlier: str | None, store: Store, report: Report, cancelled: Stop
) -> Answer:
    """Import the file as the operation that the ticket names.

    `earlier` is the same request's work that never answered.
    """
    found = None if earlier is None else outcome_of_earlier(earlier, store)
    if found is not None:
        return _answer(found)
    result = import_unattended(
        [SourceFile(asked.upload.path, asked.upload.name)],
        asked.options.settings,
        asked.configuration,
        store,
        import_id=ticket.id,
        dry_run=asked.options.dry_run,
        may_replace=asked.options.yes,
        report=report,
        cancelled=cancelled,
    )
    return _answer(result)


def _answer(result: ImportResult) -> Answer:
    return Answer(200, {"success": result.success, "result": result.model_dump(mode="json", by_alias=True)})
