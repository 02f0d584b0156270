"""The outermost layer: every request is logged in one harmless line, and every error becomes an answer."""

from __future__ import annotations

import logging
import re
import sys
import time
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dinotui.api.bodies import ClientGone, headers_of, linger
from dinotui.api.refusals import Refusal
from dinotui.api.responses import JsonResponse
from dinotui.domain.visible import visible
from dinotui.engine.failures import record_failure
from dinotui.locale import _

LOG: Final = logging.getLogger("dinotui.api")

_SHOWN_PATH: Final = 120
_CLIENT_GONE: Final = 499
_SECRET: Final = re.compile(r"dino_[0-9A-Za-z_-]{8,}")
_ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)


class Front:
    """Wraps the application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = _Sent(send)
        begun = time.monotonic()
        body = _Body(receive, scope)
        scope["app"] = self  # makes the router raise what it refuses
        try:
            await self._app(scope, body, sent)
        except ClientGone:
            sent.status = _CLIENT_GONE
        except Refusal as refusal:
            await _refuse(refusal, scope, body, sent)
        except HTTPException as error:
            await _refuse(_of_framework(error), scope, body, sent)
        except Exception as error:  # noqa: BLE001 - nobody is ever shown a traceback; it goes into a log
            record_failure(error)
            text = _("Something went wrong in the server; its log says what.")
            await _refuse(Refusal(500, text), scope, body, sent)
        finally:
            LOG.info(line(scope, sent.status, sent.bytes, time.monotonic() - begun))


def _of_framework(error: HTTPException) -> Refusal:
    """Say what the framework refuses (404, 405) as everything else is said."""
    texts = {404: _("There is nothing here. See /docs."), 405: _("That method is not for this address.")}
    status = error.status_code if error.status_code in texts else 400
    return Refusal(status, texts.get(status, str(error.detail)), headers=error.headers)


class _Sent:
    """Counts what goes out."""

    def __init__(self, send: Send) -> None:
        self.status = 0
        self.bytes = 0
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": [*message["headers"], *_ALWAYS]}
        elif message["type"] == "http.response.body":
            self.bytes += len(message.get("body", b""))
        await self._send(message)


class _Body:
    """Knows whether the request's body was read to its end."""

    def __init__(self, receive: Receive, scope: Scope) -> None:
        headers = headers_of(scope)
        declared = headers.get(b"content-length", b"0")
        self.unread = declared != b"0" or b"transfer-encoding" in headers
        self._receive = receive

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            self.unread = False
        return message


async def _refuse(refusal: Refusal, scope: Scope, body: _Body, sent: _Sent) -> None:
    """Send a refusal. With a body still coming the connection ends, a moment after the answer."""
    if sent.status:
        raise ConnectionError("the answer had begun")  # too late for another: the client sees it break off
    unread = body.unread
    headers = {**refusal.headers, **({"Connection": "close"} if unread else {})}
    response = JsonResponse(refusal.status, refusal.body, headers)
    if not unread:
        await response(scope, body, sent)
        return
    await sent(
        {"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers}
    )
    await sent({"type": "http.response.body", "body": response.body, "more_body": True})
    await linger(body)
    await sent({"type": "http.response.body", "body": b"", "more_body": False})


def line(scope: Scope, status: int, size: int, seconds: float) -> str:
    """Return the log's line: no query, no header, no body, no token, nothing that acts on a terminal."""
    path = _SECRET.sub("dino_…", visible(scope["path"]))
    if len(path) > _SHOWN_PATH:
        path = path[:_SHOWN_PATH] + "…"
    client: Any = scope.get("client") or ("-",)
    token = scope.get("dinotui.token")
    who = f"{visible(token.user)}/{token.id}" if token is not None else "-"
    return f"{client[0]} {who} {visible(scope['method'])} {path} {status} {size} {seconds * 1000:.0f}ms"


class _Formatter(logging.Formatter):
    """One line an entry, hostile characters visible, the time in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        return f"{stamp} {record.levelname.lower()} {_SECRET.sub('dino_…', visible(record.getMessage()))}"


def start_logging() -> None:
    """Send the program's log, and the warnings of the libraries under it, to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter())
    for name, level in (("dinotui.api", logging.INFO), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.setLevel(level)
        logger.propagate = False
