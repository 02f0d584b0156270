"""Workbooks built from bare XML, to be as odd as a test wants."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def sheet(rows: str, *, before: str = "", head: str = "") -> str:
    """Return a worksheet; `before` goes in front of the root, `head` before the rows."""
    return f'<?xml version="1.0"?>{before}<worksheet xmlns="{MAIN}">{head}<sheetData>{rows}</sheetData></worksheet>'


def strings(items: str, *, before: str = "") -> str:
    """Return a part of shared strings."""
    return f'<?xml version="1.0"?>{before}<sst xmlns="{MAIN}">{items}</sst>'


def styles(*formats: int | str) -> str:
    """Return styles whose cell formats have these number formats, numbers or codes."""
    custom = "".join(
        f'<numFmt numFmtId="{200 + n}" formatCode="{code}"/>'
        for n, code in enumerate(formats)
        if isinstance(code, str)
    )
    used = "".join(
        f'<xf numFmtId="{code if isinstance(code, int) else 200 + n}"/>' for n, code in enumerate(formats)
    )
    return f'<styleSheet xmlns="{MAIN}"><numFmts>{custom}</numFmts><cellXfs>{used}</cellXfs></styleSheet>'


def parts(
    sheets: Mapping[str, str],
    *,
    shared: str | None = None,
    style: str | None = None,
    date1904: bool = False,
    hidden: tuple[str, ...] = (),
    more: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the parts of a workbook with these sheets, by name."""
    listed = relations = ""
    found: dict[str, str] = {}
    for number, (name, text) in enumerate(sheets.items(), start=1):
        state = ' state="hidden"' if name in hidden else ""
        listed += f'<sheet name="{name}" sheetId="{number}"{state} r:id="s{number}"/>'
        relations += (
            f'<Relationship Id="s{number}" Type="{REL}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        )
        found[f"xl/worksheets/sheet{number}.xml"] = text
    for name, part in (("sharedStrings", shared), ("styles", style)):
        if part is not None:
            relations += f'<Relationship Id="{name}" Type="{REL}/{name}" Target="/xl/{name}.xml"/>'
            found[f"xl/{name}.xml"] = part
    system = '<workbookPr date1904="1"/>' if date1904 else "<workbookPr/>"
    found["xl/workbook.xml"] = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{REL}">{system}<sheets>{listed}</sheets></workbook>'
    )
    found["xl/_rels/workbook.xml.rels"] = f'<Relationships xmlns="{PACKAGE}">{relations}</Relationships>'
    found["_rels/.rels"] = (
        f'<Relationships xmlns="{PACKAGE}">'
        f'<Relationship Id="w" Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    )
    return found | dict(more or {})


def write(path: Path, content: Mapping[str, str | bytes]) -> Path:
    """Write the parts into a package."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in content.items():
            package.writestr(name, text)
    return path


def cell(reference: str, text: str) -> str:
    """Return a cell with a text of its own."""
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
