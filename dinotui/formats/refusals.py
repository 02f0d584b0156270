"""What is recognised but not importable: each thing by its name with what to do instead (SPEC.md 4.1).

Every `refuse_…` function looks at one kind of evidence and raises `UnsupportedFormat` with a stable code
``unsupported-…`` where it recognises something; otherwise it returns and the readers go on.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from dinotui.domain.errors import UnsupportedFormat
from dinotui.locale import N_, _


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing: its code after ``unsupported-``, what it is, what to do instead (both translatable)."""

    code: str
    what: str
    advice: str

    def error(self, where: str | None = None) -> UnsupportedFormat:
        """Return the error that says it, in the current language."""
        return UnsupportedFormat(f"unsupported-{self.code}", f"{_(self.what)} {_(self.advice)}", where)


_UNPACK: Final = N_("Unpack it and import the file inside, or pack it as ZIP or gzip.")
_AS_TABLE: Final = N_(
    "Import a table instead: CSV, Excel (.xlsx) or JSON with a country and dates in each record."
)
_SAVE_AS: Final = N_("Open it in its program, save it as .xlsx or CSV and import that.")
_RESTORE: Final = N_(
    "If it is a backup of this program, use “dinotui backup restore”; otherwise export a table as CSV."
)
_STAYS: Final = N_("Make a table with one stay a line (country, entry date, exit date) and import that.")

XLS: Final = Refusal("xls", N_("This is an old Excel workbook (.xls)."), _SAVE_AS)
OLE: Final = Refusal("ole", N_("This is a document of an old Office program."), _SAVE_AS)
ENCRYPTED_WORKBOOK: Final = Refusal(
    "encrypted-workbook",
    N_("This workbook is protected with a password."),
    N_("Open it, save it without the password and import that."),
)
ENCRYPTED_ZIP: Final = Refusal(
    "encrypted-zip",
    N_("This archive is protected with a password."),
    N_("Unpack it with the password and import the files inside."),
)
ENCRYPTED: Final = Refusal(
    "encrypted", N_("This file is encrypted."), N_("Decrypt it and import the result.")
)
SQLITE: Final = Refusal(
    "sqlite",
    N_("This is a SQLite database."),
    _RESTORE,
)
SQL: Final = Refusal(
    "sql",
    N_("This is a database dump in SQL."),
    _RESTORE,
)
PICTURE: Final = Refusal("picture", N_("This is a picture."), _AS_TABLE)
PDF: Final = Refusal("pdf", N_("This is a PDF document."), _AS_TABLE)
MEDIA: Final = Refusal("media", N_("This is a sound or a film."), _AS_TABLE)
PROGRAM: Final = Refusal("program", N_("This is a program."), _AS_TABLE)
COLUMNAR: Final = Refusal("columnar", N_("This is a columnar data file (Parquet or Arrow)."), _AS_TABLE)
TAR: Final = Refusal("tar", N_("This is a tar archive."), _UNPACK)

_AT_START: Final[tuple[tuple[bytes, Refusal], ...]] = (
    (b"SQLite format 3\0", SQLITE),
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", PICTURE),
    (b"\xff\xd8\xff", PICTURE),
    (b"GIF87a", PICTURE),
    (b"GIF89a", PICTURE),
    (b"II*\0", PICTURE),
    (b"MM\0*", PICTURE),
    (b"7z\xbc\xaf\x27\x1c", Refusal("7z", N_("This is a 7z archive."), _UNPACK)),
    (b"Rar!\x1a\x07", Refusal("rar", N_("This is a RAR archive."), _UNPACK)),
    (b"\xfd7zXZ\0", Refusal("xz", N_("This file is packed with xz."), _UNPACK)),
    (b"\x28\xb5\x2f\xfd", Refusal("zstd", N_("This file is packed with Zstandard."), _UNPACK)),
    (b"\x04\x22\x4d\x18", Refusal("lz4", N_("This file is packed with LZ4."), _UNPACK)),
    (b"\x1f\x9d", Refusal("compress", N_("This file is packed with compress (.Z)."), _UNPACK)),
    (b"MSCF\0\0\0\0", Refusal("cab", N_("This is a cabinet archive."), _UNPACK)),
    (b"PAR1", COLUMNAR),
    (b"ARROW1", COLUMNAR),
    (b"\x7fELF", PROGRAM),
    (b"\xcf\xfa\xed\xfe", PROGRAM),
    (b"ID3", MEDIA),
    (b"OggS\0", MEDIA),
    (b"\x1a\x45\xdf\xa3", MEDIA),
    (b"Salted__", ENCRYPTED),
    (b"age-encryption.org/v1", ENCRYPTED),
    (b"-----BEGIN PGP MESSAGE-----", ENCRYPTED),
    (b"-----BEGIN AGE ENCRYPTED FILE-----", ENCRYPTED),
)
OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURE_BRANDS: Final = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif")

HTML: Final = Refusal(
    "html",
    N_("This is a web page, even if it is named like a table."),
    N_("Open it in a spreadsheet, save it as .xlsx or CSV and import that."),
)
XML: Final = Refusal("xml", N_("This is an XML document."), _AS_TABLE)
_TEXTS: Final[tuple[tuple[str, Refusal], ...]] = (
    (r"<!doctype html|<html|<table|<head|<body", HTML),
    (r"(<\?xml.*?)?<gpx\b", Refusal("gpx", N_("This is a GPS track (GPX)."), _STAYS)),
    (r"(<\?xml.*?)?<kml\b", Refusal("kml", N_("This is a map (KML)."), _STAYS)),
    (
        r"(<\?xml.*?)?<(\w+:)?workbook\b",
        Refusal("xml-workbook", N_("This is an Excel 2003 XML workbook."), _SAVE_AS),
    ),
    (r"<\?xml|<svg\b", XML),
    (r"begin:vcalendar", Refusal("ics", N_("This is a calendar (ICS)."), _STAYS)),
    (r"begin:vcard", Refusal("vcard", N_("This is an address card."), _AS_TABLE)),
    (r"\{\\rtf", Refusal("rtf", N_("This is a text document (RTF)."), _AS_TABLE)),
    (
        r"(--[^\n]*\n\s*)*(pragma foreign_keys|begin transaction;|create table |insert into )",
        SQL,
    ),
)  # fmt: skip
_TEXT_PATTERNS: Final = tuple(
    (re.compile(rf"(?:<!--.*?-->|\s)*(?:{pattern})", re.IGNORECASE | re.DOTALL), refusal)
    for pattern, refusal in _TEXTS
)

_ZIP_NAMES: Final[tuple[tuple[str, Refusal], ...]] = (
    ("xl/workbook.bin", Refusal("xlsb", N_("This is a binary Excel workbook (.xlsb)."), _SAVE_AS)),
    ("word/document.xml", Refusal("docx", N_("This is a Word document."), _AS_TABLE)),
    ("ppt/presentation.xml", Refusal("pptx", N_("This is a presentation."), _AS_TABLE)),
    ("Index/Document.iwa", Refusal("iwork", N_("This is a document of Apple Numbers or Pages."), _SAVE_AS)),
    ("Index.zip", Refusal("iwork", N_("This is a document of Apple Numbers or Pages."), _SAVE_AS)),
    ("META-INF/MANIFEST.MF", PROGRAM),
    ("AndroidManifest.xml", PROGRAM),
)
ODS: Final = Refusal("ods", N_("This is an OpenDocument spreadsheet (.ods)."), _SAVE_AS)
_OPEN_DOCUMENT: Final = Refusal("opendocument", N_("This is an OpenDocument file."), _AS_TABLE)
_EPUB: Final = Refusal("epub", N_("This is a book (EPUB)."), _AS_TABLE)

TIMELINE: Final = Refusal("google-timeline", N_("This is a Google Timeline (location history)."), _STAYS)
POLARSTEPS: Final = Refusal("polarsteps", N_("This is a Polarsteps trip."), _STAYS)
ADVENTURELOG: Final = Refusal("adventurelog", N_("This is an AdventureLog backup."), _STAYS)
DAWARICH: Final = Refusal("dawarich", N_("This is a Dawarich export (location history)."), _STAYS)
LOCATIONS: Final = Refusal("locations", N_("This is a location history."), _STAYS)
GEOJSON: Final = Refusal("geojson", N_("This is a map (GeoJSON)."), _STAYS)
AIRTRAIL: Final = Refusal("airtrail", N_("This is a flight log of AirTrail."), _STAYS)
FLIGHTS: Final = Refusal("flight-log", N_("This is a flight log."), _STAYS)
JETLOG: Final = Refusal("flight-log", N_("This is a flight log of Jetlog."), _STAYS)

_ZIP_PATHS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), refusal)
    for pattern, refusal in (
        (r"(.*/)?trip/[^/]+/(trip|locations)\.json", POLARSTEPS),
        (r"(.*/)?points/\d{4}/[^/]+\.jsonl", DAWARICH),
        (r"(.*/)?takeout/.*(location history|timeline|위치 기록|타임라인).*\.json", TIMELINE),
        (r"(.*/)?semantic location history/.*\.json", TIMELINE),
    )
)
"""Archives of other programs, by the path of any file in them."""


@dataclass(frozen=True, slots=True)
class _JsonMark:
    """Recognised when all of `keys` are there and, where the records' keys are known, one of `inner`."""

    keys: frozenset[str]
    refusal: Refusal
    inner: frozenset[str] = frozenset()


def _json(keys: str, refusal: Refusal, inner: str = "") -> _JsonMark:
    return _JsonMark(frozenset(keys.split()), refusal, frozenset(inner.split()))


_JSON_MARKS: Final = (
    _json("visited_regions visited_cities", ADVENTURELOG),
    _json("adventures collections", ADVENTURELOG),
    _json("all_steps", POLARSTEPS),
    _json("imports exports areas", DAWARICH),
    _json("points visits places", DAWARICH),
    _json("counts points settings", DAWARICH),
    _json("timelineObjects", TIMELINE),
    _json("timelineEdits", TIMELINE),
    _json("semanticSegments", TIMELINE),
    _json("rawSignals userLocationProfile", TIMELINE),
    _json("startTime visit", TIMELINE),
    _json("startTime activity", TIMELINE),
    _json("startTime timelinePath", TIMELINE),
    _json("locations", TIMELINE, "latitudeE7 longitudeE7 timestampMs"),
    _json("locations", LOCATIONS, "lat lon lng latitude longitude"),
    _json("type features", GEOJSON),
    _json("_type lat lon tst", LOCATIONS),
    _json("flights users", AIRTRAIL),
    _json("date origin destination ticketClass", JETLOG),
    _json("from to flightNumber", FLIGHTS),
    _json("flights", FLIGHTS, "flightNumber flight_number aircraftReg departureAirport departure_airport"),
)

_HEADER_MARKS: Final = tuple(
    (frozenset(columns.split()), Refusal(code, what, _STAYS))
    for columns, code, what in (
        ("date flightnumber from to deptime", "flight-log", N_("This is a flight log of MyFlightradar24.")),
        ("date from to flightnumber airlineoid", "flight-log", N_("This is a flight log of OpenFlights.")),
        (
            "date from to flightnumber airline seattype",
            "flight-log",
            N_("This is a flight log of OpenFlights."),
        ),
        ("date airline flight from to", "flight-log", N_("This is a flight log of Flighty.")),
        ("date from to departure arrival flightnumber", "airtrail", N_("This is a flight log of AirTrail.")),
        (
            "date origin destination departuretime ticketclass",
            "flight-log",
            N_("This is a flight log of Jetlog."),
        ),
        ("id date from to miles airline flightnum", "flight-log", N_("This is a flight log of JetLovers.")),
        ("latitude longitude timestamp", "locations", N_("This is a location history.")),
        ("lat lon time", "locations", N_("This is a location history.")),
        ("latitudee7 longitudee7", "locations", N_("This is a location history.")),
    )
)
_FLIGHT_COLUMNS: Final = frozenset({"flightnumber", "flightno", "flightnum", "flight", "항공편", "편명"})
_FROM_COLUMNS: Final = frozenset({"from", "origin", "departureairport", "fromairport", "출발공항"})
_STAY_COLUMNS: Final = frozenset({"country", "entrydate", "exitdate", "국가", "입국일", "출국일", "나라"})

PROGRAM_CODES: Final = frozenset(
    f"unsupported-{refusal.code}" for refusal in (POLARSTEPS, ADVENTURELOG, DAWARICH, AIRTRAIL)
)
TRAVEL_CODES: Final = frozenset(
    f"unsupported-{refusal.code}"
    for refusal in (TIMELINE, POLARSTEPS, ADVENTURELOG, DAWARICH, LOCATIONS, AIRTRAIL, FLIGHTS)
)


def refuse_bytes(head: bytes, *, where: str | None = None) -> None:
    """Refuse by the first bytes of a file (a few hundred are enough)."""
    for magic, refusal in _AT_START:
        if head.startswith(magic):
            raise refusal.error(where)
    if head[257:262] == b"ustar":
        raise TAR.error(where)
    if head[:4] == b"RIFF" and head[8:12] in {b"WEBP", b"AVI ", b"WAVE"}:
        raise (PICTURE if head[8:12] == b"WEBP" else MEDIA).error(where)
    if head[4:8] == b"ftyp":
        raise (PICTURE if head[8:12] in _PICTURE_BRANDS else MEDIA).error(where)
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0":
        raise PICTURE.error(where)
    if head[:3] == b"BZh" and head[4:10] == b"1AY&SY":
        raise Refusal("bz2", N_("This file is packed with bzip2."), _UNPACK).error(where)
    if head[:2] == b"MZ" and b"\0" in head[:64]:
        raise PROGRAM.error(where)


def refuse_ole(directory: bytes, *, where: str | None = None) -> None:
    """Refuse an OLE file by its directory: a protected workbook, another document, or an old workbook."""
    if "EncryptedPackage".encode("utf-16-le") in directory:
        raise ENCRYPTED_WORKBOOK.error(where)
    if any(name.encode("utf-16-le") in directory for name in ("WordDocument", "PowerPoint Document")):
        raise OLE.error(where)
    raise XLS.error(where)


def refuse_text(text: str, *, where: str | None = None) -> None:
    """Refuse by how a text begins."""
    for pattern, refusal in _TEXT_PATTERNS:
        if pattern.match(text[:4_000]):
            raise refusal.error(where)


def refuse_zip(names: Collection[str], kind: str, *, where: str | None = None) -> None:
    """Refuse a ZIP file that is a document, by the names in it and the text of its entry ``mimetype``."""
    for name, refusal in _ZIP_NAMES:
        if name in names:
            raise refusal.error(where)
    for pattern, refusal in _ZIP_PATHS:
        if any(pattern.fullmatch(name) for name in names):
            raise refusal.error(where)
    if kind.startswith("application/epub"):
        raise _EPUB.error(where)
    if kind.startswith("application/vnd.oasis.opendocument"):
        raise (ODS if "spreadsheet" in kind else _OPEN_DOCUMENT).error(where)


def refuse_json_keys(keys: Collection[str], inner: Collection[str] = (), *, where: str | None = None) -> None:
    """Refuse a JSON document of another program.

    `keys` are those of the top object, or of the first object where the top is an array; `inner` are those
    of the first object inside the first array of the top object, empty where they are not known.
    """
    for mark in _JSON_MARKS:
        if mark.keys <= set(keys) and (not mark.inner or not inner or not mark.inner.isdisjoint(inner)):
            raise mark.refusal.error(where)


def refuse_header(columns: Iterable[str], *, where: str | None = None) -> None:
    """Refuse a table of another program by the names of its columns."""
    names = {re.sub(r"[\W_]", "", column.lower()) for column in columns}
    if names & _STAY_COLUMNS:
        return
    for wanted, refusal in _HEADER_MARKS:
        if wanted <= names:
            raise refusal.error(where)
    if names & _FLIGHT_COLUMNS and names & _FROM_COLUMNS:
        raise FLIGHTS.error(where)
