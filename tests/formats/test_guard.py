import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dinotui.formats.guard import guard, unguard


@given(st.text(alphabet="'=+-@\t\r\na1 ") | st.text())
@example("")
@example("'")
@example("''=1")
def test_what_was_guarded_comes_back_exactly(text: str) -> None:
    assert unguard(guard(text)) == text


@given(st.text(alphabet="'=+-@\t\r\na1 "))
def test_no_guarded_text_begins_with_what_a_spreadsheet_runs(text: str) -> None:
    assert not guard(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("text", ["'tis the season", "Japan", "", "'", "a=1", "''", "\n=1"])
def test_a_harmless_text_is_not_touched(text: str) -> None:
    assert guard(text) == text
    assert unguard(text) == text
