"""How answers go out: JSON, and files streamed in pieces."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from anyio import open_file, to_thread
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

_PIECE: Final = 1 << 16


class JsonResponse(Response):
    """A JSON document, never NaN, never kept by a cache unless `headers` say so."""

    media_type = "application/json"

    def __init__(
        self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(body, status, {"Cache-Control": "no-store", **(headers or {})})

    def render(self, content: Any) -> bytes:
        """Return the document's bytes; half a surrogate pair becomes a question mark."""
        return json.dumps(content, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


class FileResponse(Response):
    """A file, sent piece by piece: memory holds one of them. `folder` is removed afterwards."""

    def __init__(self, path: Path, headers: Mapping[str, str], folder: Path | None = None) -> None:
        self.path = path
        self.folder = folder
        self.background = None
        self.status_code = 200
        self.init_headers({**headers, "Content-Length": str(path.stat().st_size)})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Send the file."""
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            async with await open_file(self.path, "rb") as file:
                while piece := await file.read(_PIECE):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            if self.folder is not None:
                await in_thread(shutil.rmtree, self.folder, ignore_errors=True)


async def in_thread(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Call what may wait for a disk in a thread, so that other requests go on."""
    return await to_thread.run_sync(partial(function, *arguments, **named))
