"""What a half-typed country or visa type may be completed to. An offer: only a key takes it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from dinotui.domain.country import alpha2_codes, country_name, recognise
from dinotui.domain.folding import fold
from dinotui.domain.visa import fold_visa, visa_types
from dinotui.engine.suggestions import suggest_countries
from dinotui.locale import LANGUAGES, language

_MOST = 4
_LEAST_BEGUN = 2  # letters of a Latin name; one Korean syllable says as much


@dataclass(frozen=True, slots=True)
class Offers:
    """The values that `field` may be completed to, the best first, and how to show each."""

    field: str
    values: tuple[str, ...]
    shown: tuple[str, ...]

    def turned(self) -> Offers:
        """Return the same offers with the first one last: pressed again, the key takes the next."""
        return Offers(self.field, self.values[1:] + self.values[:1], self.shown[1:] + self.shown[:1])


def offers_for(field: str, text: str) -> Offers:
    """Return what `text` in `field` may be completed to; nothing for a country that is known already."""
    if field in ("country", "passportCountry"):
        return _countries(field, text.strip())
    if field == "visaType":
        return _visas(field, text.strip())
    return Offers(field, (), ())


def _countries(field: str, text: str) -> Offers:
    if not text or recognise(text).code is not None:
        return Offers(field, (), ())
    begun = _begun(fold(text), language()) if len(text) >= _LEAST_BEGUN or not text.isascii() else []
    near = [(offer.name, offer.code) for offer in suggest_countries(text, _MOST, language())]
    found = list(dict.fromkeys([*begun, *near]))[:_MOST]
    return Offers(
        field, tuple(name for name, _code in found), tuple(f"{name} {code}" for name, code in found)
    )


def _begun(start: str, shown_in: str) -> list[tuple[str, str]]:
    """Return name and code of the countries whose name begins so in any of our languages, short names first."""
    codes = [code for code in alpha2_codes() if any(key.startswith(start) for key in _names(code))]
    return sorted(
        ((country_name(code, shown_in), code) for code in codes), key=lambda each: (len(each[0]), each)
    )


@cache
def _names(code: str) -> tuple[str, ...]:
    return tuple(fold(country_name(code, name)) for name in LANGUAGES)


def _visas(field: str, text: str) -> Offers:
    start = fold_visa(text)
    known = [name for name in visa_types() if start and fold_visa(name).startswith(start)]
    if start in [fold_visa(name) for name in known]:
        return Offers(field, (), ())
    return Offers(field, tuple(known[:_MOST]), tuple(known[:_MOST]))


def country_meant(text: str) -> str:
    """Return the name and code of the country that `text` means exactly, empty where it means none."""
    code = recognise(text).code
    return f"{country_name(code, language())} {code}" if code else ""
