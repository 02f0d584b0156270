"""How one column of dates is read, and the evidence for it in plain sentences (SPEC.md 2 and 4.2)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from dinotui.domain.date_words import DOUBTFUL_MIDNIGHTS
from dinotui.domain.dates import DateOrder
from dinotui.locale import N_, _, ngettext

EvidenceName: TypeAlias = Literal[
    "blank",
    "open",
    "unreadable",
    "no_such_date",
    "iso",
    "month_name",
    "korean",
    "day_first_only",
    "month_first_only",
    "year_first_only",
    "both_possible",
    "same_either_way",
    "partial",
    "serial",
]
OrderSource: TypeAlias = Literal["column", "other-column", "override"]
SerialSystem: TypeAlias = Literal["1900", "1904"]

TWO_DIGIT_PIVOT: Final = 49  # 00 to 49 are 2000 to 2049, 50 to 99 are 1950 to 1999, as Windows reads them
UTC_MIDNIGHT: Final = "utc-midnight"
_OFFSET: Final = re.compile(r"column-offset:([+-])([0-9]{2}):([0-9]{2})")
_ORDER_NAMES: Final[dict[DateOrder, str]] = {
    "dmy": N_("day-first"),
    "mdy": N_("month-first"),
    "ymd": N_("year-first"),
}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, extra="forbid")


class DateEvidence(_Frozen):
    """What the cells of a column are, each counted once; the last three count cells over again.

    `day_first_only`, `month_first_only`: only that order gives a date. `year_first_only`: only a leading
    two-digit year does. `both_possible`: the order matters and the cell does not tell it. `iso`: a leading
    four-digit year. `no_such_date`: no order gives a date that exists.
    """

    blank: int = 0
    open: int = 0
    unreadable: int = 0
    no_such_date: int = 0
    iso: int = 0
    month_name: int = 0
    korean: int = 0
    day_first_only: int = 0
    month_first_only: int = 0
    year_first_only: int = 0
    both_possible: int = 0
    same_either_way: int = 0
    partial: int = 0
    serial: int = 0
    datetime: int = 0
    utc_datetime: int = 0
    two_digit_year: int = 0

    @property
    def ordered(self) -> int:
        """How many cells cannot be read before the order is known."""
        return self.day_first_only + self.month_first_only + self.year_first_only + self.both_possible


class OrderProof(_Frozen):
    """Cells that can be read in one order only, over all columns that were judged together."""

    day_first: int = 0
    month_first: int = 0
    year_first: int = 0


class DateReading(_Frozen):
    """How the cells of one column become days. It is plain data: ``model_dump_json`` and back.

    `order` is None where no cell needs it, or nobody knows it; then `needs_answer` is true and no cell that
    needs the order is read. `conflict`: there is proof for more than one order. `year_may_be_first`: the
    cells have two-digit years, and the first numbers look more like years than the last ones, or the other
    way round than proved. `examples` holds up to
    three cells of each kind, already safe to show. `shift` says how a UTC time of day becomes a date:
    ``utc-midnight``, ``column-offset:+09:00``, ``zone:Asia/Seoul`` or None where the column has none.
    """

    order: DateOrder | None = None
    order_from: OrderSource | None = None
    needs_answer: bool = False
    conflict: bool = False
    year_may_be_first: bool = False
    evidence: DateEvidence = DateEvidence()
    proof: OrderProof = OrderProof()
    examples: dict[EvidenceName, tuple[str, ...]] = {}
    shift: str | None = Field(
        default=None, pattern=r"^(utc-midnight|column-offset:[+-][0-9]{2}:[0-9]{2}|zone:.+)$"
    )
    pivot: int = Field(default=TWO_DIGIT_PIVOT, ge=0, le=99)
    serials: SerialSystem = "1900"

    def explanation(self) -> list[str]:
        """Return the evidence as translated sentences, the order of the numbers first."""
        return [*_order_sentences(self), *_shift_sentences(self.shift), *_other_sentences(self)]


@lru_cache(maxsize=64)
def offset_minutes(shift: str | None) -> int | None:
    """Return the minutes east of UTC of a ``column-offset:`` shift, None for any other."""
    match = _OFFSET.fullmatch(shift or "")
    return int(match[1] + "1") * (int(match[2]) * 60 + int(match[3])) if match else None


def offset_text(minutes: int) -> str:
    """Return an offset from UTC as ``+09:00``."""
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


def _order_sentences(reading: DateReading) -> list[str]:
    evidence = reading.evidence
    if not evidence.ordered:
        return []
    if reading.order_from == "override":
        return _override_sentences(reading)
    if reading.conflict:
        return [*_proof_sentences(reading), _("They cannot all be right. Say which order holds.")]
    if reading.year_may_be_first:
        text = _(
            "{n} cells have a two-digit year that may be first or last ({example}). Say which order holds."
        )
        example = _example(reading, "day_first_only", "both_possible", "year_first_only")
        return [text.format(n=evidence.ordered, example=example)]
    if reading.order is None:
        text = ngettext(
            "{n} cell may be day-first or month-first ({example}), and no cell settles it. Say which holds.",
            "{n} cells may be day-first or month-first ({example}), and none settles it. Say which holds.",
            evidence.both_possible,
        )
        return [text.format(n=evidence.both_possible, example=_example(reading, "both_possible"))]
    sentences = [_settled_sentence(reading.order, reading.proof)]
    if reading.order_from == "other-column":
        sentences.append(_("Those cells are in another date column of the same file."))
    return sentences + _doubtful_sentences(reading)


def _settled_sentence(order: DateOrder, proof: OrderProof) -> str:
    if order == "dmy":
        text = ngettext(
            "{n} cell can only be day-first, none month-first.",
            "{n} cells can only be day-first, none month-first.",
            proof.day_first,
        )
        return text.format(n=proof.day_first)
    if order == "mdy":
        text = ngettext(
            "{n} cell can only be month-first, none day-first.",
            "{n} cells can only be month-first, none day-first.",
            proof.month_first,
        )
        return text.format(n=proof.month_first)
    text = ngettext(
        "{n} cell can only be year-first, and all others can be.",
        "{n} cells can only be year-first, and all others can be.",
        proof.year_first,
    )
    return text.format(n=proof.year_first)


def _proof_sentences(reading: DateReading) -> list[str]:
    proof, sentences = reading.proof, []
    if proof.day_first:
        text = ngettext(
            "{n} cell can only be day-first.", "{n} cells can only be day-first.", proof.day_first
        )
        sentences.append(text.format(n=proof.day_first))
    if proof.month_first:
        text = ngettext(
            "{n} cell can only be month-first.", "{n} cells can only be month-first.", proof.month_first
        )
        sentences.append(text.format(n=proof.month_first))
    if proof.year_first:
        text = ngettext(
            "{n} cell can only be year-first.", "{n} cells can only be year-first.", proof.year_first
        )
        sentences.append(text.format(n=proof.year_first))
    return sentences


def _override_sentences(reading: DateReading) -> list[str]:
    evidence, order = reading.evidence, reading.order
    assert order is not None
    sentences = [_("You chose {order}.").format(order=_(_ORDER_NAMES[order]))]
    misfits = {
        "dmy": evidence.month_first_only + evidence.year_first_only,
        "mdy": evidence.day_first_only + evidence.year_first_only,
        "ymd": evidence.month_first_only,
    }[order]
    if misfits:
        text = ngettext(
            "{n} cell cannot be read so and is a problem of its record.",
            "{n} cells cannot be read so and are problems of their records.",
            misfits,
        )
        sentences.append(text.format(n=misfits))
    return sentences + _doubtful_sentences(reading)


def _doubtful_sentences(reading: DateReading) -> list[str]:
    count = reading.evidence.both_possible
    if not count or reading.order is None:
        return []
    text = ngettext(
        "{n} cell that does not tell its order is read {order}, as {example}.",
        "{n} cells that do not tell their order are read {order}, as {example}.",
        count,
    )
    order = _(_ORDER_NAMES[reading.order])
    return [text.format(n=count, order=order, example=_example(reading, "both_possible"))]


def _shift_sentences(shift: str | None) -> list[str]:
    if shift is None:
        return []
    if shift == UTC_MIDNIGHT:
        return [_("Every time of day is midnight UTC; the dates are as written.")]
    offset = offset_minutes(shift)
    if offset is None:
        text = _("The times of day in UTC are not one local midnight; the dates are read in {zone}.")
        return [text.format(zone=shift.removeprefix("zone:"))]
    minutes = -offset % 1440
    time = f"{minutes // 60:02}:{minutes % 60:02}"
    if minutes in DOUBTFUL_MIDNIGHTS:
        other = offset - 1440 if offset > 0 else offset + 1440
        text = _(
            "Every time of day is {time} UTC, which is midnight at UTC{offset} and at UTC{other}; "
            "the dates are read at UTC{offset}."
        )
        return [text.format(time=time, offset=offset_text(offset), other=offset_text(other))]
    text = _("Every time of day is {time} UTC, which is midnight at UTC{offset}; the dates are read there.")
    return [text.format(time=time, offset=offset_text(offset))]


def _other_sentences(reading: DateReading) -> list[str]:
    evidence, pivot = reading.evidence, reading.pivot
    sentences = []
    if count := evidence.two_digit_year:
        text = ngettext(
            "{n} cell has a two-digit year: 00 to {pivot} are 2000 to 20{pivot}, later ones are 19xx.",
            "{n} cells have a two-digit year: 00 to {pivot} are 2000 to 20{pivot}, later ones are 19xx.",
            count,
        )
        sentences.append(text.format(n=count, pivot=f"{pivot:02}"))
    if count := evidence.serial:
        text = ngettext(
            "{n} cell is an Excel day number, counted in the {system} system ({example}).",
            "{n} cells are Excel day numbers, counted in the {system} system ({example}).",
            count,
        )
        sentences.append(text.format(n=count, system=reading.serials, example=_example(reading, "serial")))
    if count := evidence.partial:
        text = ngettext(
            "{n} cell names a month or a year but no day ({example}).",
            "{n} cells name a month or a year but no day ({example}).",
            count,
        )
        sentences.append(text.format(n=count, example=_example(reading, "partial")))
    if count := evidence.no_such_date:
        text = ngettext(
            "{n} cell is a date that does not exist ({example}).",
            "{n} cells are dates that do not exist ({example}).",
            count,
        )
        sentences.append(text.format(n=count, example=_example(reading, "no_such_date")))
    if count := evidence.unreadable:
        text = ngettext("{n} cell is not a date ({example}).", "{n} cells are not dates ({example}).", count)
        sentences.append(text.format(n=count, example=_example(reading, "unreadable")))
    return sentences


def _example(reading: DateReading, *names: EvidenceName) -> str:
    return next((cells[0] for name in names if (cells := reading.examples.get(name))), "…")
