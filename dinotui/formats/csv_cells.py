"""What a cell of a text table looks like: a value (date, number), an open value, a name of a column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from dinotui.formats.mapping.headers import meaning_of

_NUMBER: Final = re.compile(r"[-+]?(\d[\d ,.'’]*)?\d%?")
_DATE: Final = re.compile(
    r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}\.?([T ]\d{1,2}:\d{2}\S*( ?[AaPp][Mm])?)?"
    r"|\d{1,2}[- /.]?[^\W\d]{3,9}[- /.,]{0,2}\d{2,4}|[^\W\d]{3,9}\.? \d{1,2},? \d{4}|\d{4}-\d{2}"
    r"|\d{4}[./-] ?\d{1,2}[./-] ?\d{1,2}\.?|\d{2,4}년 ?(\d{1,2}월 ?(\d{1,2}일)?)?"
)
_OPEN: Final = frozenset({"", "current", "present", "ongoing", "now", "-", "현재", "null", "none", "n/a"})
_LOOKED_AT: Final = 60  # cells of a record


def is_value(cell: str) -> bool:
    """Whether the cell is a number or a date, as cells of data are and names of columns are not."""
    text = cell.strip()
    return len(text) < 40 and bool(_NUMBER.fullmatch(text) or _DATE.fullmatch(text))


def is_open_value(cell: str) -> bool:
    """Whether the cell could stand in a column of values: a value, nothing, or a word for "still there"."""
    return cell.strip().lower() in _OPEN or is_value(cell)


def header_words(cells: Sequence[str]) -> int:
    """Return how many of the first cells are known names of columns (see `meaning_of`)."""
    return sum(meaning_of(cell.strip()).level != "unknown" for cell in cells[:_LOOKED_AT])
