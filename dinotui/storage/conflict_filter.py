"""Which conflicts of a review are meant: by confidence, country, field that differs, source, or who decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from dinotui.storage.staging import Staging

CONFLICTS: Final = "FROM planned p WHERE p.proposed = 'ask' AND p.action <> 'reject'"


@dataclass(frozen=True, slots=True)
class ConflictFilter:
    """Conflicts that fit all of it: confidence in [lowest, below), all bits of `differs`, and the rest where set.

    `exactly` compares `differs` as a whole. `country` is a code, or a folded text where there is no code.
    """

    lowest: int = 0
    below: int = 101
    differs: int = 0
    exactly: bool = False
    country: str = ""
    table: int = 0
    made_by: str = ""

    def where(self) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition on the view `planned` (p), beginning with AND, and its bindings."""
        parts = (
            []
            if (self.lowest, self.below) == (0, 101)
            else ["p.confidence >= :f_lowest AND p.confidence < :f_below"]
        )
        if self.exactly:
            parts.append("p.differs = :f_differs")
        elif self.differs:
            parts.append("p.differs & :f_differs = :f_differs")
        if self.country:
            parts.append(
                "p.record IN (SELECT record FROM record WHERE coalesce(country_code, country_fold) = :f_country)"
            )
        if self.table:
            parts.append("(SELECT source_table FROM source_row s WHERE s.record = p.record) = :f_table")
        if self.made_by:
            parts.append("p.made_by = :f_made_by")
        values = {
            "f_lowest": self.lowest,
            "f_below": self.below,
            "f_differs": self.differs,
            "f_country": self.country,
            "f_table": self.table,
            "f_made_by": self.made_by,
        }
        text = "".join(f" AND {part}" for part in parts)
        return text, {name: value for name, value in values.items() if f":{name}" in text}


EVERY: Final = ConflictFilter()


def countries(staging: Staging, limit: int) -> list[tuple[str, str, int]]:
    """Return (value for a filter, name, conflicts) of the countries that have the most conflicts."""
    rows = staging.database.rows(
        "SELECT coalesce(r.country_code, r.country_fold), min(r.country), count(*) FROM planned p"
        " JOIN record r USING (record) WHERE p.proposed = 'ask' AND p.action <> 'reject' GROUP BY 1"
        " ORDER BY 3 DESC, 2 LIMIT ?",
        (limit,),
    )
    return [(row[0], row[1], row[2]) for row in rows]
