"""What a file is, by its content: everything recognised is refused by its own name with advice."""

import os
import socket
from pathlib import Path

import pytest

from dinotui.domain.errors import DinoError, FormatError, LimitError, UnsupportedFormat
from dinotui.formats import refusals
from dinotui.formats.base import Limits
from dinotui.formats.sniffing import Look, json_keys, look, looks_tabular


def looked(path: Path, limits: Limits | None = None) -> Look:
    return look(path, name=path.name, where=path.name, limits=limits or Limits())


def refused(folder: Path, data: bytes | str, name: str = "trips.csv") -> DinoError:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    with pytest.raises(DinoError) as raised:
        looked(path)
    assert raised.value.where == name
    return raised.value


def ole(*streams: str) -> bytes:
    """A compound file with its directory in the third sector."""
    header = bytearray(refusals.OLE_MAGIC.ljust(512, b"\0"))
    header[30:32] = (9).to_bytes(2, "little")
    header[48:52] = (1).to_bytes(4, "little")
    entries = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *streams))
    return bytes(header) + b"\xff" * 512 + entries.ljust(1024, b"\0")


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        (ole("Workbook"), "xls", "old Excel"),
        (ole("EncryptionInfo", "EncryptedPackage"), "encrypted-workbook", "without the password"),
        (ole("WordDocument"), "ole", "old Office"),
        (b"SQLite format 3\0" + b"\0" * 100, "sqlite", "dinotui backup restore"),
        (b"-- dump\nPRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n", "sql", "dinotui backup restore"),
        (b"CREATE TABLE trips(id TEXT);\n", "sql", "SQL"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "pdf", "PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "picture", "picture"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "picture", "picture"),
        (b"GIF89a\1\0\1\0", "picture", "picture"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "picture", "picture"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "picture", "picture"),
        (b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0", "picture", "picture"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", "media", "film"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "7z", "7z"),
        (b"Rar!\x1a\x07\x01\0", "rar", "RAR"),
        (b"BZh91AY&SY\0\0", "bz2", "bzip2"),
        (b"\xfd7zXZ\0\0\4", "xz", "xz"),
        (b"\x28\xb5\x2f\xfd\4\0", "zstd", "Zstandard"),
        (b"trips.csv".ljust(257, b"\0") + b"ustar\x0000" + b"\0" * 248, "tar", "tar"),
        (b"PAR1\x15\4", "columnar", "Parquet"),
        (b"\x7fELF\2\1\1\0", "program", "program"),
        (b"-----BEGIN PGP MESSAGE-----\n\nabc\n", "encrypted", "Decrypt"),
        (b"age-encryption.org/v1\n-> X25519 abc\n", "encrypted", "Decrypt"),
        (b"Salted__\1\2\3\4", "encrypted", "Decrypt"),
        (b"<!DOCTYPE html>\n<html><table><tr><td>Country", "html", "web page"),
        (b"\xef\xbb\xbf  <html xmlns:x='urn:schemas-microsoft-com:office:excel'>", "html", "web page"),
        ("<table><tr><td>1".encode("utf-16"), "html", "web page"),
        (b"<?xml version='1.0'?>\n<gpx version='1.1'><trk>", "gpx", "GPX"),
        (b"<?xml version='1.0'?><kml xmlns='x'>", "kml", "KML"),
        (b"<?xml version='1.0'?><?mso-application?><Workbook xmlns='x'>", "xml-workbook", "2003"),
        (b"<?xml version='1.0'?><data/>", "xml", "XML"),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "ics", "calendar"),
        (b"BEGIN:VCARD\r\n", "vcard", "address"),
        (b"{\\rtf1\\ansi", "rtf", "RTF"),
    ],
)
def test_what_is_recognised_is_refused_by_name(tmp_path: Path, data: bytes, code: str, says: str) -> None:
    error = refused(tmp_path, data)
    assert isinstance(error, UnsupportedFormat)
    assert error.code == f"unsupported-{code}"
    assert says in error.message
    assert error.message.count(". ") == 1, "what it is, and one sentence of what to do instead"


def test_junk_is_refused_as_no_text(tmp_path: Path) -> None:
    assert refused(tmp_path, bytes(range(256)) * 20).code == "unsupported-binary"


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b" \r\n\t\n", b"\xff\xfe", b"\xff\xfe\n\0"])
def test_an_empty_file_is_refused(tmp_path: Path, data: bytes) -> None:
    assert refused(tmp_path, data).code == "empty-file"


def test_a_file_of_zeros_is_a_copy_that_went_wrong(tmp_path: Path) -> None:
    assert refused(tmp_path, b"\0" * 200_000).code == "only-zeros"


def test_text_behind_much_white_space_is_not_empty(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"\n" * 100_000 + b"Country,Entry\nSpain,2024-01-01\n")
    assert looked(path).size > 100_000


def test_what_is_no_file_is_told_apart(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        for name, says in (("pipe", "pipe"), ("socket", "socket"), (".", "folder"), ("/dev/null", "device")):
            with pytest.raises(FormatError, match=says) as raised:
                looked(tmp_path / name)
            assert raised.value.code == "not-a-file"


def test_a_missing_file_and_links_to_nothing(tmp_path: Path) -> None:
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert [code_of(tmp_path / name) for name in ("nothing", "dangling", "loop", "x" * 300)] == [
        "missing-file",
        "missing-file",
        "unreadable-file",
        "unreadable-file",
    ]
    (tmp_path / "real.csv").write_text("a,b\n1,2\n")
    (tmp_path / "link").symlink_to(tmp_path / "real.csv")
    assert looked(tmp_path / "link").text == "a,b\n1,2\n"


def code_of(path: Path) -> str:
    with pytest.raises(FormatError) as raised:
        looked(path)
    return raised.value.code


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    path = tmp_path / "secret.csv"
    path.write_text("a,b\n")
    path.chmod(0)
    assert code_of(path) == "unreadable-file"


def test_a_file_past_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    path.write_bytes(b"a,b\n" * 10)
    with pytest.raises(LimitError) as raised:
        looked(path, Limits(file_bytes=39))
    assert raised.value.code == "file-too-large"
    assert looked(path, Limits(file_bytes=40)).size == 40


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        "[]",
        "[1]",
        ' \n[{"a": 1}]',
        '{"a": 1}\n{"a": 2}\n',
        "[\n",
        "{\n",
        "{a: 1}",
        "[null]",
        "{'a': 1}",
    ],
)
def test_json_is_recognised_whatever_its_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.csv").write_text(text)
    assert looked(tmp_path / "x.csv").is_json


@pytest.mark.parametrize(
    "text",
    [
        "Country,Entry\nSpain,2024-01-01\n",
        "[Country],[Entry]\nSpain,x\n",
        '"a","b"\n1,2\n',
        "{Country},x\n1,2\n",
    ],
)
def test_a_table_is_no_json(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.csv").write_text(text)
    assert not looked(tmp_path / "x.csv").is_json


def test_a_table_named_json_is_a_table_but_a_lone_word_is_bad_json(tmp_path: Path) -> None:
    (tmp_path / "table.json").write_text("Country,Entry\nSpain,2024-01-01\n")
    (tmp_path / "word.json").write_text("nul")
    assert not looked(tmp_path / "table.json").is_json
    assert looked(tmp_path / "word.json").is_json


@pytest.mark.parametrize(
    ("text", "keys", "inner"),
    [
        (
            '{"locations": [{"latitudeE7": 1, "x": {"deep": 1}}, {"y": 2}]}',
            {"locations"},
            {"latitudeE7", "x"},
        ),
        ('{"a": {"b": 1}, "c": [1, 2], "d": "}"}', {"a", "c", "d"}, set()),
        ('[{"startTime": "x", "visit": {"k": 1}}, {"other": 1}]', {"startTime", "visit"}, set()),
        ('{"a\\"b": 1, "cut": [{"in', {'a\\"b', "cut"}, set()),
        ('{"a": 1}\n{"b": 2}', {"a"}, set()),
        ("[1, 2]", set(), set()),
    ],
)
def test_the_keys_at_the_top_of_a_json_text(text: str, keys: set[str], inner: set[str]) -> None:
    assert json_keys(text) == (frozenset(keys), frozenset(inner))


@pytest.mark.parametrize(
    ("keys", "inner", "code"),
    [
        ({"locations"}, set(), "google-timeline"),
        ({"locations"}, {"latitudeE7", "timestamp"}, "google-timeline"),
        ({"locations"}, {"lat", "lon", "time"}, "locations"),
        ({"timelineObjects"}, set(), "google-timeline"),
        ({"semanticSegments", "rawSignals"}, set(), "google-timeline"),
        ({"startTime", "endTime", "visit"}, set(), "google-timeline"),
        ({"startTime", "endTime", "activity"}, set(), "google-timeline"),
        ({"id", "name", "all_steps"}, set(), "polarsteps"),
        ({"version", "locations", "visited_cities", "visited_regions"}, set(), "adventurelog"),
        ({"counts", "settings", "areas", "imports", "exports", "trips"}, set(), "dawarich"),
        ({"users", "flights"}, {"date", "from", "to"}, "airtrail"),
        ({"flights"}, {"flightNumber"}, "flight-log"),
        ({"type", "features"}, set(), "geojson"),
        ({"id", "date", "origin", "destination", "ticketClass"}, set(), "flight-log"),
        ({"counts", "settings", "points"}, set(), "dawarich"),
    ],
)
def test_json_of_other_programs_is_refused(keys: set[str], inner: set[str], code: str) -> None:
    with pytest.raises(UnsupportedFormat) as raised:
        refusals.refuse_json_keys(keys, inner, where="x.json")
    assert raised.value.code == f"unsupported-{code}"


@pytest.mark.parametrize(
    ("keys", "inner"),
    [
        ({"metadata", "data"}, set()),
        ({"version", "exportDate", "user", "trips", "notificationSettings"}, {"country"}),
        ({"locations"}, {"country", "entryDate"}),
        ({"country", "entryDate", "visaType"}, set()),
        ({"trips"}, set()),
    ],
)
def test_json_with_stays_is_not_refused(keys: set[str], inner: set[str]) -> None:
    refusals.refuse_json_keys(keys, inner)


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("Date,Flight number,From,To,Dep time,Arr time,Duration,Airline", "MyFlightradar24"),
        ("Date,From,To,Flight_Number,Airline,Distance,Duration,Seat,Seat_Type,Class", "OpenFlights"),
        ("Date,Airline,Flight,From,To,Dep Terminal,Dep Gate", "Flighty"),
        ("date,from,to,departure,arrival,duration,flightNumber,seat", "AirTrail"),
        ("date,origin,destination,departure_time,arrival_time,seat,ticket_class", "Jetlog"),
        ("id,date,from,to,miles,airline,flightnum,aircraft", "JetLovers"),
        ("when,flight no,origin,destination", "flight log"),
        ("latitude,longitude,timestamp,accuracy", "location history"),
    ],
)
def test_tables_of_other_programs_are_refused(header: str, says: str) -> None:
    with pytest.raises(UnsupportedFormat, match=says):
        refusals.refuse_header(header.split(","))


@pytest.mark.parametrize(
    "header",
    [
        "Country,Entry Date,Exit Date,Flight number,From,To",
        "Country,Country Code,City,From Country,From Country Code,From City,Entry Date,Exit Date,Visa Type,Notes",
        "Start,End",
        "From,To,Notes",
        "Place,Date,Flight",
    ],
)
def test_tables_of_stays_are_not_refused(header: str) -> None:
    refusals.refuse_header(header.split(","))


def test_prose_is_told_from_a_table() -> None:
    assert looks_tabular("a,b\n1,2\n3,4\n")
    assert not looks_tabular("Dear friend,\n\nI am well, and you, too, I hope.\nBye\n")
