"""The options of `dinotui import`, and what they come to: how files are read, and how they are taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dinotui.cli.arguments import Offer, Parser, choice, fraction, several
from dinotui.cli.context import Context
from dinotui.domain.errors import UsageError
from dinotui.locale import _

if TYPE_CHECKING:
    from dinotui.domain.configuration import ImportConfiguration
    from dinotui.domain.dates import PartialPolicy
    from dinotui.domain.mapping import FieldName
    from dinotui.domain.settings import ImportSettings
    from dinotui.domain.validation import ValidationRule

DETECTIONS: Final = ("strict", "fuzzy", "smart", "off")
LEVELS: Final = ("high", "medium", "low")
ACTIONS: Final = ("skip", "update", "prompt")
CRITERIA: Final = ("country", "entryDate", "exitDate", "visaType", "maxDays", "passportCountry", "notes")

_OPTIONS: Final = {"set": "--set", "map": "--map", "rule": "--rule", "unknown-encoding": "--encoding"}
"""The codes of errors about one value, and the option that gave it."""


def parser(name: str, summary: str) -> Parser:
    """Return the options of `import`."""
    made = Parser(name, summary)
    made.takes(
        "FILE",
        _("JSON, CSV, XLSX, ZIP or gzip, found out by content; - reads standard input"),
        least=1,
        most=None,
    )
    _strategy_options(made)
    _reading_options(made)
    _checking_options(made)
    _safety_options(made)
    made.examples(
        "dinotui import trips.csv --dry-run",
        "dinotui import 여행기록.xlsx --sheet 2024 --on-duplicate update",
        "dinotui import agency.csv --date-order dmy --country Korea=KR --set 'visa type=tourist'",
        "dinotui import trips.csv --rejects bad-rows.csv --json",
        "curl -s https://example.org/trips.json | dinotui import -",
        "dinotui import backup.json --strategy replace --yes",
    )
    return made


def _strategy_options(made: Parser) -> None:
    made.option(
        "--strategy",
        default="merge",
        help=_(
            "merge adds and updates; skip-existing only adds; replace makes your trips what the file holds"
        ),
        **choice("--strategy", "merge", "replace", "skip-existing", skip_existing="skipExisting"),
    )
    made.option(
        "--duplicates",
        default="smart",
        help=_(
            "how repeats are found (default: smart, which weighs all evidence; fuzzy sees each field alone)"
        ),
        **choice("--duplicates", *DETECTIONS),
    )
    made.option(
        "--threshold",
        default=0.8,
        help=_("how alike two stays are that count as one (default: 0.8)"),
        **fraction("--threshold", 0.6, 1.0),
    )
    made.option(
        "--on-duplicate",
        default="prompt",
        help=_("what happens to repeats that differ (default: prompt, which waits for: dinotui review)"),
        **choice("--on-duplicate", "skip", "update", "prompt", "keep-both", keep_both="keepBoth"),
    )
    made.option(
        "--suggest",
        default={},
        metavar="LEVEL=ACTION,…",
        type=_levels,
        help=_(
            "what the review suggests for a high (90 and more of 100), medium (70) or low confidence:"
            " skip, update or prompt (default: high=skip,medium=prompt,low=update)"
        ),
    )
    made.option(
        "--criteria",
        default=("country", "entryDate"),
        help=_("fields that must agree before two stays are compared (default: country,entryDate)"),
        **several("--criteria", CRITERIA, _criterion),
    )


def _reading_options(made: Parser) -> None:
    made.option(
        "--map", action="append", default=[], metavar="HEADER=FIELD", help=_("which column feeds a field")
    )
    made.option(
        "--set",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help=_("one value for all records; where the file has the field, it fills the empty cells only"),
    )
    made.option(
        "--preset",
        metavar="NAME",
        offer=Offer(_preset_words),
        help=_(
            "map and read as a preset says; last: as the last file with this header (dinotui preset list)"
        ),
    )
    made.option(
        "--date-order",
        help=_("how 03.04.2024 is read, where the file does not prove it"),
        **choice("--date-order", "dmy", "mdy", "ymd"),
    )
    made.option("--encoding", metavar="NAME", help=_("the encoding of text files, such as cp949"))
    made.option(
        "--sheet", metavar="NAME", help=_("the sheet, archive entry or JSON list to take; '*' takes all")
    )
    made.option(
        "--partial-dates",
        default="reject",
        help=_("a date such as 2019-08 is rejected, or its first or last day (default: reject)"),
        **choice("--partial-dates", "reject", "first", "last"),
    )
    made.option(
        "--country",
        action="append",
        default=[],
        metavar="NAME=CODE",
        help=_("which country a name in the file means, as in Korea=KR"),
    )


def _checking_options(made: Parser) -> None:
    made.option(
        "--rule", action="append", default=[], metavar="RULE", help=_("a rule of your own: 'maxDays max 90'")
    )
    made.option("--rules", metavar="FILE", help=_("rules of your own as JSON"))
    made.option("--strict", action="store_true", help=_("import nothing when one record is in error"))
    made.option(
        "--stop-on-invalid",
        action="store_true",
        help=_("try to correct invalid records, and stop when one stays so"),
    )
    made.option("--rejects", metavar="FILE", help=_("save the rejected records as a new CSV file"))


def _safety_options(made: Parser) -> None:
    made.option("--no-backup", action="store_true", help=_("make no backup before"))
    made.option(
        "--backup-format",
        default="sqlite",
        help=_("the form of the backup (default: sqlite)"),
        **choice("--backup-format", "json", "sql", "sqlite"),
    )
    made.option("--dry-run", action="store_true", help=_("show what would be done and change nothing"))
    made.option("--yes", action="store_true", help=_("do not ask whether to replace"))


def _preset_words() -> tuple[str, ...]:
    from dinotui.domain.presets import LAST

    return (LAST,)


def _criterion(text: str) -> str | None:
    from dinotui.domain.mapping import field_named

    field = field_named(text)
    return field if field in CRITERIA else None


def _levels(text: str) -> dict[str, str]:
    """Read ``high=skip,low=prompt``; raises `UsageError`."""
    found = dict(part.strip().partition("=")[::2] for part in text.split(","))
    if any(level not in LEVELS or action not in ACTIONS for level, action in found.items()):
        message = _("Write it as in: --suggest high=skip,medium=prompt,low=update")
        raise UsageError("usage", message, "--suggest")
    return found


def settings(context: Context) -> ImportSettings:
    """Return how the files are read; raises `UsageError`."""
    from dinotui.domain.country import parse_overrides
    from dinotui.domain.settings import ImportSettings

    options = context.options
    if options.encoding is not None:
        from dinotui.formats.encodings import known_encoding

        known_encoding(options.encoding)
    return ImportSettings(
        encoding=options.encoding,
        table=options.sheet,
        maps=tuple(options.map),
        constants=_constants(options.set, options.partial_dates),
        countries=parse_overrides(options.country),
        date_order=options.date_order,
        preset=_preset_name(options.preset),
    )


@contextmanager
def told_by_option() -> Iterator[None]:
    """Name the option in an error about one of its values that names no place."""
    try:
        yield
    except UsageError as error:
        if error.where is None and error.code in _OPTIONS:
            raise UsageError(error.code, error.message, _OPTIONS[error.code]) from error
        raise


def _constants(given: Sequence[str], partial: PartialPolicy) -> dict[FieldName, str]:
    from dinotui.domain.date_parsing import parse_date
    from dinotui.domain.date_reading import DateReading
    from dinotui.domain.mapping import Mapping
    from dinotui.formats.mapping import with_constants

    found = with_constants(Mapping(), given).constants
    for field in ("entryDate", "exitDate"):
        value = found.get(field)
        if value is not None and parse_date(value, DateReading(), partial).problem == "partial-date":
            message = _("“{value}” names no day. Complete it, or add --partial-dates first or last.")
            raise UsageError("set", message.format(value=value))
    return found


def _preset_name(given: str | None) -> str | None:
    from dinotui.domain.presets import RESERVED

    if given is None:
        return None
    name = given.strip()
    if not name:
        raise UsageError("usage", _("Name a preset, as in --preset 'agency v2'."), "--preset")
    return name.casefold() if name.casefold() in RESERVED else name


def configuration(context: Context) -> ImportConfiguration:
    """Return how the records are taken; raises `UsageError`."""
    from dinotui.domain.configuration import ImportConfiguration

    options = context.options
    if options.strategy == "replace" and options.no_backup:
        message = _("A replace always makes a backup first. Leave --no-backup out.")
        raise UsageError("usage", message, "--no-backup")
    chosen: dict[str, Any] = {
        "strategy": options.strategy,
        "duplicateHandling": {
            "detection": options.duplicates,
            "resolution": options.on_duplicate,
            "criteria": options.criteria,
            "threshold": options.threshold,
            "actions": options.suggest,
        },
        "validation": {
            "strict": options.strict,
            "customRules": _rules(context),
            "skipInvalid": not options.stop_on_invalid,
            "partialDates": options.partial_dates,
        },
        "backup": {"createBackup": not options.no_backup, "backupFormat": options.backup_format},
    }
    return ImportConfiguration.model_validate(chosen)


def _rules(context: Context) -> tuple[ValidationRule, ...]:
    options = context.options
    if not options.rule and options.rules is None:
        return ()
    from dinotui.domain.validation import load_rules, parse_rule
    from dinotui.storage.filesystem import told_plainly

    found: list[ValidationRule] = []
    if options.rules is not None:
        path = Path(options.rules)
        try:
            with told_plainly(path):
                text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            message = _("The file of rules is not UTF-8. Save it as UTF-8.")
            raise UsageError("rules", message, options.rules) from error
        found += _located(options.rules, load_rules, text)
    found += [parse_rule(text) for text in options.rule]
    return tuple(found)


def _located(name: str, load: Any, text: str) -> list[ValidationRule]:
    try:
        rules: list[ValidationRule] = load(text)
    except UsageError as error:
        where = name if error.where is None else f"{name}: {error.where}"
        raise UsageError(error.code, error.message, where) from error
    return rules
