"""What is measured: pairs of a job for dinotui and the job of a peer on the same file, with the goal of each."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from benchmarks import data
from benchmarks.measuring import Measure, run
from benchmarks.peers import Peers

SCRIPTS: Final = Path(__file__).with_name("peer_scripts")


Job: TypeAlias = "Callable[[Work], Measure]"


class Goal(NamedTuple):
    """The ratio to the peer at most, and the one that would be better still."""

    most: float
    stretch: float


class Case(NamedTuple):
    """One row of the table. `scale` is the share of the run's records that it works on."""

    name: str
    work: str
    against: str
    goal: Goal
    ours: Job
    theirs: Job
    scale: float = 1.0


@dataclass
class Work:
    """The files of one run: data, a database filled once, and a scratch folder that each job finds empty."""

    folder: Path
    records: int
    peers: Peers
    dinotui: tuple[str, ...] = (sys.executable, "-m", "dinotui")
    round: int = 0
    _filled: dict[int, Path] = field(default_factory=dict)
    _measured: dict[tuple[Job, int, int], Measure] = field(default_factory=dict)

    @cached_property
    def data(self) -> Path:
        """The folder of the data files."""
        made = self.folder / "data"
        made.mkdir(parents=True, exist_ok=True)
        return made

    def scratch(self) -> Path:
        """Return an empty folder."""
        made = self.folder / "scratch"
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(parents=True)
        return made

    def measure(self, job: Job) -> Measure:
        """Return what a job takes; several cases that look at the same one share what it took in this round."""
        key = (job, self.records, self.round)
        if key not in self._measured:
            self._measured[key] = job(self)
        return self._measured[key]

    def part(self, scale: float) -> Work:
        """Return the work of a share of the records, with the same files and measures."""
        return replace(self, records=max(1, round(self.records * scale)))

    def run(self, database: Path, *words: str | Path, accept: tuple[int, ...] = (0,)) -> Measure:
        """Run dinotui on `database`."""
        return run([*self.dinotui, "--db", database, *words], accept=accept)

    def import_file(self, database: Path, file: Path) -> Measure:
        """Import a file with everything on; repeats are skipped, as the goals say."""
        return self.run(database, "import", file, "--on-duplicate", "skip", "--yes", accept=(0, 3))

    def filled(self, records: int) -> Path:
        """Return a database of `records` trips, to be read only."""
        if records not in self._filled:
            folder = self.folder / f"filled-{records}"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            self.import_file(folder / "trips.db", data.csv_file(self.data, records))
            self._filled[records] = folder / "trips.db"
        return self._filled[records]

    def copy(self, records: int) -> Path:
        """Return a copy of `filled` in the scratch folder."""
        target = self.scratch() / "trips.db"
        shutil.copyfile(self.filled(records), target)
        return target


def _import_csv(work: Work) -> Measure:
    return work.import_file(work.scratch() / "trips.db", data.csv_file(work.data, work.records))


def _import_csv_full(work: Work) -> Measure:
    return work.import_file(work.copy(work.records), data.csv_file(work.data, work.records, other=True))


def _import_into_ten(work: Work) -> Measure:
    return work.import_file(work.copy(10 * work.records), data.csv_file(work.data, work.records, other=True))


def _sqlite_import(work: Work, *, other: bool = False) -> Measure:
    file = data.csv_file(work.data, work.records, other=other)
    return run([work.peers.sqlite3(), work.scratch() / "peer.db", f".import --csv {file} trip"])


def _sqlite_import_other(work: Work) -> Measure:
    return _sqlite_import(work, other=True)


def _sqlite_utils(work: Work) -> Measure:
    file = data.csv_file(work.data, work.records, other=True)
    program = work.peers.program("sqlite-utils", "sqlite-utils")
    return run([program, "insert", work.scratch() / "peer.db", "trip", file, "--csv", "--no-detect-types"])


def _script(work: Work, peer: str, name: str, *words: Path) -> Measure:
    return run([work.peers.python(peer), SCRIPTS / name, *words])


def _splink(work: Work) -> Measure:
    incoming = data.csv_file(work.data, work.records, other=True)
    return _script(work, "splink", "link_splink.py", incoming, data.csv_file(work.data, 10 * work.records))


def _import_json(work: Work) -> Measure:
    return work.import_file(work.scratch() / "trips.db", data.json_file(work.data, work.records))


def _ijson(work: Work) -> Measure:
    return _script(work, "ijson", "read_ijson.py", data.json_file(work.data, work.records))


def _import_xlsx(work: Work) -> Measure:
    return work.import_file(work.scratch() / "trips.db", data.xlsx_file(work.data, work.records))


def _openpyxl_read(work: Work) -> Measure:
    return _script(work, "openpyxl", "read_openpyxl.py", data.xlsx_file(work.data, work.records))


def _undo(work: Work) -> Measure:
    return work.run(work.copy(work.records), "undo")


def _export(kind: str) -> Callable[[Work], Measure]:
    def export(work: Work) -> Measure:
        database = work.copy(work.records)
        return work.run(database, "export", "--format", kind, "-o", database.with_name(f"trips.{kind}"))

    return export


def _sqlite_export(flag: str) -> Callable[[Work], Measure]:
    def export(work: Work) -> Measure:
        database = work.copy(work.records)
        words: list[str | Path] = [work.peers.sqlite3(), flag, database, "SELECT * FROM stay"]
        return run(words, output=database.with_name("peer.out"))

    return export


def _write_xlsx(peer: str, script: str) -> Callable[[Work], Measure]:
    def export(work: Work) -> Measure:
        database = work.copy(work.records)
        return _script(work, peer, script, database, database.with_name("peer.xlsx"))

    return export


def _nothing(_work: Work) -> Measure:
    return run([sys.executable, "-c", "pass"])


def _entry(*words: str) -> Callable[[Work], Measure]:
    return lambda work: run([*work.dinotui, *words])


def _cost_of_a_record(work: Work) -> Measure:
    """A hundredth of the cost of an import, to compare with one of a hundredth of the records."""
    measure = work.measure(_import_csv)
    return Measure(measure.wall / 100, measure.cpu / 100, measure.megabytes)


def _import_hundredth(work: Work) -> Measure:
    return work.import_file(work.scratch() / "trips.db", data.csv_file(work.data, work.records // 100))


CASES: Final = (
    Case(
        "csv",
        "import CSV into an empty database",
        "`sqlite3 .import`",
        Goal(5, 3),
        _import_csv,
        _sqlite_import,
    ),
    Case(
        "csv-full",
        "import CSV into as many trips, fuzzy, skip",
        "`sqlite3 .import`",
        Goal(8, 5),
        _import_csv_full,
        _sqlite_import_other,
    ),
    Case(
        "csv-utils",
        "import CSV into as many trips, fuzzy, skip",
        "`sqlite-utils insert`",
        Goal(0.4, 0.25),
        _import_csv_full,
        _sqlite_utils,
    ),
    Case(
        "match",
        "import CSV into ten times the trips",
        "Splink, matching only",
        Goal(0.25, 0.12),
        _import_into_ten,
        _splink,
        0.1,
    ),
    Case("json", "import JSON", "ijson, reading only", Goal(4, 2.5), _import_json, _ijson),
    Case("xlsx", "import XLSX", "openpyxl read-only loop", Goal(0.5, 0.3), _import_xlsx, _openpyxl_read, 0.1),
    Case("undo", "undo of that import", "the import itself", Goal(0.5, 0.3), _undo, _import_csv),
    Case(
        "export-csv",
        "export CSV, verified",
        "`sqlite3 -csv`",
        Goal(2.5, 1.5),
        _export("csv"),
        _sqlite_export("-csv"),
    ),
    Case(
        "export-json",
        "export JSON, verified",
        "`sqlite3 -json`",
        Goal(2.5, 1.5),
        _export("json"),
        _sqlite_export("-json"),
    ),
    Case(
        "export-xlsx",
        "export XLSX, verified",
        "openpyxl write-only",
        Goal(0.5, 0.25),
        _export("xlsx"),
        _write_xlsx("openpyxl", "write_openpyxl.py"),
        0.1,
    ),
    Case(
        "export-xlsxwriter",
        "export XLSX, verified",
        "XlsxWriter constant memory",
        Goal(0.5, 0.25),
        _export("xlsx"),
        _write_xlsx("XlsxWriter", "write_xlsxwriter.py"),
        0.1,
    ),
    Case("version", "`dinotui --version`", "`python -c pass`", Goal(3, 2), _entry("--version"), _nothing, 0),
    Case("help", "`dinotui --help`", "`python -c pass`", Goal(6, 4), _entry("--help"), _nothing, 0),
    Case(
        "cost",
        "cost per record",
        "cost per record of a hundredth",
        Goal(1.3, 1.1),
        _cost_of_a_record,
        _import_hundredth,
    ),
)


def chosen(names: list[str]) -> Iterator[Case]:
    """Yield the cases with these names, all of them for none."""
    return (case for case in CASES if not names or case.name in names)
