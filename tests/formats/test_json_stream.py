"""The strict JSON scanner: what passes, what is refused and where, at any border between chunks."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dinotui.domain.errors import FormatError, LimitError
from dinotui.formats.base import Limits
from dinotui.formats.json_stream import Scanner
from dinotui.formats.json_text import JsonText
from tests.conftest import SHARED, sweep

SUITE = sorted((SHARED / "JSONTestSuite" / "test_parsing").glob("*.json"))
CHUNKS = (3, 64, 1 << 19)


def check_document(path: Path, limits: Limits | None = None, *, chunk_bytes: int = 1 << 19) -> None:
    """Read the file as one strict JSON document of any value; repeated keys are allowed, as JSON allows them."""
    scanner = Scanner(JsonText(path, limits=limits, chunk_bytes=chunk_bytes))
    scanner.skip(lambda _key: None)
    scanner.end()


def check(folder: Path, text: str | bytes, chunk_bytes: int = 1 << 19, limits: Limits | None = None) -> None:
    path = folder / "document.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    check_document(path, limits, chunk_bytes=chunk_bytes)


def refusal(path: Path, chunk_bytes: int) -> FormatError | None:
    try:
        check_document(path, chunk_bytes=chunk_bytes)
    except FormatError as error:
        return error
    return None


@pytest.mark.skipif(not SUITE, reason="the shared corpora are not beside this checkout")
@pytest.mark.parametrize("chunk_bytes", CHUNKS)
def test_suite_of_documents_nobody_here_wrote(chunk_bytes: int) -> None:
    wrong, refused = [], 0
    for path in SUITE:
        if chunk_bytes < 64 and path.stat().st_size > 20_000:
            continue
        error = refusal(path, chunk_bytes)
        passed = error is None
        assert error is None or (error.message.endswith(".") and str(error.where).startswith(path.name))
        refused += not passed and path.name.startswith("n_")
        if (path.name.startswith("y_") and not passed) or (path.name.startswith("n_") and passed):
            wrong.append(path.name)
    assert wrong == []
    assert refused == (188 if chunk_bytes >= 64 else 186)


REFUSED = [
    ('{"a": NaN}', 1, "NaN"),
    ('[1,\n-Infinity]', 2, "NaN and Infinity"),
    ('[1,\n2,\n]', 3, "A value is missing"),
    ('{"a": 1,\n}', 2, "field name"),
    ("[1, // one\n2]", 1, "A value is missing"),
    ("{'a': 1}", 1, "double quotes"),
    ('["a\nb"]', 1, "line break"),
    ('["\\x"]', 1, "backslash"),
    ("[01]", 1, "comma"),
    ("[.5]", 1, "A value is missing"),
    ('{"a" 1}', 1, "colon"),
    ("[1][2]", 1, "follows"),
    ('{"a": 1}\n\nx', 3, "follows"),
    ('[\n{"a": "b"', 2, "ends in the middle"),
    ('{"a":\n"never closed', 2, "no closing quotation mark"),
    ("", 1, "ends in the middle"),
    (" \n ", 2, "ends in the middle"),
    (b"[\n\n\"\xff\"]", 3, "UTF-8"),
    (b'{"\xc3": 1}', 1, "UTF-8"),
    (b'["\xed\xa0\x80"]', 1, "UTF-8"),
]  # fmt: skip


@pytest.mark.parametrize("chunk_bytes", CHUNKS)
@pytest.mark.parametrize(("text", "line", "says"), REFUSED)
def test_refusals_say_what_and_where(
    tmp_path: Path, text: str | bytes, line: int | None, says: str, chunk_bytes: int
) -> None:
    with pytest.raises(FormatError, match=re.escape(says)) as caught:
        check(tmp_path, text, chunk_bytes)
    expected = "document.json" if line is None else f"document.json, line {line}"
    assert re.sub(r" \(record \d+\)$", "", str(caught.value.where)) == expected


def test_an_error_names_the_record(tmp_path: Path) -> None:
    records = [json.dumps({"country": "Spain", "note": "x" * (n % 50)}) for n in range(5_000)]
    records[4_321] = '{"country": Spain}'
    with pytest.raises(FormatError) as caught:
        check(tmp_path, "[\n" + ",\n".join(records) + "\n]")
    assert caught.value.where == "document.json, line 4323 (record 4322)"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"]
)
@pytest.mark.parametrize("chunk_bytes", CHUNKS)
def test_every_unicode_encoding(tmp_path: Path, encoding: str, chunk_bytes: int) -> None:
    check(tmp_path, '[{"나라": "대한민국 🦕"}]'.encode(encoding), chunk_bytes)
    with pytest.raises(FormatError, match="A value is missing"):
        check(tmp_path, '[{"나라": 대한민국}]'.encode(encoding), chunk_bytes)


@pytest.mark.parametrize("open_", ["[", '{"a":', '[{"a":', '{"a":['])
def test_deep_nesting_is_refused_by_its_limit(tmp_path: Path, open_: str) -> None:
    with pytest.raises(LimitError, match="100 deep") as caught:
        check(tmp_path, open_ * 50_000)
    assert caught.value.code == "nested-too-deeply"
    check(tmp_path, "[" * 100 + "]" * 100)
    with pytest.raises(LimitError):
        check(tmp_path, "[" * 101 + "]" * 101)


def test_huge_numbers_are_no_exception(tmp_path: Path) -> None:
    check(tmp_path, f"[{'9' * 10_000}, -{'9' * 5_000}, 1e999999, 0.{'1' * 9_000}]")


def test_a_file_past_the_limit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LimitError) as caught:
        check(tmp_path, "[" + "1," * 1_000 + "1]", 100, Limits(file_bytes=1_000))
    assert caught.value.code == "file-too-large"


def test_a_missing_quote_in_a_large_file_is_found_soon(tmp_path: Path) -> None:
    text = '[{"a": "never closed}, ' + '{"b": 1}, ' * 4_000_000 + "]"
    with pytest.raises(FormatError) as caught:
        check(tmp_path, text)
    assert caught.value.code in {"malformed-json", "value-too-long"}


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9)
    | st.just(1.5e-300),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=5), inner, max_size=6),
    max_leaves=40,
)


def strictly(text: bytes) -> bool:
    """Return what the standard library says, made strict."""

    def refuse(_name: str) -> None:
        raise ValueError

    try:
        json.loads(text.decode("utf-8"), parse_constant=refuse, parse_int=len, parse_float=len)
    except ValueError:
        return False
    return True


@settings(max_examples=sweep(400), deadline=None)
@given(
    value=VALUES,
    indent=st.none() | st.integers(0, 3),
    ascii_=st.booleans(),
    where=st.floats(0, 1),
    cut=st.integers(0, 4),
    put=st.sampled_from(
        [b"", b",", b"]", b"}", b'"', b":", b"{", b"[", b"0", b"\\", b"NaN", b"\n", b"\xff", b"-"]
    ),
    chunk_bytes=st.sampled_from([1, 2, 5, 16, 1 << 19]),
)
def test_damage_is_found_wherever_chunks_end(
    tmp_path_factory: pytest.TempPathFactory,
    value: object,
    indent: int | None,
    ascii_: bool,
    where: float,
    cut: int,
    put: bytes,
    chunk_bytes: int,
) -> None:
    whole = json.dumps(value, indent=indent, ensure_ascii=ascii_).encode()
    at = int(where * len(whole))
    text = whole[:at] + put + whole[at + cut :]
    try:
        check(tmp_path_factory.getbasetemp(), text, chunk_bytes)
        passed = True
    except FormatError:
        passed = False
    if b"\0" not in text[:4]:  # which would mean UTF-16
        assert passed == strictly(text), text
