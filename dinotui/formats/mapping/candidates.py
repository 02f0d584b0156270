"""What the headers propose: each column with the field it may feed, how surely and why (SPEC.md 4.2)."""

from __future__ import annotations

from dataclasses import dataclass

from dinotui.domain.mapping import FieldName, field_label
from dinotui.formats.base import Form
from dinotui.formats.mapping.contents import Contents
from dinotui.formats.mapping.evidence import agrees, contradicts
from dinotui.formats.mapping.headers import (
    CONFIDENCE,
    Direction,
    HeaderMeaning,
    is_blocked,
    is_generic,
    meaning_of,
)
from dinotui.locale import _

_ONE_WAY = 3  # an arrival or departure gives way to a plain entry or exit


@dataclass(slots=True)
class Column:
    """One column of the table. `why_not` says why its header proposes nothing."""

    index: int
    header: str
    contents: Contents
    why_not: str = ""
    known: bool = False  # recognised as something that no trip has
    open: bool = False  # its contents may be guessed from

    @property
    def generic(self) -> bool:
        """Whether the header says nothing, as in a table without one."""
        return is_generic(self.header)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A field that one column may feed."""

    column: Column
    field: FieldName
    confidence: int
    reason: str
    direction: Direction | None = None


def by_header(column: Column, form: Form) -> Candidate | None:
    """Return what the header of `column` proposes; None leaves the reason in the column."""
    meaning = meaning_of(column.header)
    if form != "inferred":
        return _of_known_form(column, meaning)
    if meaning.level == "ambiguous":
        return _by_kind(column, meaning)
    if meaning.field is None:
        _nothing(column, meaning)
        return None
    if not _contents_allow(column, meaning):
        return None
    confidence = meaning.confidence - (_ONE_WAY if meaning.direction else 0)
    return Candidate(column, meaning.field, confidence, _because(meaning), meaning.direction)


def _of_known_form(column: Column, meaning: HeaderMeaning) -> Candidate | None:
    """A file of a known form calls its columns by name: nothing is weighed, nothing guessed."""
    if meaning.field is not None and meaning.level in ("name", "alias", "parts"):
        return Candidate(column, meaning.field, CONFIDENCE["name"], _("a header of this form"))
    _nothing(column, meaning)
    column.open = False
    return None


def _by_kind(column: Column, meaning: HeaderMeaning) -> Candidate | None:
    """Let the contents decide what an ambiguous header such as "From" means."""
    choices = dict(meaning.choices)
    dates, country = choices.get("date"), choices.get("country")
    if dates is not None and column.contents.filled and agrees(dates, column.contents):
        return Candidate(column, dates, meaning.confidence, _("the header, and the contents are dates"))
    if country is not None and column.contents.filled and agrees(country, column.contents):
        return Candidate(column, country, meaning.confidence, _("the header, and the contents are countries"))
    column.why_not = _("the header may mean several things and the contents do not tell")
    return None


def _nothing(column: Column, meaning: HeaderMeaning) -> None:
    column.known = meaning.level == "other"
    column.why_not = _("no field of a trip") if column.known else _("not recognised")
    column.open = not column.known and not is_blocked(column.header)


def _contents_allow(column: Column, meaning: HeaderMeaning) -> bool:
    assert meaning.field is not None
    field, contents = meaning.field, column.contents
    if field == "id" and contents.counts_up:
        column.why_not = _("it only numbers the rows")
        return False
    if meaning.level == "name":
        return field != "source" or not contradicts(field, contents)
    if meaning.level == "weak" and (contents.filled == 0 or not agrees(field, contents)):
        column.why_not = _("it might be the {field}, but its contents do not show it")
    elif (meaning.level == "near" and contents.filled and not agrees(field, contents)) or contradicts(
        field, contents
    ):
        column.why_not = _("the header means the {field}, but its contents do not fit")
    else:
        return True
    column.why_not = column.why_not.format(field=field_label(field))
    return False


def _because(meaning: HeaderMeaning) -> str:
    reasons = {
        "name": _("the header"),
        "alias": _("the header"),
        "words": _("the words of the header"),
        "parts": _("a part of the header"),
        "near": _("a header that is nearly the same"),
        "weak": _("the header, and the contents agree"),
    }
    return reasons[meaning.level]
