"""The server as clients meet it: a process of its own on loopback, and tokens made by the command line."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any

import httpx
import pytest

from dinotui.domain.token import Scope
from dinotui.engine.history import operations
from dinotui.engine.tokens import create_token
from dinotui.storage.store import Store
from dinotui.storage.trips import TripFilter, stream

ENTRY = (sys.executable, "-W", "error", "-m", "dinotui")
CSV = """\
Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Notes
Japan,2024-03-02,2024-03-09,tourist,90,KR,오사카
France,2024-05-02,2024-05-09,tourist,90,,
"""


@dataclass
class Server:
    """A running server, its database and its log."""

    process: subprocess.Popen[bytes]
    url: str
    database: Path
    log: Path
    env: dict[str, str]
    tokens: dict[str, str] = field(default_factory=dict)
    clients: dict[str, httpx.Client] = field(default_factory=dict)

    def dino(self, *words: str) -> Any:
        """Run the command line on the server's database and return its JSON."""
        command = [*ENTRY, *words, "--db", str(self.database), "--json"]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def token(self, user: str = "Kim", scope: Scope = "write") -> str:
        """Return a token of `user`, made once."""
        key = f"{user} {scope}"
        if key not in self.tokens:
            with self.store(user) as store:
                self.tokens[key] = create_token(store, scope)[1]
        return self.tokens[key]

    def store(self, user: str = "Kim") -> Store:
        """Open the data of `user`, as another process would."""
        return Store(self.database, user)

    def trips(self, user: str = "Kim") -> list[dict[str, Any]]:
        """Return the stored rows of the user's trips."""
        with self.store(user) as store:
            return list(stream(store, TripFilter()))

    def history(self, user: str = "Kim") -> list[str]:
        """Return the kinds of the user's operations, the newest first."""
        with self.store(user) as store:
            return [operation.entry.kind for operation in operations(store)]

    def client(self, user: str = "Kim", scope: Scope = "write") -> httpx.Client:
        """Return a client that carries a token of `user`; it is closed with the server."""
        token = self.token(user, scope)
        if token not in self.clients:
            headers = {"Authorization": f"Bearer {token}"}
            self.clients[token] = httpx.Client(base_url=self.url, headers=headers, timeout=60)
        return self.clients[token]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, wait for the end, and return the exit code."""
        self.process.send_signal(number)
        try:
            return self.process.wait(30)
        finally:
            self.process.kill()

    def read_log(self) -> str:
        """Return what the server has logged."""
        return self.log.read_text(encoding="utf-8")

    def leftovers(self) -> list[str]:
        """Return the files beside the database that belong to a request or an import."""
        folder = self.database.with_name(self.database.name + ".d")
        found = [*folder.glob("staging/*"), *folder.glob("scratch/*"), *folder.glob("server/requests/*")]
        return [str(path.relative_to(folder)) for path in found]


Start = Callable[..., Server]


def environment(home: Path) -> dict[str, str]:
    """Return surroundings with a home of their own, in English."""
    names = ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "HOME")
    kept = {name: value for name, value in os.environ.items() if name not in ("DINOTUI_DB", "LC_ALL")}
    return {**kept, **{name: str(home / name) for name in names}, "LANG": "C.UTF-8"}


def started(database: Path, *words: str, env: dict[str, str] | None = None) -> Server:
    """Start a server on a free port and wait until it listens."""
    env = env or environment(database.parent / "home")
    command = [*ENTRY, "serve", "--port", "0", "--db", str(database), *words]
    log = database.with_name(f"server-{token_hex(4)}.log")
    with log.open("wb") as sink:  # a pipe that nobody reads would fill up and stop the server
        process = subprocess.Popen(command, env=env, stderr=sink)
    found: list[str] = []

    def listens() -> bool:
        assert process.poll() is None, log.read_text()
        found[:] = re.findall(r"Listening on (https?://[^ ]+)", log.read_text())
        return bool(found) and answers(found[0])

    wait_until(listens)
    return Server(process, found[0], database, log, env)


def answers(url: str) -> bool:
    try:
        return httpx.get(url + "/openapi.json", verify=False).status_code == 200
    except httpx.TransportError:
        return False


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def ended(server: Server) -> None:
    for client in server.clients.values():
        client.close()
    if server.process.poll() is None:
        server.stop()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start servers of the test's own, by default on one database."""
    running: list[Server] = []

    def begin(*words: str, database: Path | None = None) -> Server:
        running.append(started(database or tmp_path / "trips.db", *words))
        return running[-1]

    yield begin
    for server in running:
        ended(server)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server without rate limits to speak of, for all tests of a module."""
    many = ("--exports-per-minute", "100000", "--imports-per-minute", "100000")
    running = started(tmp_path_factory.mktemp("api") / "trips.db", *many)
    yield running
    ended(running)


def rows(number: int, *, start: int = 0, note: str = "") -> str:
    """Return a CSV of `number` different stays, none of which overlaps or repeats another."""
    lines = ["Country,Entry Date,Exit Date,Visa Type,Notes"]
    for each in range(start, start + number):
        year, month, day = 1971 + each // 336 % 50, each // 28 % 12 + 1, each % 28 + 1
        date = f"{year}-{month:02}-{day:02}"
        lines.append(f"Peru,{date},{date},work {each // 16800},{note}{each}")
    return "\n".join(lines) + "\n"
