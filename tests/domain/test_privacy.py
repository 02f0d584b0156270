import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dinotui.domain.configuration import Privacy
from dinotui.domain.dates import LAST_DAY, from_day, iso_day
from dinotui.domain.errors import DinoError
from dinotui.domain.export import ExportRow
from dinotui.domain.masking import FIRST_DAY, masked, name_words, words_pattern
from dinotui.domain.privacy import Mask, shift_for

KEY = b"k" * 32
BOTH = Privacy(exclude_personal_data=True, anonymize_data=True)
EXCLUDE = Privacy(exclude_personal_data=True)
ANONYMIZE = Privacy(anonymize_data=True)
OWN_ID = "0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee"


def row(**changes: object) -> ExportRow:
    columns = {
        "id": OWN_ID,
        "country": "Japan",
        "code": "JP",
        "entry": 19_800,
        "exit": 19_809,
        "visa": "tourist",
        "most": 90,
        "passport": "KR",
        "notes": "plain",
        "created": "2024-03-05T10:11:12.345Z",
        "updated": "2024-03-06T10:11:12.345Z",
        "source": "kim_minsu.csv",
    }
    return tuple({**columns, **changes}.values())  # type: ignore[return-value]


def shifted(text: str, shift: int = 70) -> str:
    return masked(text, shift, lambda id_: f"<{id_}>")


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("write to kim.minsu+x@mail.example.co.kr!", "write to [e-mail]!"),
        ("메일kim@example.com", "[e-mail]"),
        ("call 010-1234-5678 or +82 10 1234 5678", "call [phone] or [phone]"),
        ("tel01012345678, (02) 123-4567", "[number], [phone]"),
        ("+1 (555) 123-4567", "[phone]"),
        ("passport M12345678 and M123A4567", "passport [number] and [number]"),
        ("여권번호: AB1234567", "여권번호: [number]"),
        ("passport no. 1234", "passport no. [number]"),
        ("RRN 900101-1234567, SSN 123-45-6789", "RRN [phone], SSN [phone]"),
        ("https://x.example/a?b=1 www.foo.org/x booking.com/abc", "[link] [link] [link]"),
        ("2024-05-01T10:00 and 2024년 5월 1일", "2024-07-10T10:00 and 2024년 7월 10일"),
        ("2024/5/1, 2024.05.01", "2024/7/10, 2024.07.10"),
        ("05.03.2024, March 5, 2024, 5th of May, 5월 3일", "[date], [date], [date], [date]"),
        (f"see {OWN_ID}", f"see <{OWN_ID}>"),
    ],
)
def test_what_identifies_somebody_is_masked(text: str, result: str) -> None:
    assert shifted(text) == result


@pytest.mark.parametrize(
    "text",
    [
        "Flight KE081 from gate 12, room 1204, 90 days",
        "price 1,234,567 KRW or 150000",
        "in 2019-2020 twice; March was nice, may be again",
        "오사카 출장, 5일 동안",
        "visa 90 days at 10:30",
        "",
        "a\nb\tc",
    ],
)
def test_what_identifies_nobody_stays(text: str) -> None:
    assert shifted(text) == text


@given(st.text(alphabet="ab1@.-+:/ (한x)w\n", max_size=60) | st.text(max_size=200))
def test_no_address_is_left_in_any_text(text: str) -> None:
    assert not re.search(r"[\w.]@\w", shifted(text))


@pytest.mark.parametrize(
    "piece", ["a", "1", "1-", "a@", "www.", "passport ", "2024-", "jan ", "1a", "(", "한1"]
)
def test_masking_takes_linear_time(piece: str) -> None:
    import time

    started = time.perf_counter()
    shifted(piece * (200_000 // len(piece)))
    assert time.perf_counter() - started < 5


def test_a_name_is_found_whole_and_by_its_words() -> None:
    pattern = words_pattern(name_words("Kim Minsu"))
    assert pattern is not None
    assert pattern.sub("X", "KIM MINSU, minsu's kimchi, kim") == "X, X's kimchi, X"
    korean = words_pattern(name_words("김민수"))
    assert korean is not None
    assert korean.sub("X", "김민수는 갔다") == "X는 갔다"
    assert words_pattern(name_words("a")) is None
    assert name_words("kim.minsu@example.com") == ("kim.minsu@example.com", "minsu", "kim")


def test_excluding_drops_what_is_personal_and_nothing_else() -> None:
    mask = Mask(EXCLUDE, "Kim", KEY)
    found = mask.trip(row(notes="secret"))
    assert found == row(passport="", notes="", source="")
    assert mask.user_id == "anonymous"


@pytest.mark.parametrize("id_", ["kim@example.com-1", "trip 7", "0190AAAA-bbbb-7ccc-8ddd-eeeeeeeeeeee"])
def test_an_id_from_elsewhere_is_personal(id_: str) -> None:
    mask = Mask(EXCLUDE, "Kim", KEY)
    assert mask.id(OWN_ID) == OWN_ID
    assert mask.id(id_) == Mask(EXCLUDE, "Kim", KEY).id(id_) != id_
    assert mask.id(mask.id(id_)) == mask.id(id_)  # a pseudonym says nothing


def test_relations_hold_within_an_export_and_nowhere_else() -> None:
    mask, other = Mask(ANONYMIZE, "Kim", KEY, 70), Mask(ANONYMIZE, "Kim", b"o" * 32, 70)
    trip = mask.trip(row())
    message = mask.notification(
        ("n-1", "overstay", "t", "m", "2024-01-01T00:00:00Z", None, OWN_ID, "overstay:x")
    )
    assert message[6] == trip[0] != OWN_ID
    assert other.trip(row())[0] != trip[0]
    assert "n-1" not in message
    assert "overstay:x" not in message


def test_anonymising_moves_dates_alike_and_masks_texts() -> None:
    found = Mask(ANONYMIZE, "Kim Minsu", KEY, -49).trip(row(notes="Minsu on 2024-03-05, call 010-1234-5678"))
    assert found[3:5] == (19_800 - 49, 19_809 - 49)
    assert found[8] == "[name] on 2024-01-16, call [phone]"
    assert found[9:] == (None, None, "import")


def test_both_together_leave_neither_texts_nor_ids() -> None:
    found = Mask(BOTH, "Kim", KEY, 70).trip(row(notes="x"))
    assert found[7:9] == ("", "")
    assert found[0] != OWN_ID


def test_a_country_without_a_code_is_a_free_text() -> None:
    mask = Mask(ANONYMIZE, "Jordan", KEY, 70)
    assert mask.trip(row(country="at Jordan's, 010-1234-5678", code=None))[1] == "at [name]'s, [phone]"
    assert mask.trip(row(country="Jordan", code="JO"))[1] == "Jordan"
    assert mask.trip(row(visa="tourist"))[5] == "tourist"
    assert mask.trip(row(visa="Jordan's permit K99"))[5] == "[name]'s permit K99"


def test_a_name_that_is_also_a_word_of_the_file_is_no_trace() -> None:
    mask = Mask(EXCLUDE, "Jordan Notes", KEY)
    assert set(mask.traces("")) == {"Jordan Notes", "Jordan", "Notes"}
    mask.trip(row(country="Jordan", code="JO"))
    assert set(mask.traces('{"notes": 1}')) == {"Jordan Notes"}
    assert Mask(Privacy(), "Jordan", KEY).traces("") == []


def test_figures_are_masked_like_the_trips() -> None:
    mask = Mask(ANONYMIZE, "Kim", KEY, 70)
    found = mask.analytics(
        {"a": [{"tripId": OWN_ID, "tripIds": [OWN_ID], "country": "Kim's", "countryCode": None}]}
    )
    assert found == {
        "a": [
            {
                "tripId": mask.id(OWN_ID),
                "tripIds": [mask.id(OWN_ID)],
                "country": "[name]'s",
                "countryCode": None,
            }
        ]
    }


def test_without_privacy_nothing_changes() -> None:
    mask = Mask(Privacy(), "Kim", KEY)
    assert not mask.on
    assert mask.user_id == "Kim"
    assert mask.preferences({"homePassport": "KR"}) == {"homePassport": "KR"}
    assert Mask(EXCLUDE, "Kim", KEY).preferences({"homePassport": "KR", "theme": "dark"}) == {"theme": "dark"}


@given(st.binary(min_size=16, max_size=16), st.integers(FIRST_DAY, LAST_DAY), st.integers(0, 40_000))
def test_the_shift_is_whole_weeks_and_keeps_every_date_a_date(key: bytes, first: int, length: int) -> None:
    last = min(first + length, LAST_DAY)
    shift = shift_for(key, first, last)
    assert shift % 7 == 0
    assert abs(shift) >= 28
    assert FIRST_DAY <= first + shift <= last + shift <= LAST_DAY
    assert from_day(first + shift).weekday() == from_day(first).weekday()
    assert from_day(last + shift) - from_day(first + shift) == timedelta(days=last - first)


def test_dates_over_the_whole_calendar_cannot_be_moved() -> None:
    with pytest.raises(DinoError, match="whole calendar"):
        shift_for(KEY, FIRST_DAY, LAST_DAY)


def test_a_date_that_would_leave_the_calendar_is_masked() -> None:
    assert shifted("until 9999-12-31") == "until [date]"
    assert iso_day("9999-12-31") == LAST_DAY
