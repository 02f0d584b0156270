"""Which encoding a text file is in, judged from its bytes (SPEC.md 4.1, HAZARDS.md Files).

A byte order mark decides, then the zeros of UTF-16, then UTF-8, which other encodings hardly imitate. The
rest is judged by `plausibility`: the candidate whose text looks most like writing wins, and the answer says
how sure that is and what else would decode. The same bytes always give the same answer.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from dinotui.domain.errors import FormatError, UsageError
from dinotui.formats.plausibility import WESTERN_LETTERS, plausibility
from dinotui.formats.utf8_scan import scan_utf8
from dinotui.locale import _, ngettext

SAMPLE_BYTES: Final = 256 * 1024

_MARKS: Final = (  # the longer ones first: UTF-32 begins like UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# in the order of preference where two readings look alike
_CANDIDATES: Final = (
    "cp949", "cp1252", "cp1250", "cp1254", "cp1251", "koi8_r", "mac_roman", "cp850", "cp1253", "cp932",
    "euc_jp", "gb18030", "big5", "iso8859_1",
)  # fmt: skip
_PAIRS: Final = frozenset({"cp949", "cp932", "euc_jp", "gb18030", "big5"})  # two bytes a character
_LATIN: Final = frozenset({"cp1252", "cp1250", "cp1254", "iso8859_1"})
_WRITTEN_LATIN: Final = frozenset("ơƠưƯșȘțȚ")  # Vietnamese and Romanian
_SUPERSETS: Final = {  # files said to be in the left one often use the right one
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ascii": "utf-8",
}


@dataclass(frozen=True, slots=True)
class Encoding:
    """The encoding of one file: codec `name`, how `sure`, other codecs that decode, `mark` bytes to skip.

    `errors` is ``replace`` where a UTF-8 file has a few bad bytes, which then read as U+FFFD. `notes` are
    translated sentences of evidence.
    """

    name: str
    sure: bool = True
    alternatives: tuple[str, ...] = ()
    mark: int = 0
    errors: Literal["strict", "replace"] = "strict"
    notes: tuple[str, ...] = ()

    @property
    def codec(self) -> str:
        """The codec that decodes what follows the byte order mark."""
        return "utf-8" if self.name == "utf-8-sig" else self.name


def detect(path: Path, *, chosen: str | None = None, where: str) -> Encoding:
    """Return the encoding of the whole file; `chosen` by the user wins.

    Raises `UsageError` for an unknown `chosen`, `FormatError` (bad-encoding) for a file that is UTF-8 in
    part only; `where` names the file. `OSError` of the file passes through.
    """
    with path.open("rb") as file:
        head = file.read(SAMPLE_BYTES)
    if chosen is not None:
        return _chosen(path, chosen, head, where)
    if found := _marked(head):
        return _utf8(path, found, where) if found.name == "utf-8-sig" else found
    if found := _utf16(head):
        return found
    scan = scan_utf8(path)
    if scan.first_beyond_ascii is None and not scan.bad:
        return Encoding("utf-8")
    return _judge(path, _sample(path, head, scan.first_beyond_ascii), whole=not scan.bad, where=where)


def detect_unicode(head: bytes) -> Encoding | None:
    """Return the Unicode encoding of a text from its first bytes alone, None where they are not Unicode."""
    if found := _marked(head) or _utf16(head):
        return found
    try:
        codecs.utf_8_decode(head, "strict", False)
    except UnicodeDecodeError:
        return None
    return Encoding("utf-8")


def detect_bytes(data: bytes) -> Encoding:
    """Return the encoding of a few bytes of text that stand alone, such as a file name."""
    utf8 = _reading(data, "utf-8", "strict")
    readings = [utf8] if utf8 else _readings(data)
    best = readings[0]
    return Encoding(best.codec, utf8 is not None or _sure(best, readings), _different(best, readings))


def known_encoding(name: str) -> str:
    """Return the codec for an encoding as users name it. Raises `UsageError` for what is no text encoding."""
    try:
        codec = codecs.lookup(name.strip())
        "".encode(codec.name)  # some codecs turn bytes into bytes and are no text encoding
    except (LookupError, ValueError, TypeError) as error:
        message = _(
            "The encoding “{encoding}” is not known. Common ones are utf-8, cp949, cp1252 and utf-16."
        )
        raise UsageError("unknown-encoding", message.format(encoding=name)) from error
    plain = codec.name.replace("-", "_")
    if plain in {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf_7", "undefined"}:
        message = _(
            "The encoding “{encoding}” is not known. Common ones are utf-8, cp949, cp1252 and utf-16."
        )
        raise UsageError("unknown-encoding", message.format(encoding=name))
    return _SUPERSETS.get(plain, codec.name)


def _chosen(path: Path, chosen: str, head: bytes, where: str) -> Encoding:
    name = known_encoding(chosen)
    mark = _marked(head)
    if name in {"utf-16", "utf-32"}:
        order = mark or _utf16(head)
        return order if order and order.name.startswith(name) else Encoding(f"{name}-le")
    if name in {"utf-8", "utf-8-sig"}:
        return _utf8(path, mark if mark and mark.name == "utf-8-sig" else Encoding("utf-8"), where)
    return mark if mark and mark.name == name else Encoding(name)


def _marked(head: bytes) -> Encoding | None:
    for mark, name in _MARKS:
        if head.startswith(mark):
            if name.startswith("utf-32") and b"\0\0" not in {head[4:6], head[6:8]}:
                continue  # UTF-16 whose first character is U+0000
            return Encoding(name, mark=len(mark))
    return None


def _utf16(head: bytes) -> Encoding | None:
    """Recognise UTF-16 without a mark: its ASCII has a zero in every second byte, always the same second."""
    units = min(len(head) // 2, 32_768)
    if units < 2:
        return None
    data = head[: units * 2]
    for name, high in (("utf-16-le", data[1::2]), ("utf-16-be", data[0::2])):
        low_zeros = data.count(0) - high.count(0)
        if high.count(0) < max(2, units // 10) or low_zeros * 5 > high.count(0):
            continue
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            text = data[:-2].decode(name, "replace")
        score, beyond = plausibility(text, name)
        controls = sum(char < " " and char not in "\t\n\r" for char in text[:4_000])
        if (not beyond or score > 0) and controls <= len(text) // 100:
            return Encoding(name, sure=beyond < 3 or score > 0.4, notes=(_("It is UTF-16 without a mark."),))
    return None


def _utf8(path: Path, encoding: Encoding, where: str) -> Encoding:
    """Return `encoding`, UTF-8 in some form, with what a scan of the whole file found."""
    scan = scan_utf8(path)
    if not scan.bad:
        return encoding
    line = scan.first_bad_line or 1
    if scan.bad > scan.extra or (scan.bad > 100 and scan.bad * 10 > scan.extra):
        message = _(
            "Line {line} is not UTF-8 text. Name another encoding with --encoding, for example cp949."
        )
        place = _("{file}, line {line}").format(file=where, line=line)
        raise FormatError("bad-encoding", message.format(line=line), place)
    text = ngettext(
        "One byte is not UTF-8 and shows as \N{REPLACEMENT CHARACTER} (line {line}).",
        "{count} bytes are not UTF-8 and show as \N{REPLACEMENT CHARACTER} (the first on line {line}).",
        scan.bad,
    )
    note = text.format(count=scan.bad, line=line)
    return Encoding(encoding.name, False, encoding.alternatives, encoding.mark, "replace", (note,))


def _sample(path: Path, head: bytes, first: int | None) -> bytes:
    """Return a sample around the first character beyond ASCII, cut at line ends."""
    if first is None or first < SAMPLE_BYTES // 2:
        return head if len(head) < SAMPLE_BYTES else _whole_lines(head)
    with path.open("rb") as file:
        file.seek(max(0, first - 4_096))
        sample = file.read(SAMPLE_BYTES)
    start = sample.rfind(b"\n", 0, min(4_096, first)) + 1
    return sample[start:] if len(sample) < SAMPLE_BYTES else _whole_lines(sample[start:])


def _whole_lines(sample: bytes) -> bytes:
    end = max(sample.rfind(b"\n"), sample.rfind(b"\r")) + 1
    return sample[:end] if end else sample


@dataclass(frozen=True, slots=True)
class _Reading:
    codec: str
    text: str
    score: float
    count: int


def _judge(path: Path, sample: bytes, *, whole: bool, where: str) -> Encoding:
    """Choose between UTF-8 (`whole`: every byte of the file is) and the encodings of one and two bytes."""
    utf8 = _reading(sample, "utf-8", "replace")
    assert utf8 is not None
    others = _readings(sample)
    best = others[0]
    if whole and not _korean_by_chance_utf8(utf8, best):
        return Encoding("utf-8")
    bad = utf8.text.count("\N{REPLACEMENT CHARACTER}")
    extra = len(utf8.text.encode()) - len(utf8.text) - 2 * bad  # bytes that only UTF-8 explains
    if not whole and extra >= bad and utf8.score + 0.3 > best.score:
        found = _utf8(path, Encoding("utf-8", alternatives=_different(utf8, others)), where)
        return Encoding(found.name, found.sure, found.alternatives, 0, found.errors, found.notes)
    if not whole and best.score < 0.35 and extra > max(8, bad // 2):
        raise _mixed(path, where)
    if best.score < 0.2:
        best = _second_opinion(sample, others) or best
    note = _("It reads best as {encoding}.").format(encoding=best.codec)
    alternatives = _different(best, others)
    return Encoding(best.codec, _sure(best, others), alternatives, notes=(note,))


def _mixed(path: Path, where: str) -> FormatError:
    line = scan_utf8(path).first_bad_line or 1
    message = _("From line {line} on the text is no longer UTF-8. Save the file again in one encoding.")
    place = _("{file}, line {line}").format(file=where, line=line)
    return FormatError("bad-encoding", message.format(line=line), place)


def _korean_by_chance_utf8(utf8: _Reading, best: _Reading) -> bool:
    """Whether a few Korean syllables only happen to be UTF-8: as such most are letters that no one writes."""
    beyond = [char for char in utf8.text if char >= "\x80"]
    if not 1 < len(beyond) < 40 or not all("\u0100" <= char <= "\u023f" for char in beyond):
        return False
    strange = sum(char >= "\u0180" and char not in _WRITTEN_LATIN for char in beyond)
    return strange * 2 > len(beyond) and utf8.score < 0 and best.codec == "cp949" and best.score > 0.9


def _readings(sample: bytes) -> list[_Reading]:
    """Return the text in every candidate that decodes it (iso8859_1 always does), the most plausible first."""
    readings = [reading for codec in _CANDIDATES if (reading := _reading(sample, codec, "strict"))]
    return sorted(readings, key=lambda reading: (-reading.score, _CANDIDATES.index(reading.codec)))


def _reading(sample: bytes, codec: str, errors: str) -> _Reading | None:
    try:
        text = codecs.getincrementaldecoder(codec)(errors).decode(sample)
    except UnicodeDecodeError:
        return None
    return _Reading(codec, text, *plausibility(text, codec))


def _different(best: _Reading, others: list[_Reading]) -> tuple[str, ...]:
    """Return the codecs that read the sample as another text, the most plausible first, each text once."""
    seen, found = {best.text}, []
    for other in others:
        if other.text not in seen:
            seen.add(other.text)
            found.append(other.codec)
    return tuple(found[:6])


def _sure(best: _Reading, others: list[_Reading]) -> bool:
    """Whether enough characters speak for `best` and no reading of another kind comes near."""
    if best.score < 0.5 or best.count < (3 if best.codec in _PAIRS else 6):
        return False
    western = best.codec == "cp1252" and all(
        char < "\x80" or not char.isalpha() or char in WESTERN_LETTERS for char in best.text
    )
    rivals = [
        other for other in others if other.text != best.text and not (western and other.codec in _LATIN)
    ]
    return not rivals or best.score - rivals[0].score >= 0.2


def _second_opinion(sample: bytes, others: list[_Reading]) -> _Reading | None:
    """Ask charset-normalizer where nothing looks like writing."""
    from charset_normalizer import from_bytes

    match = from_bytes(sample[:65_536]).best()
    if match is None:
        return None
    codec = known_encoding(match.encoding)
    return next((other for other in others if other.codec == codec), _reading(sample, codec, "strict"))
