from datetime import date

import pytest

from dinotui.domain.errors import UsageError
from dinotui.domain.preferences import PREFERENCE_NAMES, Preferences, from_stored, shown_date


def test_the_defaults() -> None:
    assert Preferences().export() == {
        "dateFormat": "YYYY-MM-DD",
        "visaExpiryDays": [7, 14, 30],
        "schengenWarningDays": 10,
        "theme": "auto",
        "keyMap": {},
    }
    assert PREFERENCE_NAMES == (
        "language",
        "dateFormat",
        "timeZone",
        "homePassport",
        "visaExpiryDays",
        "schengenWarningDays",
        "theme",
        "keyMap",
    )


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("language", "ko", "ko"),
        ("timeZone", "Asia/Seoul", "Asia/Seoul"),
        ("homePassport", "kr", "KR"),
        ("homePassport", "대한민국", "KR"),
        ("homePassport", " ", None),
        ("visaExpiryDays", [30, 7, 7], [7, 30]),
        ("visaExpiryDays", [], []),
        ("schengenWarningDays", 0, 0),
        ("keyMap", {"undo": "z,ctrl+z"}, {"undo": "z,ctrl+z"}),
        ("dateFormat", "DD.MM.YYYY", "DD.MM.YYYY"),
    ],
)
def test_a_value_is_checked_and_kept(name: str, given: object, kept: object) -> None:
    assert Preferences().changed({name: given}).export().get(name) == kept


@pytest.mark.parametrize(
    ("name", "given", "says"),
    [
        ("language", "fr", "en or ko"),
        ("timeZone", "Nowhere/City", "no time zone"),
        ("homePassport", "Narnia", "Narnia"),
        ("homePassport", 7, "two-letter"),
        ("visaExpiryDays", ["7"], "whole numbers"),
        ("visaExpiryDays", [-1], "whole numbers"),
        ("visaExpiryDays", 7, "whole numbers"),
        ("schengenWarningDays", 91, "0 to 90"),
        ("schengenWarningDays", True, "0 to 90"),
        ("theme", "../x", "theme"),
        ("keyMap", {"undo": 1}, "keys"),
        ("dateFormat", "YY", "YYYY-MM-DD"),
        ("colour", "red", "no preference colour"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(name: str, given: object, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        Preferences().changed({name: given})


def test_none_means_the_default() -> None:
    changed = Preferences().changed({"theme": "dark", "language": "ko"})
    assert changed.changed({"theme": None, "language": None}) == Preferences()


def test_stored_nonsense_and_unknown_names_are_passed_over() -> None:
    found = from_stored({"theme": "dark", "visaExpiryDays": "no", "fromTheFuture": 1, "language": None})
    assert found == Preferences(theme="dark")
    assert from_stored({"theme": 7}, Preferences(theme="dark")).theme == "dark"


def test_dates_as_the_user_wants_them() -> None:
    day = date(2024, 3, 5)
    assert shown_date(day, "YYYY. M. D.") == "2024. 3. 5."
    assert shown_date(day, "DD/MM/YYYY") == "05/03/2024"
    assert shown_date(date(33, 1, 2), "YYYY-MM-DD") == "0033-01-02"
