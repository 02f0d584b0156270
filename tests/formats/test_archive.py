"""ZIP and gzip: what is in them is read, and no archive can do harm."""

import gzip
import io
import os
import stat
import struct
import time
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest

from dinotui.domain.errors import DinoError, FormatError, LimitError, UnsupportedFormat
from dinotui.formats.base import Limits, ReadOptions, Source
from dinotui.formats.registry import open_source

TRIPS = b"Country,Entry Date,Exit Date,Visa Type\nSpain,2024-01-02,2024-01-09,tourist\n"
MORE = b"Country,Entry Date\nFrance,2024-02-02\n"
EMPTY_SCRATCH: list[str] = []


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir(mode=0o700)
    return folder


def packed(folder: Path, *files: tuple[str | zipfile.ZipInfo, bytes], name: str = "x.zip") -> Path:
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, data in files:
            archive.writestr(entry, data)
    return folder / name


def opened(path: Path, scratch: Path, options: ReadOptions | None = None) -> Source:
    return open_source(path, options, scratch=scratch)


def refused(path: Path, scratch: Path, options: ReadOptions | None = None) -> DinoError:
    with pytest.raises(DinoError) as raised:
        opened(path, scratch, options)
    assert os.listdir(scratch) == EMPTY_SCRATCH, "a refused archive leaves nothing behind"
    assert os.listdir(path.parent).count("x.csv") == 0
    return raised.value


def names(source: Source) -> list[str]:
    return [table.name for table in source.tables]


def test_several_files_are_several_tables(tmp_path: Path, scratch: Path) -> None:
    path = packed(tmp_path, ("trips.csv", TRIPS), ("old/more.csv", MORE), ("old/", b""))
    before = path.read_bytes()
    source = opened(path, scratch)
    assert names(source) == ["trips.csv", "old/more.csv"]
    assert [[row.cells[0] for row in table.rows()] for table in source.tables] == [["Spain"], ["France"]]
    assert source.name == "x.zip"
    assert {stat.S_IMODE(os.stat(scratch / file).st_mode) for file in os.listdir(scratch)} == {0o600}
    source.close()
    source.close()
    assert os.listdir(scratch) == EMPTY_SCRATCH
    assert path.read_bytes() == before


def test_json_in_an_archive_brings_its_other_categories(tmp_path: Path, scratch: Path) -> None:
    document = (
        b'{"metadata": {"version": "1.0", "source": "DINO Travel Tracker"}, "data": {"trips": [{"id": "a",'
        b' "country": "Spain", "entryDate": "2024-01-02", "visaType": "tourist"}],'
        b' "preferences": {"language": "ko"}}}'
    )
    source = opened(packed(tmp_path, ("export.json", document), ("more.csv", MORE)), scratch)
    assert names(source) == ["export.json", "more.csv"]
    assert source.other_categories().preferences == {"language": "ko"}
    source.close()


def test_what_people_and_systems_put_beside_the_data_is_left_out(tmp_path: Path, scratch: Path) -> None:
    path = packed(
        tmp_path,
        ("__MACOSX/._trips.csv", b"\0\5\x16\7"),
        (".DS_Store", b"\0\0\0\1Bud1"),
        ("README.md", b"These are my trips.\n\nHave fun, all of you, with them.\n"),
        ("beach.jpg", b"\xff\xd8\xff\xe0" + b"x" * 1000),
        ("empty.csv", b""),
        ("trips.csv", TRIPS),
    )
    [table] = opened(path, scratch).tables
    assert table.name == "trips.csv"
    assert (
        table.detection.notes[-1]
        == "Left out, because it cannot be imported: beach.jpg, empty.csv, README.md."
    )


def test_prose_alone_is_shown_as_what_it_is(tmp_path: Path, scratch: Path) -> None:
    [table] = opened(packed(tmp_path, ("countries.txt", b"Spain\nFrance\n")), scratch).tables
    assert [row.cells for row in table.rows()] == [["Spain"], ["France"]]


def test_one_file_can_be_chosen(tmp_path: Path, scratch: Path) -> None:
    path = packed(tmp_path, ("trips.csv", TRIPS), ("old/more.csv", MORE))
    assert names(opened(path, scratch, ReadOptions(table="old/more.csv"))) == ["old/more.csv"]
    assert names(opened(path, scratch, ReadOptions(table="more.csv"))) == ["old/more.csv"]
    for file in scratch.iterdir():
        file.unlink()
    error = refused(path, scratch, ReadOptions(table="nothing.csv"))
    assert error.code == "no-such-table"
    assert "trips.csv, old/more.csv" in error.message


def test_options_reach_the_files_inside(tmp_path: Path, scratch: Path) -> None:
    path = packed(tmp_path, ("a.csv", "메모,비자\n가,나\n".encode("cp949")))
    [table] = opened(path, scratch, ReadOptions(encoding="latin-1", header_row=0)).tables
    assert table.columns == ["Column 1", "Column 2"]
    assert table.detection.encoding == "iso8859-1"


def test_korean_names_of_windows_are_read(tmp_path: Path, scratch: Path) -> None:
    path = packed(tmp_path, ("xxxxxxxx.csv", TRIPS))
    path.write_bytes(path.read_bytes().replace(b"xxxxxxxx", "여행기록".encode("cp949")))
    assert names(opened(path, scratch)) == ["여행기록.csv"]


@pytest.mark.parametrize(
    "name", ["../x.csv", "/x.csv", "..\\x.csv", "a/../../x.csv", "C:\\x.csv", "a\\..\\x.csv"]
)
def test_a_name_that_points_outside_is_refused_by_name(tmp_path: Path, scratch: Path, name: str) -> None:
    error = refused(packed(tmp_path, ("trips.csv", TRIPS), (name, MORE)), scratch)
    assert error.code == "unsafe-archive"
    assert name in error.message


def test_a_name_cannot_reach_the_terminal_raw(tmp_path: Path, scratch: Path) -> None:
    path = packed(tmp_path, ("a\x1b]52;c;x\x07.csv", TRIPS), ("b\u202e.csv", MORE))
    assert names(opened(path, scratch)) == ["a␛]52;c;x␇.csv", "b⟨U+202E⟩.csv"]
    for file in scratch.iterdir():
        file.unlink()
    assert "\x1b" not in str(refused(packed(tmp_path, ("../\x1b[2J", TRIPS)), scratch))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused_by_name(tmp_path: Path, scratch: Path, kind: int) -> None:
    info = zipfile.ZipInfo("shortcut")
    info.external_attr = (kind | 0o777) << 16
    error = refused(packed(tmp_path, ("trips.csv", TRIPS), (info, b"/etc/passwd")), scratch)
    assert (error.code, "shortcut" in error.message) == ("unsafe-archive", True)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_repeats_is_refused_by_name(tmp_path: Path, scratch: Path) -> None:
    error = refused(packed(tmp_path, ("trips.csv", TRIPS), ("trips.csv", MORE)), scratch)
    assert (error.code, "trips.csv" in error.message) == ("unsafe-archive", True)


def test_an_encrypted_archive_is_refused_by_name(tmp_path: Path, scratch: Path) -> None:
    path = packed(tmp_path, ("trips.csv", TRIPS))
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    error = refused(path, scratch)
    assert isinstance(error, UnsupportedFormat)
    assert error.code == "unsupported-encrypted-zip"


def crafted(entries: list[tuple[bytes, bytes, int, int, int]], gap: bytes = b"") -> bytes:
    """A ZIP file of (name, deflated, declared size, crc, offset of the local header or -1 for its own)."""
    body, directory, offsets = b"", b"", []
    for name, data, size, crc, offset in entries:
        offsets.append(len(body) if offset < 0 else offset)
        if offset < 0:
            body += struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 33, crc, len(data), size, len(name), 0)
            body += name + data + gap
    for (name, data, size, crc, _offset), start in zip(entries, offsets, strict=True):
        directory += struct.pack(
            "<4s6H3L5H2L",
            b"PK\1\2",
            20,
            20,
            0,
            8,
            0,
            33,
            crc,
            len(data),
            size,
            len(name),
            0,
            0,
            0,
            0,
            0,
            start,
        )
        directory += name
    count = len(entries)
    return (
        body
        + directory
        + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(directory), len(body), 0)
    )


def deflated(data: bytes) -> bytes:
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return engine.compress(data) + engine.flush()


def test_overlapping_entries_are_refused_by_name(tmp_path: Path, scratch: Path) -> None:
    inside = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 33, 0, 5, 5, 5, 0) + b"b.csv" + b"xxxxx"
    path = tmp_path / "overlap.zip"
    path.write_bytes(crafted([(b"a.csv", inside, len(inside), 0, -1), (b"b.csv", b"xxxxx", 5, 0, 35)]))
    error = refused(path, scratch)
    assert error.code == "unsafe-archive"
    assert "“b.csv” and “a.csv”" in error.message


def test_an_entry_that_reaches_into_the_directory_is_damaged(tmp_path: Path, scratch: Path) -> None:
    data = bytearray(crafted([(b"a.csv", deflated(TRIPS), len(TRIPS), zlib.crc32(TRIPS), -1)]))
    struct.pack_into("<L", data, data.rfind(b"PK\1\2") + 20, 5_000)
    path = tmp_path / "long.zip"
    path.write_bytes(data)
    assert refused(path, scratch).code == "damaged-archive"


def test_a_declared_size_is_not_believed(tmp_path: Path, scratch: Path) -> None:
    data = deflated(TRIPS * 100)
    for size, crc in (
        (10, zlib.crc32(TRIPS[:10])),
        (10_000_000, zlib.crc32(TRIPS * 100)),
        (len(TRIPS) * 100, 1),
    ):
        path = tmp_path / "lie.zip"
        path.write_bytes(crafted([(b"trips.csv", data, size, crc, -1)]))
        error = refused(path, scratch)
        assert error.code == "damaged-archive"
        assert "trips.csv" in error.message
    path.write_bytes(crafted([(b"trips.csv", data, len(TRIPS) * 100, zlib.crc32(TRIPS * 100), -1)]))
    assert names(opened(path, scratch)) == ["trips.csv"]


@pytest.mark.parametrize("kind", ["zip", "gzip", "many"])
def test_a_bomb_is_refused_at_once_and_in_little_memory(tmp_path: Path, scratch: Path, kind: str) -> None:
    path = tmp_path / "bomb"
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("bomb.csv", b"a" * 400_000_000)
    elif kind == "many":
        packed(tmp_path, *((f"{number}.csv", b"a" * 2_000_000) for number in range(40)), name="bomb")
    else:
        path.write_bytes(gzip.compress(b"a" * 400_000_000, 1))
    tracemalloc.start()
    begun = time.monotonic()
    error = refused(path, scratch)
    took = time.monotonic() - begun
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(error, LimitError)
    assert error.code == "archive-ratio"
    assert took < 3, "a loaded machine is slow, a bomb that goes off slower"
    assert peak < 50_000_000


def test_each_limit_has_its_own_message(tmp_path: Path, scratch: Path) -> None:
    path = packed(tmp_path, ("a.csv", TRIPS), ("b.csv", MORE))
    cases = {
        "too-many-entries": Limits(archive_entries=1),
        "archive-too-large": Limits(inflated_bytes=80),
        "archive-ratio": Limits(ratio_floor=0, inflation_ratio=0),
        "archive-time": Limits(seconds=-1),
        "file-too-large": Limits(file_bytes=100),
    }
    messages = set()
    for code, limits in cases.items():
        error = refused(path, scratch, ReadOptions(limits=limits))
        assert isinstance(error, LimitError)
        assert error.code == code
        messages.add(error.message)
    assert len(messages) == len(cases)


def test_a_directory_of_a_million_entries_is_not_read(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "wide.zip"
    path.write_bytes(crafted([(b"%d.csv" % number, b"\3\0", 0, 0, -1) for number in range(1_001)]))
    assert refused(path, scratch).code == "too-many-entries"
    lying = bytearray(path.read_bytes())
    struct.pack_into("<2H", lying, len(lying) - 14, 1, 1)
    path.write_bytes(lying)
    assert refused(path, scratch).code == "too-many-entries"


def test_an_archive_in_an_archive_is_refused(tmp_path: Path, scratch: Path) -> None:
    inner = packed(tmp_path, ("a.csv", TRIPS), name="inner.zip").read_bytes()
    for path in (
        packed(tmp_path, ("inner.zip", inner)),
        packed(tmp_path, ("inner.csv.gz", gzip.compress(TRIPS))),
    ):
        assert refused(path, scratch).code == "nested-archive"
    for number, data in enumerate((inner, gzip.compress(TRIPS))):
        path = tmp_path / f"{number}.gz"
        path.write_bytes(gzip.compress(data))
        assert refused(path, scratch).code == "nested-archive"


def test_a_packed_tar_is_refused_by_name(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "x.tgz"
    path.write_bytes(gzip.compress(b"trips.csv".ljust(257, b"\0") + b"ustar\x0000" + b"\0" * 248))
    assert refused(path, scratch).code == "unsupported-tar"


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.9, 0.99])
def test_an_incomplete_archive_is_refused(tmp_path: Path, scratch: Path, cut: float) -> None:
    path = packed(tmp_path, ("a.csv", TRIPS * 50), ("b.csv", MORE * 50))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * cut)])
    assert refused(path, scratch).code == "damaged-archive"
    data = gzip.compress(os.urandom(500).hex().encode())
    (tmp_path / "y.gz").write_bytes(data[: int(len(data) * cut)])
    assert refused(tmp_path / "y.gz", scratch).code == "damaged-archive"


def test_every_flipped_byte_is_read_or_refused(tmp_path: Path, scratch: Path) -> None:
    path = packed(tmp_path, ("a.csv", TRIPS), ("b.csv", MORE))
    good = path.read_bytes()
    for position in range(len(good)):
        data = bytearray(good)
        data[position] ^= 0xFF
        path.write_bytes(data)
        try:
            opened(path, scratch).close()
        except DinoError:
            continue
    assert os.listdir(scratch) == EMPTY_SCRATCH


def test_gzip_is_read_under_the_name_in_it(tmp_path: Path, scratch: Path) -> None:
    out = io.BytesIO()
    with gzip.GzipFile("/home/me/trips.csv", "wb", fileobj=out, mtime=0) as file:
        file.write(TRIPS)
    (tmp_path / "x.bin").write_bytes(out.getvalue())
    source = opened(tmp_path / "x.bin", scratch)
    assert (source.name, names(source)) == ("x.bin", ["trips.csv"])
    source.close()
    (tmp_path / "y.csv.GZ").write_bytes(
        gzip.compress(TRIPS) + gzip.compress(MORE.split(b"\n", 1)[1]) + b"\0" * 512
    )
    [table] = opened(tmp_path / "y.csv.GZ", scratch).tables
    assert table.name == "y.csv"
    assert [row.cells[0] for row in table.rows()] == ["Spain", "France"]
    (tmp_path / "z.gz").write_bytes(gzip.compress(TRIPS) + b"garbage behind")
    with pytest.raises(FormatError, match="damaged"):
        opened(tmp_path / "z.gz", scratch)


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}, "ods"),
        ({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"}, "opendocument"),
        ({"mimetype": b"application/epub+zip", "OPS/a.html": b"<x/>"}, "epub"),
        ({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}, "docx"),
        ({"[Content_Types].xml": b"<x/>", "xl/workbook.bin": b"\1"}, "xlsb"),
        ({"Index/Document.iwa": b"\1", "preview.jpg": b"\xff\xd8\xff"}, "iwork"),
        (
            {"trip/locations.json": b'{"locations": []}', "trip/trip.json": b'{"all_steps": []}'},
            "polarsteps",
        ),
        ({"a/trip.json": b'{"id": 1, "all_steps": [{"id": 2}]}', "a/b.jpg": b"\xff\xd8\xff"}, "polarsteps"),
        (
            {"data.json": b'{"visited_cities": [], "visited_regions": []}', "i/a.png": b"\x89PNG\r\n\x1a\n"},
            "adventurelog",
        ),
        (
            {"index.html": b"<html>", "Takeout/Records.json": b'{"locations": [{"latitudeE7": 1}]}'},
            "google-timeline",
        ),
        ({"user/user.json": b"{}", "trip/asia_12/trip.json": b"{}"}, "polarsteps"),
        ({"manifest.json": b"{}", "points/2024/2024-01.jsonl": b"{}"}, "dawarich"),
        ({"data.json": b'{"counts": {}, "settings": {}, "points": []}', "files/": b""}, "dawarich"),
        ({"Takeout/Location History (Timeline)/Settings.json": b"{}"}, "google-timeline"),
        ({"Takeout/위치 기록(타임라인)/Records.json": b"{}"}, "google-timeline"),
        ({"a.jpg": b"\xff\xd8\xff", "b.jpg": b"\xff\xd8\xff"}, "picture"),
    ],
)
def test_documents_and_archives_of_other_programs(
    tmp_path: Path, scratch: Path, files: dict[str, bytes], code: str
) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    assert refused(path, scratch).code == f"unsupported-{code}"


@pytest.mark.parametrize("length", range(3, 19))
def test_gzip_that_ends_in_its_header_is_a_sentence(tmp_path: Path, scratch: Path, length: int) -> None:
    head = b"\x1f\x8b\x08\x0c\0\0\0\0\0\3\2\0xxname.csv\0"
    path = tmp_path / "cut.gz"
    path.write_bytes(head[:length])
    with pytest.raises(FormatError):
        opened(path, scratch)


def test_an_archive_with_nothing_in_it(tmp_path: Path, scratch: Path) -> None:
    assert refused(packed(tmp_path), scratch).code == "empty-archive"
    assert refused(packed(tmp_path, ("folder/", b""), (".hidden", b"x")), scratch).code == "empty-archive"
    assert refused(packed(tmp_path, ("a.csv", b"")), scratch).code == "empty-file"


def test_a_broken_file_is_not_passed_over(tmp_path: Path, scratch: Path) -> None:
    error = refused(packed(tmp_path, ("a.csv", TRIPS), ("b.json", b'{"trips": [')), scratch)
    assert isinstance(error, FormatError)
    assert error.where is not None
    assert error.where.startswith("x.zip, entry b.json")


def test_a_rare_packing_method_is_refused(tmp_path: Path, scratch: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("trips.csv", TRIPS * 20)
    error = refused(tmp_path / "x.zip", scratch)
    assert (error.code, "trips.csv" in error.message) == ("unsupported-method", True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told(tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        name = str(scratch / "inflated-full")

        def write(self, data: object) -> int:
            with open("/dev/full", "wb", buffering=0) as full:
                return full.write(data)  # type: ignore[arg-type]

    monkeypatch.setattr("dinotui.formats.inflating.tempfile.NamedTemporaryFile", lambda **_: Full())
    error = refused(packed(tmp_path, ("a.csv", TRIPS)), scratch)
    assert error.code == "no-room"
    assert str(scratch) in error.message
