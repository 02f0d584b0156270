"""The OpenAPI 3.1 description, made from the tables and models that the program itself goes by."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from dinotui import __version__
from dinotui.api import parameters
from dinotui.api.parameters import Parameter
from dinotui.api.refusals import TITLES
from dinotui.domain.configuration import CRITERIA, ImportConfiguration
from dinotui.domain.result import ExportResult, ImportResult
from dinotui.locale import N_

Json = dict[str, Any]

_MODELS: Final = "#/components/schemas/"
_STRING: Final = {"type": "string"}
_WHOLE: Final = {"type": "integer", "minimum": 0}
_EXPORT_TYPES: Final = (
    "application/json",
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/gzip",
    "application/zip",
)
_ABOUT: Final = N_("""Exports and imports of a traveller's stays. The same engine, rules and history as in the app.

Every request carries a token: Authorization: Bearer TOKEN. A token belongs to one user; make one with: dinotui token \
create. Errors are JSON, {error, details}.""")
_IMPORT_ABOUT: Final = N_("""Three forms of body, of at most 10,000,000 bytes: JSON {data, config}; \
multipart/form-data with a part file and perhaps a part config; or the file itself, whatever its type. \
The content decides what it is. Parameters in the address go before config.

Conflicts under resolution=prompt change nothing: state is review, pendingRecords lists them, and the import waits for \
dinotui review and the app. A header Idempotency-Key makes a retry safe for 24 hours.""")


@cache
def description() -> Json:
    """Return the whole description."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "dinotui", "version": __version__, "description": _ABOUT},
        "security": [{"token": []}],
        "paths": {
            "/api/export": {"get": _export()},
            "/api/import": {"post": _import()},
            "/api/export/status": {"get": _status()},
            "/api/export/file": {"get": _file()},
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(),
        },
    }


def _ref(name: str) -> Json:
    return {"$ref": f"{_MODELS}{name}"}


def _export() -> Json:
    content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _EXPORT_TYPES}
    content["application/json"] = {"schema": {"type": "object"}}
    headers = {
        "Content-Disposition": _header("attachment, with the file's name"),
        "X-Operation-Id": _header("the export, as the history and /api/export/status know it"),
    }
    return {
        "operationId": "export",
        "summary": N_("Export as a file"),
        "description": N_("The file is written, read back and compared before its first byte is sent."),
        "x-example": "curl -H \"Authorization: Bearer $TOKEN\" -OJ 'http://127.0.0.1:8765/api/export?format=csv'",
        "parameters": _parameters(parameters.EXPORT),
        "responses": {
            "200": {"description": N_("the file"), "headers": headers, "content": content},
            "202": _accepted(),
            **_errors(400, 401, 405, 422, 429, 500, 503),
        },
    }


def _import() -> Json:
    binary = {"schema": {"type": "string", "format": "binary"}}
    names = {"name": "Idempotency-Key", "in": "header", "required": False}
    key = {**names, "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!#-~]+$"}}
    return {
        "operationId": "import",
        "summary": N_("Import a file"),
        "description": _IMPORT_ABOUT,
        "x-example": 'curl -H "Authorization: Bearer $TOKEN" -F file=@trips.csv'
        " 'http://127.0.0.1:8765/api/import?resolution=skip'",
        "parameters": [
            *_parameters(parameters.IMPORT),
            {**key, "description": N_("a text of your own; the same one for a retry")},
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "anyOf": [
                            _ref("ImportRequest"),
                            _ref("Records"),
                            _ref("ExportDocument"),
                            _ref("LegacyDocument"),
                        ]
                    },
                    "description": N_("{data, config}, or an export or a list of records as it is"),
                },
                "multipart/form-data": {
                    "schema": _ref("ImportForm"),
                    "encoding": {
                        "file": {"contentType": "application/octet-stream"},
                        "config": {"contentType": "application/json"},
                    },
                    "description": N_("file, and perhaps config as JSON"),
                },
                "text/csv": {**binary, "description": N_("the file itself")},
                "application/octet-stream": {**binary, "description": N_("the file itself, of any kind")},
            },
        },
        "responses": {
            "200": {
                "description": N_("what was done, or with state review what waits for decisions"),
                "content": {"application/json": {"schema": _ref("ImportAnswer")}},
            },
            "202": _accepted(),
            **_errors(400, 401, 403, 405, 408, 409, 413, 415, 422, 429, 500, 503),
        },
    }


def _status() -> Json:
    either = {"oneOf": [_ref("Operation"), _ref("Operations")]}
    return {
        "operationId": "status",
        "summary": N_("How far imports and exports are"),
        "description": N_("One operation, or the newest fifty of the last day."),
        "x-example": 'curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8765/api/export/status',
        "parameters": _parameters(parameters.STATUS),
        "responses": {
            "200": {"description": N_("the operation"), "content": {"application/json": {"schema": either}}},
            **_errors(400, 401, 404, 405, 500, 503),
        },
    }


def _file() -> Json:
    content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _EXPORT_TYPES}
    content["application/json"] = {"schema": {"type": "object"}}
    return {
        "operationId": "file",
        "summary": N_("The file of a background export"),
        "description": N_("It is kept for an hour."),
        "parameters": [{**each, "required": True} for each in _parameters(parameters.STATUS)],
        "responses": {
            "200": {"description": N_("the file"), "content": content},
            **_errors(400, 401, 404, 405, 409, 500, 503),
        },
    }


def _parameters(known: Sequence[Parameter]) -> list[Json]:
    return [_parameter(each) for each in known]


def _parameter(known: Parameter) -> Json:
    made: Json = {
        "name": known.name,
        "in": "query",
        "required": False,
        "description": known.about,
        "schema": known.schema,
    }
    return {**made, "style": "form", "explode": False} if known.listed else made


def _header(about: str) -> Json:
    return {"description": about, "schema": _STRING}


def _accepted() -> Json:
    return {
        "description": N_("taken on; follow it at the address in Location"),
        "headers": {"Location": _header("where to follow it")},
        "content": {"application/json": {"schema": _ref("Accepted")}},
    }


def _errors(*codes: int) -> Json:
    """Return the answers of refusals; 429, 503 and some others say when to try again."""
    return {
        str(code): {
            "description": TITLES[code].lower(),
            "content": {"application/json": {"schema": _ref("Error")}},
            **({"headers": {"Retry-After": _header("seconds to wait")}} if code in (429, 503) else {}),
        }
        for code in codes
    }


def _schemas() -> Json:
    _map, made = models_json_schema(
        [
            (ImportConfiguration, "validation"),
            (ImportResult, "serialization"),
            (ExportResult, "serialization"),
        ],
        ref_template=f"{_MODELS}{{model}}",
    )
    schemas: Json = made["$defs"]
    schemas["DuplicateHandling"]["properties"]["criteria"]["items"] = {
        "type": "string",
        "enum": list(CRITERIA),
    }
    schemas["BackupSettings"]["properties"]["backupFormat"]["default"] = "json"
    return {**schemas, **_own_schemas()}


def _own_schemas() -> Json:
    operation = {
        "operationId": _STRING,
        "kind": {"enum": ["import", "export"]},
        "state": {"enum": ["queued", "running", "done", "failed"]},
        "phase": _STRING,
        "processed": _WHOLE,
        "total": {"type": ["integer", "null"], "minimum": 0},
        "created": _STRING,
        "updated": _STRING,
        "result": {"anyOf": [_ref("ImportResult"), _ref("ExportResult")]},
        "file": _STRING,
        "error": _STRING,
        "details": _STRING,
    }
    always = [name for name in operation if name not in ("result", "file", "error", "details")]
    record: Json = {"type": "object"}
    return {
        "Error": _object({"error": _STRING, "details": _STRING}),
        "Accepted": _object({"operationId": _STRING, "status": _STRING}),
        "Operation": _object(operation, always),
        "Operations": _object({"operations": {"type": "array", "items": _ref("Operation")}}),
        "ImportAnswer": _object({"success": {"type": "boolean"}, "result": _ref("ImportResult")}),
        "Records": {"type": "array", "items": record},
        "ExportDocument": {
            "type": "object",
            "required": ["metadata", "data"],
            "properties": {"metadata": record, "data": record},
        },
        "LegacyDocument": {
            "type": "object",
            "required": ["trips"],
            "properties": {"trips": {"type": "array", "items": record}},
        },
        "ImportRequest": _object(
            {
                "data": {
                    "description": "a list of records, an export, or the text of a file",
                    "anyOf": [record, {"type": "array", "items": record}, {"type": "string", "minLength": 1}],
                },
                "config": _ref("ImportConfiguration"),
            },
            ["data"],
        ),
        "ImportForm": _object(
            {
                "file": {"type": "string", "format": "binary"},
                "config": _ref("ImportConfiguration"),
            },
            ["file"],
        ),
    }


def _object(properties: Json, required: Sequence[str] | None = None) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties if required is None else required),
        "additionalProperties": False,
    }
