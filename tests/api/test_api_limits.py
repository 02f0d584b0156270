"""Limits as real clients meet them: bytes really read, requests a minute, bombs, and clients that leave."""

from __future__ import annotations

import io
import socket
import subprocess
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.api.conftest import CSV, Server, Start, rows, wait_until

MEGABYTE = 1_000_000


def padded(size: int) -> bytes:
    """Return a CSV of exactly `size` bytes whose notes are long."""
    lines = ["Country,Entry Date,Exit Date,Visa Type,Notes"]
    note = "x" * 9_900
    for day in range(size // 10_000):
        date = f"{1975 + day // 336}-{day // 28 % 12 + 1:02}-{day % 28 + 1:02}"
        lines.append(f"Peru,{date},{date},work,{note}")
    text = ("\n".join(lines) + "\n").encode()
    return text + b"\n" * (size - len(text))


def connection(server: Server) -> socket.socket:
    address = urlsplit(server.url)
    assert address.hostname
    assert address.port
    return socket.create_connection((address.hostname, address.port), timeout=30)


def head(server: Server, *lines: str) -> bytes:
    token = server.token("Lim")
    fixed = ("POST /api/import?resolution=skip HTTP/1.1", "Host: x", f"Authorization: Bearer {token}")
    return "\r\n".join((*fixed, *lines, "", "")).encode()


@pytest.mark.parametrize("client", ["curl", "httpx"])
def test_a_body_just_within_the_limit_passes(server: Server, tmp_path: Path, client: str) -> None:
    body = padded(9_990_000)
    assert len(body) == 9_990_000
    if client == "httpx":
        answer = server.client("Big").post("/api/import?resolution=skip", content=body)
        assert (answer.status_code, answer.json()["result"]["summary"]["errors"]) == (200, 0)
    else:
        assert curl(server, tmp_path, body) == "200"


def test_a_body_past_the_limit_is_refused(server: Server, tmp_path: Path) -> None:
    body = padded(10_010_000)
    assert curl(server, tmp_path, body) == "413"
    answer = server.client("Big").post("/api/import", content=body)
    assert answer.status_code == 413
    assert set(answer.json()) == {"error", "details"}
    assert curl(server, tmp_path, body, "-H", "Transfer-Encoding: chunked") == "413"
    with_form = server.client("Big").post("/api/import", files={"file": ("t.csv", io.BytesIO(body))})
    assert with_form.status_code == 413


def curl(server: Server, folder: Path, body: bytes, *words: str) -> str:
    path = folder / "body.csv"
    path.write_bytes(body)
    command = ["curl", "-s", "-o", str(folder / "answer"), "-w", "%{http_code}", "--data-binary", f"@{path}"]
    token = f"Authorization: Bearer {server.token('Big')}"
    done = subprocess.run(
        [*command, "-H", token, *words, f"{server.url}/api/import?resolution=skip"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout


def test_a_length_that_says_too_much_is_refused_before_a_byte_is_sent(server: Server) -> None:
    with connection(server) as link:
        link.sendall(head(server, "Content-Length: 4000000000", "Expect: 100-continue"))
        assert link.recv(12) == b"HTTP/1.1 413"


def test_chunks_without_an_end_are_read_to_the_limit_and_not_further(server: Server) -> None:
    piece = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    sent = 0
    with connection(server) as link:
        link.sendall(head(server, "Transfer-Encoding: chunked"))
        link.settimeout(0.2)
        answer = b""
        while not answer and sent < 100 * MEGABYTE:
            with suppress(TimeoutError, ConnectionError):
                sent += link.send(piece)
            if sent > 10 * MEGABYTE:
                try:
                    answer = link.recv(12)
                except TimeoutError:
                    continue
    assert answer == b"HTTP/1.1 413"
    assert sent < 20 * MEGABYTE
    wait_until(lambda: server.leftovers() == [])


def test_a_length_that_says_too_little_is_the_length(server: Server) -> None:
    with connection(server) as link:
        link.sendall(
            head(server, f"Content-Length: {len(CSV.encode())}") + CSV.encode() + b"Spain,2024" * 1000
        )
        assert link.recv(12) == b"HTTP/1.1 200"


@pytest.mark.parametrize("how", ["length", "chunked", "form"])
def test_an_upload_that_is_broken_off_leaves_nothing(server: Server, how: str) -> None:
    user = f"Off {how}"
    lines = {
        "length": ("Content-Length: 5000000",),
        "chunked": ("Transfer-Encoding: chunked",),
        "form": ("Content-Length: 5000000", "Content-Type: multipart/form-data; boundary=b"),
    }[how]
    body = {
        "length": rows(20_000).encode(),
        "chunked": b"2000\r\n" + rows(200).encode()[:0x2000].ljust(0x2000, b"\n") + b"\r\n",
        "form": b'--b\r\nContent-Disposition: form-data; name="file"; filename="t.csv"\r\n\r\n'
        + rows(20_000).encode(),
    }[how]
    token = server.token(user)
    with connection(server) as link:
        request = head(server, *lines).replace(server.token("Lim").encode(), token.encode())
        link.sendall(request + body)
        wait_until(lambda: server.leftovers() != [])
    wait_until(lambda: server.leftovers() == [])
    assert server.trips(user) == []
    assert server.history(user) == []
    assert server.client(user).get("/api/export/status").json() == {"operations": []}


def bombs() -> Iterator[tuple[str, bytes]]:
    zeros = io.BytesIO()
    with zipfile.ZipFile(zeros, "w", zipfile.ZIP_DEFLATED) as made, made.open("t.csv", "w") as entry:
        for _part in range(300):
            entry.write(b"\x20" * MEGABYTE)
    yield "zip", zeros.getvalue()
    nested = io.BytesIO()
    with zipfile.ZipFile(nested, "w") as made:
        made.writestr("inner.zip", zeros.getvalue())
    yield "zip in zip", nested.getvalue()
    yield "deep json", b"[" * 9_000_000
    yield "deep data", b'{"data": ' + b"[" * 9_000_000


BOMBS = dict(bombs())


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_within_a_second(server: Server, bomb: str) -> None:
    client = server.client("Bomb")
    kind = "application/json" if bomb == "deep data" else "application/octet-stream"
    client.get("/api/export/status")
    took = []
    for _try in range(4):  # the best of them: others share this machine
        begun = time.monotonic()
        answer = client.post("/api/import", content=BOMBS[bomb], headers={"Content-Type": kind})
        took.append(time.monotonic() - begun)
        assert 400 <= answer.status_code < 500, answer.text
        if took[-1] < 1.0:
            break
    assert min(took) < 1.0
    assert server.leftovers() == []


def test_the_sixth_export_and_the_fourth_import_of_a_minute(start: Start) -> None:
    server = start("--workers", "2")
    for kind, allowed in (("export", 5), ("import", 3)):
        answers = [ask(server, kind) for _request in range(allowed + 1)]
        assert [each.status_code for each in answers] == [200] * allowed + [429]
        wait = int(answers[-1].headers["Retry-After"])
        assert 50 <= wait <= 60
        assert set(answers[-1].json()) == {"error", "details"}
        assert ask(server, kind, user="Lee").status_code == 200
    assert server.client().get("/api/export/status").status_code == 200


def ask(server: Server, kind: str, user: str = "Kim") -> httpx.Response:
    client = server.client(user)
    if kind == "export":
        return client.get("/api/export")
    return client.post("/api/import?resolution=skip", content=CSV.encode())


def test_after_retry_after_it_passes(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """The counts are put 57 seconds back, as if the minute were nearly over."""
    from dinotui.storage.server_state import ServerState

    server = start("--exports-per-minute", "2")
    assert [ask(server, "export").status_code for _n in range(2)] == [200, 200]
    with ServerState(server.database.with_name("trips.db.d") / "server") as state:
        state.database.execute("UPDATE request_count SET at = at - 57")
    refused = ask(server, "export")
    wait = int(refused.headers["Retry-After"])
    assert (refused.status_code, 1 <= wait <= 3) == (429, True)
    time.sleep(wait)
    assert ask(server, "export").status_code == 200
