"""What the addresses answer: the source document's parameters, headers, file names and status codes."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import zipfile
from typing import Any

import httpx
import pytest

from dinotui.api.openapi import description
from dinotui.engine.tokens import create_token, revoke_token
from dinotui.storage.server_state import ServerState
from tests.api.conftest import CSV, Server, rows, wait_until

TODAY = dt.datetime.now(dt.UTC).date().isoformat()
RECORDS = [{"country": "Japan", "entryDate": "2024-03-02", "exitDate": "2024-03-09", "visaType": "tourist"}]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module", autouse=True)
def two_trips(server: Server) -> None:
    """Kim has two trips."""
    assert server.client().post("/api/import", content=CSV.encode()).json()["success"]


# exports


@pytest.mark.parametrize(
    ("query", "kind", "name"),
    [
        ("", "application/json", "dinocal-json-{}.json"),
        ("format=json", "application/json", "dinocal-json-{}.json"),
        ("format=csv", "text/csv", "dinocal-csv-{}.csv"),
        ("format=xlsx", XLSX, "dinocal-xlsx-{}.xlsx"),
        ("compress=true", "application/gzip", "dinocal-json-{}.json.gz"),
        ("format=csv&compress=gzip&level=5", "application/gzip", "dinocal-csv-{}.csv.gz"),
        ("compress=zip&level=1", "application/zip", "dinocal-json-{}.zip"),
        ("format=csv&categories=trips,notifications", "application/zip", "dinocal-csv-{}.zip"),
        ("compress=false", "application/json", "dinocal-json-{}.json"),
    ],
)
def test_an_export_has_the_headers_and_name_of_the_source_document(
    server: Server, query: str, kind: str, name: str
) -> None:
    answer = server.client().get(f"/api/export?{query}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == kind
    assert answer.headers["content-disposition"] == f'attachment; filename="{name.format(TODAY)}"'
    assert answer.headers["cache-control"] == "no-cache"
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_what_is_in_an_export(server: Server) -> None:
    client = server.client()
    text = client.get("/api/export?format=csv").text
    header = "Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Duration,Notes"
    assert text.splitlines()[0] == header
    assert text.splitlines()[2] == "Japan,2024-03-02,2024-03-09,tourist,90,KR,8,오사카"
    assert client.get("/api/export?format=csv&bom=true").content.startswith(b"\xef\xbb\xbfCountry")
    whole = client.get("/api/export?categories=trips,preferences,notifications,analytics").json()
    assert set(whole["data"]) == {"trips", "preferences", "notifications", "analytics"}
    assert set(client.get("/api/export").json()["data"]) == {"trips"}
    packed = client.get("/api/export?compress=true").content
    assert len(json.loads(gzip.decompress(packed))["data"]["trips"]) == 2
    with zipfile.ZipFile(io.BytesIO(client.get("/api/export?compress=zip").content)) as archive:
        assert len(archive.namelist()) == 1


@pytest.mark.parametrize(
    ("range_", "countries"),
    [
        ("2024-05-01..2024-05-31", ["France"]),
        ("2024-03-09..2024-05-02", ["France", "Japan"]),
        ("..2024-04-01", ["Japan"]),
        ("2024-04-01..", ["France"]),
    ],
)
def test_a_date_range_keeps_the_stays_that_touch_it(
    server: Server, range_: str, countries: list[str]
) -> None:
    trips = server.client().get("/api/export", params={"dateRange": range_}).json()["data"]["trips"]
    assert [trip["country"] for trip in trips] == countries


def test_privacy_and_metadata(server: Server) -> None:
    client = server.client()
    private = client.get("/api/export?excludePersonalData=true").text
    assert "Kim" not in private
    assert "오사카" not in private
    anonymous = client.get("/api/export?anonymizeData=true").json()
    assert anonymous["data"]["trips"][0]["entryDate"] != "2024-05-02"
    assert anonymous["metadata"]["exportId"][14] == "4"  # an id that does not tell when it was made
    assert "exportDate" not in client.get("/api/export?includeMetadata=false").json().get("metadata", {})


def test_an_export_is_in_the_history_by_its_id(server: Server) -> None:
    answer = server.client("Log").get("/api/export?format=csv")
    entry = server.dino("history", "--user", "Log")[0]
    assert entry["id"] == answer.headers["x-operation-id"]
    assert (entry["kind"], entry["source"]) == ("export", "HTTP API")
    assert str(server.database.parent) not in json.dumps(entry)


# bodies of imports


def upload(client: httpx.Client, form: str, query: str = "", config: Any = None) -> httpx.Response:
    """Send the same three trips in one of the forms of a body."""
    text = rows(3)
    if form == "text":
        return client.post(f"/api/import?{query}", json={"data": text, "config": config})
    if form == "list":
        return client.post(f"/api/import?{query}", json={"data": records(text), "config": config or {}})
    if form == "form":
        parts: dict[str, Any] = {"file": ("../My trips.csv", text, "text/csv")}
        if config is not None:
            parts["config"] = (None, json.dumps(config), "application/json")
        return client.post(f"/api/import?{query}", files=parts)
    return client.post(f"/api/import?{query}", content=text.encode(), headers={"Content-Type": "text/csv"})


def records(text: str) -> list[dict[str, str]]:
    header, *lines = text.splitlines()
    return [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]


@pytest.mark.parametrize("form", ["text", "list", "form", "raw"])
def test_the_forms_of_a_body_do_the_same(server: Server, form: str) -> None:
    user = f"Form {form}"
    answer = upload(server.client(user), form)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert set(told) == {"success", "result"}
    assert told["success"] is True
    result = told["result"]
    assert result["summary"] == {
        "totalRecords": 3,
        "imported": 3,
        "updated": 0,
        "skipped": 0,
        "errors": 0,
        "pending": 0,
        "corrected": 0,
        "removed": 0,
    }
    assert set(result) >= {"success", "summary", "details", "metadata", "warnings", "recommendations"}
    assert result["metadata"]["backupId"]
    assert len(server.trips(user)) == 3
    entry = server.dino("history", "--user", user)[0]
    assert entry["id"] == answer.headers["x-operation-id"] == result["metadata"]["importId"]
    assert entry["source"] == ("My trips.csv" if form == "form" else "upload")
    again = upload(server.client(user), form).json()["result"]
    assert (again["summary"]["skipped"], again["summary"]["imported"]) == (3, 0)


def test_our_own_and_legacy_documents_are_taken_as_they_are(server: Server) -> None:
    exported = server.client().get("/api/export").content
    for user, body in (("Own", exported), ("Old", json.dumps({"version": "1", "trips": RECORDS}).encode())):
        answer = server.client(user).post(
            "/api/import", content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.json()["success"], answer.text
        assert server.trips(user)[-1]["country"] == "Japan"
    answer = server.client("Wrapped").post("/api/import", json={"data": json.loads(exported)})
    assert answer.json()["result"]["summary"]["imported"] == 2
    packed = server.client("Packed").post("/api/import", content=gzip.compress(exported))
    assert packed.json()["result"]["summary"]["imported"] == 2
    table = server.client().get("/api/export?format=xlsx").content
    assert (
        server.client("Table").post("/api/import", content=table).json()["result"]["summary"]["imported"] == 2
    )


def test_the_defaults_are_the_source_documents(server: Server) -> None:
    user = "Default"
    client = server.client(user)
    bad = [*RECORDS, {"country": "Spain", "entryDate": "2024-02-30", "visaType": "tourist"}]
    first = client.post("/api/import", json={"data": bad, "config": {"strategy": None}}).json()["result"]
    assert (first["summary"]["imported"], first["summary"]["errors"]) == (1, 1)  # skipInvalid
    backup = server.dino("history", "--user", user)[0]["backupId"]
    with server.store(user) as store:
        format_ = store.database.value("SELECT format FROM backup WHERE id = ?", (backup,))
    assert format_ == "json"
    refused = client.post("/api/import", json={"data": bad, "config": {"validation": {"skipInvalid": False}}})
    assert refused.status_code == 422  # false means false
    changed = [{**RECORDS[0], "visaType": "business"}]
    pending = client.post("/api/import", json={"data": changed}).json()  # merge, fuzzy, prompt
    assert (pending["success"], pending["result"]["state"]) == (False, "review")


def test_the_address_goes_before_the_configuration(server: Server) -> None:
    client = server.client("Before")
    assert upload(client, "raw").json()["success"]
    changed = rows(3, note="changed ")
    config = {"duplicateHandling": {"resolution": "prompt"}, "backup": {"createBackup": False}}
    body = {"data": changed, "config": config}
    updated = client.post("/api/import?resolution=update", json=body).json()["result"]
    assert updated["summary"]["updated"] == 3
    assert updated["metadata"]["backupId"] is None


def test_reading_options(server: Server) -> None:
    text = "Land;Rein;Raus\nKorea;03.04.2024;05.04.2024\n"
    query = {
        "map": ["Land=country", "Rein=entry date", "Raus=exit date"],
        "set": "visa type=tourist",
        "country": "Korea=KR",
        "dateOrder": "dmy",
        "encoding": "utf-8",
        "filename": "reise.csv",
    }
    client = server.client("Read")
    answer = client.post("/api/import", params=query, content=text.encode())
    assert answer.json()["result"]["details"]["newRecords"][0]["trip"] == {
        "country": "Korea",
        "countryCode": "KR",
        "entryDate": "2024-04-03",
        "exitDate": "2024-04-05",
        "visaType": "tourist",
        "maxDays": None,
        "passportCountry": "",
        "notes": "",
    }
    del query["dateOrder"]
    asked = client.post("/api/import", params=query, content=text.encode())
    assert asked.status_code == 422
    assert "dateOrder" in asked.json()["details"]
    assert "--" not in asked.json()["details"]


def test_a_dry_run_changes_nothing(server: Server) -> None:
    answer = upload(server.client("Dry"), "raw", "dryRun=true").json()["result"]
    assert (answer["dryRun"], answer["summary"]["imported"]) == (True, 3)
    assert (server.trips("Dry"), server.history("Dry")) == ([], [])
    assert server.dino("review", "--list", "--user", "Dry") == []


def test_a_replace_needs_a_yes(server: Server) -> None:
    client = server.client("Replace")
    assert client.post("/api/import", content=CSV.encode()).json()["success"]
    refused = upload(client, "raw", "strategy=replace")
    assert refused.status_code == 409
    assert "2" in refused.json()["details"]
    assert len(server.trips("Replace")) == 2
    done = upload(client, "raw", "strategy=replace&yes=true").json()["result"]
    assert (done["summary"]["removed"], done["summary"]["imported"]) == (2, 3)
    assert upload(client, "raw", "strategy=replace&yes=true&createBackup=false").status_code == 422


def test_conflicts_wait_for_review_at_once(server: Server) -> None:
    """What the command line lists is what the app's Home shows: both ask `waiting_imports`."""
    client = server.client("Wait")
    assert client.post("/api/import", content=CSV.encode()).json()["success"]
    changed = CSV.replace("2024-03-09,tourist", "2024-03-10,business")
    told = client.post("/api/import?filename=new.csv", content=changed.encode()).json()["result"]
    assert (told["state"], told["summary"]["pending"], told["summary"]["imported"]) == ("review", 1, 0)
    pending = told["details"]["pendingRecords"][0]
    assert pending["existingId"] == next(t["id"] for t in server.trips("Wait") if t["country"] == "Japan")
    waiting = server.dino("review", "--list", "--user", "Wait")
    assert [each["importId"] for each in waiting] == [told["metadata"]["importId"]]
    assert (waiting[0]["source"], waiting[0]["conflicts"]) == ("new.csv", 1)

    from dinotui.engine.importing.applying import apply_import
    from dinotui.engine.importing.deciding import conflict_numbers, decide, load_conflict
    from dinotui.storage.staging import Staging

    with server.store("Wait") as store:
        staging = Staging.find(store.staging, told["metadata"]["importId"])
        for number in conflict_numbers(staging):
            decide(staging, load_conflict(staging, store, number), "incoming")
        assert apply_import(staging, store).summary.updated == 1
    assert any(trip["visa_type"] == "business" for trip in server.trips("Wait"))


# background and status


def followed(client: httpx.Client, answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 202
    assert answer.headers["location"] == answer.json()["status"]
    told: dict[str, Any] = {}

    def over() -> bool:
        told.update(client.get(answer.headers["location"]).json())
        return told["state"] in ("done", "failed")

    wait_until(over)
    return told


def test_work_in_the_background_is_followed_by_status(server: Server) -> None:
    client = server.client("Back")
    done = followed(client, upload(client, "raw", "background=true"))
    assert (done["kind"], done["state"], done["processed"], done["total"]) == ("import", "done", 3, 3)
    assert done["result"]["summary"]["imported"] == 3
    made = followed(client, client.get("/api/export?format=csv&background=true"))
    assert made["result"]["records"] == 3
    file = client.get(made["file"])
    assert file.headers["content-disposition"] == f'attachment; filename="dinocal-csv-{TODAY}.csv"'
    assert len(file.text.splitlines()) == 4
    failed = followed(client, client.post("/api/import?background=true", content=b"nothing here"))
    assert (failed["state"], failed["error"]) == ("failed", "Import failed")
    listed = client.get("/api/export/status").json()["operations"]
    assert [each["state"] for each in listed] == ["failed", "done", "done"]
    for path in (made["file"], f"/api/export/status?operationId={made['operationId']}"):
        assert server.client("Stranger").get(path).status_code == 404


def test_the_file_of_a_background_export_goes_after_an_hour(server: Server) -> None:
    import os
    import time

    client = server.client("Hour")
    made = followed(client, client.get("/api/export?background=true"))
    folder = next(path for path in (server.database.parent).rglob("kept-*") if list(path.iterdir()))
    for path in server.database.parent.rglob("kept-*"):
        os.utime(path, (time.time() - 3700,) * 2)
    followed(client, client.get("/api/export?background=true"))
    assert not folder.exists()
    assert client.get(made["file"]).status_code == 404


# who may do what


def test_users_do_not_reach_each_other(server: Server) -> None:
    kim, lee = server.client(), server.client("Lee")
    assert lee.get("/api/export").json()["data"]["trips"] == []
    before = server.trips()
    assert lee.post("/api/import", content=kim.get("/api/export").content).json()["success"]
    assert server.trips() == before
    assert {trip["id"] for trip in server.trips("Lee")} == {trip["id"] for trip in before}
    operation = kim.get("/api/export").headers["x-operation-id"]
    assert kim.get(f"/api/export/status?operationId={operation}").status_code == 200
    assert lee.get(f"/api/export/status?operationId={operation}").status_code == 404


def test_a_read_token_reads(server: Server) -> None:
    client = server.client("Kim", "read")
    assert client.get("/api/export").status_code == 200
    refused = client.post("/api/import", content=CSV.encode())
    assert (refused.status_code, refused.json()["error"]) == (403, "Forbidden")
    assert "insufficient_scope" in refused.headers["www-authenticate"]


def test_a_token_ends_with_its_time_and_at_once_when_revoked(server: Server) -> None:
    with server.store("Token") as store:
        token, text = create_token(store, "read")
        _old, over = create_token(store, "read", expires="2024-01-01T00:00:00.000Z")
        asked = {"Authorization": f"bearer {text}"}
        assert httpx.get(server.url + "/api/export", headers=asked).status_code == 200
        revoke_token(store, token.id)
    for wrong in (text, over, text[:-1], text.upper(), "dino_", "x", "", "dino_" + "0" * 12 + "_x"):
        answer = httpx.get(server.url + "/api/export", headers={"Authorization": f"Bearer {wrong}".strip()})
        assert (answer.status_code, answer.json()["error"]) == (401, "Unauthorized")
        assert answer.headers["www-authenticate"].startswith("Bearer")


# every status code

DOCUMENT = description()


def documented() -> list[tuple[str, str, str]]:
    return [
        (method.upper(), path, code)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
        for code in operation["responses"]
    ]


CASES: list[tuple[int, str, str, dict[str, Any]]] = [
    (200, "GET", "/api/export", {}),
    (202, "GET", "/api/export?background=true", {}),
    (400, "GET", "/api/export?format=pdf", {}),
    (400, "GET", "/api/export?dateRange=2024", {}),
    (400, "GET", "/api/export?dateRange=2024-02-30..", {}),
    (400, "GET", "/api/export?compress=maybe", {}),
    (400, "GET", "/api/export?categories=", {}),
    (400, "GET", "/api/export?colour=red", {}),
    (400, "GET", "/api/export?format=csv&format=json", {}),
    (401, "GET", "/api/export", {"headers": {"Authorization": ""}}),
    (405, "DELETE", "/api/export", {}),
    (405, "HEAD", "/api/export", {}),
    (422, "GET", "/api/export?dateRange=2024-02-01..2024-01-01", {}),
    (422, "GET", "/api/export?format=csv&categories=analytics", {}),
    (422, "GET", "/api/export?level=2", {}),
    (200, "POST", "/api/import", {"content": CSV.encode()}),
    (202, "POST", "/api/import?background=true", {"content": CSV.encode()}),
    (422, "POST", "/api/import", {"content": b""}),
    (400, "POST", "/api/import", {"content": b"{", "headers": {"Content-Type": "application/json"}}),
    (400, "POST", "/api/import", {"json": {"records": []}}),
    (400, "POST", "/api/import", {"json": {"data": 5}}),
    (400, "POST", "/api/import", {"json": {"data": RECORDS, "more": 1}}),
    (400, "POST", "/api/import", {"json": {"data": RECORDS, "config": []}}),
    (400, "POST", "/api/import", {"json": {"data": RECORDS, "config": {"strategy": "burn"}}}),
    (400, "POST", "/api/import", {"json": {"data": RECORDS, "config": {"validation": {"strict": "yes"}}}}),
    (400, "POST", "/api/import", {"files": {"other": b"x"}}),
    (400, "POST", "/api/import", {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}),
    (400, "POST", "/api/import?threshold=2", {"content": CSV.encode()}),
    (400, "POST", "/api/import", {"content": CSV.encode(), "headers": {"Idempotency-Key": "x" * 256}}),
    (401, "POST", "/api/import", {"content": CSV.encode(), "headers": {"Authorization": "Basic eA=="}}),
    (405, "GET", "/api/import", {}),
    (409, "POST", "/api/import?strategy=replace", {"content": CSV.encode()}),
    (413, "POST", "/api/import", {"content": b"x" * 10_000_001}),
    (415, "POST", "/api/import", {"content": b"x", "headers": {"Content-Encoding": "gzip"}}),
    (422, "POST", "/api/import", {"content": b"no table in here"}),
    (422, "POST", "/api/import", {"json": {"data": {}}}),
    (
        422,
        "POST",
        "/api/import?criteria=country&strict=true",
        {"content": b"Country,Entry Date\nX,2024-13-01"},
    ),
    (422, "POST", "/api/import?country=Korea=ZZZ", {"content": CSV.encode()}),
    (200, "GET", "/api/export/status", {}),
    (400, "GET", "/api/export/status?operationId=", {}),
    (400, "GET", "/api/export/status?id=1", {}),
    (401, "GET", "/api/export/status", {"headers": {"Authorization": "Bearer x"}}),
    (404, "GET", "/api/export/status?operationId=none", {}),
    (405, "POST", "/api/export/status", {}),
    (400, "GET", "/api/export/file", {}),
    (401, "GET", "/api/export/file?operationId=none", {"headers": {"Authorization": "Bearer"}}),
    (404, "GET", "/api/export/file?operationId=none", {}),
    (405, "PUT", "/api/export/file?operationId=none", {}),
    (404, "GET", "/api/nothing", {}),
    (404, "GET", "/api/export/", {}),
    (404, "GET", "/%1b%5b2J", {}),
    (200, "GET", "/openapi.json", {}),
    (200, "GET", "/docs", {}),
    (200, "GET", "/", {}),
]

ELSEWHERE = {
    ("POST", "/api/import", "403"),  # test_a_read_token_reads
    ("GET", "/api/export", "429"),  # test_api_limits
    ("POST", "/api/import", "429"),
    ("POST", "/api/import", "408"),  # test_api_inside
    ("GET", "/api/export/file", "200"),  # test_work_in_the_background_is_followed_by_status
    ("GET", "/api/export/file", "409"),  # test_api_inside
    *((method, path, code) for method, path, code in documented() if code in ("500", "503")),  # likewise
}


@pytest.mark.parametrize(("status", "method", "path", "given"), CASES)
def test_every_status_code(
    server: Server, status: int, method: str, path: str, given: dict[str, Any]
) -> None:
    answer = server.client("Codes").request(method, path, **given)
    assert answer.status_code == status, answer.text
    if status >= 400 and method != "HEAD":
        assert set(answer.json()) == {"error", "details"}
        assert all(isinstance(text, str) and text for text in answer.json().values())
        assert answer.headers["content-type"] == "application/json"
        for inner in (str(server.database.parent), "Traceback", ".py", "sqlite"):
            assert inner not in answer.text
    if status == 405:
        assert answer.headers["allow"]


def test_every_documented_status_code_is_shown() -> None:
    shown = {(method, path.split("?")[0], str(status)) for status, method, path, _given in CASES}
    own = {(m, p, c) for m, p, c in documented() if c == "405"}  # asked with a method that is not documented
    assert set(documented()) - shown - ELSEWHERE - own == set()


# retries


def test_a_retry_with_the_same_key_gets_the_same_answer(server: Server) -> None:
    client = server.client("Retry")
    headers = {"Idempotency-Key": "a-1"}
    first = client.post("/api/import", content=CSV.encode(), headers=headers)
    again = client.post("/api/import", content=CSV.encode(), headers=headers)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["x-operation-id"] == first.headers["x-operation-id"]
    assert server.history("Retry") == ["import"]
    other = client.post("/api/import", content=rows(1).encode(), headers=headers)
    assert other.status_code == 422
    changed = client.post("/api/import?strict=true", content=CSV.encode(), headers=headers)
    assert changed.status_code == 422
    stranger = server.client("Stranger").post("/api/import", content=rows(1).encode(), headers=headers)
    assert stranger.json()["result"]["summary"]["imported"] == 1


def test_the_boundary_of_a_form_does_not_make_another_request(server: Server) -> None:
    client = server.client("Boundary")
    answers = [
        client.post("/api/import", files={"file": ("a.csv", CSV)}, headers={"Idempotency-Key": "b"})
        for _try in range(2)
    ]
    assert answers[0].request.headers["content-type"] != answers[1].request.headers["content-type"]
    assert answers[0].json() == answers[1].json()


def test_what_failed_can_be_tried_again_with_the_same_key(server: Server) -> None:
    client = server.client("Again")
    headers = {"Idempotency-Key": "x"}
    assert client.post("/api/import", content=b"nothing", headers=headers).status_code == 422
    done = client.post("/api/import", content=CSV.encode(), headers=headers)
    assert done.json()["success"]


def test_a_retry_of_background_work_follows_the_same_work(server: Server) -> None:
    client = server.client("Both")
    headers = {"Idempotency-Key": "x"}
    answers = [
        client.post("/api/import?background=true", content=CSV.encode(), headers=headers) for _try in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    followed(client, answers[1])
    assert server.history("Both") == ["import"]


def test_nothing_of_a_request_stays(server: Server) -> None:
    wait_until(lambda: all("kept-" in name or "staging/" in name for name in server.leftovers()))
    with ServerState(server.database.with_name("trips.db.d") / "server") as state:
        waiting = state.database.value("SELECT count(*) FROM job WHERE state IN ('queued', 'running')")
    assert waiting == 0
