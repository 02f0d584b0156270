"""Bodies of requests: read into a private file, never further than the limit, never for ever (SPEC.md 7)."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Final

from starlette.types import Message, Receive, Scope

from dinotui.api.refusals import Refusal, stopping
from dinotui.api.settings import BODY_BYTES
from dinotui.api.stopping import Stopping
from dinotui.locale import _

IDLE_SECONDS: Final = 30.0
"""How long a client may send nothing while its body is not complete."""

WHOLE_SECONDS: Final = 600.0
"""How long a body may take altogether."""

_LOOK: Final = 0.5  # seconds between two looks at the stop switch
_LINGER_SECONDS: Final = 2.0
_LINGER_BYTES: Final = 1_000_000


class ClientGone(Exception):
    """The client broke off in the middle of its body; there is nobody to answer."""


def refuse_declared(headers: dict[bytes, bytes]) -> None:
    """Raise `Refusal` for a body that says itself that it is too large, or that is encoded."""
    declared = headers.get(b"content-length", b"")
    if declared.isdigit() and int(declared[:20]) > BODY_BYTES:
        raise too_large()
    if headers.get(b"content-encoding", b"identity").strip().lower() not in (b"", b"identity"):
        text = _("A body with Content-Encoding is not read. Send the file as it is; it may be gzip or zip.")
        raise Refusal(415, text)


def too_large() -> Refusal:
    """Return the refusal of a body past the limit."""
    text = _("The body is larger than {limit:,} bytes. Send the file in parts, or import it on the server.")
    return Refusal(413, text.format(limit=BODY_BYTES))


async def spool(receive: Receive, path: Path, stop: Stopping) -> int:
    """Write the body to the new file `path` and return its bytes; only what really came counts.

    Raises `Refusal` (413 past the limit, 408 for a body that takes too long, 503 when the server stops) and
    `ClientGone`.
    """
    written = 0
    begun = time.monotonic()
    with path.open("xb") as file:
        while True:
            message = await _next(receive, begun, stop)
            if message["type"] == "http.disconnect":
                raise ClientGone
            chunk: bytes = message.get("body", b"")
            written += len(chunk)
            if written > BODY_BYTES:
                raise too_large()
            file.write(chunk)
            if not message.get("more_body", False):
                return written


async def _next(receive: Receive, begun: float, stop: Stopping) -> Message:
    since = time.monotonic()
    while True:
        if stop.asked:
            raise stopping()
        now = time.monotonic()
        if now - since > IDLE_SECONDS or now - begun > WHOLE_SECONDS:
            raise Refusal(408, _("The body did not come in time. Nothing was changed; try again."))
        try:
            return await asyncio.wait_for(receive(), _LOOK)
        except TimeoutError:
            continue


async def linger(receive: Receive) -> None:
    """Read a little more of a body that was refused, so that the client sees the answer and not a reset."""
    until, left = time.monotonic() + _LINGER_SECONDS, _LINGER_BYTES
    while left > 0 and (seconds := until - time.monotonic()) > 0:
        try:
            message = await asyncio.wait_for(receive(), seconds)
        except TimeoutError:
            return
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return
        left -= len(message.get("body", b""))


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """Return the headers of a request by name in lower case."""
    return dict(scope["headers"])
