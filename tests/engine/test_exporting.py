import csv
import errno
import gzip
import hashlib
import io
import itertools
import json
import os
import random
import re
import signal
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from dinotui.domain.configuration import (
    Categories,
    Compression,
    DateRange,
    ExportConfiguration,
    ExportFormat,
    Privacy,
)
from dinotui.domain.dates import iso_day
from dinotui.domain.errors import Cancelled, DinoError, FormatError, StorageError, UsageError
from dinotui.domain.export import BATCH
from dinotui.domain.result import ExportResult
from dinotui.engine import collecting, exporting
from dinotui.engine.analytics import analytics
from dinotui.engine.notifications import add_notification
from dinotui.engine.preferences import set_preferences
from dinotui.engine.progress import Progress
from dinotui.storage import new_file
from dinotui.storage.changelog import operation
from dinotui.storage.database import Database
from dinotui.storage.store import Store
from tests.conftest import logical_dump, sweep
from tests.engine.importer import import_file
from tests.engine.stays import put, stay

GOLDEN = Path(__file__).parent.parent / "data" / "export"
TODAY = date(2024, 6, 10)
ALL = Categories(preferences=True, notifications=True, analytics=True)
FORMATS: tuple[ExportFormat, ...] = ("json", "csv", "xlsx")


@pytest.fixture
def filled(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A user's believable data, on a fixed day."""
    put(
        store,
        [
            stay("Japan", "2024-03-02", "2024-03-10", max_days=90, passport_country="KR", notes="Osaka"),
            stay("대한민국", "2024-05-01", passport_country="KR", notes='line one\r\nline "two", 오사카'),
            stay("France", "2023-12-20", "2024-01-04", visa_type="visa-free", notes="=SUM(A1:A9)"),
            stay("Narnia", "2023-07-01", "2023-07-09", visa_type="-by wardrobe", id="kim@example.com-7"),
            stay("Germany", "1887-11-12", "1887-12-24", notes="", source="old_kim.csv"),
        ],
    )
    set_preferences(store, {"homePassport": "KR", "visaExpiryDays": [3, 9], "timeZone": "Asia/Seoul"})
    with store.database.write():
        store.database.execute(
            "INSERT INTO notification (user, id, kind, title, message, created_at, read_at, trip_id, subject,"
            " changed_by) VALUES (?, '0190bbbb-0000-7000-8000-000000000001', 'overstay', 'Stay too long: Narnia',"
            " 'Kim, go home.', '2024-06-01T00:00:00.000Z', NULL, 'kim@example.com-7', 'overstay:kim@example.com-7', 0)",
            (store.user,),
        )
    monkeypatch.setattr(collecting, "today_of", lambda _store: iso_day("2024-06-10"))
    return store


def configuration(
    name: ExportFormat = "json", container: str | None = None, **changes: Any
) -> ExportConfiguration:
    if container:
        changes["compression"] = Compression(enabled=True, algorithm=container)  # type: ignore[arg-type]
    return ExportConfiguration(format=name, **changes)


def exported(
    store: Store, target: Path, chosen: ExportConfiguration | None = None, **options: Any
) -> ExportResult:
    return exporting.export_to_file(chosen or configuration(), target, store, **options)


def as_json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def plain(path: Path) -> bytes:
    """Return everything that a file of any kind says."""
    return unpacked(path.read_bytes())


def unpacked(data: bytes) -> bytes:
    if data.startswith(b"\x1f\x8b"):
        return unpacked(gzip.decompress(data))
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return b"\n".join(unpacked(package.read(name)) for name in package.namelist())
    return data


# What is written ---------------------------------------------------------------------------------------------


def can_import(name: ExportFormat) -> None:
    """Skip where the program has no reader of that format yet."""
    if name == "xlsx" and find_spec("dinotui.formats.xlsx") is None:
        pytest.skip("workbooks are not read yet")


def steadied(text: str) -> str:
    text = re.sub(r'"exportId": "[0-9a-f-]{36}"', '"exportId": "(id)"', text)
    return re.sub(r'"exportDate": "[^"]{24}"', '"exportDate": "(now)"', text)


def compare(name: str, text: str) -> None:
    """Compare with a golden file; DINOTUI_GOLDEN=write makes it anew."""
    path = GOLDEN / name
    if os.environ.get("DINOTUI_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8", newline="")
    assert path.read_bytes().decode() == text


def test_the_json_form(filled: Store, tmp_path: Path) -> None:
    exported(filled, tmp_path / "o.json", configuration(categories=ALL))
    compare("all.json", steadied((tmp_path / "o.json").read_bytes().decode()))


def test_the_json_form_without_metadata(filled: Store, tmp_path: Path) -> None:
    exported(filled, tmp_path / "o.json", configuration(include_metadata=False))
    compare("no-metadata.json", (tmp_path / "o.json").read_bytes().decode())


def test_the_csv_form(filled: Store, tmp_path: Path) -> None:
    exported(filled, tmp_path / "o.csv", configuration("csv"))
    compare("trips.csv", (tmp_path / "o.csv").read_bytes().decode())


def test_the_csv_forms_of_the_other_categories(filled: Store, tmp_path: Path) -> None:
    exported(filled, tmp_path / "o.zip", configuration("csv", categories=ALL))
    with zipfile.ZipFile(tmp_path / "o.zip") as archive:
        for name in ("preferences.csv", "notifications.csv", "analytics.csv"):
            compare(name, archive.read(name).decode())


def test_the_xlsx_form(filled: Store, tmp_path: Path) -> None:
    exported(filled, tmp_path / "o.xlsx", configuration("xlsx", categories=ALL))
    with zipfile.ZipFile(tmp_path / "o.xlsx") as package:
        parts = [f"[{name}]\n{package.read(name).decode()}\n" for name in package.namelist()]
    text = "\n".join(parts).replace("<row ", "\n<row ")
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}(?=</vt)", "(id)", text)
    compare("workbook.txt", re.sub(r"20\d\d-\d\d-\d\dT[0-9:.]+Z(?=</(vt|dcterms))", "(now)", text))


def test_metadata_and_order_are_as_the_specification_says(filled: Store, tmp_path: Path) -> None:
    exported(filled, tmp_path / "o.json")
    found = as_json(tmp_path / "o.json")
    metadata = found["metadata"]
    assert (metadata["version"], metadata["source"], metadata["userId"]) == (
        "1.0",
        "DINO Travel Tracker",
        "Kim",
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", metadata["exportDate"])
    assert list(found["data"]) == ["trips"]
    entries = [trip["entryDate"] for trip in found["data"]["trips"]]
    assert entries == sorted(entries, reverse=True)
    assert found["data"]["trips"][0]["exitDate"] is None
    assert found["data"]["trips"][0]["country"] == "대한민국"


def test_the_range_keeps_what_touches_it(filled: Store, tmp_path: Path) -> None:
    chosen = configuration(date_range=DateRange(start=date(2024, 1, 4), end=date(2024, 3, 2)), categories=ALL)
    exported(filled, tmp_path / "o.json", chosen)
    found = as_json(tmp_path / "o.json")
    assert [trip["country"] for trip in found["data"]["trips"]] == ["Japan", "France"]
    assert found["data"]["notifications"] == []  # it is about a trip outside
    assert found["data"]["analytics"]["visits"] == 2
    assert found["metadata"]["dateRange"] == {"start": "2024-01-04", "end": "2024-03-02"}
    exported(filled, tmp_path / "p.json", configuration(date_range=DateRange(start=date(2024, 6, 1))))
    assert [trip["country"] for trip in as_json(tmp_path / "p.json")["data"]["trips"]] == ["대한민국"]


def test_the_analytics_are_those_of_the_program(filled: Store, tmp_path: Path) -> None:
    exported(filled, tmp_path / "o.json", configuration(categories=Categories(trips=False, analytics=True)))
    found = as_json(tmp_path / "o.json")["data"]
    figures = analytics(filled, TODAY).model_dump(mode="json", by_alias=True)
    assert list(found) == ["analytics"]
    assert found["analytics"]["perYear"] == figures["perYear"]
    assert "number" not in found["analytics"]["longestStay"]


def test_another_users_data_is_not_exported(filled: Store, tmp_path: Path) -> None:
    with Store(filled.path, "Lee") as lee:
        result = exported(lee, tmp_path / "o.json", configuration(categories=ALL))
    found = as_json(tmp_path / "o.json")["data"]
    assert (result.records, found["trips"], found["notifications"]) == (0, [], [])
    assert "homePassport" not in found["preferences"]


def test_the_byte_order_mark_is_switchable(filled: Store, tmp_path: Path) -> None:
    stream = io.BytesIO()
    exporting.export_to_stream(configuration("csv"), stream, filled)
    assert stream.getvalue().startswith(b"Country,")
    exporting.export_to_stream(configuration("csv"), stream := io.BytesIO(), filled, bom=True)
    assert stream.getvalue().startswith(b"\xef\xbb\xbfCountry,")
    exported(filled, tmp_path / "o.csv", configuration("csv"), bom=False)
    assert (tmp_path / "o.csv").read_bytes().startswith(b"Country,")
    exported(filled, tmp_path / "p.csv", configuration("csv"))
    assert (tmp_path / "p.csv").read_bytes().startswith(b"\xef\xbb\xbfCountry,")


# The file ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o777])
def test_the_file_is_private_whatever_the_umask(filled: Store, tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        result = exported(filled, tmp_path / "o.json")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "o.json").stat().st_mode) == 0o600
    assert result.bytes == (tmp_path / "o.json").stat().st_size
    assert result.sha256 == hashlib.sha256((tmp_path / "o.json").read_bytes()).hexdigest()
    assert (result.path, result.format, result.records) == (str(tmp_path / "o.json"), "json", 5)


def test_the_export_is_logged(filled: Store, tmp_path: Path) -> None:
    result = exported(filled, tmp_path / "o.json")
    rows = filled.database.rows(
        "SELECT id, source, summary, details, state FROM operation WHERE kind = 'export'"
    )
    ((id_, source, summary, details, state),) = rows
    assert (id_, source, state) == (result.operation_id, str(tmp_path / "o.json"), "done")
    assert summary == "Exported 5 records to o.json"
    logged = json.loads(details)
    assert {name: logged[name] for name in ("path", "format", "records", "sha256")} == {
        "path": str(tmp_path / "o.json"),
        "format": "json",
        "records": 5,
        "sha256": result.sha256,
    }
    assert as_json(tmp_path / "o.json")["metadata"]["exportId"] == id_


def test_an_existing_file_goes_only_with_force(filled: Store, tmp_path: Path) -> None:
    target = tmp_path / "o.json"
    target.write_text("precious")
    with pytest.raises(StorageError, match="exists already"):
        exported(filled, target)
    assert target.read_text() == "precious"
    exported(filled, target, force=True)
    assert len(as_json(target)["data"]["trips"]) == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "o.json"]


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("kind", ["to a file", "dangling", "to a folder", "to the database"])
def test_a_link_is_never_followed(filled: Store, tmp_path: Path, kind: str, force: bool) -> None:
    victim = tmp_path / "victim"
    if kind == "to a file":
        victim.write_text("precious")
    elif kind == "to a folder":
        victim.mkdir()
    target = tmp_path / "o.json"
    target.symlink_to(filled.path if kind == "to the database" else victim)
    with pytest.raises(StorageError):
        exported(filled, target, force=force)
    assert target.is_symlink()
    assert kind != "to a file" or victim.read_text() == "precious"
    assert kind != "dangling" or not victim.exists()
    assert not list(tmp_path.glob(".dinotui*"))


def test_the_database_is_never_replaced(filled: Store) -> None:
    with pytest.raises(StorageError, match="database itself"):
        exported(filled, filled.path, force=True)
    os.link(filled.path, filled.path.with_name("other-name.json"))
    with pytest.raises(StorageError, match="database itself"):
        exported(filled, filled.path.with_name("other-name.json"), force=True)
    assert filled.database.value("SELECT count(*) FROM trip") == 5


def test_impossible_targets_are_told_in_a_sentence(filled: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    os.mkfifo(tmp_path / "fifo")
    for target, says in (
        (tmp_path, "folder"),
        (tmp_path / "no" / "such" / "o.json", "no such"),
        (tmp_path / "file" / "o.json", "not a folder"),
        (tmp_path / ("x" * 300), "too long"),
        (tmp_path / "fifo", "standard output"),
        (Path("/dev/full"), "standard output"),
    ):
        with pytest.raises(StorageError, match=says):
            exported(filled, target, force=True)
    assert filled.database.value("SELECT count(*) FROM operation WHERE kind = 'export'") == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights(filled: Store, tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(StorageError, match="no permission"):
        exported(filled, folder / "o.json")


def test_a_file_that_appears_meanwhile_is_kept(filled: Store, tmp_path: Path) -> None:
    target = tmp_path / "o.json"

    def report(progress: Progress) -> None:
        if progress.phase == "Verifying":
            target.write_text("precious")

    with pytest.raises(StorageError, match="exists already"):
        exported(filled, target, report=report)
    assert target.read_text() == "precious"
    assert filled.database.value("SELECT count(*) FROM operation WHERE kind = 'export'") == 0
    assert not list(tmp_path.glob(".dinotui*"))


def test_a_link_that_appears_meanwhile_is_not_followed(filled: Store, tmp_path: Path) -> None:
    target, victim = tmp_path / "o.json", tmp_path / "victim"
    victim.write_text("precious")

    def report(progress: Progress) -> None:
        if progress.phase == "Verifying" and not target.is_symlink():
            target.symlink_to(victim)

    for force in (False, True):
        with pytest.raises(StorageError):
            exported(filled, target, report=report, force=force)
        assert victim.read_text() == "precious"
        target.unlink()


def test_a_file_system_without_hard_links(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(new_file.os, "link", refuse)
    exported(filled, tmp_path / "o.json")
    assert len(as_json(tmp_path / "o.json")["data"]["trips"]) == 5
    with pytest.raises(StorageError, match="exists already"):
        exported(filled, tmp_path / "o.json")


# Failing and stopping ----------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], check=True, capture_output=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a small file system cannot be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize(("name", "container"), list(itertools.product(FORMATS, (None, "gzip", "zip"))))
def test_a_full_disk_keeps_the_old_file_and_no_half_one(
    store: Store, small_disk: Path, name: ExportFormat, container: str | None
) -> None:
    put(store, (stay("Japan", "2024-01-01", notes=os.urandom(150).hex()) for _ in range(1_500)))
    target = small_disk / "o"
    target.write_text("precious")
    with pytest.raises(StorageError, match=re.escape(str(small_disk))) as caught:
        exported(store, target, configuration(name, container), force=True)
    assert caught.value.code == "disk-full"
    assert target.read_text() == "precious"
    assert [path.name for path in small_disk.iterdir()] == ["o"]
    assert store.database.value("SELECT count(*) FROM operation") == 0


@pytest.mark.parametrize("call", ["fsync", "link", "fchmod", "replace"])
def test_an_error_of_the_system_leaves_nothing(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    if call == "replace":
        monkeypatch.setattr(Path, "replace", fail)
        (tmp_path / "o.json").write_text("precious")
    else:
        monkeypatch.setattr(new_file.os, call, fail)
    with pytest.raises(StorageError, match="disk reported an error"):
        exported(filled, tmp_path / "o.json", force=call == "replace")
    assert [path.name for path in tmp_path.iterdir() if path.name != "data"] == (
        ["o.json"] if call == "replace" else []
    )
    assert filled.database.value("SELECT count(*) FROM operation WHERE kind = 'export'") == 0


def stops_after(count: int, error: type[BaseException] | None = None) -> Any:
    """Return a stop switch that says yes (or raises) from the `count`-th look on; `.looks` counts them."""

    def cancelled() -> bool:
        cancelled.looks += 1  # type: ignore[attr-defined]
        if cancelled.looks <= count:  # type: ignore[attr-defined]
            return False
        if error is not None:
            raise error
        return True

    cancelled.looks = 0  # type: ignore[attr-defined]
    return cancelled


@pytest.mark.parametrize(
    ("name", "container"), [("json", None), ("csv", "gzip"), ("csv", "zip"), ("xlsx", None), ("xlsx", "zip")]
)
@pytest.mark.parametrize("error", [None, KeyboardInterrupt])
def test_stopped_at_any_look_nothing_is_left(
    filled: Store,
    tmp_path: Path,
    name: ExportFormat,
    container: str | None,
    error: type[BaseException] | None,
) -> None:
    chosen = configuration(name, container, categories=ALL)
    counting = stops_after(1 << 30)
    exported(filled, tmp_path / "whole", chosen, cancelled=counting)
    (tmp_path / "whole").unlink()
    assert counting.looks > 6
    before = logical_dump(filled)
    for count in range(0, counting.looks, max(1, counting.looks // sweep(8))):
        with pytest.raises(error or Cancelled):
            exported(filled, tmp_path / "o", chosen, cancelled=stops_after(count, error))
        assert [path.name for path in tmp_path.iterdir()] == ["data"]
        assert not list(filled.scratch.iterdir())
    assert filled.database.value("SELECT count(*) FROM operation WHERE kind = 'export'") == 1
    assert logical_dump(filled) == before


def interrupted(seconds: float, work: Callable[[], object]) -> bool:
    """Run `work`, with Ctrl+C pressed after some seconds; return whether that stopped it."""
    running = True

    def press(*_arguments: object) -> None:
        if running:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, press)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        work()
        running = False
    except BaseException as error:  # noqa: BLE001 - the press may come while something is being closed
        causes = [error, error.__context__, error.__context__ and error.__context__.__context__]
        assert any(isinstance(cause, KeyboardInterrupt) for cause in causes)
        causes.clear()
        return True
    finally:
        running = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    return False


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # a finaliser may be interrupted too
@pytest.mark.parametrize("name", FORMATS)
def test_interrupted_at_any_moment_nothing_is_left(store: Store, tmp_path: Path, name: ExportFormat) -> None:
    put(store, (stay("Japan", "2024-01-01", notes=f"note {n}") for n in range(1_200)))
    chosen, target = configuration(name, "zip" if name == "csv" else None, categories=ALL), tmp_path / "o"
    started = time.perf_counter()
    exported(store, target, chosen)
    lasts, stopped = time.perf_counter() - started, 0
    for turn in range(sweep(6)):
        target.unlink(missing_ok=True)
        logged = store.database.value("SELECT count(*) FROM operation")
        with Store(store.path) as other:
            moment = lasts * (turn % 6 + random.random()) / 6
            stopped += interrupted(moment, lambda other=other: exported(other, target, chosen))  # type: ignore[misc]
        logged = store.database.value("SELECT count(*) FROM operation") - logged
        assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "o"][: 1 + logged]
        assert not [path for path in store.scratch.rglob("*") if path.is_file()]
    assert stopped > 0


def test_a_failure_while_logging_takes_the_file_back(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = new_file.NewFile.publish

    def publish_then_fail(self: new_file.NewFile) -> None:
        real(self)
        raise KeyboardInterrupt

    monkeypatch.setattr(new_file.NewFile, "publish", publish_then_fail)
    with pytest.raises(KeyboardInterrupt):
        exported(filled, tmp_path / "o.json")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    assert filled.database.value("SELECT count(*) FROM operation WHERE kind = 'export'") == 0


@pytest.mark.parametrize("meanwhile", ["nothing", "removed", "another's"])
@pytest.mark.parametrize("before", [None, b"old"])
@pytest.mark.parametrize("force", [False, True])
def test_an_export_whose_log_entry_is_not_stored_leaves_what_was_there(
    filled: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    force: bool,
    before: bytes | None,
    meanwhile: str,
) -> None:
    """The file has its name by then; what another program did with that name since is not undone."""
    target = tmp_path / "mine" / "x.json"
    target.parent.mkdir()
    if before is not None:
        target.write_bytes(before)

    def fail(_database: Database) -> None:
        if meanwhile != "nothing":
            target.unlink()
        if meanwhile == "another's":
            target.write_bytes(b"another's")
        raise StorageError("disk-full", "The disk is full.")

    monkeypatch.setattr(Database, "_commit", fail)
    with pytest.raises(StorageError, match="exists already" if before and not force else "disk is full"):
        exporting.export_to_file(ExportConfiguration(), target, filled, force=force)
    left = {path.name: path.read_bytes() for path in target.parent.iterdir()}
    if meanwhile == "another's" and (force or before is None):
        assert left == {"x.json": b"another's"}
    else:
        assert left == ({} if before is None else {"x.json": before})


def test_a_file_that_does_not_read_back_gets_no_name(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dinotui.formats import json_writer

    real = json_writer.export_form
    monkeypatch.setattr(
        json_writer,
        "export_form",
        lambda row, *, metadata: {**real(row, metadata=metadata), "visaType": "lost"},
    )
    with pytest.raises(FormatError, match="does not read back"):
        exported(filled, tmp_path / "o.json")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_reader_that_goes_away_is_not_logged(filled: Store) -> None:
    class Gone(io.RawIOBase):
        def write(self, _data: Any) -> int:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        exporting.export_to_stream(configuration(), Gone(), filled)  # type: ignore[arg-type]
    assert filled.database.value("SELECT count(*) FROM operation WHERE kind = 'export'") == 0
    assert not list(filled.scratch.iterdir())


def test_progress_tells_both_phases(store: Store, tmp_path: Path) -> None:
    put(store, (stay("Japan", "2024-01-01") for _ in range(2_500)))
    seen: list[tuple[str, int, int | None]] = []
    exported(store, tmp_path / "o.json", report=lambda p: seen.append((p.phase, p.done, p.total)))
    steps = [0, 1_000, 2_000, 2_500]
    assert seen == [(phase, done, 2_500) for phase in ("Writing", "Verifying") for done in steps]


# Privacy -----------------------------------------------------------------------------------------------------

PERSONAL = ["Kim", "kim", "Osaka", "오사카", "old_kim", "go home", "kim@example.com", "Asia/Nowhere"]


@pytest.mark.parametrize(("name", "container"), list(itertools.product(FORMATS, (None, "gzip", "zip"))))
def test_excluding_leaves_no_trace_in_any_format(
    filled: Store, tmp_path: Path, name: ExportFormat, container: str | None
) -> None:
    chosen = configuration(name, container, privacy=Privacy(exclude_personal_data=True), categories=ALL)
    exported(filled, tmp_path / "o", chosen)
    text = plain(tmp_path / "o").decode("utf-8", "replace")
    assert not [word for word in PERSONAL if word in text]
    assert "Narnia" in text


def test_excluding_says_so(filled: Store, tmp_path: Path) -> None:
    exported(
        filled,
        tmp_path / "o.json",
        configuration(privacy=Privacy(exclude_personal_data=True), categories=ALL),
    )
    found = as_json(tmp_path / "o.json")
    assert found["metadata"]["userId"] == "anonymous"
    assert found["metadata"]["privacy"]["excludePersonalData"] is True
    assert "trips.notes" in found["metadata"]["privacy"]["removed"]
    for trip in found["data"]["trips"]:
        assert not {"passportCountry", "notes"} & set(trip)
        assert set(trip["metadata"]) == {"createdAt", "updatedAt"}
    assert not {"title", "message"} & set(found["data"]["notifications"][0])
    assert "homePassport" not in found["data"]["preferences"]


def test_anonymised_relations_durations_weekdays_and_gaps_hold(filled: Store, tmp_path: Path) -> None:
    exported(filled, tmp_path / "plain.json", configuration(categories=ALL))
    for number in range(3):
        target = tmp_path / f"{number}.json"
        exported(filled, target, configuration(privacy=Privacy(anonymize_data=True), categories=ALL))
        plain_form, masked = as_json(tmp_path / "plain.json")["data"], as_json(target)["data"]
        shifts = {
            date.fromisoformat(new[key]) - date.fromisoformat(old[key])
            for old, new in zip(plain_form["trips"], masked["trips"], strict=True)
            for key in ("entryDate", "exitDate")
            if old[key]
        }
        (shift,) = shifts
        assert shift.days
        assert shift.days % 7 == 0
        ids = {old["id"]: new["id"] for old, new in zip(plain_form["trips"], masked["trips"], strict=True)}
        assert not set(ids) & set(ids.values())
        assert masked["notifications"][0]["tripId"] == ids["kim@example.com-7"]
        assert masked["analytics"]["longestStay"]["tripId"] in ids.values()
        assert masked["analytics"]["days"] == sum(year["days"] for year in masked["analytics"]["perYear"])
        text = target.read_text()
        assert not [id_ for id_ in ids if id_ in text]


def test_two_anonymised_exports_cannot_be_joined(filled: Store, tmp_path: Path) -> None:
    for name in ("a", "b"):
        exported(filled, tmp_path / name, configuration(privacy=Privacy(anonymize_data=True)))
    first, second = ({t["id"] for t in as_json(tmp_path / name)["data"]["trips"]} for name in ("a", "b"))
    assert not first & second


def test_nothing_in_an_anonymised_export_tells_todays_date_twice(filled: Store, tmp_path: Path) -> None:
    """An open stay's days so far, an entry made just now, or a calendar year as range would betray the shift."""
    add_notification(filled, "overstay", "t", "m")
    chosen = configuration(
        privacy=Privacy(anonymize_data=True),
        categories=ALL,
        date_range=DateRange(start=date(2023, 1, 1), end=date(2024, 12, 31)),
    )
    exported(filled, tmp_path / "o.json", chosen)
    found = as_json(tmp_path / "o.json")
    assert found["metadata"]["dateRange"] is None
    last = max(trip["exitDate"] or trip["entryDate"] for trip in found["data"]["trips"])
    assert found["data"]["analytics"]["asOf"] == last
    assert {each["created"] for each in found["data"]["notifications"]} == {None}
    assert {trip["metadata"]["createdAt"] for trip in found["data"]["trips"]} == {None}
    exported(filled, tmp_path / "o.xlsx", configuration("xlsx", privacy=Privacy(anonymize_data=True)))
    with zipfile.ZipFile(tmp_path / "o.xlsx") as package:
        assert {info.date_time[0] for info in package.infolist()} == {1980}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    "user",
    [
        "Notes",
        "Country",
        "Japan",
        "tourist",
        "kind",
        "row",
        "anonymous",
        "name",
        "manual",
        "Narnia",
        "cafe",
        "http",
        "Max Days",
    ],
)
def test_a_user_named_like_a_word_of_the_file_can_export(
    tmp_path: Path, user: str, name: ExportFormat
) -> None:
    with Store(tmp_path / "d.db", user) as store:
        put(
            store,
            [
                stay("Japan", "2024-01-01", notes=f"{user} was here", id=f"{user}-1"),
                stay("Narnia", "2024-01-01"),
            ],
        )
        add_notification(store, "kind", user, user)
        for privacy in (Privacy(exclude_personal_data=True), Privacy(anonymize_data=True)):
            exported(store, tmp_path / "o", configuration(name, privacy=privacy, categories=ALL), force=True)
            assert f"{user} was here".encode() not in plain(tmp_path / "o")


def test_a_forgotten_field_is_noticed(filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting.Mask, "user_id", "Kim")
    for privacy in (Privacy(exclude_personal_data=True), Privacy(anonymize_data=True)):
        for name in ("json", "xlsx"):
            with pytest.raises(FormatError, match="still held"):
                exported(filled, tmp_path / "o", configuration(name, privacy=privacy))  # type: ignore[arg-type]
            assert not (tmp_path / "o").exists()


# Round trips -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("container", [None, "gzip", "zip"])
def test_json_into_an_empty_database_gives_the_same_data(
    filled: Store, other_store: Store, tmp_path: Path, container: str | None
) -> None:
    chosen = configuration(container=container, categories=Categories(preferences=True, notifications=True))
    exported(filled, tmp_path / "first", chosen)
    import_file(other_store, tmp_path / "first", detection="off")
    exported(other_store, tmp_path / "second.json", configuration(categories=chosen.categories))
    first = json.loads(plain(tmp_path / "first"))["data"]
    assert as_json(tmp_path / "second.json")["data"] == first


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_database_does_not_change(filled: Store, tmp_path: Path, name: ExportFormat) -> None:
    can_import(name)
    exported(filled, tmp_path / "o", configuration(name))
    before = logical_dump(filled)
    result = import_file(filled, tmp_path / "o")
    assert (result.summary.imported, result.summary.updated) == (0, 0)
    assert logical_dump(filled) == before


@pytest.mark.parametrize("name", FORMATS)
def test_what_csv_and_xlsx_hold_comes_back(
    filled: Store, other_store: Store, tmp_path: Path, name: ExportFormat
) -> None:
    can_import(name)
    exported(filled, tmp_path / "first", configuration(name))
    import_file(other_store, tmp_path / "first", detection="off")
    for number, store in enumerate((filled, other_store)):
        exported(store, tmp_path / f"{number}.csv", configuration("csv"))
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "0.csv").read_bytes()


# Sampled over everything -------------------------------------------------------------------------------------


def combinations() -> list[tuple[Any, ...]]:
    every = list(
        itertools.product(
            FORMATS,
            (None, "gzip", "zip"),
            (1, 3, 5),
            (False, True),
            (False, True),
            (False, True),
            (Categories(), ALL, Categories(notifications=True)),
        )
    )
    return every[:: max(1, round(11 / sweep(1)))]


@pytest.mark.parametrize(
    ("name", "container", "level", "metadata", "exclude", "anonymize", "categories"), combinations()
)
def test_every_combination_is_written_and_verified(
    filled: Store,
    tmp_path: Path,
    name: ExportFormat,
    container: Any,
    level: int,
    metadata: bool,
    exclude: bool,
    anonymize: bool,
    categories: Categories,
) -> None:
    chosen = ExportConfiguration(
        format=name,
        include_metadata=metadata,
        categories=categories,
        compression=Compression(enabled=container is not None, algorithm=container or "gzip", level=level),
        privacy=Privacy(exclude_personal_data=exclude, anonymize_data=anonymize),
    )
    target = tmp_path / exporting.default_name(chosen, TODAY)
    result = exported(filled, target, chosen)
    assert result.records == 5 + (1 if categories.notifications else 0)
    seen = exporting.preview(chosen, filled)
    assert (seen.records, seen.text != "") == (result.records, True)
    # every anonymised export moves its dates otherwise, so that stays fall into more or fewer years
    assert abs(seen.estimated_bytes - result.bytes) < (1_500 if anonymize else 300)


@pytest.mark.parametrize("name", FORMATS)
def test_more_figures_than_a_batch_are_written_and_verified(
    store: Store, tmp_path: Path, name: ExportFormat
) -> None:
    put(store, (stay(f"Land {n}", f"{1950 + n % 70}-05-01", f"{1950 + n % 70}-05-03") for n in range(600)))
    result = exported(store, tmp_path / "o", configuration(name, categories=ALL))
    assert result.records == 600
    if name == "csv":
        assert unpacked((tmp_path / "o").read_bytes()).count(b"perCountry,") > 2 * BATCH


def test_xlsx_and_csv_show_the_same_trips(filled: Store, tmp_path: Path) -> None:
    import openpyxl

    exported(filled, tmp_path / "o.xlsx", configuration("xlsx"))
    exported(filled, tmp_path / "o.csv", configuration("csv"))
    sheet = openpyxl.load_workbook(tmp_path / "o.xlsx")["Trips"]
    text = (tmp_path / "o.csv").read_bytes().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert [cell.value for cell in sheet[1]][:8] == rows[0]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == [row[0] for row in rows[1:]]


# Preview and names -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["json", "csv"])
def test_the_preview_is_the_beginning_of_the_file(filled: Store, tmp_path: Path, name: ExportFormat) -> None:
    seen = exporting.preview(configuration(name), filled, lines=9)
    exported(filled, tmp_path / "o", configuration(name))
    whole = (tmp_path / "o").read_bytes().decode("utf-8-sig").replace("\r\n", "\n").splitlines()
    assert [steadied(line) for line in seen.text.split("\n")] == [steadied(line) for line in whole[:9]]
    assert seen.records == 5


def test_the_preview_estimates_the_size(store: Store, tmp_path: Path) -> None:
    put(store, (stay("Japan", "2024-01-01", notes=f"note {n % 100}") for n in range(5_000)))
    for name in FORMATS:
        seen = exporting.preview(configuration(name), store)
        result = exported(store, tmp_path / name, configuration(name))
        assert seen.estimated_bytes == pytest.approx(result.bytes, rel=0.25), name


def test_the_preview_tells_what_the_settings_mean(filled: Store) -> None:
    both = Privacy(exclude_personal_data=True, anonymize_data=True)
    notes = exporting.preview(configuration("csv", categories=ALL, privacy=both), filled).notes
    assert len(notes) == 5
    assert "one zip" in notes[0]
    assert exporting.preview(configuration(), filled).notes == []


@pytest.mark.parametrize("name", FORMATS)
def test_the_preview_can_be_stopped_at_any_look(filled: Store, name: ExportFormat) -> None:
    chosen, counting = configuration(name, categories=ALL), stops_after(1 << 30)
    exporting.preview(chosen, filled, cancelled=counting)
    assert counting.looks > 3
    for count in range(counting.looks):
        with pytest.raises(Cancelled):
            exporting.preview(chosen, filled, cancelled=stops_after(count))
    assert not any(filled.scratch.iterdir())


def test_the_preview_writes_nothing(filled: Store) -> None:
    before = filled.database.rows("SELECT count(*), max(number) FROM operation")
    exporting.preview(configuration("xlsx", "zip", categories=ALL), filled)
    assert filled.database.rows("SELECT count(*), max(number) FROM operation") == before
    assert not list(filled.scratch.iterdir())


@pytest.mark.parametrize(
    ("chosen", "name"),
    [
        (configuration(), "dinocal-json-2024-06-10.json"),
        (configuration("csv"), "dinocal-csv-2024-06-10.csv"),
        (configuration("xlsx"), "dinocal-xlsx-2024-06-10.xlsx"),
        (configuration("csv", "gzip"), "dinocal-csv-2024-06-10.csv.gz"),
        (configuration("json", "zip"), "dinocal-json-2024-06-10.zip"),
        (configuration("csv", categories=ALL), "dinocal-csv-2024-06-10.zip"),
    ],
)
def test_the_default_name(chosen: ExportConfiguration, name: str) -> None:
    assert exporting.default_name(chosen, TODAY) == name


def test_choices_that_make_no_sense_are_refused_before_anything_is_written(
    filled: Store, tmp_path: Path
) -> None:
    for categories in (Categories(trips=False), Categories(trips=False, analytics=True)):
        with pytest.raises(UsageError):
            exported(filled, tmp_path / "o.csv", configuration("csv", categories=categories))
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


# For backups and large data ----------------------------------------------------------------------------------


def test_pieces_of_json_also_inside_a_transaction(filled: Store) -> None:
    whole = json.loads(b"".join(exporting.collect_json(filled, configuration(categories=ALL))))
    with operation(filled, "import"):
        inside = json.loads(b"".join(exporting.collect_json(filled, configuration(categories=ALL))))
    assert inside["data"] == whole["data"]
    assert len(whole["data"]["trips"]) == 5


def test_it_reads_one_state_of_the_database(filled: Store) -> None:
    pieces = exporting.collect_json(filled, configuration())
    first = next(pieces)
    with Store(filled.path) as other:
        put(other, [stay("Japan", "2024-06-01")])
    whole = json.loads(first + b"".join(pieces))
    assert len(whole["data"]["trips"]) == whole["metadata"]["counts"]["trips"] == 5


@pytest.mark.parametrize("name", FORMATS)
def test_memory_stays_bounded(tmp_path: Path, name: ExportFormat) -> None:
    """Ten times the trips, no more memory: measured in a process of its own."""
    script = f"""
import resource, sys
from pathlib import Path
from dinotui.domain.configuration import ExportConfiguration
from dinotui.engine.exporting import export_to_file
from dinotui.storage.store import Store
with Store(Path(sys.argv[1])) as store:
    export_to_file(ExportConfiguration(format="{name}"), Path(sys.argv[2]), store)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
    peaks = []
    for count in (500, 10_000):
        with Store(tmp_path / f"{count}.db", "Kim") as store:
            put(store, (stay("Japan", "2024-01-01", notes="x" * 500) for _ in range(count)))
        arguments = [tmp_path / f"{count}.db", tmp_path / f"{count}.out"]
        run = subprocess.run(
            [sys.executable, "-c", script, *map(str, arguments)], capture_output=True, text=True
        )
        assert run.returncode == 0, run.stderr
        peaks.append(int(run.stdout))
    assert peaks[1] - peaks[0] < 8_000  # kB; the texts alone are 5,000 kB and the rows around them twice that


def test_an_error_says_what_and_where(filled: Store, tmp_path: Path) -> None:
    with pytest.raises(DinoError) as caught:
        exported(filled, tmp_path / "no" / "o.json")
    assert caught.value.where == str(tmp_path / "no" / "o.json")
