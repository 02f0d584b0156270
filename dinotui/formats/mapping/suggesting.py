"""From headers and a sample of rows to a whole mapping: the best column of each field wins (SPEC.md 4.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from dinotui.domain.mapping import SURE, ColumnMatch, FieldName, Mapping, field_label
from dinotui.domain.problems import shown
from dinotui.formats.base import Cell, Form
from dinotui.formats.mapping.candidates import Candidate, Column, by_header
from dinotui.formats.mapping.contents import SAMPLED, Contents
from dinotui.formats.mapping.directions import settle_directions
from dinotui.formats.mapping.guesses import guess
from dinotui.locale import _

_MANY_COLUMNS: Final = 60  # from here on fewer rows are looked at
_FEW_ROWS: Final = 30
_CODE_AS_COUNTRY: Final = 85


def suggest(columns: Sequence[str], samples: Sequence[Sequence[Cell]], *, form: Form = "inferred") -> Mapping:
    """Return the suggested mapping of a table; never raises.

    Args:
        columns: the header texts, ``Column 1`` and so on for a table without header.
        samples: rows from the beginning of the table (200 are looked at); a short row lacks cells at its end.
        form: a known form maps by its own names alone, with full confidence.
    """
    rows = samples[: SAMPLED if len(columns) <= _MANY_COLUMNS else _FEW_ROWS]
    table = [
        Column(index, header, Contents([row[index] if index < len(row) else None for row in rows]))
        for index, header in enumerate(columns)
    ]
    candidates = [found for column in table if (found := by_header(column, form)) is not None]
    if form == "inferred":
        candidates = settle_directions(_names_before_codes(candidates))
    choice = _Choice()
    choice.take(candidates)
    if form == "inferred":
        choice.take(guess(table, choice.fed(), set(choice.contested)))
        choice.let_the_code_be_the_country()
    return Mapping(columns=tuple(choice.match(column) for column in table))


class _Choice:
    """Who feeds what, as it is decided."""

    def __init__(self) -> None:
        self.by_field: dict[FieldName, Candidate] = {}
        self.by_column: dict[int, Candidate] = {}
        self.contested: dict[FieldName, list[Candidate]] = {}
        self.beaten: dict[int, Candidate] = {}

    def fed(self) -> dict[FieldName, Column]:
        """Return the column of every field that is decided."""
        return {name: made.column for name, made in self.by_field.items()}

    def take(self, candidates: Iterable[Candidate]) -> None:
        """Decide for the best candidates; equally good ones for one field leave it open."""
        ranked = sorted(candidates, key=_rank, reverse=True)
        for _rank_value, equals in groupby(ranked, key=_rank):
            by_field: dict[FieldName, list[Candidate]] = {}
            for one in equals:
                by_field.setdefault(one.field, []).append(one)
            for name, rivals in by_field.items():
                self._decide(name, rivals)

    def _decide(self, name: FieldName, rivals: list[Candidate]) -> None:
        if name in self.by_field or name in self.contested:
            self.beaten.update((one.column.index, one) for one in rivals)
        elif len(rivals) > 1:
            self.contested[name] = rivals
        else:
            self.by_field[name] = self.by_column[rivals[0].column.index] = rivals[0]

    def let_the_code_be_the_country(self) -> None:
        """Where only a column of codes tells the country, it feeds the country itself."""
        code = self.by_field.get("countryCode")
        if code is None or "country" in self.by_field or "country" in self.contested:
            return
        del self.by_field["countryCode"]
        reason = _("the only column that tells the country")
        made = Candidate(code.column, "country", _CODE_AS_COUNTRY, reason)
        self.by_field["country"] = self.by_column[code.column.index] = made

    def match(self, column: Column) -> ColumnMatch:
        """Return what was decided for `column`."""
        made = self.by_column.get(column.index)
        if made is not None:
            return ColumnMatch(
                column=column.index,
                header=column.header,
                field=made.field,
                confidence=made.confidence,
                reason=made.reason,
            )
        contested = self._contested_by(column)
        confidence = SURE + 10 if column.known else 0
        return ColumnMatch(
            column=column.index,
            header=column.header,
            confidence=confidence,
            reason=self._why_not(column, contested),
            contested=contested,
        )

    def _contested_by(self, column: Column) -> FieldName | None:
        for name, rivals in self.contested.items():
            if any(one.column.index == column.index for one in rivals):
                return name
        return None

    def _why_not(self, column: Column, contested: FieldName | None) -> str:
        if contested is not None:
            others = [one.column for one in self.contested[contested] if one.column.index != column.index]
            return _("“{other}” could be the {field} as well").format(
                other=shown(others[0].header), field=field_label(contested)
            )
        beaten = self.beaten.get(column.index)
        if beaten is None:
            return column.why_not or _("not needed")
        winner = self.by_field.get(beaten.field)
        if winner is None:
            return _("other columns fit the {field} better").format(field=field_label(beaten.field))
        text = _("“{other}” fits the {field} better")
        return text.format(other=shown(winner.column.header), field=field_label(beaten.field))


def _rank(candidate: Candidate) -> tuple[int, bool]:
    """Order candidates; between equally sure ones a column that holds something beats an empty one."""
    return candidate.confidence, candidate.column.contents.filled > 0


def _names_before_codes(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Let ``country`` that holds codes feed the code where another column holds the names."""
    if any(one.field == "countryCode" for one in candidates):
        return list(candidates)
    countries = [one for one in candidates if one.field == "country"]
    codes = [one for one in countries if one.column.contents.country_codes >= 0.9]
    names = [
        one for one in countries if one.column.contents.countries - one.column.contents.country_codes > 0.5
    ]
    if len(codes) != 1 or len(names) != 1 or len(countries) != 2:
        return list(candidates)
    reason = _("codes beside a column of names")
    code = Candidate(codes[0].column, "countryCode", SURE, reason)
    return [code if one is codes[0] else one for one in candidates]
