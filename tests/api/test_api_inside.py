"""What cannot be provoked from outside: broken parts, slow bodies, takeovers, the log's lines, the shared file."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from limits import RateLimitItemPerMinute
from limits.strategies import MovingWindowRateLimiter

from dinotui.api import bodies, exports, front, imports
from dinotui.api.app import create_app
from dinotui.api.limits import SharedCounts
from dinotui.api.settings import Settings
from dinotui.api.stopping import Stopping
from dinotui.api.uploads import clean_name
from dinotui.domain.errors import StorageError
from dinotui.domain.token import ApiToken
from dinotui.engine.history import operations
from dinotui.engine.tokens import create_token
from dinotui.storage.owners import Owner, is_alive
from dinotui.storage.server_state import ServerState
from dinotui.storage.store import Store
from tests.api.conftest import CSV, wait_until


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return Settings(tmp_path / "trips.db", exports_per_minute=1000, imports_per_minute=1000)


@pytest.fixture
def bearer(settings: Settings) -> dict[str, str]:
    with Store(settings.database, "Kim") as store:
        return {"Authorization": f"Bearer {create_token(store, 'write')[1]}"}


@asynccontextmanager
async def running(
    settings: Settings, bearer: dict[str, str], stop: Stopping | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """The application in this process, with its lifespan."""
    app = create_app(settings, stop)
    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    outbox: asyncio.Queue[Any] = asyncio.Queue()
    state: dict[str, Any] = {}
    life = asyncio.create_task(app({"type": "lifespan", "state": state}, inbox.get, outbox.put))
    await inbox.put({"type": "lifespan.startup"})
    assert (await outbox.get())["type"] == "lifespan.startup.complete"

    async def with_state(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "state": dict(state)}, receive, send)

    try:
        transport = httpx.ASGITransport(app=with_state)
        async with httpx.AsyncClient(transport=transport, base_url="http://x", headers=bearer) as client:
            yield client
    finally:
        await inbox.put({"type": "lifespan.shutdown"})
        await life


async def test_an_error_of_ours_is_a_500_without_its_insides(
    settings: Settings, bearer: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*_given: Any) -> None:
        raise RuntimeError("secret inside")

    async with running(settings, bearer) as client:
        monkeypatch.setattr(exports, "carry_out", broken)
        monkeypatch.setattr(imports, "carry_out", broken)
        told = {
            "Export failed": await client.get("/api/export"),
            "Import failed": await client.post("/api/import", content=CSV.encode()),
        }
        for title, answer in told.items():
            assert (answer.status_code, answer.json()["error"]) == (500, title)
            assert "secret" not in answer.text
        monkeypatch.setattr(exports, "export_request", broken)
        outside = await client.get("/api/export")
        assert (outside.status_code, set(outside.json())) == (500, {"error", "details"})
        monkeypatch.setattr("dinotui.api.status.told", broken)
        assert (await client.get("/api/export/status")).status_code == 500
    assert "secret inside" in (tmp_path / "state" / "dinotui" / "errors.log").read_text()


@pytest.mark.parametrize(("code", "status"), [("database-busy", 503), ("disk-full", 500)])
async def test_trouble_with_the_disk(
    settings: Settings, bearer: dict[str, str], monkeypatch: pytest.MonkeyPatch, code: str, status: int
) -> None:
    def broken(*_given: Any) -> None:
        raise StorageError(code, "The disk that holds /private is full.", "/private/trips.db")

    async with running(settings, bearer) as client:
        monkeypatch.setattr(imports, "carry_out", broken)
        answer = await client.post("/api/import", content=CSV.encode())
    assert answer.status_code == status
    assert "/private" not in answer.text
    assert ("retry-after" in answer.headers) == (status == 503)


async def test_a_body_that_does_not_come_is_too_slow(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "IDLE_SECONDS", 0.2)

    path = settings.database.with_name("body")
    parts: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    await parts.put({"type": "http.request", "body": b"Country", "more_body": True})
    with pytest.raises(bodies.Refusal) as caught:
        await bodies.spool(parts.get, path, Stopping())
    assert caught.value.status == 408


async def test_a_stop_refuses_what_comes_and_undoes_what_is_at_work(
    settings: Settings, bearer: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = Stopping()
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()
    real = imports.carry_out

    def slow(asked: Any, ticket: Any, earlier: Any, store: Any, report: Any, cancelled: Any) -> Any:
        loop.call_soon_threadsafe(begun.set)
        wait_until(cancelled)
        return real(asked, ticket, earlier, store, report, cancelled)

    monkeypatch.setattr(imports, "carry_out", slow)
    async with running(settings, bearer, stop) as client:
        at_work = asyncio.create_task(client.post("/api/import", content=CSV.encode()))
        await begun.wait()
        stop.ask()
        refused = await client.get("/api/export")
        assert (refused.status_code, refused.json()["error"]) == (503, "Unavailable")
        assert refused.headers["retry-after"]
        stop.ask()  # once more: at once
        undone = await at_work
        assert undone.status_code == 503
    with Store(settings.database, "Kim") as store:
        assert operations(store) == []


async def test_the_file_of_an_export_at_work_is_not_there_yet(
    settings: Settings, bearer: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on: list[bool] = []
    real = exports.carry_out

    def slow(*given: Any) -> Any:
        wait_until(lambda: bool(go_on))
        return real(*given)

    monkeypatch.setattr(exports, "carry_out", slow)
    async with running(settings, bearer) as client:
        taken = (await client.get("/api/export?background=true")).json()
        early = await client.get(f"/api/export/file?operationId={taken['operationId']}")
        assert early.status_code == 409
        go_on.append(True)
        for _try in range(200):
            await asyncio.sleep(0.05)
            if (await client.get(taken["status"])).json()["state"] == "done":
                break
        file = await client.get(f"/api/export/file?operationId={taken['operationId']}")
        assert file.status_code == 200


# retries after a server that died


def orphan(settings: Settings, asked_by: str, key: str, fingerprint: str, job: str) -> None:
    """Leave a key whose work nobody has in hand any more, as a killed server does."""
    with ServerState(settings.folder) as state:
        gone = Owner(state.owners)
        state.add_job(job, asked_by, "import", gone.name)
        assert state.take_key(asked_by, key, fingerprint, job) == (True, None)
        gone.close()


@pytest.mark.parametrize("done", [False, True])
async def test_a_retry_after_a_crash(
    settings: Settings, bearer: dict[str, str], monkeypatch: pytest.MonkeyPatch, done: bool
) -> None:
    """The work of the first request was done before its server died, or it was not: it is done once."""
    monkeypatch.setattr(imports.ImportRequest, "fingerprint", lambda _self: "same")
    keyed = {"Idempotency-Key": "k"}
    async with running(settings, bearer) as client:
        job = "01920000-0000-7000-8000-000000000000"
        first = None
        if done:
            first = await client.post("/api/import", content=CSV.encode())
            job = first.headers["x-operation-id"]
            with ServerState(settings.folder) as state:
                state.drop_job(job)
        orphan(settings, "Kim", "k", "same", job)
        answers = [await client.post("/api/import", content=CSV.encode(), headers=keyed) for _try in range(2)]
    result = answers[0].json()["result"]
    assert answers[1].json() == answers[0].json()
    assert result["summary"]["imported"] == 2
    assert (result["metadata"]["importId"] == job) == done
    assert bool(result["warnings"]) == done
    assert first is None or result["summary"] == first.json()["result"]["summary"]
    with Store(settings.database, "Kim") as store:
        assert [operation.entry.kind for operation in operations(store)] == ["import"]
        assert store.database.value("SELECT count(*) FROM trip") == 2


def test_work_of_a_process_that_is_gone_has_failed(settings: Settings) -> None:
    Store(settings.database).close()
    with ServerState(settings.folder) as state:
        owner = Owner(state.owners)
        state.add_job("a", "Kim", "import", owner.name)
        assert state.in_hand(state.job("Kim", "a"))
        owner.close()
        assert not state.in_hand(state.job("Kim", "a"))
        assert not is_alive(state.owners, owner.name)
        later = Owner(state.owners)
        assert [path.stem for path in state.owners.iterdir()] == [later.name]
        later.close()


# the parts


def test_the_counts_of_limits_are_kept_in_the_shared_file(tmp_path: Path) -> None:
    counts = SharedCounts(tmp_path / "server")
    limiter, item = MovingWindowRateLimiter(counts), RateLimitItemPerMinute(2)
    other = MovingWindowRateLimiter(SharedCounts(tmp_path / "server"))
    assert [limiter.hit(item, "a"), other.hit(item, "a"), limiter.hit(item, "a")] == [True, True, False]
    assert other.hit(item, "b")
    assert not other.test(item, "a")
    assert 55 < other.get_window_stats(item, "a").reset_time - time.time() <= 60
    assert (counts.get(item.key_for("a")), counts.check()) == (2, True)
    assert counts.get_expiry(item.key_for("a")) <= time.time()
    other.clear(item, "a")
    assert limiter.test(item, "a")
    assert counts.incr("c", 60) == 1
    counts.reset()
    assert counts.get("c") == 0


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\trips\\a.csv", "a.csv"),
        ("a\x1b[2J\u202egpj.csv", "a␛[2J⟨U+202E⟩gpj.csv"),
        ("x" * 500, "x" * 120),
        ("여행.csv", "여행.csv"),
        ("", ""),
    ],
)
def test_the_names_of_files(given: str, clean: str) -> None:
    assert clean_name(given) == clean


def test_a_line_of_the_log_is_harmless(caplog: pytest.LogCaptureFixture) -> None:
    token = ApiToken(id="ab12", user="Kim\x1b]52;c;x\x07", name="", scope="read", created="")
    secret = "dino_0123456789ab_" + "s" * 43
    scope = {
        "type": "http",
        "method": "GET",
        "path": f"/api\x1b[2J\n2026 fake line/{secret}",
        "query_string": f"token={secret}".encode(),
        "headers": [(b"authorization", f"Bearer {secret}".encode())],
        "client": ("127.0.0.1", 5),
        "dinotui.token": token,
    }
    line = front.line(scope, 200, 17, 0.25)
    assert secret not in line
    assert "s" * 10 not in line
    assert line.isprintable()
    assert line.startswith("127.0.0.1 Kim␛]52")
    assert len(front.line({**scope, "path": "/" + "x" * 9000}, 200, 0, 0)) < 300
    record = logging.LogRecord("x", logging.WARNING, "", 0, f"said {secret} \x1b[2J", None, None)
    shown = front._Formatter().format(record)
    assert shown.isprintable()
    assert "sss" not in shown


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Leave the loggers as they were."""
    yield
    logging.getLogger("dinotui.api").handlers[:] = []
