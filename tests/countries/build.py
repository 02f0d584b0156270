"""Make `dinotui/domain/data/countries.json` from CLDR (Babel), ISO 3166-1 (pycountry) and the exceptions.

Run it after a change of `country_exceptions.json` or of a library:  python tests/countries/build.py
It refuses to write a table in which one spelling would mean two countries without being marked ambiguous.
"""

from __future__ import annotations

import gettext
import json
import re
import sys
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pycountry
from babel import Locale

from dinotui.domain.country_table import build_table, joined_key, spelling_key
from dinotui.domain.folding import fold

DATA = Path(__file__).parents[2] / "dinotui" / "domain" / "data"
USER_ASSIGNED = {"XK": "XKX"}
FORM = r"Republic|Kingdom|States?|Principality|Commonwealth|Union|Sultanate|Federation|Grand Duchy"
OFFICIAL = re.compile(rf"^(?:the )?((?:[\w']+ )*?(?:{FORM})) of (?:the )?(.+)$", re.IGNORECASE)
SHORTENED = {
    "of the": ("of",),
    "saint": ("st",),
    "republic": ("rep",),
    "democratic": ("dem",),
    "federal": ("fed",),
    "islands": ("is", "isl", "island"),
    "federated states": ("fed states", "fed sts"),
    "united republic": ("united rep",),
    "and": ("",),
}


def build() -> dict[str, Any]:
    """Return the content of `countries.json`."""
    exceptions = json.loads((DATA / "country_exceptions.json").read_text(encoding="utf-8"))
    ambiguous = _ambiguous(exceptions)
    never = {spelling_key(fold(name)) for name in exceptions["never"]}
    own = _own_spellings(exceptions, set(ambiguous), never)
    generated = _generated_spellings(own.keys() | ambiguous.keys() | never)
    by_code: dict[str, set[str]] = defaultdict(set)
    for key, code in (generated | own).items():
        by_code[code].add(key)
    data = {
        "about": "Made by tests/countries/build.py. Change country_exceptions.json, not this file.",
        "sources": {"babel": version("babel"), "pycountry": version("pycountry")},
        "countries": {code: _row(code, exceptions["display"]) for code in sorted(_codes())},
        "spellings": {code: sorted(by_code[code]) for code in sorted(by_code)},
        "ambiguous": dict(sorted(ambiguous.items())),
        "abbreviations": _abbreviations(exceptions),
        "small_letters": {"guarded": _guarded(exceptions)},
        "states": {"names": _states(exceptions)},
    }
    _refuse_joined_collisions(data)
    return data


def written(data: dict[str, Any]) -> str:
    """Return `data` as the text of the file: one line a country, so that changes are easy to review."""
    sections = []
    for name, content in data.items():
        if isinstance(content, dict):
            rows = [f"{_line(key)}: {_line(value)}" for key, value in content.items()]
            sections.append(f"{_line(name)}: {{\n" + ",\n".join(rows) + "\n}")
        else:
            sections.append(f"{_line(name)}: {_line(content)}")
    return "{\n" + ",\n".join(sections) + "\n}\n"


def library_names(code: str) -> set[str]:
    """Return the names that CLDR and ISO 3166-1 give `code`, in English and Korean."""
    names = {Locale(language).territories[code] for language in ("en", "ko")}
    record = pycountry.countries.get(alpha_2=code) if code not in USER_ASSIGNED else None
    korean = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["ko"])
    for field in ("name", "common_name", "official_name"):
        # `getattr` would answer a missing common name with a warning and the name.
        name = record and record._fields.get(field)
        if name:
            names |= {name, korean.gettext(name)}
    return names


def variants(name: str) -> set[str]:
    """Return the spelling keys of `name` and of its regular forms: inverted, shortened, without brackets."""
    forms = {name, re.sub(r"\s*\(.*?\)", "", name)}
    if name.count(", ") == 1:
        last, first = name.split(", ")
        forms.add(f"{first} {last}")
    for official in list(forms):
        if match := OFFICIAL.match(official):
            inverted = (f"{match[2]}, {match[1]}", f"{match[2]}, the {match[1]}")
            forms |= {form + ending for form in inverted for ending in ("", " of", " of the")}
    keys = {spelling_key(fold(form).removeprefix("the ").removesuffix(" the")) for form in forms}
    for long, shorts in SHORTENED.items():
        for key in list(keys):
            keys |= {" ".join(re.sub(rf"\b{long}\b", short, key).split()) for short in shorts}
    keys |= {re.sub(r"^st\b", "saint", key) for key in keys}
    keys |= {key.removesuffix("제도") + "군도" for key in keys if key.endswith("제도")}
    return keys - {""}


def _codes() -> dict[str, str]:
    """Return alpha-3 by alpha-2."""
    return {country.alpha_2: country.alpha_3 for country in pycountry.countries} | USER_ASSIGNED


def _row(code: str, display: dict[str, dict[str, str]]) -> list[str]:
    shown = [display[lang].get(code, Locale(lang).territories[code]) for lang in ("en", "ko")]
    return [_codes()[code], *shown]


def _ambiguous(exceptions: dict[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in exceptions["ambiguous"]:
        _need(set(row["candidates"]) <= _codes().keys(), f"unknown code in {row}")
        _need(len(set(row["candidates"])) == len(row["candidates"]) > 1, f"no ambiguity: {row}")
        for name in row["names"]:
            key = spelling_key(fold(name).removeprefix("the "))
            _need(
                found.setdefault(key, row["candidates"]) == row["candidates"], f"{name!r} is ambiguous twice"
            )
    return found


def _own_spellings(exceptions: dict[str, Any], ambiguous: set[str], never: set[str]) -> dict[str, str]:
    shown = [(code, name) for names in exceptions["display"].values() for code, name in names.items()]
    listed = [(code, name) for code, names in exceptions["names"].items() for name in names]
    own: dict[str, str] = {}
    for code, name in listed + shown:
        key = spelling_key(fold(name))
        _need(code in _codes(), f"unknown code {code}")
        _need(key not in ambiguous and key not in never, f"{name!r} of {code} is also ambiguous or never")
        _need(own.setdefault(key, code) == code, f"{name!r} is {own[key]} and {code}")
    return own


def _generated_spellings(settled: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for code in _codes():
        for name in library_names(code):
            for key in variants(name) - settled:
                _need(found.setdefault(key, code) == code, f"{key!r} is {found[key]} and {code}")
    return found


def _abbreviations(exceptions: dict[str, Any]) -> dict[str, list[str]]:
    codes = _codes()
    taken = {*codes, *(set(codes.values()) - set(USER_ASSIGNED.values()))}
    abbreviations = {}
    for text, meaning in exceptions["abbreviations"].items():
        candidates = [meaning] if isinstance(meaning, str) else meaning
        own = text in taken and [code for code in codes if text in (code, codes[code])]
        _need(set(candidates) <= codes.keys(), f"unknown code for {text}")
        _need(own in (False, candidates), f"{text} is the ISO code of {own}")
        abbreviations[text] = candidates
    return abbreviations


def _guarded(exceptions: dict[str, Any]) -> list[str]:
    guarded = [code for group in exceptions["small_letters"].values() for code in group]
    known = {code.lower() for pair in _codes().items() for code in pair}
    _need(len(guarded) == len(set(guarded)), f"twice in small_letters: {guarded}")
    _need(set(guarded) <= known, f"no ISO codes: {set(guarded) - known}")
    return sorted(guarded)


def _states(exceptions: dict[str, Any]) -> list[str]:
    rows = exceptions["us_states"]["names"]
    return sorted({text for name, short, ko in rows for text in (fold(name), short, spelling_key(fold(ko)))})


def _refuse_joined_collisions(data: dict[str, Any]) -> None:
    table = build_table(data)
    for key, codes in table.spellings.items():
        if joined := joined_key(key):
            for other in (table.joined[joined], table.spellings.get(joined, codes)):
                _need(other == codes, f"{key!r} without spaces is {other} and {codes}")


def _need(condition: bool, otherwise: str) -> None:
    if not condition:
        raise SystemExit(f"countries.json was not written: {otherwise}")


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    target = DATA / "countries.json"
    target.write_text(written(build()), encoding="utf-8")
    sys.stdout.write(f"{target}: {target.stat().st_size} bytes\n")
