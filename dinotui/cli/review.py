"""`dinotui review [IMPORT]`: the imports that wait for decisions."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.cli.tables import Column, write_table
from dinotui.cli.times import local_time
from dinotui.domain.errors import DinoError, NotFound, UsageError
from dinotui.locale import _

if TYPE_CHECKING:
    from dinotui.engine.importing.waiting import StagedImport
    from dinotui.storage.store import Store


def parser(name: str, summary: str) -> Parser:
    """Return the options of `review`."""
    made = Parser(name, summary)
    made.takes("IMPORT", _("the import, by its id or the beginning of it; without it the one that waits"))
    made.option("--list", action="store_true", help=_("list the imports that wait"))
    made.option(
        "--discard", action="store_true", help=_("throw the import away, with its decisions; your trips stay")
    )
    made.option(
        "--mouse", action="store_true", help=_("let the app use the mouse (selecting text then needs Shift)")
    )
    made.examples("dinotui review", "dinotui review --list", "dinotui review 0193 --discard")
    return made


def run(context: Context) -> int:
    """List, discard or open what waits, and return the exit code."""
    options = context.options
    if options.list and (options.discard or options.words):
        raise UsageError("usage", _("This stands alone."), "--list")
    if options.discard and not options.words:
        raise UsageError(
            "usage", _("Name the import that is to go. List them with: dinotui review --list."), "--discard"
        )
    if options.list:
        _list(context)
        return 0
    if options.discard:
        _discard(context)
        return 0
    return _open(context)


def as_json(waiting: StagedImport) -> dict[str, Any]:
    """Return the JSON form of a staged import (SPEC.md 6)."""
    fields = asdict(waiting)
    return {
        "importId": fields["import_id"],
        **{name: fields[name] for name in ("source", "staged", "conflicts", "decided", "later")},
    }


def _list(context: Context) -> None:
    from dinotui.engine.importing.waiting import waiting_imports

    with context.store() as store:
        waiting = waiting_imports(store)
    if context.json:
        context.output.json([as_json(one) for one in waiting])
    elif not waiting:
        context.output.message(_("No import waits for decisions."))
    else:
        columns = (
            Column(_("Staged")),
            Column(_("Source"), gives=True),
            Column(_("Conflicts"), "right"),
            Column(_("Decided"), "right"),
            Column(_("Later"), "right"),
            Column("ID"),
        )
        write_table(context.output, columns, [_row(one) for one in waiting])


def _row(waiting: StagedImport) -> list[str]:
    counts = (waiting.conflicts, waiting.decided, waiting.later)
    return [local_time(waiting.staged), waiting.source, *map(str, counts), waiting.import_id]


def _discard(context: Context) -> None:
    from dinotui.storage.staging import Staging

    with context.store() as store:
        chosen = _named(store, context.options.words[0])
        with context.interruption.writing():
            Staging.find(store.staging, chosen.import_id).discard()
    if context.json:
        context.output.json(as_json(chosen))
    else:
        text = _("Discarded the import of {source}. Your trips are as they were.")
        context.output.line(text.format(source=chosen.source))


def _open(context: Context) -> int:
    if context.json:
        raise UsageError(
            "usage", _("The review itself has no JSON form. Use: dinotui review --list --json."), "--json"
        )
    with context.store() as store:
        words = context.options.words
        chosen = _named(store, words[0]) if words else _only(store)
    if chosen is None:
        context.output.message(_("No import waits for decisions."))
        return 0
    return context.show_app(open_review=chosen.import_id)


def _named(store: Store, key: str) -> StagedImport:
    from dinotui.engine.importing.waiting import waiting_imports

    waiting = waiting_imports(store)
    found = [one for one in waiting if one.import_id == key] or [
        one for one in waiting if key and one.import_id.startswith(key)
    ]
    if len(found) != 1:
        text = _(
            "There is no staged import {id}, or several begin so. List them with: dinotui review --list."
        )
        raise NotFound("no-such-import", text.format(id=key))
    return found[0]


def _only(store: Store) -> StagedImport | None:
    """Return the one import that waits, None where none does."""
    from dinotui.engine.importing.waiting import waiting_imports

    waiting = waiting_imports(store)
    if len(waiting) > 1:
        ids = ", ".join(one.import_id for one in waiting)
        raise DinoError(
            "several-imports", _("Several imports wait. Name one of them: {ids}.").format(ids=ids)
        )
    return waiting[0] if waiting else None
