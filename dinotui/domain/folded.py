"""The folded texts that are stored beside a trip's own, by which trips are found and compared."""

from __future__ import annotations

from typing import NamedTuple

from dinotui.domain.country import recognise
from dinotui.domain.folding import fold
from dinotui.domain.visa import fold_visa


class Folded(NamedTuple):
    """What is stored as `country_fold`, `visa_fold` and `passport_fold`."""

    country: str
    visa: str
    passport: str


def folded(country: str, visa: str, passport: str) -> Folded:
    """Return the folded texts of a trip; a passport country is compared by its code where it has one."""
    code = recognise(passport).code if passport else None
    return Folded(fold(country), fold_visa(visa), code or fold(passport))
