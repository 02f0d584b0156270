"""The judge between encodings: small files, mixed files, late surprises, always the same answer."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dinotui.domain.errors import FormatError, UsageError
from dinotui.formats.base import Limits
from dinotui.formats.encodings import Encoding, detect, detect_bytes, known_encoding
from dinotui.formats.text_lines import TextFile

KOREAN = "일본 미국 대한민국 베트남 태국 관광 여행 출장 호텔 친구 방문 도쿄 가족 신혼여행 비자 공항 프랑스 파리 뮌헨"
FRENCH = "été Noël côté forêt près à déjà français Genève très où façade château hôtel théâtre"
RUSSIAN = "Россия Москва отпуск виза туризм Франция командировка семья"
JAPANESE = "日本へ旅行 東京でした 観光です ホテル 友達と 出張のため フランス ビザなし"
CHINESE = "中国旅游 入境日期 出境日期 商务签证 我们的酒店 上海朋友 法国度假"


def judged(folder: Path, data: bytes, chosen: str | None = None) -> Encoding:
    path = folder / "file.csv"
    path.write_bytes(data)
    return detect(path, chosen=chosen, where="file.csv")


def text_of(folder: Path, data: bytes, chosen: str | None = None) -> str:
    found = judged(folder, data, chosen)
    return "".join(TextFile(folder / "file.csv", found, Limits(), "file.csv").lines())


def sentence(words: str, seed: int, rows: int) -> str:
    chance = random.Random(seed)
    known = words.split()
    lines = ["Country,Entry,Notes"]
    lines += [
        f"{chance.choice(known)},2024-01-{day + 1:02d},{chance.choice(known)} {chance.choice(known)}"
        for day in range(rows)
    ]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize(
    ("words", "encoding", "rows"),
    [
        (KOREAN, "cp949", 1),
        (KOREAN, "utf-8", 1),
        (KOREAN, "utf-16-le", 2),
        (KOREAN, "utf-16-be", 2),
        (FRENCH, "cp1252", 1),
        (FRENCH, "mac_roman", 2),
        (RUSSIAN, "cp1251", 2),
        (RUSSIAN, "koi8_r", 3),
        (JAPANESE, "cp932", 2),
        (CHINESE, "gb18030", 3),
    ],
)
def test_a_small_file_is_read_as_it_was_written(
    words: str, encoding: str, rows: int, seed: int, tmp_path: Path
) -> None:
    text = sentence(words, seed, rows)
    assert text_of(tmp_path, text.encode(encoding)) == text


def test_a_hundred_bytes_of_korean_are_certain(tmp_path: Path) -> None:
    data = "국가,입국일,출국일,비자 종류,메모\n일본,2024-01-15,2024-01-20,관광,도쿄 여행\n미국,2024-03-01,,출장,\n"
    found = judged(tmp_path, data.encode("cp949"))
    assert len(data.encode("cp949")) < 100
    assert (found.name, found.sure) == ("cp949", True)
    assert "cp1252" in found.alternatives or "cp1251" in found.alternatives


def test_one_korean_word_is_a_guess_that_says_so(tmp_path: Path) -> None:
    found = judged(tmp_path, "Country,Notes\nJapan,메모\n".encode("cp949"))
    assert (found.name, found.sure) == ("cp949", False)
    assert found.notes == ("It reads best as cp949.",)


def test_korean_that_happens_to_be_utf8_is_korean(tmp_path: Path) -> None:
    data = "Country,Notes\nJapan,카트 호\n".encode("cp949")
    data.decode("utf-8")
    assert judged(tmp_path, data).name == "cp949"


def test_accents_in_utf8_stay_utf8(tmp_path: Path) -> None:
    for word in ("é", "ç", "Łódź", "ÄÖÜ", "¤", "ō", "ŵ"):
        assert judged(tmp_path, f"Country,Notes\nx,{word}\n".encode()) == Encoding("utf-8")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_mark_decides_and_goes(encoding: str, tmp_path: Path) -> None:
    text = "국가,입국일\n일본,2024-01-15\n"
    marks = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
    found = text_of(tmp_path, marks.get(encoding, b"") + text.encode(encoding))
    assert found == text


def test_one_bad_byte_does_not_spoil_a_utf8_file(tmp_path: Path) -> None:
    text = "Country,Notes\n" + "Malta,été à côté\n" * 50
    data = text.encode() + b"Spain,caf\xe9\n" + text.encode()
    found = judged(tmp_path, data)
    assert (found.name, found.errors, found.sure) == ("utf-8", "replace", False)
    assert found.notes == ("One byte is not UTF-8 and shows as \ufffd (line 52).",)
    assert "Spain,caf\ufffd\n" in text_of(tmp_path, data)


def test_several_bad_bytes_are_counted(tmp_path: Path) -> None:
    data = "국가,메모\n일본,도쿄 여행\n".encode() * 20 + b"a\xff,b\nc\xfe,d\n"
    assert judged(tmp_path, data).notes == (
        "2 bytes are not UTF-8 and show as \ufffd (the first on line 41).",
    )


def test_an_ascii_beginning_does_not_hide_the_encoding(tmp_path: Path) -> None:
    text = "Country,Notes\n" + "Spain,plain words\n" * 60_000 + "일본,도쿄 여행\n한국,서울 집\n"
    assert len(text) > 1_000_000
    assert text_of(tmp_path, text.encode("cp949")) == text
    assert judged(tmp_path, text.encode("cp949")).sure


def test_a_mixture_of_encodings_is_refused_at_its_line(tmp_path: Path) -> None:
    good = "국가,메모\n일본,도쿄 여행\n"
    data = good.encode() * 100 + good.encode("cp949") * 100
    with pytest.raises(FormatError) as raised:
        text_of(tmp_path, data)
    assert raised.value.code == "bad-encoding"
    assert raised.value.where == "file.csv, line 201"
    assert raised.value.message.startswith("From line 201 on the text is no longer UTF-8.")


def test_a_later_byte_that_does_not_decode_names_its_line(tmp_path: Path) -> None:
    korean = "국가,메모\r\n일본,도쿄 여행\r\n".encode("cp949") * 20_000
    found = judged(tmp_path, korean + b"Spain,\xff\xff\r\n")
    with pytest.raises(FormatError) as raised:
        text_of(tmp_path, korean + b"Spain,\xff\xff\r\n")
    assert found.name == "cp949"
    assert raised.value.where == "file.csv, line 40001"


def test_the_chosen_encoding_wins_and_a_wrong_one_is_told(tmp_path: Path) -> None:
    data = "국가,메모\n일본,도쿄\n".encode("cp949")
    assert text_of(tmp_path, data, "latin-1").startswith("±¹°¡,¸Þ¸ð")
    assert text_of(tmp_path, data, "EUC-KR").startswith("국가")
    with pytest.raises(FormatError, match="line 1: Line 1 is not UTF-8 text"):
        text_of(tmp_path, data, "utf-8")
    assert text_of(tmp_path, "a,é\n".encode("utf-16"), "utf-16") == "a,é\n"
    assert text_of(tmp_path, "a,é\n".encode("utf-8-sig"), "utf-8") == "a,é\n"


@pytest.mark.parametrize("name", ["klingon", "", "base64", "rot13", "idna", "unicode_escape", "zlib", "\0"])
def test_what_is_no_text_encoding_is_refused(name: str) -> None:
    with pytest.raises(UsageError) as raised:
        known_encoding(name)
    assert raised.value.code == "unknown-encoding"


def test_names_of_files_are_judged_too() -> None:
    assert detect_bytes("여행기록.csv".encode("cp949")).name == "cp949"
    assert detect_bytes("여행기록.csv".encode()).name == "utf-8"
    assert detect_bytes(b"trips.csv").name == "utf-8"


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(min_size=1, max_size=60))
def test_any_bytes_have_one_answer(tmp_path: Path, data: bytes) -> None:
    answers = []
    for _turn in range(2):
        try:
            answers.append(str(judged(tmp_path, data)))
        except FormatError as error:
            answers.append(error.code)
    assert answers[0] == answers[1]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(["a", "é", "한", "\r", "\n", "\r\n", "\u2028", "\x85", "\x0b", "𝄞"]), max_size=60
    )
)
def test_only_line_ends_end_lines_and_nothing_is_lost(tmp_path: Path, parts: list[str]) -> None:
    text = "".join(parts)
    path = tmp_path / "file.txt"
    path.write_bytes(text.encode())
    lines = list(TextFile(path, Encoding("utf-8"), Limits(), "x").lines())
    assert "".join(lines) == text
    assert len(lines) == len(text.replace("\r\n", "\n").replace("\r", "\n").rstrip("x").split("\n")) - (
        not text or text.endswith(("\n", "\r"))
    )
