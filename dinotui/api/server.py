"""Running the server: one process, or several workers under this one, until a signal ends it cleanly."""

from __future__ import annotations

import errno
import ipaddress
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from types import FrameType
from typing import Any, Final

import uvicorn

from dinotui.api.app import create_app
from dinotui.api.front import LOG, start_logging
from dinotui.api.settings import Settings
from dinotui.api.stopping import Stopping
from dinotui.api.work import clear_up
from dinotui.domain.errors import DinoError, UsageError
from dinotui.domain.visible import visible
from dinotui.locale import _, language, use_language
from dinotui.storage.filesystem import os_sentence

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_WAITING: Final = 256  # connections that wait for a worker
_KEEP_ALIVE_SECONDS: Final = 15
_SLOW_READER_SECONDS: Final = 20  # how long a stop waits for clients that are still being answered
_TOO_SOON_SECONDS: Final = 3.0  # a worker that ends sooner would end again


def run(settings: Settings) -> int:
    """Serve until a signal comes and return the exit code; raises `DinoError` when it cannot begin."""
    start_logging()
    _check_tls(settings)
    for sentence in clear_up(settings):
        LOG.warning(sentence)
    listening = _listen(settings)
    address = f"{settings.scheme}://{_shown(listening)}"
    LOG.info(_("Listening on {address} (description: {address}/docs).").format(address=address))
    if settings.scheme == "http" and not _is_loopback(listening.getsockname()[0]):
        LOG.warning(
            _(
                "WARNING: {address} is reached from other machines, and without TLS everybody on the way reads "
                "tokens and trips. Use --tls-cert and --tls-key, or a proxy with TLS in front of 127.0.0.1."
            ).format(address=address)
        )
    with listening:
        if settings.workers == 1:
            _work(settings, listening)
        else:
            _Workers(settings, listening).run()
    LOG.info(_("Stopped."))
    return 0


def _check_tls(settings: Settings) -> None:
    if settings.tls_cert is None:
        return
    import ssl

    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            settings.tls_cert, settings.tls_key, password=lambda: ""
        )
    except (OSError, ValueError) as error:  # SSLError is an OSError
        text = _(
            "The certificate and its key cannot be used: {reason}. They are PEM files without a password."
        )
        reason = visible(getattr(error, "strerror", None) or str(error))
        raise DinoError("tls", text.format(reason=reason), visible(str(settings.tls_cert))) from error


def _listen(settings: Settings) -> socket.socket:
    """Return the listening socket that all workers share."""
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
    except OSError as error:
        text = _("There is no address {host}.").format(host=visible(settings.host))
        raise UsageError("no-address", text, "--host") from error
    family, kind, protocol, _name, address = found[0]
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(_WAITING)
        made.set_inheritable(True)
    except OSError as error:
        made.close()
        where = f"{visible(settings.host)}:{settings.port}"
        taken = _("Another program listens there already. Choose another --port.")
        sentence = taken if error.errno == errno.EADDRINUSE else os_sentence(error)
        raise DinoError("cannot-listen", sentence, where) from error
    return made


def _shown(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


class _Server(uvicorn.Server):
    """Uvicorn, told by our signals: the first one ends it when work is finished or undone, the next undoes at once."""

    def __init__(self, config: uvicorn.Config, stop: Stopping) -> None:
        super().__init__(config)
        self._stop = stop

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals while the server runs, and keep them taken: what comes later changes nothing."""
        for number in SIGNALS:
            signal.signal(number, self.handle_exit)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)  # a worker is born with them blocked
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the interpreter's signature
        """Begin to stop."""
        self._stop.ask()
        self.should_exit = True

    def end(self) -> None:
        """Begin to stop, from another thread."""
        self.handle_exit(signal.SIGTERM, None)


def _work(settings: Settings, listening: socket.socket) -> None:
    """Answer requests until the end."""
    server = _make(settings)
    if multiprocessing.parent_process() is not None:
        threading.Thread(target=_watch_parent, args=(server,), daemon=True).start()
    server.run(sockets=[listening])


def _make(settings: Settings) -> _Server:
    stop = Stopping()
    config = uvicorn.Config(
        create_app(settings, stop),
        http="h11",
        ws="none",
        loop="asyncio",
        lifespan="on",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_SLOW_READER_SECONDS,
        ssl_certfile=None if settings.tls_cert is None else str(settings.tls_cert),
        ssl_keyfile=None if settings.tls_key is None else str(settings.tls_key),
    )
    return _Server(config, stop)


def _watch_parent(server: _Server) -> None:
    """End a worker whose parent is gone, however that went."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    server.end()


def _worker(settings: Settings, listening: socket.socket, spoken: str) -> None:
    """Be a worker; signals wait until the server listens to them."""
    use_language(spoken)
    start_logging()
    _work(settings, listening)


class _Workers:
    """The worker processes: kept at their number, ended together."""

    def __init__(self, settings: Settings, listening: socket.socket) -> None:
        self._settings = settings
        self._listening = listening
        self._context = multiprocessing.get_context("spawn")
        self._ending = threading.Event()
        self._signals = 0
        self._running: dict[SpawnProcess, float] = {}

    def run(self) -> None:
        """Run the workers until a signal comes; raises `DinoError` when they cannot even begin."""
        for number in SIGNALS:
            signal.signal(number, self._came)
        resource_tracker.ensure_running()  # by itself, for it unblocks signals
        soon = 0
        while not self._ending.is_set():
            soon = 0 if not (ended := self._replace_ended()) else soon + ended
            if soon > 2 * self._settings.workers:
                self._end()
                raise DinoError(
                    "workers-fail", _("The workers end as soon as they begin; their log says why.")
                )
            self._ending.wait(0.2)
        self._end()

    def _replace_ended(self) -> int:
        """Start what is missing and return how many workers had ended soon after their start."""
        soon = 0
        for process in [each for each in self._running if not each.is_alive()]:
            begun = self._running.pop(process)
            soon += time.monotonic() - begun < _TOO_SOON_SECONDS
            LOG.warning(_("Worker {pid} ended; another one begins.").format(pid=process.pid))
        while len(self._running) < self._settings.workers and not self._ending.is_set():
            arguments: Any = (self._settings, self._listening, language())
            process = self._context.Process(target=_worker, args=arguments)
            before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
            try:
                process.start()
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
            self._running[process] = time.monotonic()
        return soon

    def _came(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the interpreter's signature
        self._signals += 1
        self._ending.set()

    def _end(self) -> None:
        """Ask all workers to end, again for each signal that comes, and wait for them."""
        told = 0
        while any(process.is_alive() for process in self._running):
            while told < max(1, self._signals):
                told += 1
                for process in self._running:
                    with suppress(ProcessLookupError):
                        os.kill(process.pid or 0, signal.SIGTERM)
            time.sleep(0.1)
        sys.stderr.flush()
