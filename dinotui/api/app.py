"""The application: its addresses, and what each of them does (SPEC.md 7)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, Router

from dinotui.api import exports, imports, parameters, status
from dinotui.api.bodies import headers_of, refuse_declared, spool
from dinotui.api.front import Front
from dinotui.api.openapi import description
from dinotui.api.page import page
from dinotui.api.refusals import RETRY_SECONDS, Refusal, stopping
from dinotui.api.responses import FileResponse, JsonResponse, in_thread
from dinotui.api.settings import Settings
from dinotui.api.stopping import Stopping
from dinotui.api.work import Answer, Desk, Ticket
from dinotui.domain.token import ApiToken, Scope
from dinotui.locale import _

EXPORT: Final = "/api/export"
IMPORT: Final = "/api/import"
STATUS: Final = "/api/export/status"
FILE: Final = "/api/export/file"

_KEY_LONGEST: Final = 255
_WAIT_SECONDS: Final = 60.0
_LOOK: Final = 0.1


def create_app(settings: Settings, stop: Stopping | None = None) -> Front:
    """Return the ASGI application. It opens the database when it starts, and waits for its work when it ends."""
    wish = stop or Stopping()

    @asynccontextmanager
    async def lifespan(_router: object) -> AsyncIterator[dict[str, Any]]:
        desk: Desk = await in_thread(Desk, settings, wish)
        try:
            yield {"desk": desk}
        finally:
            wish.ask()
            await in_thread(desk.close)

    routes = [
        _route(EXPORT, _export),
        _route(IMPORT, _import, "POST"),
        _route(STATUS, _status),
        _route(FILE, _file),
        _route("/openapi.json", _openapi),
        _route("/docs", _docs),
        _route("/", _docs),
    ]
    return Front(Router(routes, redirect_slashes=False, lifespan=lifespan))


def _route(path: str, endpoint: Callable[[Request], Awaitable[Response]], method: str = "GET") -> Route:
    route = Route(path, endpoint, methods=[method])
    route.methods = {method}  # without HEAD: an export would be made for its headers alone
    return route


def _desk(request: Request) -> Desk:
    desk: Desk = request.state.desk
    return desk


async def _recognised(request: Request, scope: Scope) -> ApiToken:
    """Return the request's token; raises `Refusal` 401 without a valid one, 403 with one for less."""
    desk = _desk(request)
    if desk.stop.asked:
        raise stopping()
    values = request.headers.getlist("authorization")
    kind, _space, text = (values[0] if len(values) == 1 else "").partition(" ")
    token: ApiToken | None = None
    if kind.lower() == "bearer" and text.strip():
        token = await in_thread(desk.recognise, text.strip())
    if token is None:
        details = _("Send a valid token: Authorization: Bearer TOKEN. Make one with: dinotui token create.")
        raise Refusal(401, details, headers={"WWW-Authenticate": 'Bearer realm="dinotui"'})
    request.scope["dinotui.token"] = token
    if not token.allows(scope):
        challenge = 'Bearer realm="dinotui", error="insufficient_scope", scope="write"'
        details = _("This token may only read. Make one with: dinotui token create --scope write.")
        raise Refusal(403, details, headers={"WWW-Authenticate": challenge})
    return token


@asynccontextmanager
async def _ticket(desk: Desk, user: str, kind: str, *, kept: bool = False) -> AsyncIterator[Ticket]:
    """Yield a place in the queue; where nothing was handed over, nothing is left of it."""
    ticket: Ticket = await in_thread(desk.ticket, user, kind, kept=kept)
    try:
        yield ticket
    finally:
        if not ticket.submitted:
            await in_thread(desk.drop, ticket)


async def _answer(working: Future[Answer]) -> Answer:
    """Wait for work; that the client goes away does not stop it."""
    return await asyncio.shield(asyncio.wrap_future(working))


async def _export(request: Request) -> Response:
    """`GET /api/export`."""
    desk, token = _desk(request), await _recognised(request, "read")
    await in_thread(desk.limits.admit, "export", token.user)
    asked = exports.export_request(request.query_params)
    async with _ticket(desk, token.user, "export", kept=asked.background) as ticket:
        working = desk.submit(ticket, partial(exports.carry_out, asked, ticket))
        if asked.background:
            return _accepted(ticket)
        answer = await _answer(working)
    if answer.file is None:
        return _told(answer, ticket)
    return FileResponse(answer.file, {**answer.headers, "X-Operation-Id": ticket.id}, ticket.folder)


async def _import(request: Request) -> Response:
    """`POST /api/import`."""
    desk, token = _desk(request), await _recognised(request, "write")
    await in_thread(desk.limits.admit, "import", token.user)
    options = imports.import_options(request.query_params)
    key = _idempotency_key(request)
    refuse_declared(headers_of(request.scope))
    async with _ticket(desk, token.user, "import") as ticket:
        body = ticket.folder / "body"
        await spool(request.receive, body, desk.stop)
        media_type = request.headers.get("content-type", "")
        asked: imports.ImportRequest = await in_thread(imports.import_request, body, media_type, options)
        replay, earlier = await _claimed(desk, ticket, asked, key)
        if replay is not None:
            return replay
        if options.background:
            await in_thread(desk.promise, ticket, 202, _promise(ticket))
        working = desk.submit(ticket, partial(imports.carry_out, asked, ticket, earlier))
        return _accepted(ticket) if options.background else _told(await _answer(working), ticket)


async def _claimed(
    desk: Desk, ticket: Ticket, asked: imports.ImportRequest, key: str | None
) -> tuple[Response | None, str | None]:
    """Put the idempotency key on the work, or wait for the answer of who has it.

    Returns the answer to repeat, or None and the id of the same request's work that never answered. Raises
    `Refusal` 422 where the key stands on another request, 409 where its work takes too long.
    """
    if key is None:
        return None, None
    fingerprint = await in_thread(asked.fingerprint)
    until = time.monotonic() + _WAIT_SECONDS
    while True:
        mine, known = await in_thread(desk.take_key, ticket, key, fingerprint)
        if mine:
            return None, None if known is None else known.job
        if known.fingerprint != fingerprint:
            raise Refusal(422, _("This Idempotency-Key was used for another request. Take a new one."))
        if known.status is not None:
            headers = {"Idempotency-Replayed": "true", "X-Operation-Id": known.job}
            if known.status == 202:
                headers["Location"] = _followed_at(known.job)
            return JsonResponse(known.status, known.answer or {}, headers), None
        if time.monotonic() > until or desk.stop.asked:
            text = _("The first request with this Idempotency-Key is still at work. Try again later.")
            raise Refusal(409, text, headers={"Retry-After": str(RETRY_SECONDS)})
        await asyncio.sleep(_LOOK)


def _idempotency_key(request: Request) -> str | None:
    values = request.headers.getlist("idempotency-key")
    if not values:
        return None
    key = values[0].strip().strip('"')
    if len(values) > 1 or not key or len(key) > _KEY_LONGEST or not key.isprintable():
        raise Refusal(
            400, _("Idempotency-Key is a text of 1 to {most} characters.").format(most=_KEY_LONGEST)
        )
    return key


def _promise(ticket: Ticket) -> dict[str, Any]:
    return {"operationId": ticket.id, "status": _followed_at(ticket.id)}


def _followed_at(operation: str) -> str:
    return f"{STATUS}?operationId={operation}"


def _accepted(ticket: Ticket) -> Response:
    promise = _promise(ticket)
    return JsonResponse(202, promise, {"Location": promise["status"], "X-Operation-Id": ticket.id})


def _told(answer: Answer, ticket: Ticket) -> Response:
    return JsonResponse(answer.status, answer.body, {**answer.headers, "X-Operation-Id": ticket.id})


async def _status(request: Request) -> Response:
    """`GET /api/export/status`."""
    desk, token = _desk(request), await _recognised(request, "read")
    found = parameters.read(request.query_params, parameters.STATUS)
    told: dict[str, Any] = await in_thread(status.told, desk, token.user, found.get("operationId"))
    return JsonResponse(200, told)


async def _file(request: Request) -> Response:
    """`GET /api/export/file`: what a background export made."""
    desk, token = _desk(request), await _recognised(request, "read")
    found = parameters.read(request.query_params, parameters.STATUS)
    path, headers = await in_thread(status.kept_file, desk, token.user, found.get("operationId"))
    return FileResponse(path, headers)


async def _openapi(_request: Request) -> Response:
    return JsonResponse(200, description(), {"Cache-Control": "no-cache"})


async def _docs(_request: Request) -> Response:
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return HTMLResponse(page(description()), headers={"Content-Security-Policy": policy})
