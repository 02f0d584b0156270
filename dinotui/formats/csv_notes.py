"""The evidence for how a table of text is read, in sentences for the user."""

from __future__ import annotations

from dinotui.formats.csv_dialect import Dialect
from dinotui.formats.csv_layout import Layout
from dinotui.formats.encodings import Encoding
from dinotui.locale import _, ngettext


def evidence(encoding: Encoding, dialect: Dialect, layout: Layout) -> tuple[str, ...]:
    """Return what speaks for encoding, delimiter, header and form, one short sentence each."""
    return tuple(filter(None, (*encoding.notes, _delimiter(dialect, layout), _header(layout), _form(layout))))


def delimiter_name(delimiter: str) -> str:
    """Return what a delimiter is called."""
    names = {
        ",": _("commas"),
        ";": _("semicolons"),
        "\t": _("tabs"),
        "|": _("vertical bars"),
        " ": _("spaces"),
        ":": _("colons"),
    }
    return names.get(delimiter) or repr(delimiter)[1:-1]


def _delimiter(dialect: Dialect, layout: Layout) -> str:
    if layout.width == 1:
        return _("There is one column.")
    message = ngettext(
        "{delimiter} separate {count} column; {share}% of the first lines agree.",
        "{delimiter} separate {count} columns; {share}% of the first lines agree.",
        layout.width,
    )
    share = int(dialect.agreement * 100)
    name = delimiter_name(dialect.delimiter)
    return message.format(delimiter=name[:1].upper() + name[1:], count=layout.width, share=share)


def cautions(encoding: Encoding, layout: Layout) -> tuple[str, ...]:
    """Return the notes that matter even to who trusts the reading: doubts, damage, lines left out."""
    doubtful = encoding.notes if encoding.errors == "replace" or not encoding.sure else ()
    header = _header(layout)
    return (*doubtful, header) if header else doubtful


def _header(layout: Layout) -> str:
    if not layout.header_row:
        return _("There is no header: the first line is data.")
    if layout.header_row > 1:
        return _("Line {line} is the header; the lines above it are left out.").format(line=layout.header_row)
    return ""


def _form(layout: Layout) -> str:
    return {
        "dino": _("It is an export of this program."),
        "legacy": _("It is an export of the older web application."),
        "stays": _("It is a list of stays in a form this program knows."),
    }.get(layout.form, "")
