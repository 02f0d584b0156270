"""The options that say what an export holds and how it is packed: for `export` and for saved settings."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Any, Final

from dinotui.cli.arguments import Parser, choice, day, several, whole_number
from dinotui.domain.errors import UsageError
from dinotui.locale import _

if TYPE_CHECKING:
    from dinotui.domain.configuration import ExportConfiguration

FORMATS: Final = ("json", "csv", "xlsx")
CATEGORIES: Final = ("trips", "preferences", "notifications", "analytics")


def add_settings(made: Parser) -> None:
    """Add the options to a command."""
    made.option("--format", help=_("json holds everything (default)"), **choice("--format", *FORMATS))
    made.option(
        "--categories",
        help=_("any of: {names} (default: trips)").format(names=", ".join(CATEGORIES)),
        **several("--categories", CATEGORIES, _category),
    )
    made.option(
        "--from", dest="first", **day("--from"), help=_("only stays that touch this day or a later one")
    )
    made.option(
        "--to", dest="last", **day("--to"), help=_("only stays that touch this day or an earlier one")
    )
    made.option("--compress", help=_("compress what is written"), **choice("--compress", "gzip", "zip"))
    made.option("--level", help=_("1 is fast, 5 is small (default: 3)"), **whole_number("--level", 1, 5))
    made.option(
        "--exclude-personal", action="store_true", help=_("leave out who you are, passports and notes")
    )
    made.option(
        "--anonymize", action="store_true", help=_("replace ids, shift all dates, mask addresses and numbers")
    )
    made.option(
        "--no-metadata",
        action="store_true",
        help=_(
            "leave out when and how each trip was recorded, and of the head of the file its id, date, user,"
            " categories, counts and range"
        ),
    )


def _category(text: str) -> str | None:
    return text.casefold() if text.casefold() in CATEGORIES else None


def configuration_of(options: Namespace, base: ExportConfiguration | None = None) -> ExportConfiguration:
    """Return what the options ask for; what they do not say is as in `base`, or the default."""
    from dinotui.domain.configuration import ExportConfiguration

    chosen = (base or ExportConfiguration()).model_dump(by_alias=True)
    packing = chosen["compression"]
    if options.level is not None and options.compress is None and not packing["enabled"]:
        raise UsageError("usage", _("This goes with --compress gzip or --compress zip."), "--level")
    if options.format is not None:
        chosen["format"] = options.format
    if options.categories is not None:
        chosen["categories"] = {name: name in options.categories for name in CATEGORIES}
    if options.compress is not None:
        packing |= {"enabled": True, "algorithm": options.compress}
    if options.level is not None:
        packing["level"] = options.level
    if options.no_metadata:
        chosen["includeMetadata"] = False
    chosen["privacy"]["excludePersonalData"] |= options.exclude_personal
    chosen["privacy"]["anonymizeData"] |= options.anonymize
    chosen["dateRange"] = _range(options, chosen["dateRange"])
    return ExportConfiguration.model_validate(chosen)


def _range(options: Namespace, base: dict[str, Any] | None) -> dict[str, Any] | None:
    from dinotui.domain.dates import from_day

    ends = {"start": options.first, "end": options.last}
    given = {name: from_day(value) for name, value in ends.items() if value is not None}
    return {**(base or {}), **given} if given else base
