"""What a cell of a text table looks like: a value (date, number), an open value, a name of a column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_NUMBER: Final = re.compile(r"[-+]?(\d[\d ,.'’]*)?\d%?")
_DATE: Final = re.compile(
    r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}\.?([T ]\d{1,2}:\d{2}\S*( ?[AaPp][Mm])?)?"
    r"|\d{1,2}[- /.]?[^\W\d]{3,9}[- /.,]{0,2}\d{2,4}|[^\W\d]{3,9}\.? \d{1,2},? \d{4}|\d{4}-\d{2}"
    r"|\d{4}[./-] ?\d{1,2}[./-] ?\d{1,2}\.?|\d{2,4}년 ?(\d{1,2}월 ?(\d{1,2}일)?)?"
)
_OPEN: Final = frozenset({"", "current", "present", "ongoing", "now", "-", "현재", "null", "none", "n/a"})
_WORDS_OF_HEADERS: Final = """
country countries nation place destination city region location code iso entry entered enter exit exited
arrival arrive arrived departure depart departed date dates start started end ended begin from to until visa
type kind category max maximum days limit allowed passport nationality citizenship note notes comment comments
remark remarks memo description purpose reason duration length id uuid key name title created updated source
국가 나라 국가명 입국 입국일 입국일자 입국날짜 출국 출국일 출국일자 출국날짜 도착 도착일 출발 출발일 시작 종료
시작일 종료일 비자 비자종류 비자유형 비자타입 체류 체류일 체류기간 체류일수 최대 최대일수 최대체류일 일수 여권
여권국가 메모 비고 노트 도시 지역 기간 날짜 일자 목적 목적지 여행지 방문국 방문국가 생성일 등록일 이름 번호
"""
_HEADER_WORDS: Final = frozenset(_WORDS_OF_HEADERS.split())
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[^\W\d_a-zA-Z]+|\d+")


def is_value(cell: str) -> bool:
    """Whether the cell is a number or a date, as cells of data are and names of columns are not."""
    text = cell.strip()
    return len(text) < 40 and bool(_NUMBER.fullmatch(text) or _DATE.fullmatch(text))


def is_open_value(cell: str) -> bool:
    """Whether the cell could stand in a column of values: a value, nothing, or a word for "still there"."""
    return cell.strip().lower() in _OPEN or is_value(cell)


def header_words(cells: Sequence[str]) -> int:
    """Return how many cells read like the name of a column of travel data."""
    return sum(map(_names, cells))


def _names(cell: str) -> bool:
    if len(cell) > 60:
        return False
    words = [word.lower() for word in _WORD.findall(cell)]
    known = sum(word in _HEADER_WORDS for word in words)
    return known > 0 and len(words) <= 2 * known and len(words) <= 5
