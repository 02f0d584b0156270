"""One running import: its staging file, settings and plan. Holds no widget and no rule.

The staging handle belongs to one thread at a time: while `busy`, to the job that works on it. Lists read
through `view`, a second handle that only looks, so that they stay usable meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from dinotui.domain.configuration import ImportConfiguration
from dinotui.domain.date_reading import DateReading
from dinotui.domain.errors import DinoError, NotFound
from dinotui.domain.folding import fold
from dinotui.domain.mapping import Mapping
from dinotui.domain.presets import REMEMBERED, Preset
from dinotui.domain.records import as_text
from dinotui.domain.result import ImportResult
from dinotui.domain.settings import ImportSettings, Question
from dinotui.engine import presets, rules
from dinotui.engine.importing import applying, deciding, fixing, others, planning, reading, understanding
from dinotui.engine.importing.looking import table_names
from dinotui.engine.importing.planning import PlanCounts
from dinotui.engine.importing.reading import SourceFile
from dinotui.engine.importing.waiting import RESUMABLE
from dinotui.engine.preferences import get_preferences
from dinotui.engine.presets import Bound
from dinotui.engine.progress import Report, Stop, never
from dinotui.engine.suggestions import suggest_countries
from dinotui.locale import _, ngettext
from dinotui.storage import oplog
from dinotui.storage.staging import SourceTable, Staging
from dinotui.storage.store import Store

StepName = Literal["file", "map", "check", "review", "done"]
Depth = Literal["read", "understand", "plan"]
"""How far back a change reaches: what has to be done anew."""

STEPS: Final[tuple[StepName, ...]] = ("file", "map", "check", "review", "done")
_SAMPLED: Final = 50
_SAMPLES: Final = 3
_NEAR: Final = 70
"""The score from which a country is near enough to a name to be offered for a whole import."""


@dataclass(frozen=True, slots=True)
class TableView:
    """A source table as it is understood: samples are up to three different texts of each column."""

    name: str
    columns: tuple[str, ...]
    mapping: Mapping
    readings: dict[str, DateReading]
    detection: dict[str, Any]
    samples: tuple[tuple[str, ...], ...]
    bound: Bound | None = None
    """The preset that it is mapped by."""
    records: int = 0
    """How many it has."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What is known once an import is planned; everything the steps show without asking the staging file."""

    source: str
    files: tuple[Path, ...]
    records: int
    tables: tuple[TableView, ...]
    questions: tuple[Question, ...]
    countries: tuple[Question, ...]
    left: frozenset[str]
    counts: PlanCounts
    review: deciding.ReviewCounts
    settings: ImportSettings
    configuration: ImportConfiguration
    state: str
    table_names: tuple[str, ...] = ()
    """All tables of the files, also those that are left out."""
    made: Preset | None = None
    """The preset that the first table would make."""
    outdated: int = 0
    """How many decisions were taken back because what they were about has changed."""
    affected: tuple[int, ...] = ()
    """The records that were planned anew because the user's trips had changed."""
    beside: tuple[str, ...] = ()
    """What the import changes beside the trips, in sentences."""

    @property
    def auto(self) -> int:
        """How many records a policy decides about, without asking."""
        return max(0, self.counts.update + self.counts.skip - self.review.decided)

    @property
    def open_countries(self) -> tuple[Question, ...]:
        """The country names that the user has neither settled nor left without a code."""
        return tuple(question for question in self.countries if question.field not in self.left)


@dataclass(slots=True)
class ImportSession:
    """Opens, changes and ends one import. The methods that take a store of their own run in a job."""

    staging: Staging | None = None
    view: Staging | None = None
    picture: Picture | None = None
    result: ImportResult | None = None
    rejects: Path | None = None
    """The rejected records of an import that is written, kept aside until the session ends."""
    backup: str = ""
    """Where the backup of an import that is written lies."""
    busy: bool = False
    planned_anew: bool = False
    """Whether it was opened over other trips than it was planned over, and so planned again."""
    _aside: ExitStack = field(default_factory=ExitStack)
    """The folder of the rejects."""
    _closing: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    # holding -----------------------------------------------------------------------------------------

    @property
    def held(self) -> Staging:
        """The staging handle; there is one from reading on until the import has ended."""
        assert self.staging is not None
        return self.staging

    @property
    def import_id(self) -> str:
        """The id of the import, empty before it is read."""
        return self.staging.path.stem if self.staging is not None else ""

    def take(self) -> None:
        """Hand the staging handle to a job."""
        with self._lock:
            assert not self.busy
            self.busy = True

    def give_back(self) -> None:
        """Take the staging handle back from a job; close it when the session was closed meanwhile."""
        with self._lock:
            self.busy = False
            if self._closing:
                self._close_handle()

    def close(self) -> None:
        """Let go of the import; it stays staged. A job that still works on it closes it at its end."""
        with self._lock:
            self._closing = True
            if not self.busy:
                self._close_handle()
        if self.view is not None:
            self.view.close()
            self.view = None
        self._aside.close()
        self.rejects = None

    def _close_handle(self) -> None:
        if self.staging is not None:
            self.staging.close()
            self.staging = None

    def look(self) -> Staging | None:
        """Return the handle that only looks, for lists; None when there is nothing to look at."""
        if self.view is None and self.staging is not None and not self._closing:
            self.view = Staging(self.staging.path, hold=False)
        return self.view

    def discard(self) -> None:
        """Delete the staged import."""
        if self.view is not None:
            self.view.close()
            self.view = None
        if self.staging is not None:
            self.staging.discard()
            self.staging = None
        self.picture = None

    # work in a job -------------------------------------------------------------------------------------

    def begin(
        self,
        paths: Sequence[Path],
        settings: ImportSettings,
        configuration: ImportConfiguration,
        store: Store,
        report: Report,
        cancelled: Stop,
        table_names: Sequence[str] = (),
    ) -> Picture:
        """Read files into a new staged import and plan it; a failed or stopped reading leaves nothing.

        `table_names` are all tables of the files, where one had to be chosen.
        """
        files = [SourceFile(path, path.name) for path in paths]
        self.staging = reading.stage_files(
            files, settings, configuration, store, report=report, cancelled=cancelled
        )
        try:
            self.staging.set_meta(tableNames=list(table_names))
            self._understand(store, report, cancelled)
            return self._plan(store, report, cancelled)
        except BaseException:
            self.discard()
            raise

    def reopen(self, import_id: str, store: Store, report: Report, cancelled: Stop) -> Picture:
        """Open an import that waits, planning it again where its plan is not of now."""
        self.staging = Staging.find(store.staging, import_id)
        if self.staging.meta("user") != store.user_name:
            self._close_handle()
            raise NotFound("no-such-import", _("This import belongs to another user."))
        if self.staging.meta("state") not in RESUMABLE:
            self._understand(store, report, cancelled)
            return self._plan(store, report, cancelled)
        if self.staging.meta("revision") != oplog.revision(store):
            self.planned_anew = True
            return self.plan_again(store, report, cancelled)
        return self.take_picture()

    def change(
        self,
        depth: Depth,
        settings: ImportSettings,
        configuration: ImportConfiguration,
        store: Store,
        report: Report,
        cancelled: Stop,
    ) -> Picture:
        """Take other settings and plan again from `depth` on; refused ones leave everything as it was."""
        staging = self.held
        before = reading.settings_of(staging), reading.configuration_of(staging)
        state, columns = staging.meta("state"), [table.columns for table in staging.tables()]
        staging.advance("understood")
        reading.save_choices(staging, settings, configuration)
        reached: Depth | None = None
        try:
            if depth == "read":
                files = self._files()
                reading.read_into(staging, files, settings, store, report=report, cancelled=cancelled)
                reached = "read"
                if [table.columns for table in staging.tables()] != columns:
                    changes: dict[str, Any] = {"maps": (), "kept": ()}
                    if settings.preset == before[0].preset:
                        changes["preset"] = REMEMBERED  # the other columns may not be those of the preset
                    reading.save_choices(staging, settings.model_copy(update=changes))
            if depth != "plan":
                self._understand(store, report, cancelled)
                reached = reached or "understand"
            reached = reached or "plan"
            return self._plan(store, report, cancelled)
        except BaseException:
            with suppress(DinoError):
                self._restore(reached, before, state, store, report)
            raise

    def _restore(
        self,
        reached: Depth | None,
        before: tuple[ImportSettings, ImportConfiguration],
        state: str,
        store: Store,
        report: Report,
    ) -> None:
        """Put the settings of before back, and do again what was `reached` with the others."""
        reading.save_choices(self.held, *before)
        if reached == "read":
            reading.read_into(self.held, self._files(), before[0], store, report=report)
        if reached in ("read", "understand"):
            self._understand(store, report, never)
        if reached is not None:
            planning.plan_import(self.held, store, report=report)
        else:
            self.held.set_meta(state=state)

    def _files(self) -> list[SourceFile]:
        return [SourceFile(Path(file["path"]), file["name"]) for file in self.held.meta("files", [])]

    def plan_again(self, store: Store, report: Report, cancelled: Stop) -> Picture:
        """Plan again over the trips and with the rules of now."""
        configuration = reading.configuration_of(self.held)
        renewed = rules.renew_rules(self.held, store, configuration)
        if renewed != configuration:
            reading.save_choices(self.held, configuration=renewed)
            self._understand(store, report, cancelled)
        return self._plan(store, report, cancelled)

    def fix(self, record: int, fields: dict[str, str], store: Store) -> Picture:
        """Take the user's own texts for a record and plan again."""
        fixing.fix_record(self.held, store, record, fields, time_zone=_time_zone(store))
        return self.take_picture()

    def leave_out(self, record: int, store: Store, *, out: bool) -> Picture:
        """Leave a record out of the import, or take it in again."""
        deciding.leave_out(self.held, store, record, out=out)
        return self.take_picture()

    def apply(self, store: Store, report: Report, cancelled: Stop) -> ImportResult:
        """Carry the plan out; conflicts nobody decided are set aside. Errors as `apply_import`."""
        staging = self.held
        if planning.count_plan(staging).reject:
            self._keep_rejects(staging, store)
        result = applying.apply_import(
            staging, store, set_aside=True, shown=True, report=report, cancelled=cancelled
        )
        self.result = result
        if not staging.path.exists():
            self.staging = None
        found = (
            list(store.backups.glob(f"*{result.metadata.backup_id[-12:]}.*"))
            if result.metadata.backup_id
            else []
        )
        self.backup = str(found[0]) if found else ""
        return result

    def _keep_rejects(self, staging: Staging, store: Store) -> None:
        """Write the rejects aside: the staged import, which holds them, ends when it is written."""
        self.rejects = self._aside.enter_context(store.scratch_folder()) / "rejects.csv"
        fixing.save_rejects(staging, self.rejects)

    def copy_rejects(self, target: Path) -> int:
        """Copy the kept rejects to a new file, and return how many there are; errors as `save_rejects`."""
        assert self.rejects is not None
        assert self.result is not None
        fixing.copy_rejects(self.rejects, target)
        return self.result.summary.errors

    def _understand(self, store: Store, report: Report, cancelled: Stop) -> None:
        settings = reading.settings_of(self.held)
        reading.save_choices(self.held, presets.bind(self.held, store, settings))
        questions = understanding.understand(
            self.held, time_zone=_time_zone(store), report=report, cancelled=cancelled
        )
        self.held.set_meta(questions=[question.model_dump(mode="json") for question in questions])

    def _plan(self, store: Store, report: Report, cancelled: Stop) -> Picture:
        planning.plan_import(self.held, store, report=report, cancelled=cancelled)
        return self.take_picture()

    def take_picture(self) -> Picture:
        """Read everything the steps show; costs as much as counting the records."""
        staging = self.held
        files = staging.meta("files", [])
        settings = reading.settings_of(staging)
        tables = staging.tables()
        return Picture(
            source=", ".join(file["name"] for file in files),
            files=tuple(Path(file["path"]) for file in files),
            records=staging.count_rows(),
            tables=tuple(_table_view(staging, table) for table in tables),
            questions=tuple(Question.model_validate(found) for found in staging.meta("questions", [])),
            countries=_last_time_first(understanding.country_questions(staging, _near), tables),
            left=frozenset(staging.meta("leftCountries", [])),
            counts=planning.count_plan(staging),
            review=deciding.review_counts(staging),
            settings=settings,
            configuration=reading.configuration_of(staging),
            state=str(staging.meta("state")),
            table_names=_table_names(staging, tables),
            made=presets.preset_of(tables[0], settings) if tables else None,
            outdated=len(staging.meta("outdated", [])),
            affected=tuple(staging.meta("affected", [])),
            beside=tuple(others.telling(staging)),
        )


def planned_anew_text(picture: Picture) -> str:
    """Return that an import was planned again over other trips, and what became of its decisions."""
    text = _("Your trips changed meanwhile, so the plan was made again.")
    if picture.outdated:
        again = ngettext(
            "{count} decision was taken back, because its trip is another now.",
            "{count} decisions were taken back, because their trips are others now.",
            picture.outdated,
        )
        text += " " + again.format(count=picture.outdated)
    return text


def _last_time_first(questions: Sequence[Question], tables: Sequence[SourceTable]) -> tuple[Question, ...]:
    """Return the questions about countries with the answer of last time as the first choice."""
    bounds = filter(None, map(presets.bound_of, tables))
    known = {name: code for bound in bounds for name, code in bound.preset.countries.items()}
    found = []
    for question in questions:
        code = known.get(fold(question.field or ""))
        others = tuple(choice for choice in question.choices if choice != code)
        found.append(question.model_copy(update={"choices": (code, *others)}) if code else question)
    return tuple(found)


def tables_of(paths: Sequence[Path], settings: ImportSettings, store: Store) -> list[str]:
    """Return the tables that the files hold, to choose from."""
    return table_names([SourceFile(path, path.name) for path in paths], settings, store)


def step_of(staging: Staging) -> StepName:
    """Return the step at which an import was left."""
    found = staging.meta("step", "check")
    return found if found in ("map", "check", "review") else "check"


def _table_view(staging: Staging, table: SourceTable) -> TableView:
    samples: list[dict[str, None]] = [{} for _column in table.columns]
    for row in staging.source_rows(table.number, limit=_SAMPLED):
        for column, cell in zip(samples, row.cells, strict=False):
            text = as_text(cell).strip()
            if text and len(column) < _SAMPLES:
                column[text] = None
    first, last = table.settings["records"]
    return TableView(
        name=table.name,
        columns=tuple(table.columns),
        mapping=Mapping.model_validate(table.settings.get("used", table.settings["mapping"])),
        readings=understanding.readings_of(table),
        detection=table.settings["detection"],
        samples=tuple(tuple(column) for column in samples),
        bound=presets.bound_of(table),
        records=last - first + 1,
    )


def _table_names(staging: Staging, tables: Sequence[SourceTable]) -> tuple[str, ...]:
    left = [name for other in staging.meta("others", []) for name in other["leftOut"]]
    left += staging.meta("tableNames", [])
    return tuple(dict.fromkeys([*(table.name.rpartition(" › ")[2] for table in tables), *left]))


def _near(text: str) -> list[str]:
    return [found.code for found in suggest_countries(text, 4) if found.score >= _NEAR]


def _time_zone(store: Store) -> str | None:
    return get_preferences(store).time_zone
