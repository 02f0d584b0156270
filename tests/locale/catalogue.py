"""Keeps the message catalogues in step with the program: ``python -m tests.locale.catalogue update``.

`update` gathers the texts of the program, brings every ``.po`` in line with them and compiles it; what it
could not translate is printed. `compile` only compiles. The compiled catalogue is committed, so that a
checkout, an editable install, the wheel and the source archive all have it without a build step or Babel.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PROGRAM: Final = Path(__file__).resolve().parents[2] / "dinotui"
LANGUAGES: Final = ("ko",)
MARKS: Final = {"_": 1, "N_": 1, "ngettext": 2, "pgettext": 2}
"""The functions that mark a text, and how many texts they take; the first one of `pgettext` is the context."""

_HEADER: Final = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Language: {language}\\n"
"Plural-Forms: {plurals}\\n"

"""
"""Written here rather than by Babel: no dates and no versions, which would differ with every update."""


class _Compiled(Catalog):
    """A catalogue whose header holds only what gettext reads, so that the same texts make the same bytes."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:  # type: ignore[override]
        return [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Plural-Forms", self.plural_forms),
        ]


def source_of(language: str) -> Path:
    """Return the ``.po`` of a language."""
    return PROGRAM / "locale" / language / "LC_MESSAGES" / "dinotui.po"


def extracted() -> Catalog:
    """Return every text that the program marks, with the files it stands in.

    Found in the syntax tree: Babel's own search reads tokens, and before Python 3.12 an f-string is one.
    """
    found = Catalog(domain="dinotui")
    for path in sorted(PROGRAM.rglob("*.py")):
        # No line numbers: they would change with every edit of the program
        place = (path.relative_to(PROGRAM.parent).as_posix(), None)
        for name, texts in _marked(ast.parse(path.read_text("utf-8"))):
            context = texts.pop(0) if name == "pgettext" else None
            message = texts[0] if len(texts) == 1 else tuple(texts)
            found.add(message, locations=[place], context=context)  # type: ignore[list-item]
    return found


def _marked(tree: ast.AST) -> Iterator[tuple[str, list[str]]]:
    """Return the marks and their texts in the order of the source; what is looked up by a variable has none."""
    calls = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        given = call.args[: MARKS.get(name, 0)]
        texts = [arg.value for arg in given if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if texts and len(texts) == MARKS[name]:
            yield name, texts


def read(language: str) -> Catalog:
    """Return the catalogue of a language as it is kept."""
    with source_of(language).open("rb") as file:
        return read_po(file, locale=language, domain="dinotui")


def compiled(catalogue: Catalog) -> bytes:
    """Return what gettext reads; a doubtful or missing translation is left out, which shows the English."""
    plain = _Compiled(locale=catalogue.locale)
    for message in messages_of(catalogue):
        if message.string and not message.fuzzy:
            plain.add(message.id, message.string, context=message.context)
    target = BytesIO()
    write_mo(target, plain)
    return target.getvalue()


def written(catalogue: Catalog) -> bytes:
    """Return the catalogue as it is kept: in the order of the program's files, without obsolete entries."""
    target = BytesIO()
    write_po(target, catalogue, width=0, omit_header=True, ignore_obsolete=True)
    header = _HEADER.format(language=catalogue.locale, plurals=catalogue.plural_forms)
    return header.encode() + target.getvalue()


def messages_of(catalogue: Catalog) -> list[Message]:
    """Return the entries without the header."""
    return [message for message in catalogue if message.id]


def update(language: str) -> None:
    """Bring the catalogue of a language in line with the program's texts."""
    path = source_of(language)
    catalogue = read(language) if path.exists() else Catalog(locale=language, domain="dinotui")
    catalogue.update(extracted())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written(catalogue))


def main(words: list[str]) -> int:
    """Carry out `update` or `compile` and return the exit code: 1 where something is left to translate."""
    if words not in (["update"], ["compile"]):
        sys.stderr.write("Usage: python -m tests.locale.catalogue update|compile\n")
        return 2
    open_ends = 0
    for language in LANGUAGES:
        if words == ["update"]:
            update(language)
        catalogue = read(language)
        source_of(language).with_suffix(".mo").write_bytes(compiled(catalogue))
        for message in messages_of(catalogue):
            if message.fuzzy or not message.string or not all(message.string):
                open_ends += 1
                state = "doubtful" if message.fuzzy else "missing"
                sys.stdout.write(f"{language}: {state}: {message.id!r}\n")
    return 1 if open_ends else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
