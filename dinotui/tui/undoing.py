"""Undo and redo from any screen: find out what it would do, say so, ask, do it, say what was kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal, NamedTuple

from dinotui.domain.errors import DinoError, NotFound
from dinotui.domain.result import UndoResult
from dinotui.engine import history
from dinotui.engine.history import FoundOperation
from dinotui.engine.progress import Report
from dinotui.locale import _, ngettext
from dinotui.storage.oplog import UNDOABLE
from dinotui.storage.store import Store
from dinotui.storage.trips import find_row
from dinotui.tui.commands import State
from dinotui.tui.rows import kind_text, operation_name
from dinotui.tui.screens.base import DinoScreen
from dinotui.tui.screens.stored import DataScreen, start_store_job, store_of
from dinotui.tui.widgets.confirm import Question

Kind = Literal["undo", "redo"]

KINDS: Final[tuple[Kind, Kind]] = ("undo", "redo")
NAMED: Final = 5
"""Kept rows that a sentence names; more of them get a list."""

_MOST_RESOLVED: Final = 2000


class Kept(NamedTuple):
    """A row that is left alone, by the name people know (``#412``), and why."""

    name: str
    reason: str


class Outlook(NamedTuple):
    """What undoing (or redoing) `operation` does or did, with the kept rows by name."""

    operation: FoundOperation
    result: UndoResult
    kept: tuple[Kept, ...]


def can_act(store: Store, kind: Kind) -> State:
    """Return True when a plain undo or redo has something to act on, else why not."""
    try:
        if history.next_operation(store, kind) is not None:
            return True
    except DinoError as error:
        return str(error)
    return _("there is nothing to undo") if kind == "undo" else _("there is nothing to redo")


def can_reverse(store: Store, found: FoundOperation | None, kind: Kind) -> State:
    """Return True when this operation can be undone or redone now, else why not.

    An undo or redo stands for the operation that it was about, as in the engine: undoing an undo redoes.
    """
    if found is None:
        return _("there is no entry here")
    wanted = kind
    if found.entry.undoes is not None:
        wanted = "redo" if kind == "redo" or found.entry.kind == "undo" else "undo"
        try:
            found = history.find_operation(store, found.entry.undoes)
        except DinoError as error:
            return str(error)
    if found.entry.kind not in UNDOABLE:
        return _("it changed nothing, so there is nothing to undo")
    undone = found.entry.state == "undone"
    if wanted == "undo":
        return _("it is undone already") if undone and not found.stored.partly else True
    return True if undone else _("it is not undone")


def heading(found: FoundOperation) -> str:
    """Return an operation as a crumb: its kind and source."""
    source = found.entry.source
    kind = kind_text(found.entry.kind)
    return f"{kind} {source}" if source and found.entry.kind in ("import", "export") else kind


def ask(screen: DinoScreen, kind: Kind, operation: FoundOperation | None = None) -> None:
    """Ask whether to undo or redo `operation`, by default the last one, after saying what that does."""
    store = store_of(screen)
    if screen.asking or screen.dino.jobs.of(screen) is not None:
        screen.say(_("Something is still under way here."), "warn")
        return
    try:
        found = operation or history.next_operation(store, kind)
    except DinoError as error:
        screen.say(str(error), "error")
        return
    if found is None:
        screen.say(
            _("There is nothing to undo.") if kind == "undo" else _("There is nothing to redo."), "warn"
        )
        return
    foretell(screen, found, kind, lambda outlook: _ask(screen, outlook, kind))


def foretell(
    screen: DinoScreen, operation: FoundOperation, kind: Kind, told: Callable[[Outlook], None]
) -> None:
    """Find out beside the screen what undoing or redoing would do."""

    def work(store: Store, report: Report, cancelled: Callable[[], bool]) -> Outlook:
        result = history.rehearse(store, operation.entry.id, kind, report=report, cancelled=cancelled)
        return _outlook(store, operation, result)

    start_store_job(screen, _("Looking what it would do"), work, told)


def _ask(screen: DinoScreen, outlook: Outlook, kind: Kind) -> None:
    if screen.dino.front is not screen or screen.asking:
        screen.dino.say(_("You have gone on meanwhile, so nothing was undone or redone."))
        return
    name = operation_name(outlook.operation)
    text = _("Undo “{name}”?") if kind == "undo" else _("Redo “{name}”?")
    effect = effect_text(outlook)
    screen.ask(
        Question(
            f"{text.format(name=name)} {effect[:1].upper()}{effect[1:]}.",
            _("undo it") if kind == "undo" else _("redo it"),
            _("leave it"),
            lambda yes: _do(screen, outlook.operation, kind) if yes else None,
            key="enter",
        )
    )


def _do(screen: DinoScreen, operation: FoundOperation, kind: Kind) -> None:
    def work(store: Store, report: Report, cancelled: Callable[[], bool]) -> Outlook:
        act = history.undo if kind == "undo" else history.redo
        return _outlook(store, operation, act(store, operation.entry.id, report=report, cancelled=cancelled))

    def done(outlook: Outlook) -> None:
        front = screen.dino.front
        if isinstance(front, DataScreen):
            front.look()
        screen.dino.say(done_text(outlook, kind), "warn" if outlook.kept else "good")
        if len(outlook.kept) > NAMED and front is not None:
            from dinotui.tui.screens.kept import KeptScreen

            front.dino.push_screen(KeptScreen(outlook.kept))

    start_store_job(screen, _("Undoing") if kind == "undo" else _("Redoing"), work, done)


def effect_text(outlook: Outlook) -> str:
    """Return what undoing or redoing would do: "removes 308, reverts 4, keeps 2 changed later: #412, #77"."""
    result = outlook.result
    parts = [
        (result.removed, _("removes {count:,}")),
        (result.restored, _("brings back {count:,}")),
        (result.reverted, _("reverts {count:,}")),
        (len(outlook.kept), _("keeps {count:,} changed later: {names}")),
    ]
    return _joined(parts, outlook.kept) or _("changes nothing")


def done_text(outlook: Outlook, kind: Kind) -> str:
    """Return what undoing or redoing has done, the kept rows named."""
    result = outlook.result
    parts = [
        (result.removed, _("removed {count:,}")),
        (result.restored, _("brought back {count:,}")),
        (result.reverted, _("reverted {count:,}")),
        (len(outlook.kept), _("kept {count:,} changed later: {names}")),
    ]
    if result.removed or result.restored or result.reverted or not outlook.kept:
        text = _("Undid “{name}”: {effect}.") if kind == "undo" else _("Redid “{name}”: {effect}.")
    elif kind == "undo":
        text = _("Could not undo “{name}”: {effect}.")
    else:
        text = _("Could not redo “{name}”: {effect}.")
    effect = _joined(parts, outlook.kept) or _("changed nothing")
    return text.format(name=operation_name(outlook.operation), effect=effect)


def _joined(parts: Sequence[tuple[int, str]], kept: Sequence[Kept]) -> str:
    names = ", ".join(row.name for row in kept[:NAMED])
    if len(kept) > NAMED:
        more = len(kept) - NAMED
        names = ngettext("{names} and {more:,} more", "{names} and {more:,} more", more).format(
            names=names, more=more
        )
    return ", ".join(text.format(count=count, names=names) for count, text in parts if count)


def _outlook(store: Store, operation: FoundOperation, result: UndoResult) -> Outlook:
    kept = [
        Kept(_name(store, row.id) if number < _MOST_RESOLVED else row.id, row.reason)
        for number, row in enumerate(result.kept)
    ]
    return Outlook(operation, result, tuple(sorted(kept, key=_in_order)))


def _in_order(kept: Kept) -> tuple[int, str]:
    """Return what orders kept rows: numbers first, by value."""
    number = kept.name.removeprefix("#")
    return (int(number), "") if number.isdecimal() and len(number) < 19 else (1 << 63, kept.name)


def _name(store: Store, row_id: str) -> str:
    """Return the number that people know a trip by; what is no trip (any more) keeps its id."""
    try:
        row = find_row(store, row_id)
    except NotFound:
        return f"#{row_id}" if row_id.isdigit() else row_id
    return f"#{row['number']}" if row["id"] == row_id else row_id
