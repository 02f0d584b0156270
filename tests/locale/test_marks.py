"""How texts are marked in the program, so that they follow a switch of language."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from dinotui.locale import _, use_language
from tests.locale.catalogue import PROGRAM

AT_ONCE = ("_", "ngettext", "pgettext")


def _at_import(node: ast.AST) -> Iterator[ast.Call]:
    """Return the calls that translate while the module is imported."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        defaults = [*node.args.defaults, *(each for each in node.args.kw_defaults if each)]
        inner: list[ast.AST] = [*node.decorator_list, *defaults]
    elif isinstance(node, ast.Lambda):
        inner = []
    else:
        inner = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in AT_ONCE:
        yield node
    for each in inner:
        yield from _at_import(each)


def test_nothing_is_translated_at_import() -> None:
    """It would keep the language of that moment; such a text is marked with `N_` and translated where shown."""
    found = [
        f"{path.relative_to(PROGRAM)}:{call.lineno}"
        for path in PROGRAM.rglob("*.py")
        for call in _at_import(ast.parse(path.read_text("utf-8")))
    ]
    assert not found


@pytest.mark.parametrize("language", ["en", "ko"])
def test_no_text_stays_no_text(language: str) -> None:
    """Gettext answers with the catalogue's header where it is asked for the empty text."""
    use_language(language)
    try:
        assert _("") == ""
    finally:
        use_language("en")


def test_a_language_that_there_is_not_means_english() -> None:
    use_language("xx")
    assert _("Trips") == "Trips"


def test_english_loads_no_catalogue() -> None:
    """What every start of the command line costs is not paid for a language that is not spoken."""
    import gettext

    use_language("ko")
    loaded = len(gettext._translations)  # type: ignore[attr-defined]
    use_language("en")
    assert len(gettext._translations) == loaded  # type: ignore[attr-defined]
