"""What a body holds: JSON `{data, config}`, a multipart file with its config, or the file itself.

Only the wrapping is taken off here, from a body of bounded size; the file itself is read by the engine, within
the same bounds as in the app.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from dinotui.api.refusals import Refusal
from dinotui.domain.visible import visible
from dinotui.locale import _

CONFIG_BYTES: Final = 1_000_000
"""How long the configuration of an import may be."""

_CHUNK: Final = 1 << 16
_NAME: Final = 120


class Upload(NamedTuple):
    """A file to import, the configuration that came with it (None where none did), and the file's name."""

    path: Path
    config: dict[str, Any] | None
    name: str


def unwrap(body: Path, media_type: str, name: str) -> Upload:
    """Return the file that a body holds; `name` is what to call it where the body does not say.

    Files are made beside `body`. Raises `Refusal`: 400 for a body that is not what its type says, 422 for none.
    """
    if not body.stat().st_size:
        raise Refusal(422, _("The request has no body. Send the file to import."))
    kind, options = parse_options_header(media_type)
    if kind == b"multipart/form-data":
        return _multipart(body, options.get(b"boundary", b""), name)
    if kind == b"application/json":
        return _json(body, name)
    return Upload(body, None, name)


def fingerprint(path: Path, *others: Any) -> str:
    """Return a checksum of a file and what else makes one request the same as another."""
    with path.open("rb") as file:
        total = hashlib.file_digest(file, "sha256")
    total.update(json.dumps(others, sort_keys=True, default=str).encode())
    return total.hexdigest()


def _json(body: Path, name: str) -> Upload:
    """Take `{data, config}` apart; an export, also one of the legacy form, or a list of records is the file itself.

    Of the outermost object only the keys are looked at: values stay the text that they are.
    """
    text = body.read_bytes().removeprefix(b"\xef\xbb\xbf")
    if text.lstrip()[:1] == b"[":
        return Upload(body, None, name)
    found: dict[str, msgspec.Raw] = _decoded(text, dict[str, msgspec.Raw])
    if {"metadata", "data"} <= found.keys() or "trips" in found:
        return Upload(body, None, name)
    unknown = sorted(found.keys() - {"data", "config"})
    if unknown or "data" not in found:
        raise Refusal(400, _("The JSON is neither {data, config} nor an export nor a list of records."))
    data, target = found["data"], body.with_name("data")
    first = bytes(memoryview(data)[:1])
    if first == b'"':
        target.write_bytes(_decoded(data, str).encode("utf-8"))
    elif first in (b"{", b"["):
        target.write_bytes(data)
    else:
        raise Refusal(400, _("data is neither an object, nor a list, nor the text of a file."))
    return Upload(target, _config(found["config"]) if "config" in found else None, name)


def _config(text: bytes | msgspec.Raw) -> dict[str, Any]:
    if memoryview(text).nbytes > CONFIG_BYTES:
        raise Refusal(400, _("config is too long."))
    found = _decoded(text, Any)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Refusal(400, _("config is not an object."))
    return found


def _decoded(text: bytes | msgspec.Raw, kind: Any) -> Any:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeError) as error:
        message = _("The JSON cannot be read: {reason}.")
        raise Refusal(400, message.format(reason=visible(str(error)))) from error
    except RecursionError as error:
        raise Refusal(400, _("The JSON is nested too deeply.")) from error


def _multipart(body: Path, boundary: bytes, name: str) -> Upload:
    """Take a multipart body apart: one `file`, and perhaps a `config`."""
    if not boundary:
        raise Refusal(400, _("The multipart body has no boundary."))
    target = body.with_name("data")
    with target.open("xb") as sink, body.open("rb") as source:
        parts = _Parts(sink)
        try:
            parser = MultipartParser(boundary, parts.callbacks())  # type: ignore[arg-type]  # its class is not public
            while chunk := source.read(_CHUNK):
                parser.write(chunk)
            parser.finalize()
        except FormParserError as error:
            raise Refusal(400, _("The multipart body cannot be read.")) from error
    if not parts.complete:
        raise Refusal(400, _("The multipart body breaks off."))
    if "file" not in parts.seen:
        raise Refusal(400, _("The multipart body has no part named file."))
    config = _config(bytes(parts.config)) if parts.config.strip() else None
    return Upload(target, config, parts.file_name or name)


class _Parts:
    """Takes the parts of a multipart body as they come by; the file goes into `sink`."""

    def __init__(self, sink: BinaryIO) -> None:
        self.seen: list[str] = []
        self.config = bytearray()
        self.file_name = ""
        self.complete = False
        self._sink = sink
        self._header = (bytearray(), bytearray())
        self._headers: dict[bytes, bytes] = {}

    def callbacks(self) -> Mapping[str, Callable[..., None]]:
        """Return what the parser calls."""
        return {
            "on_part_begin": self._headers_begin,
            "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_end,
            "on_part_data": self._data,
            "on_end": self._end,
        }

    def _headers_begin(self) -> None:
        self._headers = {}

    def _header_end(self) -> None:
        field, value = self._header
        self._headers[bytes(field).lower()] = bytes(value)
        self._header = (bytearray(), bytearray())

    def _headers_end(self) -> None:
        _kind, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if name not in ("file", "config"):
            message = _("There is a part named {name}; only file and config are known.")
            raise Refusal(400, message.format(name=visible(name[:80])))
        if name in self.seen:
            raise Refusal(400, _("{name} is given twice.").format(name=name))
        self.seen.append(name)
        if name == "file":
            self.file_name = clean_name(options.get(b"filename", b"").decode("utf-8", "replace"))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self.seen[-1] == "file":
            self._sink.write(data[start:end])
            return
        self.config += data[start:end]
        if len(self.config) > CONFIG_BYTES:
            raise Refusal(400, _("config is too long."))

    def _end(self) -> None:
        self.complete = True


def clean_name(name: str) -> str:
    """Return a file's name without folders, control characters or undue length."""
    return visible(name.replace("\\", "/").rpartition("/")[2].strip())[:_NAME]
