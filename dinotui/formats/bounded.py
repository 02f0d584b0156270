"""Runs a parser of untrusted bytes in a child process that memory and time limits hold (DESIGN.md, Long work).

The child yields messages, which stream to the parent over a pipe: four bytes of length, then msgpack. It ends
when it is done, when it goes past a limit, when the parent closes it, and at the latest with its pipe.
A module that works as a child holds a function ``work(request) -> Iterator[message]``.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, NoReturn

import msgspec

from dinotui.domain.errors import (
    Cancelled,
    DinoError,
    FormatError,
    LimitError,
    UnsupportedFormat,
    UsageError,
)
from dinotui.formats.base import Limits
from dinotui.locale import _, language, use_language

_NO_MEMORY: Final = 75  # the exit code of a child that may have no more
_LENGTH_BYTES: Final = 4
_LONGEST: Final = 1 << 27  # bytes of one message
_READ: Final = 1 << 18
_LOOK: Final = 0.2  # seconds between two looks at the clock and at `cancelled`
_GRACE: Final = 2  # seconds of processor time between the limit and the certain end
_SHARED: Final = 64 << 20  # bytes of addresses that Python itself needs
_ERRORS: Final = {
    of.__name__: of for of in (FormatError, UnsupportedFormat, LimitError, UsageError, DinoError)
}
_BOOT: Final = (
    "import sys; sys.path.extend(p for p in sys.argv[2].split('\\n') if p not in sys.path);"
    "from dinotui.formats.bounded import serve; serve(sys.argv[1])"
)


class Request(msgspec.Struct, array_like=True):
    """What the parent asks of a child: which module, with what, in which language, within which limits."""

    module: str
    payload: Any
    language: str
    seconds: float
    memory_bytes: int


@dataclass(slots=True)
class Child:
    """A child process at work on one request; iterate over `messages`, then `close`.

    Errors that the child raises come out of `messages` as they are. `where` names the file in errors about
    the child itself.
    """

    module: str
    payload: Any
    limits: Limits
    where: str
    cancelled: Callable[[], bool] | None = None
    _process: subprocess.Popen[bytes] | None = None
    _closed: bool = False
    _left: float = field(init=False)

    def __post_init__(self) -> None:
        self._left = self.limits.seconds

    def messages(self) -> Iterator[Any]:
        """Start the child and yield what its `work` yields.

        Raises what `work` raised, `LimitError` past the time or memory allowed, `Cancelled` when asked to
        stop or closed by another thread, `FormatError` when the child died.
        """
        if self._closed:
            raise Cancelled(_("Stopped. Nothing was changed."))
        limits = self.limits
        try:
            self._process = _start(
                Request(self.module, self.payload, language(), limits.seconds, limits.memory_bytes)
            )
        except OSError as error:
            raise self._died(None) from error
        try:
            yield from self._received(self._process)
        finally:
            self.close()
            assert self._process.stdout is not None
            self._process.stdout.close()

    def close(self) -> None:
        """End the child and wait until it is gone. Safe to call twice and from another thread."""
        self._closed = True
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _received(self, process: subprocess.Popen[bytes]) -> Iterator[Any]:
        assert process.stdout is not None
        decode = msgspec.msgpack.Decoder().decode
        buffer = bytearray()
        while True:
            while len(buffer) >= _LENGTH_BYTES:
                size = int.from_bytes(buffer[:_LENGTH_BYTES], "big")
                if size > _LONGEST:
                    raise self._died(None)
                if len(buffer) < _LENGTH_BYTES + size:
                    break
                kind, message = decode(memoryview(buffer)[_LENGTH_BYTES : _LENGTH_BYTES + size])
                del buffer[: _LENGTH_BYTES + size]
                if kind == "end":
                    return
                if kind == "error":
                    raise _raised(message)
                yield message
            self._wait(process.stdout)
            data = os.read(process.stdout.fileno(), _READ)
            if not data:
                raise self._died(process.wait())
            buffer += data

    def _wait(self, pipe: BinaryIO | Any) -> None:
        """Wait until the pipe has something; the time is the child's, not that of whoever takes the rows."""
        poll = select.poll()
        poll.register(pipe, select.POLLIN)
        while not poll.poll(0):
            if self.cancelled is not None and self.cancelled():
                raise Cancelled(_("Stopped. Nothing was changed."))
            if self._left <= 0:
                raise too_long(self.limits, self.where)
            before = time.monotonic()
            poll.poll(1000 * min(_LOOK, self._left))
            self._left -= time.monotonic() - before

    def _died(self, code: int | None) -> DinoError:
        if self._closed:
            return Cancelled(_("Stopped. Nothing was changed."))
        if code == -signal.SIGXCPU:
            return too_long(self.limits, self.where)
        if code in {_NO_MEMORY, -signal.SIGKILL}:  # the system kills when it is out of memory itself
            return too_much_memory(self.limits, self.where)
        message = _("The file made its reader fail. Open it in a spreadsheet, save it anew and import that.")
        return FormatError("reader-failed", message, self.where)


def too_long(limits: Limits, where: str) -> LimitError:
    """Return the error for a file that takes too much time."""
    message = _(
        "Reading the file takes longer than {seconds} seconds. Save the table as CSV and import that."
    )
    return LimitError("read-time", message.format(seconds=round(limits.seconds)), where)


def too_much_memory(limits: Limits, where: str) -> LimitError:
    """Return the error for a file that takes too much memory."""
    message = _(
        "Reading the file takes more than {limit} MB of memory. Save the table as CSV and import that."
    )
    return LimitError("read-memory", message.format(limit=limits.memory_bytes // 1_000_000), where)


def serve(encoded: str) -> NoReturn:
    """Be the child: do the work of the encoded `Request` and write its messages to standard output."""
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what a library prints must not come between the messages
    request = msgspec.msgpack.decode(bytes.fromhex(encoded), type=Request)
    _limit_this_process(request)
    use_language(request.language)
    code = 0
    try:
        for message in importlib.import_module(request.module).work(request.payload):
            _write(out, "data", message)
        _write(out, "end", None)
    except DinoError as error:
        _write(out, "error", [type(error).__name__, error.code, error.message, error.where])
    except MemoryError:
        code = _NO_MEMORY  # too little is left to say more
    except BrokenPipeError:
        code = 1  # nobody reads any more
    os._exit(code)  # at once: nothing is left to tidy up, and a full memory is freed quickest so


def _start(request: Request) -> subprocess.Popen[bytes]:
    here = str(Path(__file__).resolve().parents[2])
    paths = [*(os.path.abspath(path) for path in sys.path if path), here]
    encoded = msgspec.msgpack.encode(request).hex()
    # -P keeps the working folder out of the search for modules: a file planted there is not run
    return subprocess.Popen(  # noqa: S603 - our own interpreter with our own code
        [sys.executable, "-P", "-c", _BOOT, encoded, "\n".join(paths)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for the parent, which then ends the child
    )


def _limit_this_process(request: Request) -> None:
    try:
        import resource
    except ImportError:  # not a Unix; the parent's clock still holds
        return
    seconds = max(1, round(request.seconds))
    memory = max(request.memory_bytes, _SHARED)
    for what, soft, hard in (
        (resource.RLIMIT_CPU, seconds, seconds + _GRACE),
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # a system may forbid one of them
            resource.setrlimit(what, (soft, hard))


def _write(out: BinaryIO | Any, kind: str, message: Any) -> None:
    body = msgspec.msgpack.encode((kind, message))
    view = memoryview(len(body).to_bytes(_LENGTH_BYTES, "big") + body)
    while view:
        view = view[out.write(view) :]


def _raised(message: list[Any]) -> DinoError:
    name, code, text, where = message
    return _ERRORS.get(name, FormatError)(code, text, where)
