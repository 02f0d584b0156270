"""The server as a process: signals, workers, TLS, warnings, its log, and many clients beside an open app."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import CSV, ENTRY, Server, Start, environment, rows, wait_until
from tests.conftest import sweep

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
GENEROUS = ("--imports-per-minute", "100000", "--exports-per-minute", "100000")


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_signal_ends_it_cleanly_with_work_done_or_undone(
    start: Start, number: signal.Signals, workers: str
) -> None:
    server = start("--workers", workers, *GENEROUS)
    client = server.client()
    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(client.post, "/api/import", content=rows(16_000).encode())
        wait_until(lambda: any(name.startswith("staging/") for name in server.leftovers()) or sent.done())
        assert server.stop(number) == 0
        answer = sent.result()
    log = server.read_log()
    assert log.endswith("Stopped.\n")
    assert "Traceback" not in log
    trips = len(server.trips())
    assert (answer.status_code, trips) in ((200, 16_000), (503, 0))
    assert server.history() == (["import"] if trips else [])
    assert server.leftovers() == []


def test_a_signal_does_not_wait_for_an_upload_that_goes_on_for_ever(start: Start) -> None:
    server = start()
    address = httpx.URL(server.url)
    with socket.create_connection((address.host, address.port or 0), timeout=30) as link:
        head = f"POST /api/import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.token()}\r\n"
        link.sendall(f"{head}Content-Length: 1000\r\n\r\nCountry".encode())
        wait_until(lambda: server.leftovers() != [])
        begun = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begun < 10
        assert link.recv(12) == b"HTTP/1.1 503"
    assert server.leftovers() == []


def test_workers_that_die_are_replaced_and_none_outlives_its_parent(start: Start) -> None:
    server = start("--workers", "2", *GENEROUS)
    before = children(server.process.pid)
    assert len(before) == 2
    os.kill(before[0], signal.SIGKILL)
    wait_until(lambda: len(set(children(server.process.pid)) - {before[0]}) == 2)
    assert httpx.get(server.url + "/openapi.json").status_code == 200
    alive = children(server.process.pid)
    server.process.kill()
    wait_until(lambda: not any(Path(f"/proc/{each}").exists() for each in alive))


def children(process: int) -> list[int]:
    """Return the workers: the children that are no trackers of shared memory."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            words = (path / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == process and b"spawn_main" in words:
            found.append(int(path.name))
    return found


def test_the_same_key_at_once_on_two_workers_imports_once(start: Start) -> None:
    server = start("--workers", "2", *GENEROUS)
    headers = {"Authorization": f"Bearer {server.token()}", "Idempotency-Key": "once"}
    body = rows(2_000).encode()

    def send(_try: int) -> httpx.Response:
        return httpx.post(server.url + "/api/import", content=body, headers=headers, timeout=60)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, range(6)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 5
    assert (server.history(), len(server.trips())) == (["import"], 2_000)


def test_a_server_that_was_killed_leaves_nothing_behind_at_its_next_start(start: Start) -> None:
    first = start(*GENEROUS)
    client = first.client()
    with ThreadPoolExecutor(1) as pool:
        keyed = {"Idempotency-Key": "k"}
        sent = pool.submit(client.post, "/api/import", content=rows(16_000).encode(), headers=keyed)
        wait_until(lambda: any(name.startswith("staging/") for name in first.leftovers()))
        first.process.kill()
        with pytest.raises(httpx.TransportError):
            sent.result()
    second = start(*GENEROUS)
    assert not any(name.startswith("server/") for name in second.leftovers())
    status = second.client().get("/api/export/status").json()["operations"]
    assert [each["state"] for each in status] == ["failed"]
    again = second.client().post("/api/import", content=rows(16_000).encode(), headers=keyed)
    assert again.status_code == 200, again.text
    assert again.json()["result"]["summary"]["imported"] == 16_000
    assert len(second.trips()) == 16_000
    assert second.leftovers() == []


def test_what_the_server_keeps_beside_the_database_is_no_stray_file(start: Start) -> None:
    server = start()
    assert server.dino("check")["findings"] == []


# beside an open app


SECONDS = 4 * sweep(1)


def test_eight_clients_beside_an_open_app(start: Start) -> None:
    """No 5xx, no lost or doubled record, bounded memory; the app's edits go through meanwhile."""
    server = start("--workers", "2", *GENEROUS)
    until = time.monotonic() + SECONDS
    sent: Counter[str] = Counter()
    codes: Counter[int] = Counter()
    lock = threading.Lock()
    app = subprocess.Popen(
        [sys.executable, "-c", APP, str(server.database)],
        env=server.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    begun = memory(server)

    def work(number: int) -> None:
        user = f"User {number % 4}"
        headers = {"Authorization": f"Bearer {server.token(user)}"}
        turn = 0
        with httpx.Client(base_url=server.url, headers=headers, timeout=60) as client:
            while time.monotonic() < until:
                turn += 1
                body = rows(40, start=(number * 400 + turn) * 40, note=f"{number}.{turn}.")
                told = client.post(
                    "/api/import", content=body.encode(), headers={"Idempotency-Key": f"{number}.{turn}"}
                )
                also = client.get("/api/export?format=csv")
                with lock:
                    codes[told.status_code] += 1
                    codes[also.status_code] += 1
                    if told.status_code == 200:
                        result = told.json()["result"]["summary"]
                        assert result["imported"] == result["totalRecords"] == 40, result
                        sent[user] += 40

    for number in range(4):
        server.token(f"User {number}")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    seen = app.communicate("stop\n", timeout=60)[0].split()
    grown = memory(server) - begun
    logging.getLogger("tests").info(
        "%s, %s records, app %s, grown by %.1f MB", dict(codes), sent.total(), seen, grown / 1e6
    )
    assert set(codes) == {200}
    for user, count in sent.items():
        notes = [trip["notes"] for trip in server.trips(user)]
        assert (len(notes), len(set(notes))) == (count, count)
    assert int(seen[0]) > 0
    assert len(server.trips("App")) == int(seen[1]) > 0
    assert grown < 60_000_000


def memory(server: Server) -> int:
    """Return the bytes that the server's processes hold."""
    total = 0
    for each in (server.process.pid, *children(server.process.pid)):
        pages = int(Path(f"/proc/{each}/statm").read_text().split()[1])
        total += pages * os.sysconf("SC_PAGE_SIZE")
    return total


APP = """
import select, sys, time
from pathlib import Path
from dinotui.engine import trips
from dinotui.engine.importing.waiting import waiting_imports
from dinotui.storage.store import Store
from dinotui.storage.trips import TripFilter, page
seen = added = 0
with Store(Path(sys.argv[1]), "App") as store:
    version = store.database.data_version()
    while not select.select([sys.stdin], [], [], 0.2)[0]:
        now = store.database.data_version()
        seen += now != version
        version = now
        page(store, TripFilter())
        waiting_imports(store)
        trips.add_trip(store, {"country": "Japan", "entryDate": f"{1990 + added // 28}-01-{added % 28 + 1:02}",
                               "visaType": "tourist", "exitDate": f"{1990 + added // 28}-01-{added % 28 + 1:02}"})
        added += 1
print(seen, added)
"""
"""What an open app does: it polls for changes of others, redraws, and its user adds trips."""


# listening


def test_loopback_by_default_and_a_warning_for_other_addresses(start: Start, tmp_path: Path) -> None:
    server = start()
    assert server.url.startswith("http://127.0.0.1:")
    server.stop()
    assert "WARNING" not in server.read_log()
    open_to_all = start("--host", "0.0.0.0")
    open_to_all.stop()
    log = open_to_all.read_log()
    assert "without TLS" in log
    assert "--tls-cert" in log


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate of our own for 127.0.0.1 and its key."""
    key, made = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=127.0.0.1",
    ]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(made)]
    try:
        subprocess.run(command, capture_output=True, check=True, timeout=60)
    except FileNotFoundError:
        pytest.skip("openssl, which makes the certificate, is not here")
    return made, key


@pytest.mark.parametrize("workers", ["1", "2"])
def test_tls(start: Start, certificate: tuple[Path, Path], workers: str) -> None:
    import ssl

    made, key = certificate
    server = start("--host", "0.0.0.0", "--workers", workers, "--tls-cert", str(made), "--tls-key", str(key))
    assert server.url.startswith("https://0.0.0.0:")
    url = server.url.replace("0.0.0.0", "127.0.0.1")
    headers = {"Authorization": f"Bearer {server.token()}"}
    with httpx.Client(verify=ssl.create_default_context(cafile=str(made))) as client:
        assert client.get(url + "/api/export", headers=headers).status_code == 200
    server.stop()
    assert "WARNING" not in server.read_log()


def refused(folder: Path, *words: str) -> tuple[int, str]:
    command = [*ENTRY, "serve", "--db", str(folder / "trips.db"), *words]
    done = subprocess.run(command, env=environment(folder), capture_output=True, text=True, timeout=60)
    return done.returncode, done.stderr


def test_what_it_does_not_begin_with(tmp_path: Path, start: Start) -> None:
    assert refused(tmp_path, "--tls-cert", "x.pem")[0] == 2
    assert refused(tmp_path, "--port", "70000")[0] == 2
    assert refused(tmp_path, "--workers", "0")[0] == 2
    assert refused(tmp_path, "--json")[0] == 2
    assert refused(tmp_path, "--user", "Kim")[0] == 2
    assert refused(tmp_path, "--host", "no.such.host.invalid")[0] == 2
    (tmp_path / "bad.pem").write_text("no certificate")
    code, told = refused(
        tmp_path, "--tls-cert", str(tmp_path / "bad.pem"), "--tls-key", str(tmp_path / "bad.pem")
    )
    assert (code, told.count("\n"), "Traceback" in told) == (1, 1, False)
    server = start()
    code, told = refused(tmp_path, "--port", server.url.rpartition(":")[2])
    assert code == 1
    assert told.count("\n") == 1


def test_the_log_holds_a_line_a_request_and_no_secret(start: Start) -> None:
    server = start()
    token = server.token("Kim")
    client = server.client("Kim")
    client.get("/api/export")
    client.post("/api/import?resolution=skip&filename=private.csv", content=CSV.encode())
    client.get(f"/api/{token}?token={token}")
    address = httpx.URL(server.url)
    with socket.create_connection((address.host, address.port or 0), timeout=30) as link:
        link.sendall(b"GET /%1b%5d52;c;x%07/%e2%80%ae HTTP/1.1\r\nHost: x\r\nX: \x1b[2J\r\n\r\n")
        link.recv(12)
    server.stop()
    lines = server.read_log().splitlines()
    assert sum(" GET /api/export 200 " in line for line in lines) == 1
    assert sum(" POST /api/import 200 " in line for line in lines) == 1
    assert all(line.isprintable() for line in lines)
    log = "\n".join(lines)
    for private in (token, token.rpartition("_")[2][:12], "private.csv", "resolution"):
        assert private not in log
    assert f"Kim/{token.split('_')[1]}" in log


def test_without_the_extra_it_says_how_to_install_it(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in ('starlette', 'uvicorn', 'limits', 'python_multipart'):\n"
        "            raise ModuleNotFoundError(f'No module named {name}', name=name)\n"
        "sys.meta_path.insert(0, Missing())\n"
        "from dinotui.__main__ import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    command = [sys.executable, "-W", "error", "-c", program, "serve", "--db", str(tmp_path / "t.db")]
    done = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip().endswith("pip install 'dinotui[api]'")
    assert done.stderr.count("\n") == 1


def test_no_other_command_loads_the_servers_libraries(tmp_path: Path) -> None:
    code = (
        "import sys; from dinotui.__main__ import main; main(sys.argv[1:]);"
        " print([n for n in ('starlette', 'uvicorn', 'limits', 'anyio', 'python_multipart') if n in sys.modules])"
    )
    for words in (["--help"], ["serve", "--help"], ["token", "create"], ["trips"], ["export", "-o", "-"]):
        command = [sys.executable, "-c", code, *words, "--db", str(tmp_path / "t.db")]
        done = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, timeout=60)
        assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_a_signal_that_comes_while_workers_begin_is_not_lost(start: Start) -> None:
    server = start("--workers", "4", *GENEROUS)  # it answers as soon as one of them does
    assert server.stop() == 0
    assert server.read_log().endswith("Stopped.\n")
